"""Workbooks of Excel before 2007 (.xls). What their cells hold is in `spreadsheets.xls`."""

from __future__ import annotations

import datetime as dt
import io
import struct
from collections.abc import Iterable, Iterator
from functools import partial
from typing import IO

from barometre_pipeline.formats.format import Format, Table, demonstration_extra
from barometre_pipeline.formats.sheets import Sheet
from barometre_pipeline.formats.signatures import OLE, Sample
from barometre_pipeline.formats.sources import FileDescription, Source
from barometre_pipeline.formats.workbooks import grid, read_workbook, visible_sheets, with_notice
from barometre_pipeline.spreadsheets import xls

_FIRST_TABLES = struct.Struct("<109I")
_NO_SECTOR = 0xFFFFFFFA  # from this number on, markers and not sectors


def _read(source: Source) -> Iterator[Sheet]:
    return read_workbook(source, _refusal, xls.read)


def _refusal(sample: Sample, described: FileDescription) -> str | None:
    if not sample.head.startswith(OLE):
        return f"is {sample.kind} and not an xls workbook"
    return None if _is_whole(sample.file) else "is a truncated xls workbook: its end is missing"


def _is_whole(file: IO[bytes]) -> bool:
    """Tell whether an old Office file holds every sector that its allocation table leads to."""
    size = file.seek(0, 2)
    file.seek(0)
    header = file.read(512)
    if len(header) < 512:
        return False
    sector: int = 1 << struct.unpack_from("<H", header, 30)[0]
    if sector not in (512, 4096):
        return False
    # What follows a sector in its chain is there; some writers mark as an end every entry that they do not use.
    highest = max(0, *_sectors(struct.unpack_from("<I8xI4xI", header, 48)))
    for table in _sectors(_FIRST_TABLES.unpack_from(header, 76)):
        file.seek((table + 1) * sector)
        entries = file.read(sector)
        if len(entries) < sector:
            return False
        highest = max(highest, table, *_sectors(struct.unpack(f"<{sector // 4}I", entries)))
    # The last sector may lack its padding.
    return (highest + 1) * sector < size


def _sectors(entries: Iterable[int]) -> list[int]:
    return [entry for entry in entries if entry < _NO_SECTOR]


def _write(tables: list[Table], described: FileDescription, notice: str) -> bytes:
    with demonstration_extra():
        import xlwt
    workbook = xlwt.Workbook(encoding="utf-8")
    day = xlwt.easyxf(num_format_str="DD/MM/YYYY")
    for table in with_notice(tables, notice):
        sheet = workbook.add_sheet(table.name)
        for r, row in enumerate(grid(table)):
            for c, value in enumerate(row):
                if value is not None:
                    sheet.write(r, c, value, day) if isinstance(value, dt.date) else sheet.write(r, c, value)
    file = io.BytesIO()
    workbook.save(file)
    return file.getvalue()


XLS = Format(
    "xls",
    ("xls",),
    _read,
    _refusal,
    _write,
    has_sheets=True,
    visible_sheets=partial(visible_sheets, xls.read),
    typed_dates=True,
    random_access=True,
    most_rows=65_000,  # a sheet has 65,536, headings, titles and notes included
    writing_cost=4,
)
