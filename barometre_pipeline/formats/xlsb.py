"""Binary workbooks of Excel since 2007 (.xlsb). What their cells hold is in `spreadsheets.xlsb`."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from barometre_pipeline.errors import UsageError
from barometre_pipeline.formats.format import Table
from barometre_pipeline.formats.sheets import Sheet
from barometre_pipeline.formats.signatures import Sample
from barometre_pipeline.formats.sources import FileDescription, Source
from barometre_pipeline.formats.workbooks import read_workbook, visible_sheets
from barometre_pipeline.formats.zipped_workbooks import office_refusal, zipped_workbook
from barometre_pipeline.spreadsheets import xlsb


def _read(source: Source) -> Iterator[Sheet]:
    return read_workbook(source, _refusal, xlsb.read)


def _refusal(sample: Sample, described: FileDescription) -> str | None:
    return office_refusal(sample, "xlsb", "xl/workbook.bin")


def _write(tables: list[Table], described: FileDescription, notice: str) -> bytes:
    raise UsageError(
        f"{described.id}: the demonstration does not write .xlsb, which nothing but Excel does well: "
        "give the true deliveries by --sources."
    )


XLSB = zipped_workbook(
    "xlsb",
    ("xlsb",),
    _read,
    _refusal,
    _write,
    visible_sheets=partial(visible_sheets, xlsb.read),
)
