"""The shapes of files: long (one value a row) and wide (one value a cell), made into the same columns.

What the cells mean is not known here, but for the headings of a wide file: dates, or indicators.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from barometre_pipeline.catalogue import Catalogue, Livraison
from barometre_pipeline.formats.sheets import Cell, Sheet, Unusable, clean, closest, is_empty, text_of
from barometre_pipeline.readers.cells import Problem, converted, is_missing, missing_marks, unusable, written
from barometre_pipeline.readers.dates import date_reader


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

    def heading(self, role: str, row: int) -> str | None:
        """Return the heading of the column that holds this role in this row."""
        if role == "valeur" and self.value_headings is not None:
            return self.value_headings[row]
        return self.headings.get(role)

    def __len__(self) -> int:
        return len(self.row_numbers)


def columns_of(sheet: Sheet, livraison: Livraison, catalogue: Catalogue) -> Columns:
    """Return the columns that the catalogue names; ReadingError where a heading is missing or written twice."""
    positions = _positions(sheet, livraison)
    if livraison.disposition == "large":
        return _wide(sheet, livraison, positions, catalogue)
    cells = {role: _cells(sheet, places) for role, places in positions.items()}
    return Columns(sheet, sheet.row_numbers, cells, _headings(sheet, positions))


def _cells(sheet: Sheet, positions: tuple[int, ...]) -> list[Any]:
    if len(positions) == 1:
        return sheet.columns[positions[0]]
    rows = zip(*(sheet.columns[position] for position in positions), strict=True)
    return [None if all(map(is_empty, cells)) else cells for cells in rows]


def _positions(sheet: Sheet, livraison: Livraison) -> dict[str, tuple[int, ...]]:
    headings = sheet.headings
    for role, names in livraison.columns.items():
        for wanted in names:
            times = headings.count(clean(wanted))
            if times != 1:
                fault = "is there twice" if times else "is missing"
                rest = "" if times else closest(clean(wanted), [h for h in headings if h])
                sheet.source.fail(f"the column {wanted!r} ({role}) {fault}{rest}", sheet.name)
    return {role: tuple(headings.index(clean(name)) for name in names) for role, names in livraison.columns.items()}


def _headings(sheet: Sheet, positions: dict[str, tuple[int, ...]]) -> dict[str, str]:
    return {role: ", ".join(text_of(sheet.raw_headings[p]) for p in places) for role, places in positions.items()}


def _wide(sheet: Sheet, livraison: Livraison, positions: dict[str, tuple[int, ...]], catalogue: Catalogue) -> Columns:
    """Melt a wide sheet: one row a filled cell under a heading that is a date, or an indicator."""
    role, read_heading = _heading_reader(sheet, livraison, catalogue)
    marks = missing_marks(livraison)
    numbers: list[int] = []
    above: list[str] = []
    problems = []
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
    return Columns(sheet, numbers, cells, _headings(sheet, positions), above, tuple(problems), notes)


def _rows_without_values(sheet: Sheet, with_values: list[int], keys: dict[str, list[Any]]) -> int:
    """Count the rows with no value at all and less than the whole key: notes below the table."""
    filled = set(with_values)
    places = list(zip(*keys.values(), strict=True)) or [()] * len(sheet.row_numbers)
    return sum(
        number not in filled and any(map(is_empty, key)) for number, key in zip(sheet.row_numbers, places, strict=True)
    )


def _heading_reader(
    sheet: Sheet, livraison: Livraison, catalogue: Catalogue
) -> tuple[str, Callable[[Cell], dt.date | str | Problem]]:
    if livraison.entetes == "indicateur":
        return "indicateur", lambda cell: indicator_of(cell, catalogue)
    read_date = date_reader(livraison, date_1904=sheet.date_1904)

    def read(cell: Cell) -> dt.date | str | Problem:
        if is_empty(cell):
            return Problem("date_illisible", "date", "", "est vide : une date y est attendue")
        day = read_date(cell)
        return day or Problem("date_illisible", "date", text_of(cell), "n'est pas une date")

    return "date", read


def indicator_of(cell: Cell, catalogue: Catalogue) -> str | Problem:
    """Return the indicator that a cell names, or the problem that the catalogue does not know it."""
    if isinstance(cell, Unusable):
        return unusable(cell, "indicateur_hors_catalogue", "indicateur")
    name = clean(written(cell))
    if name in catalogue.indicateurs:
        return name
    reason = "n'est pas un indicateur du catalogue" if name else "est vide : un indicateur y est attendu"
    return Problem("indicateur_hors_catalogue", "indicateur", name, reason)
