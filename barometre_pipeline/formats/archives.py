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
from barometre_pipeline.formats.sources import plain_name

MAX_UNPACKED = 500_000_000  # bytes, all members together
MAX_MEMBERS = 20_000
_CHUNK = 1 << 20
_EMPTY = b"PK\x05\x06"
_METHODS = {
    **{1: "Shrink", 6: "Implode", 9: "Deflate64", 10: "IBM TERSE", 93: "Zstandard", 95: "XZ", 96: "JPEG"},
    **{97: "WavPack", 98: "PPMd"},
}
_READABLE = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA)
_AES = 99  # the method that stands for any other one, encrypted by AES
_ENCRYPTED = 0x1 | 0x40 | 0x2000  # flags: by a password, strongly, even in its index
_DAMAGED = (
    *(zipfile.BadZipFile, zlib.error, lzma.LZMAError, struct.error),
    *(EOFError, OSError, NotImplementedError, ValueError, RuntimeError),
)


def is_zip(content: bytes) -> bool:
    """Tell whether these bytes begin as a zip does."""
    return content.startswith((b"PK\x03\x04", _EMPTY))


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
                    raise ReadingError(too_big(what))
            if size != member.file_size:
                raise ReadingError(f"{what}: its member {_shown(member)} is not of the size that the zip announces.")
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
        raise ReadingError(f"{what}: its member {_shown(member)} is truncated or damaged ({error}).") from None


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
    members = archive.infolist()
    if all(member.is_dir() for member in members):
        raise ReadingError(f"{what} is an empty zip: there is no file in it.")
    seen: set[str] = set()
    for member in members:
        if problem := _problem_of(member):
            raise ReadingError(f"{what}: its member {_shown(member)} {problem}.")
        if member.header_offset + member.compress_size > archive.start_dir:
            raise ReadingError(f"{what}: its member {_shown(member)} is truncated: it would go beyond the zip's index.")
        if member.filename in seen:
            raise ReadingError(f"{what}: it holds two members named {_shown(member)}.")
        seen.add(member.filename)
    if sum(member.file_size for member in members) > MAX_UNPACKED:
        raise ReadingError(too_big(what))


def _problem_of(member: zipfile.ZipInfo) -> str | None:
    """Return why a member is never unpacked, in a clause that follows its name, or None."""
    method = member.compress_type
    if _escapes(member):
        return "leads outside of the archive"
    if member.flag_bits & _ENCRYPTED or method == _AES:
        kind = "encrypted by AES" if method == _AES else "encrypted"
        return f"is {kind}; deliver it without a password"
    if method not in _READABLE:
        name = _METHODS.get(method, f"the method {method}, which is unknown")
        return f"is compressed as {name}, which is not read here: compress it again as an ordinary zip (Deflate)"
    return None


def nested_problem(name: str, head: bytes) -> str | None:
    """Return why a member that is packed itself is refused, in a clause that begins with its name, or None."""
    kinds = {"an empty zip": head.startswith(_EMPTY), "a zip": is_zip(head), "a gzip": head.startswith(b"\x1f\x8b")}
    kind = next((kind for kind, is_it in kinds.items() if is_it), None)
    return kind and f"its member {plain_name(name)!r} is {kind} in a zip: put the files themselves into one zip"


def _shown(member: zipfile.ZipInfo) -> str:
    return repr(plain_name(member.filename))


def _escapes(member: zipfile.ZipInfo) -> bool:
    # `orig_filename` has what the archive says; zipfile cuts `filename` at a NUL.
    names = {member.filename, member.orig_filename.replace("\\", "/")}
    is_link = (member.external_attr >> 16) & 0o170000 == 0o120000
    return is_link or any(
        name.startswith("/") or re.match(r"[A-Za-z]:", name) or "\0" in name or ".." in PurePosixPath(name).parts
        for name in names
    )


def too_big(what: str) -> str:
    """Return the sentence about a file that is a bomb, or as large as one."""
    return f"{what} would unpack to more than {MAX_UNPACKED // 1_000_000} MB."


def as_clause(error: ReadingError) -> str:
    """Turn a sentence about `it` into what follows the file's name."""
    return str(error).removeprefix("it").lstrip(":, ").rstrip(".")
