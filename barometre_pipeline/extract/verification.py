"""Is a file what its format says? Told from its first and last bytes, and from the whole of an archive.

A refusal is a clause that follows the file's name. Headings and values are the readers' business.
"""

from __future__ import annotations

import codecs
import io
import re
import zipfile
from pathlib import Path

from barometre_pipeline.catalogue import Livraison
from barometre_pipeline.errors import ReadingError
from barometre_pipeline.readers.archives import check_archive, check_workbook, open_zip

_HEAD = 4096  # bytes
_OLE = bytes.fromhex("d0cf11e0a1b11ae1")
_KINDS = (
    (b"PK\x03\x04", "a zip file or a workbook"),
    (b"PK\x05\x06", "an empty zip file"),
    (_OLE, "an old Office file (xls, doc) or one with a password"),
    (b"PAR1", "a Parquet file"),
    (b"%PDF", "a PDF"),
    (b"\x1f\x8b", "a gzip file"),
    (b"7z\xbc\xaf\x27\x1c", "a 7z file"),
    (b"Rar!", "a rar file"),
)
_BOMS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_PAGE = re.compile(r"\s*(<\?xml[^>]*>\s*)?(<!--.*?(-->|\Z)\s*)*<(!doctype\s+html|html|head|body|title)\b", re.I | re.S)


def refusal(path: Path, livraison: Livraison, content_type: str = "") -> str | None:
    """Return why a delivery's file is refused, or None; `content_type` is what its server called it."""
    size = path.stat().st_size
    if size == 0:
        return "is empty (0 bytes)"
    with path.open("rb") as file:
        head = file.read(_HEAD)
    text = _as_text(head, livraison.encodage)
    if _PAGE.match(text) or ("html" in content_type and text.lstrip().startswith("<")):
        return f"is a web page (HTML) and not {_expected(livraison)}: the server answered with a page of its own"
    if livraison.fichier or (path.suffix.lower() == ".zip" and livraison.file_format not in ("xlsx", "ods")):
        return _zip_refusal(path, livraison, head)
    with path.open("rb") as file:
        return _content_refusal(file, livraison)


def _expected(livraison: Livraison) -> str:
    return "a zip" if livraison.fichier else f"a {livraison.file_format} file"


def _zip_refusal(path: Path, livraison: Livraison, head: bytes) -> str | None:
    if not head.startswith(b"PK"):
        return f"is {_kind(head)} and not a zip"
    try:
        check_archive(path, "it")
        with open_zip(path, "it") as archive:
            members = [m for m in archive.infolist() if not m.is_dir()]
            wanted = [m for m in members if m.filename == livraison.fichier]
            if not livraison.fichier and len(members) == 1:
                wanted = members
            return _member_refusal(archive, wanted[0], livraison) if wanted else None
    except ReadingError as error:
        return _clause(error)


def _member_refusal(archive: zipfile.ZipFile, member: zipfile.ZipInfo, livraison: Livraison) -> str | None:
    if member.file_size == 0:
        return f"has a member {member.filename} that is empty"
    with archive.open(member) as stream:
        reason = _content_refusal(io.BytesIO(stream.read()), livraison)
    return reason and f"has a member {member.filename} that {reason}"


def _content_refusal(file, livraison: Livraison) -> str | None:
    """Check the file itself, or the member of a zip, against the format that the catalogue says."""
    head = file.read(_HEAD)
    file.seek(max(0, file.seek(0, io.SEEK_END) - 64))
    tail = file.read()
    file.seek(0)
    format_ = livraison.file_format
    if _PAGE.match(_as_text(head, livraison.encodage)):
        return f"is a web page (HTML) and not a {format_} file"
    if format_ in ("xlsx", "ods"):
        return _workbook_refusal(file, head, format_)
    if format_ == "xls":
        return None if head.startswith(_OLE) else f"is {_kind(head)} and not an xls workbook"
    if format_ == "parquet":
        return _parquet_refusal(head, tail)
    if _kind(head) != _TEXT:
        return f"is {_kind(head)} and not a {format_} file"
    return _json_refusal(head, tail, livraison) if format_ == "json" else _csv_refusal(file, head, livraison)


def _workbook_refusal(file, head: bytes, format_: str) -> str | None:
    if not head.startswith(b"PK"):
        return f"is {_kind(head)} and not an {format_} workbook"
    try:
        with open_zip(file, "it") as archive:
            names = set(archive.namelist())
            if "META-INF/manifest.xml" in names and b"encryption-data" in archive.read("META-INF/manifest.xml"):
                return "is encrypted; it is to be delivered without a password"
        heart = "content.xml" if format_ == "ods" else "xl/workbook.xml"
        if heart not in names:
            return f"is a zip file but not an {format_} workbook (it has no {heart})"
        check_workbook(file, "it")
    except ReadingError as error:
        return _clause(error)
    except (zipfile.BadZipFile, OSError, RuntimeError, NotImplementedError):
        return f"is not a whole {format_} workbook: it is damaged"
    return None


def _parquet_refusal(head: bytes, tail: bytes) -> str | None:
    if head.startswith(b"PARE"):
        return "is an encrypted Parquet file"
    if not head.startswith(b"PAR1"):
        return f"is {_kind(head)} and not a Parquet file"
    if not tail.endswith(b"PAR1") or len(tail) < 12:
        return "is a truncated Parquet file: it has no end"
    return None


def _json_refusal(head: bytes, tail: bytes, livraison: Livraison) -> str | None:
    if _wide_encoding(head, livraison):
        return None  # the reader decodes it
    first, last = head.removeprefix(codecs.BOM_UTF8).lstrip()[:1], tail.rstrip()[-1:]
    if first not in (b"{", b"["):
        return "is not JSON: it begins neither with { nor with ["
    if last not in (b"}", b"]"):
        return "is truncated JSON: it ends neither with } nor with ]"
    return None


def _csv_refusal(file, head: bytes, livraison: Livraison) -> str | None:
    if not _as_text(head, livraison.encodage).strip("\x00\ufeff \t\r\n") and len(head) < _HEAD:
        return "holds nothing but blanks"
    if _wide_encoding(head, livraison):
        return None
    while chunk := file.read(1 << 20):
        if b"\x00" in chunk:
            return "is not text: it holds NUL bytes (if it is UTF-16, give its encodage in the catalogue)"
    return None


def _wide_encoding(head: bytes, livraison: Livraison) -> bool:
    """Tell whether every character has several bytes, as in UTF-16 and UTF-32."""
    if livraison.encodage:
        return len("a".encode(livraison.encodage)) > 1
    return any(head.startswith(bom) for bom, name in _BOMS if name != "utf-8-sig")


def _as_text(head: bytes, encoding: str | None) -> str:
    """Decode the beginning as well as it goes: its byte order mark first, then the declared encoding."""
    found = next((name for bom, name in _BOMS if head.startswith(bom)), None)
    for name in (found, encoding, "latin-1"):
        if name and not (name == encoding and head[:1] == b"<" and b"\x00" not in head[:8]):
            try:
                return codecs.getincrementaldecoder(name)("ignore").decode(head)
            except (LookupError, UnicodeError, TypeError):
                continue
    return head.decode("latin-1")


_TEXT = "text or something unknown"


def _kind(head: bytes) -> str:
    return next((kind for magic, kind in _KINDS if head.startswith(magic)), _TEXT)


def _clause(error: ReadingError) -> str:
    """Turn a sentence about `it` into what follows the file's name."""
    return str(error).removeprefix("it").lstrip(":, ").rstrip(".")
