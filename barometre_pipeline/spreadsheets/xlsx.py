"""The cells of .xlsx workbooks, of both dialects (transitional and strict), with or without references."""

from __future__ import annotations

import datetime as dt
import io
import zipfile
from contextlib import suppress
from functools import partial

from barometre_pipeline.spreadsheets.cells import (
    DAY_ZERO,
    DAY_ZERO_1904,
    Value,
    boolean,
    error_cell,
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
from barometre_pipeline.spreadsheets.number_formats import NumberFormat
from barometre_pipeline.spreadsheets.parts import Attributes, Parts, is_true, local, refuse_shared, without_prefixes
from barometre_pipeline.spreadsheets.xlsx_texts import HEART, Runs, Styles, strings, unescaped

_LETTERS = "$ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_NUMBER = frozenset("0123456789+-.eE")


def read(content: bytes, choice: Choice) -> None:
    """Read the sheets that are chosen."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        parts = Parts(archive)
        book = _Book(parts)
        refuse_shared(book.sheets)
        choice.workbook.day_zero = book.day_zero
        texts: list[Value] | None = None
        styles: Styles | None = None
        for name, hidden, part in book.sheets:
            if not choice.takes(name, hidden):
                continue
            texts = strings(parts) if texts is None else texts
            styles = Styles(parts) if styles is None else styles
            grid = choice.begin(name)
            sheet = _Sheet(choice, grid, texts, styles, book)
            with suppress(EnoughSeen):
                parts.parse(part, sheet.start, sheet.end, sheet.text)
            choice.end(grid)


class _Book:
    """What xl/workbook.xml says: the sheets in their order, the date system, whether formulas await a calculation."""

    def __init__(self, parts: Parts) -> None:
        self.sheets: list[tuple[str, bool, str]] = []
        self.day_zero = DAY_ZERO
        self.uncalculated = False
        self._targets = parts.relations(HEART)
        parts.parse(HEART, self._start)

    def _start(self, name: str, attributes: Attributes) -> None:
        tag = local(name)
        if tag == "sheet":
            given = without_prefixes(attributes)
            hidden = given.get("state", "visible") != "visible"
            self.sheets.append((shown_name(given.get("name", "")), hidden, self._targets.get(given.get("id", ""), "")))
        elif tag == "workbookPr":
            self.day_zero = DAY_ZERO_1904 if is_true(attributes.get("date1904")) else DAY_ZERO
        elif tag == "calcPr":
            # Scripts write a formula beside a zero, and ask that the spreadsheet calculate it when it opens the file.
            self.uncalculated = is_true(attributes.get("fullCalcOnLoad"))


class _Sheet:
    """Takes the cells of one sheet from its XML."""

    def __init__(self, choice: Choice, grid: Grid, texts: list[Value], styles: Styles, book: _Book) -> None:
        self._add = partial(choice.add, grid)
        self._merged = grid.merged
        self._hide = choice.hide_columns
        self._shared_texts = texts
        self._formats, self._struck = styles.formats, styles.struck
        self._runs = Runs()
        self._book = book
        self._columns: dict[str, int] = {}
        self._number = self._column = 0
        self._row: list[Value] = []
        self._row_is_hidden = False
        self._cell: Attributes | None = None
        self._texts: list[str] = []
        self.text = self._texts.append  # meets text
        self._value: str | None = None
        self._formula: str | None = None
        self._phonetic = 0

    def start(self, name: str, attributes: Attributes) -> None:
        """Meet the beginning of an element."""
        if ":" in name:
            name = local(name)
        if name == "c":
            self._cell = attributes
            self._value = self._formula = None
            self._runs.is_struck = False
        elif self._cell is not None:
            self._texts.clear()
            self._runs.start(name, attributes)
            self._phonetic += name == "rPh"
        elif name == "row":
            number = attributes.get("r")
            self._number = _row_number(number) if number else self._number + 1
            self._column, self._row = 0, []
            self._row_is_hidden = is_true(attributes.get("hidden"))
        elif name == "mergeCell":
            self._merge(attributes.get("ref", ""))
        elif name == "col" and is_true(attributes.get("hidden")):
            self._hide(int(attributes.get("min", 1)) - 1, int(attributes.get("max", 1)) - 1)

    def end(self, name: str) -> None:
        """Meet the end of an element."""
        if ":" in name:
            name = local(name)
        if name == "c":
            if self._cell is not None:
                self._place(self._cell)
                self._cell = None
        elif self._cell is None:
            self._texts.clear()
            if name == "row":
                self._add(self._number, self._row, self._row_is_hidden)
                self._row = []
        elif name == "v":
            self._value = "".join(self._texts)
        elif name == "t" and not self._phonetic:
            self._value = (self._value or "") + self._runs.seen("".join(self._texts))
        elif name == "f":
            self._formula = "".join(self._texts)
        elif name == "rPh":
            self._phonetic -= 1
        else:
            self._runs.end(name)

    def _place(self, cell: Attributes) -> None:
        reference = cell.get("r")
        column = self._column_of(reference) if reference else self._column
        self._column = column + 1
        value = self._read(cell)
        if value is None or value == "":
            return
        if self._runs.is_struck or cell.get("s", "0") in self._struck:
            value = struck(value)
        if column >= LAST_COLUMN:
            raise UnreadableError(f"row {self._number} has a cell beyond the last column of a sheet (XFD)")
        row = self._row
        if column >= len(row):
            row.extend([None] * (column - len(row)))
            row.append(value)
        else:
            row[column] = value

    def _merge(self, reference: str) -> None:
        first, _, last = reference.partition(":")
        rows = [_row_number(cell.lstrip(_LETTERS)) for cell in (first, last or first)]
        columns = [self._column_of(cell) for cell in (first, last or first)]
        self._merged.append((rows[0], rows[1], columns[0], columns[1]))

    def _column_of(self, reference: str) -> int:
        name = reference.rstrip("0123456789")
        column = self._columns.get(name)
        if column is None:
            plain = name.replace("$", "").upper()
            if not plain.isalpha() or not plain.isascii() or len(plain) > 3:
                raise UnreadableError(f"row {self._number} has a cell whose place is {reference[:20]!r}")
            column = -1
            for letter in plain:
                column = (column + 1) * 26 + ord(letter) - 65
            self._columns[name] = column
        return column

    def _read(self, cell: Attributes) -> Value:
        kind, value = cell.get("t", "n"), self._value
        if self._formula is not None:
            never = self._book.uncalculated or value is None or (not value and kind != "str")
            if never and not (kind == "e" and value):
                return uncalculated(self._formula)
        if kind == "e":
            return error_cell(value or "")
        if not value:
            return None
        if kind == "n":
            return self._number_shown(value, self._formats[cell.get("s", "0")])
        if kind == "s":
            return self._shared(value)
        if kind == "b":
            return boolean(value.strip() in ("1", "true"))
        return _iso_date(value) if kind == "d" else unescaped(value)

    def _shared(self, rank: str) -> Value:
        try:
            return self._shared_texts[int(rank)]
        except (IndexError, ValueError):
            raise UnreadableError(f"row {self._number} has a text that is not there ({rank[:20]!r})") from None

    def _number_shown(self, written: str, format_: NumberFormat | None) -> Value:
        try:
            number = float(written)
        except ValueError:
            return written
        # Python takes 1_000 and nan for numbers, which spreadsheets do not.
        if not _NUMBER.issuperset(written.strip()):
            return written
        return format_.shown(number, self._book.day_zero) if format_ else number


def _row_number(written: str) -> int:
    if not written.isdecimal() or len(written) > 7 or not 1 <= int(written) <= LAST_ROW:
        raise UnreadableError(f"it has a row whose number is {written[:20]!r}: a sheet has {LAST_ROW:,}")
    return int(written)


def _iso_date(written: str) -> Value:
    try:
        instant = dt.datetime.fromisoformat(written.strip().removesuffix("Z"))
    except ValueError:
        return written
    return instant.date() if instant.time() == dt.time() else instant
