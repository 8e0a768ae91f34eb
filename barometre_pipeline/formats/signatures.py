"""What a file is, told from its first and last bytes: a web page, a zip, an old workbook, text.

Whether that is what was expected is told by each format, and by `readers.verification`.
"""

from __future__ import annotations

import codecs
import io
import re
from contextlib import suppress
from dataclasses import dataclass
from typing import IO

from barometre_pipeline.formats.archives import is_zip
from barometre_pipeline.formats.encodings import marked_encoding
from barometre_pipeline.formats.gzip_files import GZIP
from barometre_pipeline.formats.sources import FileDescription

_ENDS = 4096  # bytes
_TEXT = "text"
OLE = bytes.fromhex("d0cf11e0a1b11ae1")
_KINDS = (
    (b"PK\x03\x04", "a zip file or a workbook"),
    (b"PK\x05\x06", "an empty zip file"),
    (OLE, "an old Office file (xls, doc) or one with a password"),
    (b"PAR1", "a Parquet file"),
    (b"%PDF", "a PDF"),
    (GZIP, "a gzip file"),
    (b"7z\xbc\xaf\x27\x1c", "a 7z file"),
    (b"Rar!", "a rar file"),
    (b"BZh91AY&SY", "a bzip2 file"),
    (b"\xfd7zXZ\x00", "an xz file"),
    (b"\x28\xb5\x2f\xfd", "a zstd file"),
)
_PAGE = re.compile(r"<(?:!doctype\s+html|html|head|body|title)\b", re.IGNORECASE)


@dataclass(frozen=True)
class Sample:
    """A file that was received, with its first and last bytes."""

    file: IO[bytes]
    head: bytes
    tail: bytes

    @classmethod
    def of(cls, file: IO[bytes]) -> Sample:
        """Look at both ends of a file."""
        file.seek(max(0, file.seek(0, io.SEEK_END) - _ENDS))
        tail = file.read()
        file.seek(0)
        return cls(file, file.read(_ENDS), tail)

    @property
    def is_whole(self) -> bool:
        """Tell whether the head is the whole file."""
        return len(self.head) < _ENDS

    @property
    def kind(self) -> str:
        """Return what the file is in words, `text` where nothing else is known."""
        return kind_of(self.head)

    @property
    def is_zip(self) -> bool:
        """Tell whether it begins as zips do."""
        return is_zip(self.head)

    def texts(self, encoding: str | None) -> list[str]:
        """Return the beginning as text, by its mark, by the encoding that is expected, and byte by byte.

        An error page comes in its server's own encoding, whatever the delivery's.
        """
        found = []
        for name in filter(None, {marked_encoding(self.head), encoding, "latin-1"}):
            # UTF-16 that has no mark cannot be decoded by that name: then it is not what it should be.
            with suppress(UnicodeError):
                found.append(codecs.getincrementaldecoder(name)("ignore").decode(self.head))
        return found

    def is_page(self, encoding: str | None) -> bool:
        """Tell whether the file is a web page."""
        return any(_PAGE.match(_from_first_tag(text)) for text in self.texts(encoding))

    def no_text(self, format_: str) -> str | None:
        """Return why a file that should be text is none, or None."""
        return None if self.kind == _TEXT else f"is {self.kind} and not a {format_} file"

    def has_wide_characters(self, described: FileDescription) -> bool:
        """Tell whether every character has several bytes, as in UTF-16 and UTF-32: its text is seen when it is read."""
        encoding = marked_encoding(self.head) or described.encodage or "utf-8"
        return len("aa".encode(encoding)) - len("a".encode(encoding)) > 1

    @property
    def plain_head(self) -> bytes:
        """Return the beginning without its mark."""
        return self.head.removeprefix(codecs.BOM_UTF8)


def kind_of(head: bytes) -> str:
    """Return in words what a file that begins so is, `text` where nothing else is known."""
    return next((kind for magic, kind in _KINDS if head.startswith(magic)), _TEXT)


def _from_first_tag(text: str) -> str:
    """Return a text without the declaration and the comments that it begins with; the work is linear."""
    rest = text.lstrip("\ufeff").lstrip()
    if rest.startswith("<?xml"):
        rest = rest[rest.find(">") + 1 :].lstrip()
    place = 0
    while rest.startswith("<!--", place):
        end = rest.find("-->", place + 4)
        if end < 0:
            return ""
        place = end + 3
        while rest[place : place + 1].isspace():
            place += 1
    return rest[place:]
