"""What a file is, told from its first and last bytes: a web page, a zip, an old workbook, text…

Whether that is what was expected is told in `verification`.
"""

from __future__ import annotations

import codecs
import re
import struct
from contextlib import suppress
from typing import BinaryIO

TEXT = "text"
OLE = bytes.fromhex("d0cf11e0a1b11ae1")
_KINDS = (
    (b"PK\x03\x04", "a zip file or a workbook"),
    (b"PK\x05\x06", "an empty zip file"),
    (OLE, "an old Office file (xls, doc) or one with a password"),
    (b"PAR1", "a Parquet file"),
    (b"%PDF", "a PDF"),
    (b"\x1f\x8b", "a gzip file"),
    (b"7z\xbc\xaf\x27\x1c", "a 7z file"),
    (b"Rar!", "a rar file"),
)
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16, whose mark begins this one
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_PAGE = re.compile(r"\s*(<\?xml[^>]*>\s*)?(<!--.*?(-->|\Z)\s*)*<(!doctype\s+html|html|head|body|title)\b", re.I | re.S)
_SECTORS = struct.Struct("<109I")
_NO_SECTOR = 0xFFFFFFFA  # from this number on, markers and not sectors


def kind_of(head: bytes) -> str:
    """Return what a file is in words, TEXT where nothing else is known."""
    return next((kind for magic, kind in _KINDS if head.startswith(magic)), TEXT)


def mark_of(head: bytes) -> str | None:
    """Return the encoding that a byte order mark tells, or None."""
    return next((encoding for mark, encoding in _BOMS if head.startswith(mark)), None)


def readings(head: bytes, encoding: str | None) -> list[str]:
    """Return the beginning as text, by its mark, by the encoding that is expected, and byte by byte.

    An error page comes in its server's own encoding, whatever the delivery's.
    """
    texts = []
    for name in {mark_of(head), encoding, "latin-1"} - {None}:
        # UTF-16 that has no mark cannot be decoded by that name: then it is not what it should be.
        with suppress(UnicodeError):
            texts.append(codecs.getincrementaldecoder(name)("ignore").decode(head))
    return texts


def is_page(head: bytes, encoding: str | None) -> bool:
    """Tell whether a file is a web page."""
    return any(_PAGE.match(text) for text in readings(head, encoding))


def is_whole_ole(file: BinaryIO) -> bool:
    """Tell whether an old Office file holds every sector that its allocation table counts as used."""
    size = file.seek(0, 2)
    file.seek(0)
    header = file.read(512)
    if len(header) < 512:
        return False
    sector = 1 << struct.unpack_from("<H", header, 30)[0]
    if sector not in (512, 4096):
        return False
    highest = 0
    for rank, table in enumerate(number for number in _SECTORS.unpack_from(header, 76) if number < _NO_SECTOR):
        highest = max(highest, table)
        file.seek((table + 1) * sector)
        entries = file.read(sector)
        if len(entries) < sector:
            return False
        used = [i for i, entry in enumerate(struct.unpack(f"<{sector // 4}I", entries)) if entry != 0xFFFFFFFF]
        if used:
            highest = max(highest, rank * (sector // 4) + used[-1])
    # The last sector may lack its padding.
    return (highest + 1) * sector < size
