"""Workbooks of Excel since 2007 (.xlsx, .xlsm). What their cells hold is in `spreadsheets.xlsx`."""

from __future__ import annotations

import io
from collections.abc import Iterator
from functools import partial
from typing import Any

from rustpy_xlsxwriter import write_worksheets

from barometre_pipeline.formats.format import Table
from barometre_pipeline.formats.sheets import Sheet
from barometre_pipeline.formats.signatures import Sample
from barometre_pipeline.formats.sources import FileDescription, Source
from barometre_pipeline.formats.workbooks import read_workbook, visible_sheets, with_notice
from barometre_pipeline.formats.zipped_workbooks import office_refusal, undated, zipped_workbook
from barometre_pipeline.spreadsheets import xlsx


def _read(source: Source) -> Iterator[Sheet]:
    return read_workbook(source, _refusal, xlsx.read)


def _refusal(sample: Sample, described: FileDescription) -> str | None:
    return office_refusal(sample, "xlsx", "xl/workbook.xml")


def _write(tables: list[Table], described: FileDescription, notice: str) -> bytes:
    titles: dict[str, list[Any]] = {}
    header_row: dict[str, int] = {}
    sheets: list[tuple[str, Any]] = []
    for table in with_notice(tables, notice):
        name, blank = table.name or "", dict.fromkeys(table.headings)
        rows = table.records() + [blank | {table.headings[0]: text} for text in table.below]
        sheets.append((name, rows or [blank]))
        if table.above:
            header_row[name] = len(table.above)
            titles[name] = [(0, 0, 0, max(len(table.headings) - 1, 1), table.above[0])]
    file = io.BytesIO()
    write_worksheets(sheets, file, header_row=header_row or None, merge_ranges=titles or None, bold_headers=True)
    return undated(file)


XLSX = zipped_workbook(
    "xlsx",
    ("xlsx", "xlsm"),
    _read,
    _refusal,
    _write,
    visible_sheets=partial(visible_sheets, xlsx.read),
)
