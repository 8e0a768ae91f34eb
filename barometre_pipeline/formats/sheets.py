"""What every format is read into: sheets of rows below a row of headings.

A format's module turns a source into sheets; `shapes` then finds in a sheet what the catalogue names.
Nothing here knows a format, a number or a date.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from barometre_pipeline.formats.names import clean
from barometre_pipeline.formats.sources import Source

# A cell as a format gives it; empty cells are None or blank text. Booleans and nested values come as text.
Cell = str | int | float | Decimal | dt.date | None

# The official barometer has 105,000 values in all: a file beyond this is damaged or hostile.
MAX_CELLS = 10_000_000


@dataclass(frozen=True)
class Sheet:
    """Rows below their headings: each row has one cell a heading, its place in the source is in `lignes`."""

    source: Source
    feuille: str | None
    titres: tuple[Cell, ...]  # the headings as they are, which may be dates
    ligne_entete: int | None  # None where the format has no row of headings
    lignes: list[int]
    rows: list[list[Cell]]
    trop_longues: tuple[tuple[int, str], ...] = ()  # (row's number, text) of rows with cells beyond the last heading
    declaree: str | None = None  # the name under which the catalogue knows the sheet

    @property
    def entetes(self) -> tuple[str, ...]:
        """Return the headings as text, as they are compared."""
        return tuple(clean(text_of(t)) for t in self.titres)

    def column(self, position: int) -> list[Cell]:
        """Return the cells of one column."""
        return [row[position] for row in self.rows]


def text_of(cell: Cell) -> str:
    """Return a cell as a person would type it: 202103.0 is `202103`, a date is `2021-03-31`."""
    if cell is None:
        return ""
    if isinstance(cell, str):
        return cell
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


def below_headings(source: Source, feuille: str | None, rows: Iterable[tuple[int, list[Cell]]]) -> Sheet:
    """Make a sheet of numbered rows that are not empty, the row of headings among them."""
    numbered = list(rows)
    wanted = source.livraison.ligne_entete
    start = 0 if wanted is None else next((i for i, (line, _) in enumerate(numbered) if line == wanted), None)
    if not numbered:
        source.fail("is empty: a row of headings is needed", feuille)
    if start is None:
        source.fail(f"row {wanted} (ligne_entete) is empty: the headings should be there", feuille)
    line, headings = numbered[start]
    lines, kept, too_long = _fitted(numbered[start + 1 :], len(headings))
    return Sheet(source, feuille, tuple(headings), line, lines, kept, too_long)


def _fitted(numbered: list[tuple[int, list[Cell]]], width: int):
    """Complete the rows that are too short, set aside those with something beyond the last heading."""
    lines, kept, too_long = [], [], []
    for line, row in numbered:
        if len(row) < width:
            row = row + [None] * (width - len(row))
        elif len(row) > width and not all(map(is_empty, row[width:])):
            too_long.append((line, " | ".join(map(text_of, row))))
            continue
        lines.append(line)
        kept.append(row)
    return lines, kept, tuple(too_long)
