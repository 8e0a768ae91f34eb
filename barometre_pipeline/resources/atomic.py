"""Replaces a file or a whole folder by another in one step, so that nobody ever sees half of it, even after a crash.

What goes into them is not known here.
"""

from __future__ import annotations

import ctypes
import errno
import json
import os
import shutil
import uuid
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, BinaryIO

# What says that the disk takes no more: nothing is wrong with what was to be written.
FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS)
_AT_FDCWD = -100
_RENAME_EXCHANGE = 2


def replace_folder(new: Path, target: Path) -> None:
    """Put `new` in the place of `target`, and throw away what was there.

    Both must be on the same file system. Where the system can exchange two names (Linux), the target is
    at every moment the old folder or the new one; elsewhere there is an instant without a target.
    """
    if not target.exists() and not target.is_symlink():
        target.parent.mkdir(parents=True, exist_ok=True)
        new.rename(target)
        return
    if _exchange(new, target):
        discard(new)
        return
    aside = _aside(target)
    target.rename(aside)
    new.rename(target)
    discard(aside)


def discard(path: Path) -> None:
    """Remove a file or a folder whole, even when a dying process still writes in it."""
    if not path.exists() and not path.is_symlink():
        return
    aside = _aside(path)
    path.rename(aside)
    if aside.is_dir() and not aside.is_symlink():
        shutil.rmtree(aside, ignore_errors=True)
    else:
        aside.unlink()


def discard_leftovers(path: Path) -> None:
    """Remove what runs that were killed while discarding or replacing this path left beside it."""
    for leftover in path.parent.glob(f".{path.name}.ancien-*"):
        shutil.rmtree(leftover, ignore_errors=True)


def _aside(path: Path) -> Path:
    return path.with_name(f".{path.name}.ancien-{uuid.uuid4().hex[:8]}")


def _exchange(one: Path, other: Path) -> bool:
    # Python has no binding for renameat2, the only call that exchanges two names atomically.
    with suppress(AttributeError, OSError):
        libc = ctypes.CDLL(None, use_errno=True)
        done = libc.renameat2(_AT_FDCWD, os.fsencode(one), _AT_FDCWD, os.fsencode(other), _RENAME_EXCHANGE)
        return bool(done == 0)
    return False


def read_record(path: Path) -> dict[str, Any]:
    """Return what the file holds; {} where there is none, or when it is damaged."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return content if isinstance(content, dict) else {}


def write_record(path: Path, content: dict[str, Any]) -> None:
    """Replace the file, on the disk when this returns."""
    write_file(path, json.dumps(content, ensure_ascii=False, indent=1))


def write_file(path: Path, content: str | bytes | Callable[[BinaryIO], object]) -> None:
    """Put a file in the place of `path` by rename, on the disk when this returns; its folder is made where missing.

    `content` is the whole of it (a text goes in UTF-8), or a function that writes it into the open file that it is
    given. OSError, and whatever that function raises, leave the old file as it was, and nothing beside it.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    # Always the same name: what a killed run left is written over by the next.
    unfinished = path.with_name(f".{path.name}.partiel")
    try:
        with unfinished.open("w+b") as file:
            if callable(content):
                content(file)
            else:
                file.write(content.encode() if isinstance(content, str) else content)
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(path)
    except BaseException:
        unfinished.unlink(missing_ok=True)
        raise


def flush(path: Path) -> None:
    """Have what was written in a file, or the names in a folder, on the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
