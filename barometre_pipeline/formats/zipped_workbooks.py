"""What .xlsx, .xlsb and .ods share: zips, which are verified without building their cells and written undated."""

from __future__ import annotations

import io
import re
import zipfile
from functools import partial

from barometre_pipeline.errors import ReadingError
from barometre_pipeline.formats.archives import as_clause, check_archive, open_zip
from barometre_pipeline.formats.format import Format
from barometre_pipeline.formats.signatures import Sample
from barometre_pipeline.resources.zips import add_member

# A format of this kind, which gives its name, its extensions and its three functions.
zipped_workbook = partial(
    Format,
    has_sheets=True,
    typed_dates=True,
    # Members that tell a workbook from a zip that holds files.
    zip_members=frozenset({"[Content_Types].xml", "mimetype", "content.xml"}),
    random_access=True,
    most_rows=1_048_000,  # a sheet has 1,048,576, headings, titles and notes included
)

_STAMP = re.compile(rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")


def unsound_zip(sample: Sample, format_: str) -> str | None:
    """Return why a file is no zip, or one that cannot be unpacked, or None."""
    if not sample.is_zip:
        return f"is {sample.kind} and not an {format_} workbook"
    try:
        check_archive(sample.file, "it")
    except ReadingError as error:
        return as_clause(error)
    return None


def without_heart(sample: Sample, format_: str, heart: str) -> str | None:
    """Return that a sound zip lacks the member that makes it a workbook, or None."""
    with open_zip(sample.file, "it") as archive:
        there = heart in archive.namelist()
    return None if there else f"is a zip file but not an {format_} workbook (it has no {heart})"


def office_refusal(sample: Sample, format_: str, heart: str) -> str | None:
    """Return why a file is no sound workbook of Office, or None; `heart` is the member without which it is none."""
    if reason := unsound_zip(sample, format_) or without_heart(sample, format_, heart):
        return reason
    with open_zip(sample.file, "it") as archive:
        if any(name.lower().startswith("xl/externallinks/") for name in archive.namelist()):
            return "has links to other workbooks: replace them by their values"
    return None


def undated(file: io.BytesIO) -> bytes:
    """Return a workbook without the time at which it was written."""
    result = io.BytesIO()
    with zipfile.ZipFile(file) as source, zipfile.ZipFile(result, "w") as target:
        for member in source.infolist():
            content = source.read(member)
            if member.filename == "docProps/core.xml":
                content = _STAMP.sub(b"1980-01-01T00:00:00Z", content)
            add_member(target, member.filename, content, method=member.compress_type)
    return result.getvalue()
