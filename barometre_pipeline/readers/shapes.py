"""The shapes of files: long (one value a row) and wide (one value a cell), made into the same columns.

What the cells mean is not known here, but for the headings of a wide file: dates, or indicators.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from barometre_pipeline.catalogue import Catalogue, Livraison
from barometre_pipeline.catalogue.words import listed
from barometre_pipeline.formats.sheets import Cell, Sheet, clean, closest, is_empty, text_of
from barometre_pipeline.readers.cells import Problem, converted, is_missing, missing_marks
from barometre_pipeline.readers.dates import date_reader
from barometre_pipeline.readers.known_words import IGNORED, Ignored, indicator_reader


@dataclass(frozen=True)
class Columns:
    """Cells by role, one list a role, all of the same length; `headings` is the heading of each role.

    A date in several columns is a tuple of their cells, None where all are empty.
    """

    sheet: Sheet
    row_numbers: list[int]
    cells: dict[str, list[Any]]
    headings: dict[str, str]
    value_headings: list[str] | None = None  # the heading above each value, where they differ
    problems: tuple[tuple[str, Problem], ...] = field(default=())  # (heading, problem) of whole columns
    notes: int = 0  # rows that are no data: a source, a remark below the table
    ignored: tuple[str, ...] = ()  # headings of the columns that the catalogue ignores, and nothing else uses

    def heading(self, role: str, row: int) -> str | None:
        """Return the heading of the column that holds this role in this row."""
        if role == "valeur" and self.value_headings is not None:
            return self.value_headings[row]
        return self.headings.get(role)

    def __len__(self) -> int:
        return len(self.row_numbers)


def column_named(sheet: Sheet, wanted: str, what: str) -> int:
    """Return the position of a heading; ReadingError where it is missing or written twice."""
    times = sheet.headings.count(clean(wanted))
    if times != 1:
        fault = "is there twice" if times else "is missing"
        rest = "" if times else closest(clean(wanted), [h for h in sheet.headings if h])
        sheet.source.fail(f"the column {wanted!r} ({what}) {fault}{rest}", sheet.name)
    return sheet.headings.index(clean(wanted))


def columns_of(sheet: Sheet, livraison: Livraison, catalogue: Catalogue) -> Columns:
    """Return the columns that the catalogue names; ReadingError where a heading is missing or written twice."""
    positions = {role: tuple(column_named(sheet, n, role) for n in names) for role, names in livraison.columns.items()}
    if livraison.disposition == "large":
        return _wide(sheet, livraison, positions, catalogue)
    cells = {role: _cells(sheet, places) for role, places in positions.items()}
    return Columns(sheet, sheet.row_numbers, cells, _headings(sheet, positions), ignored=_ignored(sheet, livraison))


def _cells(sheet: Sheet, positions: tuple[int, ...]) -> list[Any]:
    if len(positions) == 1:
        return sheet.columns[positions[0]]
    rows = zip(*(sheet.columns[position] for position in positions), strict=True)
    return [None if all(map(is_empty, cells)) else cells for cells in rows]


def _headings(sheet: Sheet, positions: dict[str, tuple[int, ...]]) -> dict[str, str]:
    return {role: ", ".join(text_of(sheet.raw_headings[p]) for p in places) for role, places in positions.items()}


def _wide(sheet: Sheet, livraison: Livraison, positions: dict[str, tuple[int, ...]], catalogue: Catalogue) -> Columns:
    """Melt a wide sheet: one row a filled cell under a heading that is a date, or an indicator."""
    role, read_heading = _heading_reader(sheet, livraison, catalogue)
    marks = missing_marks(livraison)
    numbers: list[int] = []
    above: list[str] = []
    problems, ignored = [], []
    not_followed = listed(livraison.ignorer.colonnes)
    cells: dict[str, list[Any]] = {r: [] for r in (*positions, role, "valeur")}
    keys = {r: _cells(sheet, places) for r, places in positions.items()}
    taken = {position for places in positions.values() for position in places}
    for position in sorted(set(range(len(sheet.raw_headings))) - taken):
        column = sheet.columns[position]
        empty = converted(column, lambda cell: is_missing(cell, marks))
        filled = [i for i, missing in enumerate(empty) if not missing]
        if not filled:
            continue
        title = sheet.raw_headings[position]
        heading = read_heading(title)
        if heading is IGNORED or (isinstance(heading, Problem) and not_followed.get(text_of(title))):
            ignored.append(text_of(title))
            continue
        if isinstance(heading, Problem):
            problems.append((text_of(title), heading))
            continue
        numbers += [sheet.row_numbers[i] for i in filled]
        above += [text_of(title)] * len(filled)
        cells[role] += [heading] * len(filled)
        cells["valeur"] += [column[i] for i in filled]
        for r, key in keys.items():
            cells[r] += [key[i] for i in filled]
    notes = _rows_without_values(sheet, numbers, keys)
    headings = _headings(sheet, positions)
    return Columns(sheet, numbers, cells, headings, above, tuple(problems), notes, tuple(ignored))


def _ignored(sheet: Sheet, livraison: Livraison) -> tuple[str, ...]:
    """Return the headings of a long file that the catalogue ignores: nothing reads them anyway, which it knows."""
    ignored = listed(livraison.ignorer.colonnes)
    return tuple(heading for heading in unused_columns(sheet, livraison) if ignored.get(heading)) if ignored else ()


def unused_columns(sheet: Sheet, livraison: Livraison, ignored: tuple[str, ...] = ()) -> tuple[str, ...]:
    """Return the headings that nothing uses: in a wide file there is none, each is a date or an indicator."""
    if livraison.disposition == "large":
        return ()
    named = [name for names in livraison.columns.values() for name in names]
    used = {clean(name) for name in (*named, *livraison.filtre, *livraison.remplir)}
    return tuple(heading for heading in sheet.headings if heading and heading not in {*used, *ignored})


def _rows_without_values(sheet: Sheet, with_values: list[int], keys: dict[str, list[Any]]) -> int:
    """Count the rows with no value at all and less than the whole key: notes below the table."""
    filled = set(with_values)
    places = list(zip(*keys.values(), strict=True)) or [()] * len(sheet.row_numbers)
    return sum(
        number not in filled and any(map(is_empty, key)) for number, key in zip(sheet.row_numbers, places, strict=True)
    )


def _heading_reader(
    sheet: Sheet, livraison: Livraison, catalogue: Catalogue
) -> tuple[str, Callable[[Cell], dt.date | str | Problem | Ignored]]:
    if livraison.entetes == "indicateur":
        return "indicateur", indicator_reader(livraison, catalogue)
    read_date = date_reader(livraison, date_1904=sheet.date_1904)

    def read(cell: Cell) -> dt.date | str | Problem:
        if is_empty(cell):
            return Problem("date_illisible", "date", "", "est vide : une date y est attendue")
        day = read_date(cell)
        return day or Problem("date_illisible", "date", text_of(cell), "n'est pas une date")

    return "date", read
