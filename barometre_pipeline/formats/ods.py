"""Workbooks of LibreOffice (.ods)."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterable

from barometre_pipeline.formats.archives import open_zip
from barometre_pipeline.formats.format import Format, Table, demonstration_extra
from barometre_pipeline.formats.sheets import Sheet
from barometre_pipeline.formats.signatures import Sample
from barometre_pipeline.formats.sources import FileDescription, Source
from barometre_pipeline.formats.workbooks import grid, read_workbook, with_notice
from barometre_pipeline.formats.zipped_workbooks import WORKBOOK_MEMBERS, extent_problem, undated, zip_refusal

_HEART = "content.xml"
_MANIFEST = "META-INF/manifest.xml"
_TAG = re.compile(rb"<table:(table-row|table-cell|covered-table-cell|table)(?=[\s/>])([^>]*)>")
_REPEATED = re.compile(rb"number-(?:rows|columns)-repeated\s*=\s*[\"'](\d{1,12})[\"']")


def _read(source: Source) -> list[Sheet]:
    return read_workbook(source, _refusal)


def _refusal(sample: Sample, described: FileDescription) -> str | None:
    if reason := zip_refusal(sample, "ods", _HEART, _problem_of):
        return reason
    with open_zip(sample.file, "it") as archive:
        if _MANIFEST in archive.namelist() and b"encryption-data" in archive.read(_MANIFEST):
            return "is encrypted: deliver it without a password"
    return None


def _problem_of(member: str) -> Callable[[Iterable[bytes]], str | None] | None:
    return _content_problem if member == _HEART else None


def _content_problem(content: Iterable[bytes]) -> str | None:
    """Return why the content (its XML, in pieces) is refused, or None.

    Repeated empty rows and cells after the last value are how every .ods ends: they do not count.
    """
    row = column = repeated = highest = columns = values = 0
    problem = None
    for text in content:
        for tag, attributes in _TAG.findall(text):
            match = _REPEATED.search(attributes)
            times = int(match[1]) if match else 1
            if tag == b"table":
                problem = problem or extent_problem(highest, columns, values)
                row = highest = columns = values = 0
            elif tag == b"table-row":
                row, column, repeated = row + times, 0, times
            else:
                column += times
                if b"value-type" in attributes:
                    highest, columns, values = row, max(columns, column), values + times * repeated
    return problem or extent_problem(highest, columns, values)


def _write(tables: list[Table], described: FileDescription, notice: str) -> bytes:
    with demonstration_extra():
        import odswriter
    file = io.BytesIO()
    with odswriter.writer(file) as workbook:
        for table in with_notice(tables, notice):
            workbook.new_sheet(table.name).writerows(grid(table))
    return undated(file)


ODS = Format(
    "ods",
    ("ods",),
    _read,
    _refusal,
    _write,
    has_sheets=True,
    typed_dates=True,
    zip_members=WORKBOOK_MEMBERS,
    random_access=True,
    most_rows=1_048_000,  # a sheet has 1,048,576, headings, titles and notes included
    writing_cost=4,
)
