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
from barometre_pipeline.formats.zipped_workbooks import undated, unsound_zip, without_heart, zipped_workbook
from barometre_pipeline.spreadsheets import ods

_HEART, _MANIFEST = "content.xml", "META-INF/manifest.xml"


def _read(source: Source) -> Iterator[Sheet]:
    return read_workbook(source, _refusal, ods.read)


def _refusal(sample: Sample, described: FileDescription) -> str | None:
    return unsound_zip(sample, "ods") or _encrypted(sample) or without_heart(sample, "ods", _HEART)


def _encrypted(sample: Sample) -> str | None:
    with open_zip(sample.file, "it") as archive:
        # As a whole, LibreOffice does since 24.8: then it has no content.xml.
        if _MANIFEST in archive.namelist() and b"encryption-data" in archive.read(_MANIFEST):
            return "is encrypted: deliver it without a password"
    return None


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
