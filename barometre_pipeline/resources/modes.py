"""Who may read what we write: the home is its owner's alone, but for the folders that are made public.

A run holds a private umask, and makes public what others are to read where it puts it in place.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PRIVATE_UMASK = 0o077
PUBLIC_UMASK = 0o022

_own: list[int] = []  # the umask of the process before each private block that it is in


@contextmanager
def private_umask() -> Iterator[None]:
    """Make all that is written meanwhile, by this process and those that it starts, its owner's alone."""
    _own.append(os.umask(PRIVATE_UMASK))
    try:
        yield
    finally:
        os.umask(_own.pop())


def user_umask() -> int:
    """Return the umask that whoever started the run has, for what is theirs and not the home's."""
    if _own:
        return _own[0]
    current = os.umask(PRIVATE_UMASK)
    os.umask(current)
    return current


def make_public(path: Path) -> None:
    """Let everybody read a file, or a folder and all that is in it; nobody else may write there."""
    _allow(path)
    if path.is_dir():
        for folder, names, files in os.walk(path):
            for name in (*names, *files):
                _allow(Path(folder) / name)


def public_folder(folder: Path) -> Path:
    """Return the folder, made where it is missing, which everybody may read; what is in it is left as it is."""
    folder.mkdir(parents=True, exist_ok=True)
    _allow(folder)
    return folder


def _allow(path: Path) -> None:
    if path.is_symlink():
        return
    mode = stat.S_IMODE(path.stat().st_mode)
    wanted = mode | (0o055 if path.is_dir() else 0o044)
    if wanted != mode:
        path.chmod(wanted)
