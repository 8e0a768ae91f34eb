"""Zip archives: opened only once they are known to be harmless.

`open_zip` looks at the index (names, declared sizes, encryption), `check_archive` unpacks and counts every byte. Both
raise ReadingError with one sentence that begins with `what`, the caller's name of the file. What the members hold is
read elsewhere.
"""

from __future__ import annotations

import copy
import lzma
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import IO

from barometre_pipeline.errors import ReadingError

MAX_UNPACKED = 500_000_000  # bytes, all members together
MAX_MEMBERS = 20_000
_CHUNK = 1 << 20
_DAMAGED = (
    *(zipfile.BadZipFile, zlib.error, lzma.LZMAError, struct.error),
    *(EOFError, OSError, NotImplementedError, ValueError, RuntimeError),
)


def is_zip(content: bytes) -> bool:
    """Tell whether these bytes begin as a zip does."""
    return content.startswith((b"PK\x03\x04", b"PK\x05\x06"))


def open_zip(source: Path | IO[bytes], what: str) -> zipfile.ZipFile:
    """Open a zip whose index is sound and harmless; the caller closes it."""
    try:
        _refuse_endless_index(source, what)
        archive = zipfile.ZipFile(source)
    except _DAMAGED as error:
        raise ReadingError(f"{what} is not a whole zip file: it is truncated or damaged ({error}).") from None
    try:
        _check_index(archive, what)
    except ReadingError:
        archive.close()
        raise
    return archive


def check_archive(source: Path | IO[bytes], what: str) -> None:
    """Unpack the whole zip into nothing: each checksum right, and no more than MAX_UNPACKED bytes in all."""
    with open_zip(source, what) as archive:
        total = 0
        for member in archive.infolist():
            size = 0
            for chunk in true_content(archive, member, what):
                size += len(chunk)
                if total + size > MAX_UNPACKED:
                    raise ReadingError(_too_big(what))
            if size != member.file_size:
                raise ReadingError(f"{what}: its member {member.filename!r} is not of the size that the zip announces.")
            total += size


def true_content(archive: zipfile.ZipFile, member: zipfile.ZipInfo, what: str) -> Iterator[bytes]:
    """Yield all that a member unpacks to: zipfile alone stops at the announced size, other readers do not."""
    unbounded = copy.copy(member)
    unbounded.file_size = 2 * MAX_UNPACKED
    try:
        with archive.open(unbounded) as stream:
            while chunk := stream.read(_CHUNK):
                yield chunk
    except _DAMAGED as error:
        raise ReadingError(f"{what}: its member {member.filename!r} is truncated or damaged ({error}).") from None


def _refuse_endless_index(source: Path | IO[bytes], what: str) -> None:
    """Count the entries before zipfile makes an object of each: millions of them would fill the memory."""
    stream = source.open("rb") if isinstance(source, Path) else source
    try:
        stream.seek(0)
        count, tail = 0, b""
        while chunk := stream.read(_CHUNK):
            count += (tail + chunk).count(b"PK\x01\x02")
            tail = chunk[-3:]
            if count > MAX_MEMBERS:
                raise ReadingError(f"{what} holds more than {MAX_MEMBERS:,} files: a delivery holds a few.")
        stream.seek(0)
    finally:
        if isinstance(source, Path):
            stream.close()


def _check_index(archive: zipfile.ZipFile, what: str) -> None:
    seen: set[str] = set()
    for member in archive.infolist():
        name = member.filename
        if _escapes(member):
            raise ReadingError(f"{what}: its member {name!r} leads outside of the archive.")
        if member.flag_bits & 0x1:
            raise ReadingError(f"{what}: its member {name!r} is encrypted; deliver it without a password.")
        if name in seen:
            raise ReadingError(f"{what}: it holds two members named {name!r}.")
        seen.add(name)
    if sum(member.file_size for member in archive.infolist()) > MAX_UNPACKED:
        raise ReadingError(_too_big(what))


def _escapes(member: zipfile.ZipInfo) -> bool:
    # `orig_filename` has what the archive says; zipfile cuts `filename` at a NUL.
    names = {member.filename, member.orig_filename.replace("\\", "/")}
    is_link = (member.external_attr >> 16) & 0o170000 == 0o120000
    return is_link or any(
        name.startswith("/") or re.match(r"[A-Za-z]:", name) or "\0" in name or ".." in PurePosixPath(name).parts
        for name in names
    )


def _too_big(what: str) -> str:
    return f"{what} would unpack to more than {MAX_UNPACKED // 1_000_000} MB."


def as_clause(error: ReadingError) -> str:
    """Turn a sentence about `it` into what follows the file's name."""
    return str(error).removeprefix("it").lstrip(":, ").rstrip(".")
