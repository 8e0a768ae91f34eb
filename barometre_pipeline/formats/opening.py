"""The file that holds a delivery's data: the one that was received, what a gzip holds, or the member of a zip.

What makes an archive safe is in `archives` and `gzip_files`; what the bytes mean is the formats' business.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable
from pathlib import Path, PurePosixPath

from barometre_pipeline.errors import ReadingError
from barometre_pipeline.formats import FORMATS
from barometre_pipeline.formats.archives import check_archive, is_zip, nested_problem, open_zip
from barometre_pipeline.formats.cells import clean, closest
from barometre_pipeline.formats.format import Format
from barometre_pipeline.formats.gzip_files import inner_name, is_gzip, unpacked
from barometre_pipeline.formats.page_names import is_page_name
from barometre_pipeline.formats.signatures import kind_of
from barometre_pipeline.formats.sources import FileDescription, Source, plain_name

ZIP_IN_GZIP = "is a gzip of a zip: deliver the zip itself"
_NOTICES = ("lisez", "readme", "licen", "notice", "__macosx", ".")


def open_source(described: FileDescription, format_: Format, path: Path) -> Source:
    """Read a file of a delivery, or the member of it that the catalogue names; ReadingError where it cannot be."""
    try:
        whole = Source(described, plain_name(path.name), path.read_bytes(), is_page_name(path.name))
    except OSError as error:
        raise ReadingError(f"{described.id}: {path.name}: cannot be read ({error.strerror})") from None
    if not whole.content:
        whole.fail("the file is empty")
    if is_gzip(whole.content):
        return _inside_gzip(whole)
    if not is_zip(whole.content):
        if described.fichier:
            whole.fail(no_zip(whole.content, described.fichier))
        return whole
    return _member_of(whole, format_)


def is_itself_a_file(members: Iterable[str]) -> bool:
    """Tell whether a zip of these members is a file of some format (a workbook), rather than one that holds files."""
    names = set(members)
    return any(names & format_.zip_members for format_ in FORMATS.values())


def no_zip(head: bytes, member: str) -> str:
    """Return why a file in which the catalogue names a member is refused."""
    return f"is {kind_of(head)} and not a zip: the member {member!r} should be in it"


def holds_files(content: bytes) -> bool:
    """Tell whether these bytes are a zip that holds files, rather than a workbook; a damaged zip holds some."""
    if not is_zip(content):
        return False
    try:
        with open_zip(io.BytesIO(content), "it") as archive:
            return not is_itself_a_file(archive.namelist())
    except ReadingError:
        return True


def chosen_member(archive: zipfile.ZipFile, described: FileDescription, format_: Format, what: str) -> str:
    """Return the member that the catalogue names, or the only one that holds data."""
    wanted = described.fichier
    names = [n for n in archive.namelist() if not n.endswith("/")]
    shown = [plain_name(n) for n in names]
    if wanted:
        found = [n for n in names if clean(n) == clean(wanted)]
        if not found:
            raise ReadingError(f"{what}: there is no member {wanted!r} in the zip{closest(wanted, shown)}.")
        return found[0]
    data = [n for n in names if not PurePosixPath(n).parts[0].lower().startswith(_NOTICES)]
    data = [n for n in data if not PurePosixPath(n).name.lower().startswith(_NOTICES)]
    of_format = [n for n in data if n.lower().rsplit(".", 1)[-1] in format_.extensions]
    chosen = of_format if len(of_format) == 1 else data
    if len(chosen) != 1:
        raise ReadingError(f"{what}: which member of the zip is it? Say so with `fichier`{closest('', shown)}.")
    return chosen[0]


def _inside_gzip(whole: Source) -> Source:
    described = whole.described
    if described.fichier:
        whole.fail(no_zip(whole.content, described.fichier))
    content = unpacked(io.BytesIO(whole.content), f"{described.id}: {whole.name}")
    if holds_files(content):
        whole.fail(ZIP_IN_GZIP)
    return Source(described, inner_name(whole.name), content, whole.is_page)


def _member_of(whole: Source, format_: Format) -> Source:
    what = f"{whole.described.id}: {whole.name}"
    check_archive(io.BytesIO(whole.content), what)
    with open_zip(io.BytesIO(whole.content), what) as archive:
        if not whole.described.fichier and is_itself_a_file(archive.namelist()):
            return whole
        member = chosen_member(archive, whole.described, format_, what)
        content = archive.read(member)
    problem = nested_problem(member, content)
    if problem and (is_gzip(content) or holds_files(content)):
        whole.fail(problem)
    return Source(whole.described, plain_name(member), content)
