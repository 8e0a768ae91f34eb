"""Workbooks of LibreOffice (.ods). What their cells hold is in `spreadsheets.ods`."""

from __future__ import annotations

import io
from collections.abc import Iterator
from functools import partial

from barometre_pipeline.formats.archives import open_zip
from barometre_pipeline.formats.format import Table, demonstration_extra
from barometre_pipeline.formats.sheets import Sheet
from barometre_pipeline.formats.signatures import Sample
from barometre_pipeline.formats.sources import FileDescription, Source
from barometre_pipeline.formats.workbooks import grid, read_workbook, visible_sheets, with_notice
from barometre_pipeline.formats.zipped_workbooks import undated, zip_refusal, zipped_workbook
from barometre_pipeline.spreadsheets import ods

_HEART, _MANIFEST = "content.xml", "META-INF/manifest.xml"


def _read(source: Source) -> Iterator[Sheet]:
    return read_workbook(source, _refusal, ods.read)


def _refusal(sample: Sample, described: FileDescription) -> str | None:
    reason = zip_refusal(sample, "ods", _HEART)
    if reason and not reason.endswith(f"(it has no {_HEART})"):
        return reason
    with open_zip(sample.file, "it") as archive:
        # The file as a whole may be encrypted, as LibreOffice does since 24.8: then it has no content.xml.
        if _MANIFEST in archive.namelist() and b"encryption-data" in archive.read(_MANIFEST):
            return "is encrypted: deliver it without a password"
    return reason


def _write(tables: list[Table], described: FileDescription, notice: str) -> bytes:
    with demonstration_extra():
        import odswriter
    file = io.BytesIO()
    with odswriter.writer(file) as workbook:
        for table in with_notice(tables, notice):
            workbook.new_sheet(table.name).writerows(grid(table))
    return undated(file)


ODS = zipped_workbook(
    "ods",
    ("ods",),
    _read,
    _refusal,
    _write,
    visible_sheets=partial(visible_sheets, ods.read),
    writing_cost=4,
)
