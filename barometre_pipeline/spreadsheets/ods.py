"""The cells of .ods workbooks, as LibreOffice, Excel and scripts write them."""

from __future__ import annotations

import datetime as dt
import io
import re
import zipfile

from barometre_pipeline.spreadsheets.cells import (
    DAY_ZERO,
    Value,
    boolean,
    end_of_period,
    error_cell,
    raised,
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
from barometre_pipeline.spreadsheets.number_formats import percentage
from barometre_pipeline.spreadsheets.ods_styles import PLAIN, Styles
from barometre_pipeline.spreadsheets.parts import Attributes, Parts, local, without_prefixes

# What spreadsheets show in place of a value, in the languages that are met here.
_ERROR = re.compile("#[A-Z\u00c0-\u00dc0-9/ \u00a0\u202f]{1,20}[!?]|#N/[AD]|Err[ \u00a0\u202f]?:[ \u00a0]?[0-9]{3}")
_HIDDEN = frozenset({"collapse", "filter"})
_MOST_SPACES = 1_000
_OTHER_FILE = "'file:"  # begins the names of what LibreOffice keeps of other workbooks


def read(content: bytes, choice: Choice) -> None:
    """Read the sheets that are chosen."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        parts = Parts(archive)
        styles = Styles()
        parts.parse("styles.xml", styles.start, styles.end, styles.text)
        reader = _Content(choice, styles)
        parts.parse("content.xml", reader.start, reader.end, reader.text)


class _Content:
    """Takes the cells from content.xml: the styles first, then one sheet after the other."""

    def __init__(self, choice: Choice, styles: Styles) -> None:
        self._choice = choice
        self._styles = styles
        self._grid: Grid | None = None  # the sheet that is read, None in one that is not
        self._tables = 0  # how deep in tables
        self._number = 0
        self._row: list[Value] = []
        self._row_given: Attributes = {}
        self._column_styles: list[str] = []
        self._column = 0
        self._cell: Attributes | None = None
        self._covered = False
        self._pieces: list[str] | None = None  # of the cell's text; None before its first paragraph
        self._in_paragraph = 0
        self._looks = [PLAIN]  # of the elements within which the text is
        self._is_struck = False
        self._aside = 0  # within what is in a cell and is not its text: a comment, a drawing

    def start(self, name: str, attributes: Attributes) -> None:
        """Meet the beginning of an element."""
        tag = local(name)
        if self._aside:
            self._aside += 1
        elif self._cell is not None:
            self._start_in_cell(tag, attributes)
        elif tag == "dde-link":
            self._aside = 1
        elif tag == "table":
            self._tables += 1
            if self._tables == 1:
                self._start_table(without_prefixes(attributes))
        elif self._tables == 0:
            self._styles.start(name, attributes)
            if tag == "null-date":
                written = without_prefixes(attributes).get("date-value", str(DAY_ZERO))
                self._choice.workbook.day_zero = dt.date.fromisoformat(written)
        elif self._grid is not None and self._tables == 1:
            self._start_in_table(tag, attributes)

    def _start_table(self, given: Attributes) -> None:
        name = shown_name(given.get("name", ""))
        self._grid = None
        self._number = self._column = 0
        self._column_styles = []
        if not name.startswith(_OTHER_FILE) and self._choice.takes(
            name, given.get("style-name", "") in self._styles.hidden_tables
        ):
            self._grid = self._choice.begin(name)

    def _start_in_table(self, tag: str, attributes: Attributes) -> None:
        if tag in ("table-cell", "covered-table-cell"):
            self._cell, self._covered, self._pieces = _cell_attributes(attributes), tag != "table-cell", None
            self._looks, self._is_struck = [PLAIN], False
            return
        given = without_prefixes(attributes)
        if tag == "table-column":
            times = _times(given.get("number-columns-repeated"), LAST_COLUMN)
            if given.get("visibility") in _HIDDEN:
                self._choice.hide_columns(self._column, self._column + times - 1)
            times = min(times, LAST_COLUMN - self._column)
            self._column += times
            self._column_styles += [given.get("default-cell-style-name", "")] * times
        elif tag == "table-row":
            self._row, self._row_given, self._column = [], given, 0

    def _start_in_cell(self, tag: str, attributes: Attributes) -> None:
        if tag == "p" and not self._in_paragraph:
            self._in_paragraph = 1
            if self._pieces is None:
                self._pieces = []
            else:
                self._pieces.append("\n")
        elif self._in_paragraph:
            self._in_paragraph += 1
            if tag == "s":
                times = _times(without_prefixes(attributes).get("c"), _MOST_SPACES)
                self.text(" " * times)
            elif tag in ("tab", "line-break"):
                self.text("\t" if tag == "tab" else "\n")
            elif tag in ("annotation", "ruby-text"):
                self._in_paragraph -= 1
                self._aside = 1
                return
            own = without_prefixes(attributes).get("style-name", "") if tag == "span" else ""
            self._looks.append(self._styles.look(own, self._looks[-1]))
        else:
            self._aside = 1

    def text(self, text: str) -> None:
        """Meet text."""
        if self._in_paragraph and not self._aside and self._pieces is not None:
            look = self._looks[-1]
            self._is_struck |= bool(look.struck) and not text.isspace()
            self._pieces.append(raised(text) if look.raised else text)
        elif self._tables == 0:
            self._styles.text(text)

    def end(self, name: str) -> None:
        """Meet the end of an element."""
        if self._aside:
            self._aside -= 1
        elif self._in_paragraph:
            self._in_paragraph -= 1
            if self._in_paragraph:
                self._looks.pop()
        elif self._cell is not None:
            self._place(self._cell)
            self._cell = None
        else:
            self._end_outside_cells(name, local(name))

    def _end_outside_cells(self, name: str, tag: str) -> None:
        if tag == "table":
            self._tables -= 1
            if self._grid is not None and self._tables == 0:
                self._choice.end(self._grid)
                self._grid = None
        elif self._tables == 0:
            self._styles.end(name)
        elif tag == "table-row" and self._grid is not None and self._tables == 1:
            times = _times(self._row_given.get("number-rows-repeated"), LAST_ROW)
            try:
                for number in range(self._number + 1, self._number + times + 1) if self._row else ():
                    self._choice.add(self._grid, number, self._row, self._row_given.get("visibility") in _HIDDEN)
            except EnoughSeen:
                self._grid = None
            self._number = min(self._number + times, LAST_ROW)

    def _place(self, cell: Attributes) -> None:
        times = _times(cell.get("number-columns-repeated"), LAST_COLUMN)
        value = None if self._covered else self._value(cell)
        if value is not None and value != "":
            if self._is_struck or self._styles.is_struck(self._style_of(cell)):
                value = struck(value)
            if self._column + times > LAST_COLUMN:
                raise UnreadableError(f"row {self._number + 1} has a cell beyond the last column of a sheet (XFD)")
            self._row.extend([None] * (self._column - len(self._row)))
            self._row.extend([value] * times)
            self._note_span(cell)
        self._column = min(self._column + times, LAST_COLUMN)

    def _note_span(self, cell: Attributes) -> None:
        rows = _times(cell.get("number-rows-spanned"), LAST_ROW)
        columns = _times(cell.get("number-columns-spanned"), LAST_COLUMN)
        if self._grid is not None and (rows > 1 or columns > 1):
            first, left = self._number + 1, self._column
            self._grid.merged.append((first, first + rows - 1, left, left + columns - 1))

    def _value(self, cell: Attributes) -> Value:
        shown = "".join(self._pieces or ())
        kind = cell.get("value-type")
        formula = cell.get("formula")
        if kind == "error" or ((formula is not None or kind not in ("string", None)) and _ERROR.fullmatch(shown)):
            return error_cell(shown)
        if kind is None:
            return uncalculated(formula) if formula is not None and not shown else shown or None
        if kind == "string":
            return shown or cell.get("string-value")
        # A spreadsheet writes what it shows beside the value; a script gives a formula a zero, to be calculated later.
        if formula is not None and self._pieces is None:
            return uncalculated(formula)
        if kind == "boolean":
            return boolean(cell.get("boolean-value") == "true")
        if kind == "date":
            return end_of_period(_date(cell.get("date-value", ""), shown), self._styles.months(self._style_of(cell)))
        if kind == "time":
            return _time(cell.get("time-value", ""), shown)
        written = cell.get("value")
        if not written:
            return uncalculated(formula) if formula is not None else shown or None
        try:
            return self._number_shown(float(written), kind, cell)
        except ValueError:
            return shown or written

    def _number_shown(self, number: float, kind: str, cell: Attributes) -> Value:
        format_ = self._styles.number_format(self._style_of(cell))
        seen = format_.shown(number, self._choice.workbook.day_zero) if format_ else number
        return percentage(number) if kind == "percentage" and seen == number else seen

    def _style_of(self, cell: Attributes) -> str:
        """Return the cell's own style, or that of its row, or that of its column."""
        own = cell.get("style-name") or self._row_given.get("default-cell-style-name")
        return own or (self._column_styles[self._column] if self._column < len(self._column_styles) else "")


def _cell_attributes(attributes: Attributes) -> Attributes:
    """Return a cell's attributes; LibreOffice gives a second type, which alone tells an error."""
    given = without_prefixes(attributes)
    if kind := given.get("value-type"):
        is_error = "error" in (kind, attributes.get("calcext:value-type"))
        given["value-type"] = "error" if is_error else attributes.get("office:value-type", kind)
    return given


def _times(written: str | None, most: int) -> int:
    """Return how often something is repeated, within the bounds of a sheet."""
    return min(int(written[:12]), most) if written and written.isdecimal() else 1


def _date(written: str, shown: str) -> Value:
    try:
        instant = dt.datetime.fromisoformat(written.removesuffix("Z"))
    except ValueError:
        return shown or written
    return instant.date() if instant.time() == dt.time() else instant


def _time(written: str, shown: str) -> Value:
    match = re.fullmatch(r"PT([0-9]{1,6})H([0-9]{1,2})M([0-9]{1,2})(?:[.,][0-9]{1,9})?S", written)
    return f"{match[1]}:{match[2]}:{match[3]}" if match else shown or written
