"""What every format is read into: sheets, columns of cells below a row of headings; and how names are compared.

A format's module turns a source into sheets; `readers.shapes` then finds in a sheet what the catalogue names.
Nothing here knows a format, a number or a date.
"""

from __future__ import annotations

import datetime as dt
import difflib
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from barometre_pipeline.formats.sources import Source, plain_name


@dataclass(frozen=True)
class Percentage:
    """A number that is shown as a percentage: `value` is what is seen, 7.5 for 7,5 % (0.075 in a workbook)."""

    value: float


@dataclass(frozen=True)
class Unusable:
    """A cell in which a person sees no value: an error of the spreadsheet, a formula that was never calculated.

    `shown` is what the cell holds, `reason` the end of a French sentence about it.
    """

    shown: str
    reason: str


# A cell as a format gives it; empty cells are None or blank text. Booleans and nested values come as text.
Cell = str | int | float | Decimal | dt.date | Percentage | Unusable | None
Row = Sequence[Cell]

# The official barometer has 105,000 values in all: a file beyond this is damaged or hostile.
MAX_CELLS = 10_000_000
_NAMES_SHOWN = 20


@dataclass(frozen=True)
class Sheet:
    """Columns below their headings, all of the same length; the place of each row in the source is in `row_numbers`."""

    source: Source
    name: str | None
    raw_headings: tuple[Cell, ...]  # the headings as they are, which may be dates
    heading_row: int | None  # None where the format has no row of headings
    row_numbers: list[int]
    columns: list[list[Cell]]
    too_long: tuple[tuple[int, str], ...] = ()  # (row's number, text) of rows with cells beyond the last heading
    declared_name: str | None = None  # the name under which the catalogue knows the sheet
    hidden_rows: int = 0  # of those that were read
    hidden_columns: int = 0
    date_1904: bool = False  # the workbook counts its days from 1904 on, not from 1900

    @property
    def headings(self) -> tuple[str, ...]:
        """Return the headings as text, as they are compared."""
        return tuple(clean(text_of(h)) for h in self.raw_headings)


def text_of(cell: Cell) -> str:
    """Return a cell as a person would type it: 202103.0 is `202103`, a date is `2021-03-31`."""
    if cell is None:
        return ""
    if isinstance(cell, str):
        return cell
    if isinstance(cell, Percentage):
        return f"{text_of(cell.value)} %"
    if isinstance(cell, Unusable):
        return cell.shown
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() else repr(cell)
    if isinstance(cell, dt.datetime) and cell.time() == dt.time():
        return cell.date().isoformat()
    if isinstance(cell, dt.date):
        return cell.isoformat()
    return str(cell) if isinstance(cell, Decimal) else _digits(cell)


def _digits(number: int) -> str:
    # Python refuses to print integers beyond 4,300 digits; nobody reads them either.
    return str(number) if abs(number) < 10**400 else "1e400"


def is_empty(cell: Cell) -> bool:
    """Tell whether a cell holds nothing but blanks."""
    return cell is None or (isinstance(cell, str) and (not cell or cell.isspace()))


def records(source: Source, headings: Iterable[Cell], columns: list[list[Cell]]) -> Sheet:
    """Make the only sheet of a format that has records rather than rows: they are numbered from 1."""
    count = len(columns[0]) if columns else 0
    return Sheet(source, None, tuple(headings), None, list(range(1, count + 1)), columns)


def below_headings(
    source: Source, name: str | None, rows: Iterable[tuple[int, Row]], declared_name: str | None = None
) -> Sheet:
    """Make a sheet of numbered rows that are not empty, the row of headings among them."""
    numbered = list(rows)
    if not numbered:
        source.fail("is empty: a row of headings is needed", name)
    start, line, headings = _headings(source, name, numbered)
    numbers, kept, too_long = _fitted(numbered[start + 1 :], len(headings))
    columns = [[row[position] for row in kept] for position in range(len(headings))]
    shown = None if name is None else plain_name(name)
    return Sheet(source, shown, tuple(headings), line, numbers, columns, too_long, declared_name)


def _headings(source: Source, name: str | None, numbered: list[tuple[int, Row]]) -> tuple[int, int, Row]:
    """Return the index and the number of the (last) row of headings, and the headings."""
    described = source.described
    key = "lignes_entete" if described.lignes_entete else "ligne_entete"
    wanted = described.lignes_entete or (described.ligne_entete or numbered[0][0],)
    places = {line: index for index, (line, _) in enumerate(numbered)}
    for line in wanted:
        if line not in places:
            source.fail(f"row {line} ({key}) is empty: the headings should be there", name)
    rows = [numbered[places[line]][1] for line in wanted]
    return places[wanted[-1]], wanted[-1], rows[0] if len(rows) == 1 else _joined(rows)


def _joined(rows: list[Row]) -> Row:
    """Join headings on several rows by a space: an upper one holds to its right until the next (merged cells).

    It holds no further than what stands above it. Where none of a column's own cells is filled, it has no heading:
    what stands further left says nothing of it.
    """
    width = max(map(len, rows))
    whole = [[*row, *[None] * (width - len(row))] for row in rows]
    held: list[Cell] = [None] * (len(rows) - 1)
    headings: list[Cell] = []
    for own in zip(*whole, strict=True):
        for level, cell in enumerate(own[:-1]):
            if not is_empty(cell):
                held[level:] = [cell, *[None] * (len(held) - level - 1)]
        headings.append(None if all(map(is_empty, own)) else _one_heading([*held, own[-1]]))
    return headings


def _one_heading(cells: Sequence[Cell]) -> Cell:
    filled = [cell for cell in cells if not is_empty(cell)]
    return filled[0] if len(filled) == 1 else " ".join(clean(text_of(cell)) for cell in filled)


def _fitted(numbered: list[tuple[int, Row]], width: int) -> tuple[list[int], list[Row], tuple[tuple[int, str], ...]]:
    """Complete the rows that are too short, set aside those with something beyond the last heading."""
    numbers: list[int] = []
    kept: list[Row] = []
    too_long: list[tuple[int, str]] = []
    for line, row in numbered:
        if len(row) < width:
            row = [*row, *[None] * (width - len(row))]
        elif len(row) > width and not all(map(is_empty, row[width:])):
            too_long.append((line, " | ".join(map(text_of, row))))
            continue
        numbers.append(line)
        kept.append(row)
    return numbers, kept, tuple(too_long)


def clean(name: str) -> str:
    """Return a name (heading, sheet, member, indicator) as it is compared: NFC, plain spaces, none around."""
    return unicodedata.normalize("NFC", name).replace("\u00a0", " ").replace("\u202f", " ").strip()


def closest(name: str, present: Iterable[str]) -> str:
    """Return the end of a sentence about a missing name: the closest one, and those that are present."""
    names = list(present)
    near = difflib.get_close_matches(name, names, n=1, cutoff=0.5)
    listed = ", ".join(map(repr, names[:_NAMES_SHOWN])) + ("…" if len(names) > _NAMES_SHOWN else "")
    return (f"; the closest is {near[0]!r}" if near else "") + f"; present: {listed or 'none'}"
