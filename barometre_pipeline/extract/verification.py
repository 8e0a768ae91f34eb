"""Is a file what its format says? Told from its first and last bytes, and from the whole of an archive.

A refusal is a clause that follows the file's name. What each format refuses is in `formats`; headings and values are
the readers' business.
"""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

from barometre_pipeline.catalogue import Livraison
from barometre_pipeline.errors import ReadingError
from barometre_pipeline.formats import FORMATS
from barometre_pipeline.formats.archives import as_clause, check_archive, open_zip
from barometre_pipeline.formats.opening import is_itself_a_file
from barometre_pipeline.formats.signatures import Sample


def refusal(path: Path, livraison: Livraison, content_type: str = "") -> str | None:
    """Return why a delivery's file is refused, or None; `content_type` is what its server called it."""
    with path.open("rb") as file:
        sample = Sample.of(file)
        if not sample.head:
            return "is empty (0 bytes)"
        tagged = any(text.lstrip().startswith("<") for text in sample.texts(livraison.encodage))
        if sample.is_page(livraison.encodage) or ("html" in content_type and tagged):
            expected = "a zip" if livraison.fichier else f"a {livraison.file_format} file"
            return f"is a web page (HTML) and not {expected}: open it in a browser to see what it says"
        if livraison.fichier or (sample.is_zip and not _is_itself_a_file(sample)):
            return _zip_refusal(sample, livraison)
        return _content_refusal(sample, livraison)


def _is_itself_a_file(sample: Sample) -> bool:
    try:
        with open_zip(sample.file, "it") as archive:
            return is_itself_a_file(archive.namelist())
    except ReadingError:
        return False


def _zip_refusal(sample: Sample, livraison: Livraison) -> str | None:
    if not sample.is_zip:
        return f"is {sample.kind} and not a zip"
    try:
        check_archive(sample.file, "it")
        with open_zip(sample.file, "it") as archive:
            members = [member for member in archive.infolist() if not member.is_dir()]
            wanted = [member for member in members if member.filename == livraison.fichier]
            if not livraison.fichier and len(members) == 1:
                wanted = members
            return _member_refusal(archive, wanted[0], livraison) if wanted else None
    except ReadingError as error:
        return as_clause(error)


def _member_refusal(archive: zipfile.ZipFile, member: zipfile.ZipInfo, livraison: Livraison) -> str | None:
    if member.file_size == 0:
        return f"has a member {member.filename} that is empty (0 bytes)"
    with archive.open(member) as stream:
        # What is verified from one end to the other is never whole in memory, however big it is.
        whole = FORMATS[livraison.file_format].random_access
        reason = _content_refusal(Sample.of(io.BytesIO(stream.read()) if whole else stream), livraison)
    return reason and f"has a member {member.filename} that {reason}"


def _content_refusal(sample: Sample, livraison: Livraison) -> str | None:
    """Check the file itself, or the member of a zip, against the format that the catalogue says."""
    if sample.is_page(livraison.encodage):
        return f"is a web page (HTML) and not a {livraison.file_format} file"
    return FORMATS[livraison.file_format].refusal(sample, livraison)
