"""The cells of .xlsb workbooks: zips like .xlsx, whose parts are binary records ([MS-XLSB] 2.3).

The format cannot say that a formula was never calculated, but for the whole workbook.
"""

from __future__ import annotations

import datetime as dt
import io
import struct
import zipfile
from collections.abc import Callable, Iterator
from contextlib import suppress

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
from barometre_pipeline.spreadsheets.grids import (
    LAST_COLUMN,
    LAST_ROW,
    Choice,
    EnoughSeen,
    Grid,
    UnreadableError,
    shown_name,
)
from barometre_pipeline.spreadsheets.number_formats import BUILT_IN, Formats
from barometre_pipeline.spreadsheets.parts import Parts, refuse_shared

_HEART = "xl/workbook.bin"
_U16, _U32, _REAL, _RUN = (struct.Struct(f"<{kind}") for kind in ("H", "I", "d", "HH"))
_ROW, _COLUMNS, _MERGED = 0, 60, 176
_RK, _ERROR, _BOOL, _NUMBER, _TEXT, _SHARED, _RICH_TEXT = 2, 3, 4, 5, 6, 7, 62
_FORMULAS = {8: _TEXT, 9: _NUMBER, 10: _BOOL, 11: _ERROR}
# The same cells, whose column is the one after the last.
_SHORT = {12: 1, 13: _RK, 14: _ERROR, 15: _BOOL, 16: _NUMBER, 17: _TEXT, 18: _SHARED}
_CELLS = frozenset({*range(1, 19), _RICH_TEXT})
_SHEET, _BOOK_PROPERTIES, _CALCULATION = 156, 153, 157
_FORMAT, _STYLES, _STYLES_END, _STYLE = 44, 617, 618, 47
_STRING = 19
_FONT, _SUPERSCRIPT = 43, 1
_ERRORS = {
    **{0x00: "#NULL!", 0x07: "#DIV/0!", 0x0F: "#VALUE!", 0x17: "#REF!", 0x1D: "#NAME?", 0x24: "#NUM!", 0x2A: "#N/A"},
    0x2B: "#GETTING_DATA",
}


def read(content: bytes, choice: Choice) -> None:
    """Read the sheets that are chosen."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        parts = Parts(archive)
        try:
            _read_book(parts, choice)
        except (struct.error, IndexError):
            raise UnreadableError("one of its records is cut off") from None


def _read_book(parts: Parts, choice: Choice) -> None:
    targets = parts.relations(_HEART)
    sheets: list[tuple[str, bool, str]] = []
    is_uncalculated = False
    for kind, record in _records(parts.read(_HEART)):
        if kind == _BOOK_PROPERTIES:
            choice.workbook.day_zero = DAY_ZERO_1904 if record[0] & 1 else DAY_ZERO
        elif kind == _CALCULATION:
            is_uncalculated = bool(record[24] & 1)
        elif kind == _SHEET:
            relation, end = _text(record, 8)
            sheets.append((shown_name(_text(record, end)[0]), record[0] != 0, targets.get(relation, "")))
    refuse_shared(sheets)
    styles = _Styles(parts)
    strings = _strings(parts, styles)
    for name, hidden, part in sheets:
        if choice.takes(name, hidden):
            grid = choice.begin(name)
            reader = _Cells(strings, styles, choice.workbook.day_zero, is_uncalculated)
            with suppress(EnoughSeen):
                _read_sheet(_records(parts.read(part)), reader, choice, grid)


def _read_sheet(records: Iterator[tuple[int, bytes]], reader: _Cells, choice: Choice, grid: Grid) -> None:
    row: list[Value] = []
    number, hidden, column = 0, False, -1
    for kind, record in records:
        if kind in _CELLS:
            column = column + 1 if kind in _SHORT else _u32(record)
            if not 0 <= column < LAST_COLUMN or not number:
                raise UnreadableError(f"row {number} has a cell beyond the last column of a sheet (XFD)")
            value = reader.value(_SHORT.get(kind, kind), record[0 if kind in _SHORT else 4 :])
            if value is not None and value != "":
                row.extend([None] * (column + 1 - len(row)))
                row[column] = value
        elif kind == _ROW:
            choice.add(grid, number, row, hidden)
            number, hidden, row, column = _u32(record) + 1, bool(record[11] & 0x10), [], -1
            if number > LAST_ROW:
                raise UnreadableError(f"it has a row {number:,}: a sheet has {LAST_ROW:,}")
        elif kind == _MERGED:
            grid.merged.append((_u32(record) + 1, _u32(record, 4) + 1, _u32(record, 8), _u32(record, 12)))
        elif kind == _COLUMNS and record[16] & 1:
            choice.hide_columns(_u32(record), _u32(record, 4))
    choice.add(grid, number, row, hidden)
    choice.end(grid)


class _Cells:
    """Reads what records of cells hold."""

    def __init__(self, strings: list[Value], styles: _Styles, day_zero: dt.date, is_uncalculated: bool) -> None:
        self._styles = styles
        self._day_zero = day_zero
        self._is_uncalculated = is_uncalculated
        self._readers: dict[int, Callable[[bytes], Value]] = {
            _ERROR: lambda record: error_cell(_ERRORS.get(record[4], "")),
            _BOOL: lambda record: boolean(record[4] != 0),
            _TEXT: lambda record: _text(record, 4)[0],
            _SHARED: lambda record: strings[_u32(record, 4)],
            _RICH_TEXT: lambda record: _rich_text(record[4:], styles),
        }

    def value(self, kind: int, record: bytes) -> Value:
        """Return what a cell holds; its record begins at its style."""
        value = self._value(kind, record)
        return struck(value) if self._styles.strikes(_u32(record) & 0xFFFFFF) else value

    def _value(self, kind: int, record: bytes) -> Value:
        if kind in _FORMULAS:
            kind = _FORMULAS[kind]
            if self._is_uncalculated and kind != _ERROR:
                return uncalculated("")
        if kind == _NUMBER:
            return self._shown(_REAL.unpack_from(record, 4)[0], record)
        if kind == _RK:
            return self._shown(_rk_number(_u32(record, 4)), record)
        return self._readers[kind](record) if kind in self._readers else None

    def _shown(self, number: float, record: bytes) -> Value:
        format_ = self._styles.formats[_u32(record) & 0xFFFFFF]
        return format_.shown(number, self._day_zero) if format_ else number


def _u32(record: bytes, start: int = 0) -> int:
    return int.from_bytes(record[start : start + 4], "little")


def _rk_number(stored: int) -> float:
    """Return the number of 30 bits: an integer or the high part of a float, divided by 100 or not."""
    if stored & 2:
        number = float((stored >> 2) - (1 << 30 if stored & 0x80000000 else 0))
    else:
        number = _REAL.unpack(b"\0\0\0\0" + _U32.pack(stored & 0xFFFFFFFC))[0]
    return number / 100 if stored & 1 else number


class _Styles:
    """What each style does to numbers (`formats`), and how the fonts of cells and of runs of texts look."""

    def __init__(self, parts: Parts) -> None:
        self.formats = Formats()
        self.raising: set[int] = set()  # fonts
        self.striking: set[int] = set()
        self._fonts: list[int] = []  # of each style
        codes, fonts, within = dict(BUILT_IN), 0, False
        for kind, record in _records(parts.read("xl/styles.bin")):
            if kind == _FORMAT:
                codes[_U16.unpack_from(record)[0]] = _text(record, 2)[0]
            elif kind == _FONT:
                self.striking.update({fonts} if record[2] & 8 else ())
                self.raising.update({fonts} if _U16.unpack_from(record, 6)[0] == _SUPERSCRIPT else ())
                fonts += 1
            elif kind in (_STYLES, _STYLES_END):
                within = kind == _STYLES
            elif kind == _STYLE and within:
                self.formats.add(len(self._fonts), codes.get(_U16.unpack_from(record, 2)[0]))
                self._fonts.append(_U16.unpack_from(record, 4)[0])

    def strikes(self, style: int) -> bool:
        """Tell whether a cell of this style is struck through."""
        return bool(self.striking) and style < len(self._fonts) and self._fonts[style] in self.striking


def _strings(parts: Parts, styles: _Styles) -> list[Value]:
    return [_rich_text(r, styles) for kind, r in _records(parts.read("xl/sharedStrings.bin")) if kind == _STRING]


def _rich_text(record: bytes, styles: _Styles) -> Value:
    """Return a text as its runs show it, where it has some: each begins at a character, with a font."""
    text, end = _text(record, 1)
    if not record[0] & 1:
        return text
    runs = [_RUN.unpack_from(record, end + 4 + 4 * n) for n in range(_u32(record, end))]
    return shown_by_runs(text, runs, styles.raising, styles.striking)


def _text(record: bytes, start: int) -> tuple[str, int]:
    """Return the text that begins here, and where it ends; a null one is empty."""
    length = _u32(record, start)
    if length == 0xFFFFFFFF:
        return "", start + 4
    end = start + 4 + 2 * length
    if end > len(record):
        raise UnreadableError("one of its texts is cut off")
    return record[start + 4 : end].decode("utf-16-le", "replace"), end


def _records(content: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield (kind, content) of each record; kinds and sizes are written seven bits a byte."""
    position, size = 0, len(content)
    while position < size:
        kind = content[position] & 0x7F
        if content[position] & 0x80:
            position += 1
            kind |= (content[position] & 0x7F) << 7
        position += 1
        length = shift = 0
        while True:
            byte = content[position]
            position += 1
            length |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80 or shift == 28:
                break
        if position + length > size:
            raise UnreadableError("one of its records is cut off")
        yield kind, content[position : position + length]
        position += length
