"""The bytes of one file of a delivery, or of the member of a zip that holds its data.

What makes an archive safe is in `archives`; what the bytes mean is the formats' business.
"""

from __future__ import annotations

import io
import zipfile
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import NoReturn

from barometre_pipeline.catalogue import Livraison
from barometre_pipeline.errors import ReadingError
from barometre_pipeline.formats.archives import check_archive, open_zip
from barometre_pipeline.formats.names import clean, closest

_NOTICES = ("lisez", "readme", "licen", "notice", "__macosx", ".")
_EXTENSIONS = {"csv": ("csv", "tsv", "txt")}
_WORKBOOK_MARKS = {"[Content_Types].xml", "mimetype", "content.xml"}


@dataclass(frozen=True)
class Source:
    """One file as bytes; `fichier` is its name, or that of the zip's member."""

    livraison: Livraison
    fichier: str
    contenu: bytes

    def fail(self, what: str, feuille: str | None = None) -> NoReturn:
        """Raise the ReadingError that names the delivery, the file and the sheet."""
        sheet = f", sheet {feuille!r}" if feuille is not None else ""
        end = "" if what.endswith((".", "?", "…")) else "."
        raise ReadingError(f"{self.livraison.id}: {self.fichier}{sheet}: {what}{end}")


def open_source(livraison: Livraison, path: Path) -> Source:
    """Read a file of a delivery, or the member of it that the catalogue names; ReadingError where it cannot be."""
    try:
        whole = Source(livraison, path.name, path.read_bytes())
    except OSError as error:
        raise ReadingError(f"{livraison.id}: {path.name}: cannot be read ({error.strerror})") from None
    if not whole.contenu:
        whole.fail("the file is empty")
    if not is_zip(whole.contenu):
        if livraison.fichier:
            whole.fail(f"is not a zip: the member {livraison.fichier!r} should be in it")
        return whole
    return _member_of(whole)


def is_zip(content: bytes) -> bool:
    """Tell whether these bytes begin as a zip does."""
    return content.startswith((b"PK\x03\x04", b"PK\x05\x06"))


def _member_of(whole: Source) -> Source:
    what = f"{whole.livraison.id}: {whole.fichier}"
    check_archive(io.BytesIO(whole.contenu), what)
    with open_zip(io.BytesIO(whole.contenu), what) as archive:
        if not whole.livraison.fichier and _WORKBOOK_MARKS & set(archive.namelist()):
            return whole
        member = _member(whole, archive)
        return Source(whole.livraison, member, archive.read(member))


def _member(source: Source, archive: zipfile.ZipFile) -> str:
    """Return the member that the catalogue names, or the only one that holds data."""
    wanted, livraison = source.livraison.fichier, source.livraison
    names = [n for n in archive.namelist() if not n.endswith("/")]
    if wanted:
        found = [n for n in names if clean(n) == clean(wanted)]
        if not found:
            source.fail(f"there is no member {wanted!r} in the zip{closest(wanted, names)}")
        return found[0]
    data = [n for n in names if not PurePosixPath(n).parts[0].lower().startswith(_NOTICES)]
    data = [n for n in data if not PurePosixPath(n).name.lower().startswith(_NOTICES)]
    extensions = _EXTENSIONS.get(livraison.file_format, (livraison.file_format,))
    of_format = [n for n in data if n.lower().rsplit(".", 1)[-1] in extensions]
    chosen = of_format if len(of_format) == 1 else data
    if len(chosen) != 1:
        source.fail(f"which member of the zip is it? Say so with `fichier`{closest('', names)}")
    return chosen[0]
