"""Is a file what its format says? Told from its first and last bytes, and from the whole of an archive.

A refusal is a clause that follows the file's name. What each format refuses is in `formats`; headings and values are
the readers' business.
"""

from __future__ import annotations

import gzip
import io
import zipfile
from pathlib import Path
from typing import IO, cast

from barometre_pipeline.catalogue import Livraison
from barometre_pipeline.errors import ReadingError
from barometre_pipeline.formats import FORMATS
from barometre_pipeline.formats.archives import as_clause, check_archive, nested_problem, open_zip
from barometre_pipeline.formats.gzip_files import check_gzip, is_gzip
from barometre_pipeline.formats.opening import (
    ZIP_IN_GZIP,
    chosen_member,
    holds_files,
    is_itself_a_file,
    no_zip,
)
from barometre_pipeline.formats.signatures import Sample
from barometre_pipeline.formats.sources import plain_name


def refusal(path: Path, livraison: Livraison, content_type: str = "") -> str | None:
    """Return why a delivery's file is refused, or None; `content_type` is what its server called it."""
    with path.open("rb") as file:
        try:
            reason = _reason(Sample.of(file), livraison, content_type)
        except ReadingError as error:
            reason = as_clause(error)
    return reason and plain_name(reason)


def _reason(sample: Sample, livraison: Livraison, content_type: str) -> str | None:
    if not sample.head:
        return "is empty (0 bytes)"
    tagged = any(text.lstrip().startswith("<") for text in sample.texts(livraison.encodage))
    if sample.is_page(livraison.encodage) or ("html" in content_type and tagged):
        expected = "a zip" if livraison.fichier else f"a {livraison.file_format} file"
        return f"is a web page (HTML) and not {expected}: open it in a browser to see what it says"
    if is_gzip(sample.head):
        return _gzip_refusal(sample, livraison)
    if livraison.fichier or (sample.is_zip and not _is_itself_a_file(sample)):
        return _zip_refusal(sample, livraison)
    return _content_refusal(sample, livraison)


def _is_itself_a_file(sample: Sample) -> bool:
    try:
        with open_zip(sample.file, "it") as archive:
            return is_itself_a_file(archive.namelist())
    except ReadingError:
        return False


def _gzip_refusal(sample: Sample, livraison: Livraison) -> str | None:
    if livraison.fichier:
        return no_zip(sample.head, livraison.fichier)
    check_gzip(sample.file, "it")
    sample.file.seek(0)
    with gzip.GzipFile(fileobj=sample.file) as stream:
        inside = _sample_of(cast(IO[bytes], stream), livraison)
        if inside.is_zip:
            stream.seek(0)
            if holds_files(stream.read()):
                return ZIP_IN_GZIP
        return _content_refusal(inside, livraison)


def _zip_refusal(sample: Sample, livraison: Livraison) -> str | None:
    if livraison.fichier and not sample.is_zip:
        return no_zip(sample.head, livraison.fichier)
    check_archive(sample.file, "it")
    with open_zip(sample.file, "it") as archive:
        name = chosen_member(archive, livraison, FORMATS[livraison.file_format], "it")
        return _member_refusal(archive, archive.getinfo(name), livraison)


def _member_refusal(archive: zipfile.ZipFile, member: zipfile.ZipInfo, livraison: Livraison) -> str | None:
    if member.file_size == 0:
        return f"has a member {member.filename} that is empty (0 bytes)"
    with archive.open(member) as stream:
        sample = _sample_of(stream, livraison)
        nested = nested_problem(member.filename, sample.head)
        if nested and (is_gzip(sample.head) or holds_files(archive.read(member))):
            return nested
        reason = _content_refusal(sample, livraison)
    return reason and f"has a member {member.filename} that {reason}"


def _sample_of(stream: IO[bytes], livraison: Livraison) -> Sample:
    """Look at an unpacked file; what is verified from one end to the other is never whole in memory, however big."""
    whole = FORMATS[livraison.file_format].random_access
    return Sample.of(io.BytesIO(stream.read()) if whole else stream)


def _content_refusal(sample: Sample, livraison: Livraison) -> str | None:
    """Check the file itself, or what it holds, against the format that the catalogue says."""
    if sample.is_page(livraison.encodage):
        return f"is a web page (HTML) and not a {livraison.file_format} file"
    return FORMATS[livraison.file_format].refusal(sample, livraison)
