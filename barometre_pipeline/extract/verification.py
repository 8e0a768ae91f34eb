"""Is a file what its format says? Told from its signature, and from the whole of an archive.

A refusal is a clause that follows the file's name. Headings and values are the readers' business.
"""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from typing import BinaryIO

from barometre_pipeline.catalogue import Livraison
from barometre_pipeline.errors import ReadingError
from barometre_pipeline.formats.archives import check_archive, check_workbook, open_zip
from barometre_pipeline.formats.signatures import OLE, TEXT, is_page, is_whole_ole, kind_of, mark_of, readings

_HEAD = 4096  # bytes
_WORKBOOK_MARKS = {"[Content_Types].xml", "mimetype", "content.xml"}
_WORKBOOK_HEARTS = {"xlsx": "xl/workbook.xml", "ods": "content.xml"}


def refusal(path: Path, livraison: Livraison, content_type: str = "") -> str | None:
    """Return why a delivery's file is refused, or None; `content_type` is what its server called it."""
    with path.open("rb") as file:
        head = file.read(_HEAD)
        if not head:
            return "is empty (0 bytes)"
        tagged = any(text.lstrip().startswith("<") for text in readings(head, livraison.encodage))
        if is_page(head, livraison.encodage) or ("html" in content_type and tagged):
            expected = "a zip" if livraison.fichier else f"a {livraison.file_format} file"
            return f"is a web page (HTML) and not {expected}: open it in a browser to see what it says"
        if livraison.fichier or (head.startswith(b"PK") and not _is_workbook(file)):
            return _zip_refusal(file, livraison, head)
        return _content_refusal(file, livraison)


def _is_workbook(file: BinaryIO) -> bool:
    try:
        with open_zip(file, "it") as archive:
            return not _WORKBOOK_MARKS.isdisjoint(archive.namelist())
    except ReadingError:
        return False


def _zip_refusal(file: BinaryIO, livraison: Livraison, head: bytes) -> str | None:
    if not head.startswith(b"PK"):
        return f"is {kind_of(head)} and not a zip"
    try:
        check_archive(file, "it")
        with open_zip(file, "it") as archive:
            members = [member for member in archive.infolist() if not member.is_dir()]
            wanted = [member for member in members if member.filename == livraison.fichier]
            if not livraison.fichier and len(members) == 1:
                wanted = members
            return _member_refusal(archive, wanted[0], livraison) if wanted else None
    except ReadingError as error:
        return _clause(error)


def _member_refusal(archive: zipfile.ZipFile, member: zipfile.ZipInfo, livraison: Livraison) -> str | None:
    if member.file_size == 0:
        return f"has a member {member.filename} that is empty (0 bytes)"
    with archive.open(member) as stream:
        # Workbooks are read here and there; text and Parquet from one end to the other, however big they are.
        whole = livraison.file_format in ("xlsx", "ods", "xls")
        reason = _content_refusal(io.BytesIO(stream.read()) if whole else stream, livraison)
    return reason and f"has a member {member.filename} that {reason}"


def _content_refusal(file: BinaryIO, livraison: Livraison) -> str | None:
    """Check the file itself, or the member of a zip, against the format that the catalogue says."""
    file.seek(max(0, file.seek(0, io.SEEK_END) - _HEAD))
    tail = file.read()
    file.seek(0)
    head = file.read(_HEAD)
    format_ = livraison.file_format
    if is_page(head, livraison.encodage):
        return f"is a web page (HTML) and not a {format_} file"
    if format_ in _WORKBOOK_HEARTS:
        return _workbook_refusal(file, head, format_)
    if format_ == "xls":
        return _xls_refusal(file, head)
    if format_ == "parquet":
        return _parquet_refusal(head, tail)
    if kind_of(head) != TEXT:
        return f"is {kind_of(head)} and not a {format_} file"
    if _has_wide_characters(head, livraison):
        return None  # what it says is seen once it is decoded, by the reader
    return _json_refusal(head, tail) if format_ == "json" else _csv_refusal(file, head, tail)


def _workbook_refusal(file: BinaryIO, head: bytes, format_: str) -> str | None:
    if not head.startswith(b"PK"):
        return f"is {kind_of(head)} and not an {format_} workbook"
    try:
        check_workbook(file, "it")
        with open_zip(file, "it") as archive:
            names = set(archive.namelist())
            if "META-INF/manifest.xml" in names and b"encryption-data" in archive.read("META-INF/manifest.xml"):
                return "is encrypted: deliver it without a password"
    except ReadingError as error:
        return _clause(error)
    heart = _WORKBOOK_HEARTS[format_]
    return None if heart in names else f"is a zip file but not an {format_} workbook (it has no {heart})"


def _xls_refusal(file: BinaryIO, head: bytes) -> str | None:
    if not head.startswith(OLE):
        return f"is {kind_of(head)} and not an xls workbook"
    return None if is_whole_ole(file) else "is a truncated xls workbook: its end is missing"


def _parquet_refusal(head: bytes, tail: bytes) -> str | None:
    if head.startswith(b"PARE"):
        return "is an encrypted Parquet file: deliver it without a password"
    if not head.startswith(b"PAR1"):
        return f"is {kind_of(head)} and not a Parquet file"
    if not tail.endswith(b"PAR1") or len(tail) < 12:
        return "is a truncated Parquet file: its end is missing"
    return None


def _json_refusal(head: bytes, tail: bytes) -> str | None:
    first, last = _without_mark(head).lstrip()[:1], tail.rstrip()[-1:]
    if first not in (b"{", b"["):
        return "is not JSON: it begins neither with { nor with ["
    if last not in (b"}", b"]"):
        return "is truncated JSON: it ends neither with } nor with ]"
    return None


def _csv_refusal(file: BinaryIO, head: bytes, tail: bytes) -> str | None:
    text = _without_mark(head).strip()
    if not text and len(head) < _HEAD:
        return "holds nothing but blanks"
    if text.startswith((b"{", b"[")) and tail.rstrip().endswith((b"}", b"]")):
        return "is JSON and not a csv file"
    if text.startswith(b"<?xml"):
        return "is XML and not a csv file"
    file.seek(0)
    while chunk := file.read(1 << 20):
        if b"\x00" in chunk:
            return "is not text: it holds NUL bytes (if it is UTF-16, give its encodage in the catalogue)"
    return None


def _has_wide_characters(head: bytes, livraison: Livraison) -> bool:
    """Tell whether every character has several bytes, as in UTF-16 and UTF-32."""
    encoding = mark_of(head) or livraison.encodage or "utf-8"
    return len("aa".encode(encoding)) - len("a".encode(encoding)) > 1


def _without_mark(head: bytes) -> bytes:
    return head.removeprefix(b"\xef\xbb\xbf")


def _clause(error: ReadingError) -> str:
    """Turn a sentence about `it` into what follows the file's name."""
    return str(error).removeprefix("it").lstrip(":, ").rstrip(".")
