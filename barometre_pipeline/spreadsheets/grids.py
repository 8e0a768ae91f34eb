"""The sheets of a workbook while it is parsed: which ones are wanted, and their filled cells, within bounds.

Only cells that hold something count: a formatted cell or an empty row in the last corner is nothing.
"""

from __future__ import annotations

import unicodedata
from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from itertools import pairwise

from barometre_pipeline.spreadsheets.cells import DAY_ZERO, Value

LAST_ROW, LAST_COLUMN = 1_048_576, 16_384
_GLANCED_ROWS = 50  # of a sheet that is not read: its headings, and what is below them
_LONGEST_NAME = 255
_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})


class UnreadableError(Exception):
    """Why a workbook is not read, as the end of a sentence."""


class EnoughSeen(Exception):  # noqa: N818 - no error, what stops the parsing of a sheet
    """A sheet that is only glanced at has been seen far enough."""


class Grid:
    """The filled rows of a sheet: (number of the row, cells from the first column to the last filled one)."""

    def __init__(self, name: str, is_glanced: bool = False) -> None:
        self.name = name
        self.is_glanced = is_glanced  # only its first rows are here: another sheet is read
        self.rows: list[tuple[int, list[Value]]] = []
        self.hidden_rows = 0
        self.hidden_columns = 0
        self.merged: list[tuple[int, int, int, int]] = []  # first and last row, from 1, first and last column, from 0


class Workbook:
    """The sheets that were asked for, and what holds for them all."""

    def __init__(self) -> None:
        self.names: list[str] = []  # of all sheets
        self.hidden: list[str] = []
        self.grids: dict[str, Grid] = {}
        self.day_zero = DAY_ZERO  # the one that its serials count from


class Choice:
    """Which sheets are read: those that are named, else the first visible one that holds something.

    At the other visible ones a glance is taken: whoever reads the first one may have to tell that it is not alone.
    """

    def __init__(self, wanted: Iterable[str], max_cells: int) -> None:
        self._wanted = set(wanted)
        self._max_cells = max_cells
        self._cells = 0
        self._hidden_columns: list[tuple[int, int]] = []
        self.workbook = Workbook()

    def takes(self, name: str, hidden: bool) -> bool:
        """Note a sheet, and tell whether it is to be read."""
        book = self.workbook
        book.names.append(name)
        if hidden:
            book.hidden.append(name)
        if self._wanted:
            return plain_name(name) in self._wanted and name not in book.grids
        return not hidden and name not in book.grids

    def begin(self, name: str) -> Grid:
        """Make the grid of a sheet that is read."""
        self._hidden_columns = []
        grids = self.workbook.grids
        is_glanced = not self._wanted and any(grid.rows for grid in grids.values())
        return grids.setdefault(name, Grid(name, is_glanced))

    def hide_columns(self, first: int, last: int) -> None:
        """Note that the columns from `first` to `last`, from 0, are hidden in the sheet that is being read."""
        self._hidden_columns.append((first, last))

    def add(self, grid: Grid, number: int, row: list[Value], hidden: bool = False) -> None:
        """Add a row whose last cell holds something, or nothing where it has none; EnoughSeen ends a glance."""
        if not row:
            return
        if grid.is_glanced and len(grid.rows) == _GLANCED_ROWS:
            raise EnoughSeen
        self._cells += 0 if grid.is_glanced else len(row)
        if number > LAST_ROW or len(row) > LAST_COLUMN or self._cells > self._max_cells:
            place = f"{letters(len(row))}{number}"
            raise UnreadableError(
                f"sheet {grid.name!r}: its cell {place} is too far from the others, or there are too many "
                f"(over {self._max_cells:,} from the first column to the last filled one): delete what is not the table"
            )
        grid.rows.append((number, row))
        grid.hidden_rows += hidden

    def end(self, grid: Grid) -> None:
        """Put a sheet's rows in order, and count its hidden columns."""
        numbers = [number for number, _ in grid.rows]
        if any(a >= b for a, b in pairwise(numbers)):
            if len(set(numbers)) < len(numbers):
                raise UnreadableError(f"sheet {grid.name!r}: a row is there twice")
            grid.rows.sort(key=lambda row: row[0])
        self._empty_covered(grid)
        if self._hidden_columns:
            hidden: set[int] = set()
            end = 0
            for first, last in sorted(self._hidden_columns):
                hidden.update(range(max(first, end), min(last + 1, LAST_COLUMN)))
                end = max(end, last + 1)
            filled = {c for _, row in grid.rows for c, value in enumerate(row) if value is not None and c in hidden}
            grid.hidden_columns = len(filled)

    def _empty_covered(self, grid: Grid) -> None:
        """Empty the cells that a merged one covers: nobody sees what they may still hold."""
        numbers = [number for number, _ in grid.rows]
        looked_at = 0
        for first, last, left, right in grid.merged:
            covered = grid.rows[bisect_left(numbers, first) : bisect_right(numbers, last)]
            looked_at += len(covered) * (right - left + 1)
            if looked_at > self._max_cells:
                raise UnreadableError(f"sheet {grid.name!r}: its merged cells cover one another: unmerge them")
            for number, row in covered:
                for column in range(left + (number == first), min(right + 1, len(row))):
                    row[column] = None


def letters(column: int) -> str:
    """Return the letters of a column, numbered from 1."""
    name = ""
    while column:
        column, rest = divmod(column - 1, 26)
        name = chr(65 + rest) + name
    return name


def shown_name(name: str) -> str:
    """Return a sheet's name without what a terminal would obey."""
    return "".join(c for c in name[:_LONGEST_NAME] if unicodedata.category(c) not in _UNSEEN)


def plain_name(name: str) -> str:
    """Return a name as `formats.cells.clean` makes it."""
    return unicodedata.normalize("NFC", name).replace("\u00a0", " ").replace("\u202f", " ").strip()
