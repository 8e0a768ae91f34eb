"""The file that holds a delivery's data: the one that was received, or the member of it where that is a zip.

What makes an archive safe is in `archives`; what the bytes mean is the formats' business.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable
from pathlib import Path, PurePosixPath

from barometre_pipeline.errors import ReadingError
from barometre_pipeline.formats import FORMATS
from barometre_pipeline.formats.archives import check_archive, is_zip, open_zip
from barometre_pipeline.formats.format import Format
from barometre_pipeline.formats.sheets import clean, closest
from barometre_pipeline.formats.sources import FileDescription, Source

_NOTICES = ("lisez", "readme", "licen", "notice", "__macosx", ".")


def open_source(described: FileDescription, format_: Format, path: Path) -> Source:
    """Read a file of a delivery, or the member of it that the catalogue names; ReadingError where it cannot be."""
    try:
        whole = Source(described, path.name, path.read_bytes())
    except OSError as error:
        raise ReadingError(f"{described.id}: {path.name}: cannot be read ({error.strerror})") from None
    if not whole.content:
        whole.fail("the file is empty")
    if not is_zip(whole.content):
        if described.fichier:
            whole.fail(f"is not a zip: the member {described.fichier!r} should be in it")
        return whole
    return _member_of(whole, format_)


def is_itself_a_file(members: Iterable[str]) -> bool:
    """Tell whether a zip of these members is a file of some format (a workbook), rather than one that holds files."""
    names = set(members)
    return any(names & format_.zip_members for format_ in FORMATS.values())


def _member_of(whole: Source, format_: Format) -> Source:
    what = f"{whole.described.id}: {whole.name}"
    check_archive(io.BytesIO(whole.content), what)
    with open_zip(io.BytesIO(whole.content), what) as archive:
        if not whole.described.fichier and is_itself_a_file(archive.namelist()):
            return whole
        member = _member(whole, format_, archive)
        return Source(whole.described, member, archive.read(member))


def _member(source: Source, format_: Format, archive: zipfile.ZipFile) -> str:
    """Return the member that the catalogue names, or the only one that holds data."""
    wanted = source.described.fichier
    names = [n for n in archive.namelist() if not n.endswith("/")]
    if wanted:
        found = [n for n in names if clean(n) == clean(wanted)]
        if not found:
            source.fail(f"there is no member {wanted!r} in the zip{closest(wanted, names)}")
        return found[0]
    data = [n for n in names if not PurePosixPath(n).parts[0].lower().startswith(_NOTICES)]
    data = [n for n in data if not PurePosixPath(n).name.lower().startswith(_NOTICES)]
    of_format = [n for n in data if n.lower().rsplit(".", 1)[-1] in format_.extensions]
    chosen = of_format if len(of_format) == 1 else data
    if len(chosen) != 1:
        source.fail(f"which member of the zip is it? Say so with `fichier`{closest('', names)}")
    return chosen[0]
