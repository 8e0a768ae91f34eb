"""What every format is read into: sheets of rows below a row of headings.

A source is one file of a delivery (or one member of a zip) as bytes; a format's module turns it into sheets;
`shapes` then finds in a sheet what the catalogue names. Nothing here knows a format, a number or a date.
"""

from __future__ import annotations

import datetime as dt
import difflib
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import NoReturn

from barometre_pipeline.catalogue import Livraison
from barometre_pipeline.errors import ReadingError

# A cell as a format gives it; empty cells are None or blank text. Booleans and nested values come as text.
Cell = str | int | float | Decimal | dt.date | None

# The official barometer has 105,000 values in all: a file beyond this is damaged or hostile.
MAX_CELLS = 10_000_000
_SHOWN = 20


@dataclass(frozen=True)
class Source:
    """One file as bytes; `fichier` is its name, or that of the zip's member."""

    livraison: Livraison
    fichier: str
    contenu: bytes

    def fail(self, what: str, feuille: str | None = None) -> NoReturn:
        """Raise the ReadingError that names the delivery, the file and the sheet."""
        sheet = f", sheet {feuille!r}" if feuille is not None else ""
        raise ReadingError(f"{self.livraison.id}: {self.fichier}{sheet}: {what}")


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


def clean(text: str) -> str:
    """Return a name as it is compared: NFC, no-break spaces as spaces, none around."""
    return unicodedata.normalize("NFC", text).replace("\u00a0", " ").replace("\u202f", " ").strip()


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


def closest(name: str, present: Iterable[str]) -> str:
    """Return the end of a sentence about a missing name: the closest one, and those that are present."""
    names = list(present)
    near = difflib.get_close_matches(name, names, n=1, cutoff=0.5)
    listed = ", ".join(map(repr, names[:_SHOWN])) + ("…" if len(names) > _SHOWN else "")
    return (f"; the closest is {near[0]!r}" if near else "") + f"; present: {listed or 'none'}"
