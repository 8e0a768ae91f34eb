"""The cells of .xls workbooks, by xlrd: it tells errors, number formats and what is hidden.

The format does not say that a formula was never calculated: scripts (xlwt) write such ones with an empty text. Where
every formula of a workbook has that, none was calculated.
"""

from __future__ import annotations

import datetime as dt
import io
import struct
from contextlib import suppress
from functools import cache, partial

import xlrd
from xlrd.biffh import error_text_from_code

from barometre_pipeline.spreadsheets.cells import (
    DAY_ZERO,
    DAY_ZERO_1904,
    Value,
    boolean,
    error_cell,
    shown_by_runs,
    struck,
    uncalculated,
)
from barometre_pipeline.spreadsheets.grids import Choice, EnoughSeen, shown_name
from barometre_pipeline.spreadsheets.number_formats import Formats

_SUPERSCRIPT = 1  # the escapement of a font
_RECORD = struct.Struct("<HH")  # kind, length
_FORMULA, _EMPTY_TEXT = 6, 3


def read(content: bytes, choice: Choice) -> None:
    """Read the sheets that are chosen."""
    with xlrd.open_workbook(
        file_contents=content, formatting_info=True, ragged_rows=True, on_demand=True, logfile=io.StringIO()
    ) as book:
        choice.workbook.day_zero = DAY_ZERO_1904 if book.datemode == 1 else DAY_ZERO
        for rank, name in enumerate(book.sheet_names()):
            name = shown_name(name)
            if choice.takes(name, book._sheet_visibility[rank] != 0):
                with suppress(EnoughSeen):
                    _read_sheet(book, book.sheet_by_index(rank), choice, name)
                book.unload_sheet(rank)


def _read_sheet(book: xlrd.Book, sheet: xlrd.sheet.Sheet, choice: Choice, name: str) -> None:
    grid = choice.begin(name)
    awaits_calculation = cache(partial(_awaits_calculation, book))
    formats = Formats()
    for rank, xf in enumerate(book.xf_list):
        formats.add(rank, book.format_map[xf.format_key].format_str)
    raising = {rank for rank, font in enumerate(book.font_list) if font.escapement == _SUPERSCRIPT}
    striking = {rank for rank, font in enumerate(book.font_list) if font.struck_out}
    for column, info in sheet.colinfo_map.items():
        if info.hidden:
            choice.hide_columns(column, column)
    for number in range(sheet.nrows):
        row: list[Value] = []
        for column, cell in enumerate(sheet.row(number)):
            value = _value(cell, formats, choice.workbook.day_zero)
            if value == "" and awaits_calculation():
                value = uncalculated("")
            if isinstance(value, str) and (runs := sheet.rich_text_runlist_map.get((number, column))):
                value = shown_by_runs(value, runs, raising, striking)
            if striking and book.xf_list[cell.xf_index].font_index in striking:
                value = struck(value)
            if value is not None and value != "":
                row.extend([None] * (column - len(row)))
                row.append(value)
        info = sheet.rowinfo_map.get(number)
        choice.add(grid, number + 1, row, bool(info and info.hidden))
    grid.merged += [(top + 1, end, left, right - 1) for top, end, left, right in sheet.merged_cells]
    choice.end(grid)


def _awaits_calculation(book: xlrd.Book) -> bool:
    """Tell whether there are formulas, and the value of each is an empty text."""
    content, position, end = book.mem, book.base, book.base + book.stream_len
    found = False
    while position + _RECORD.size <= end:
        kind, length = _RECORD.unpack_from(content, position)
        position += _RECORD.size
        if kind == _FORMULA:
            found = True
            if (content[position + 6], content[position + 12 : position + 14]) != (_EMPTY_TEXT, b"\xff\xff"):
                return False
        position += length
    return found


def _value(cell: xlrd.sheet.Cell, formats: Formats, day_zero: dt.date) -> Value:
    if cell.ctype == xlrd.XL_CELL_TEXT:
        return str(cell.value)
    if cell.ctype in (xlrd.XL_CELL_NUMBER, xlrd.XL_CELL_DATE):
        format_ = None if cell.xf_index is None else formats[cell.xf_index]
        return format_.shown(cell.value, day_zero) if format_ else float(cell.value)
    if cell.ctype == xlrd.XL_CELL_ERROR:
        return error_cell(error_text_from_code.get(cell.value, ""))
    return boolean(bool(cell.value)) if cell.ctype == xlrd.XL_CELL_BOOLEAN else None
