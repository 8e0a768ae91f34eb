"""The shapes of files: long (one value a row) and wide (one value a cell), made into the same columns.

What the cells mean is not known here, but for the headings of a wide file: dates, or indicators.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, cast

import pyarrow as pa
import pyarrow.compute as pc

from barometre_pipeline.catalogue import Catalogue, Livraison
from barometre_pipeline.catalogue.words import listed
from barometre_pipeline.formats.cells import Cell, clean, closest, is_empty, text_of
from barometre_pipeline.formats.columns import Column, all_of, any_of, rows_where
from barometre_pipeline.formats.sheets import Sheet
from barometre_pipeline.readers.cells import Problem, Read, missing, missing_marks
from barometre_pipeline.readers.dates import date_reader
from barometre_pipeline.readers.known_words import IGNORED, Ignored, indicator_reader


@dataclass(frozen=True)
class Columns:
    """Cells by role, all of the same length; `headings` is the heading of each role.

    A role has one column, a date may have several. What the headings of a wide file say is `read` already.
    """

    sheet: Sheet
    row_numbers: pa.Int64Array
    cells: dict[str, tuple[Column, ...]]
    headings: dict[str, str]
    read: dict[str, Read] = field(default_factory=dict)  # by role: the date or the indicator of each value
    value_headings: Read | None = None  # the heading above each value, where they differ
    problems: tuple[tuple[str, Problem], ...] = ()  # (heading, problem) of whole columns
    notes: int = 0  # rows that are no data: a source, a remark below the table
    ignored: tuple[str, ...] = ()  # headings of the columns that the catalogue ignores, and nothing else uses
    merged: dict[str, tuple[str, ...]] = field(default_factory=dict)  # what `merged` found, once for all the rows

    def heading(self, role: str, row: int) -> str | None:
        """Return the heading of the column that holds this role in this row."""
        if role == "valeur" and self.value_headings is not None:
            return cast(str, self.value_headings[row])
        return self.headings.get(role)

    def empty(self, role: str) -> pa.BooleanArray:
        """Tell of each row whether the role's cells, which are there, are all empty."""
        return all_of((column.empty for column in self.cells[role]), len(self))

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
    cells = {role: tuple(sheet.columns[place] for place in places) for role, places in positions.items()}
    return Columns(sheet, sheet.row_numbers, cells, _headings(sheet, positions), ignored=_ignored(sheet, livraison))


def refuse_without_choice(sheet: Sheet, livraison: Livraison, catalogue: Catalogue) -> None:
    """Refuse a workbook where nothing says why this sheet is read, and not another visible one of the same columns."""
    for other in sheet.others:
        if _could_be_read(other, livraison, catalogue):
            sheet.source.fail(
                f"the sheet {other.name!r} has the same columns, and nothing says which is read: name one by "
                "`feuille`, or all of them by `feuilles` or `feuilles_indicateur`, or in deliveries of their own",
                sheet.name,
            )


def _could_be_read(sheet: Sheet, livraison: Livraison, catalogue: Catalogue) -> bool:
    named = set(map(clean, livraison.column_names))
    if not named.issubset(sheet.headings):
        return False
    if livraison.disposition != "large":
        return True
    _, read_heading = _heading_reader(sheet, livraison, catalogue)
    others = [title for title, text in zip(sheet.raw_headings, sheet.headings, strict=True) if text not in named]
    return any(not isinstance(read_heading(title), (Problem, Ignored)) for title in others)


def _headings(sheet: Sheet, positions: dict[str, tuple[int, ...]]) -> dict[str, str]:
    return {role: ", ".join(text_of(sheet.raw_headings[p]) for p in places) for role, places in positions.items()}


def _wide(sheet: Sheet, livraison: Livraison, positions: dict[str, tuple[int, ...]], catalogue: Catalogue) -> Columns:
    """Melt a wide sheet: one row a filled cell under a heading that is a date, or an indicator."""
    role, read_heading = _heading_reader(sheet, livraison, catalogue)
    marks = missing_marks(livraison)
    melted: list[tuple[Column, pa.Array, str, Any]] = []  # the column, its filled rows, its heading, what that means
    problems, ignored = [], []
    not_followed = listed(livraison.ignorer.colonnes)
    taken = {position for places in positions.values() for position in places}
    for position in sorted(set(range(len(sheet.raw_headings))) - taken):
        column = sheet.columns[position]
        filled = rows_where(pc.invert(missing(column, marks)))
        if not len(filled):
            continue
        title = sheet.raw_headings[position]
        heading = read_heading(title)
        if heading is IGNORED or (isinstance(heading, Problem) and not_followed.get(text_of(title))):
            ignored.append(text_of(title))
        elif isinstance(heading, Problem):
            problems.append((text_of(title), heading))
        else:
            melted.append((column, filled, text_of(title), heading))
    return _melted(sheet, positions, role, melted, tuple(problems), tuple(ignored))


def _melted(
    sheet: Sheet,
    positions: dict[str, tuple[int, ...]],
    role: str,
    melted: list[tuple[Column, pa.Array, str, Any]],
    problems: tuple[tuple[str, Problem], ...],
    ignored: tuple[str, ...],
) -> Columns:
    keys = {r: tuple(sheet.columns[place].encoded() for place in places) for r, places in positions.items()}
    rows = pa.concat_arrays([filled for _, filled, _, _ in melted] or [pa.array([], pa.uint64())])
    above = pa.array([rank for rank, (_, filled, _, _) in enumerate(melted) for _ in range(len(filled))], pa.int32())
    values = Column.below_one_another([column.take(filled) for column, filled, _, _ in melted] or [Column.of([])])
    cells = {r: tuple(column.take(rows) for column in columns) for r, columns in keys.items()}
    return Columns(
        sheet,
        sheet.row_numbers.take(rows),
        cells | {"valeur": (values,)},
        _headings(sheet, positions),
        {role: Read(above, [meant for *_, meant in melted])},
        Read(above, [title for _, _, title, _ in melted]),
        problems,
        _rows_without_values(sheet, rows, keys),
        ignored,
    )


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


def _rows_without_values(sheet: Sheet, with_values: pa.Array, keys: dict[str, tuple[Column, ...]]) -> int:
    """Count the rows with no value at all and less than the whole key: notes below the table."""
    count = len(sheet.row_numbers)
    without = pc.invert(pc.is_in(pa.array(range(count), pa.uint64()), pc.unique(with_values)))
    partial = any_of((all_of((c.empty for c in columns), count) for columns in keys.values()), count)
    return cast(int, pc.and_(without, partial).true_count)


def _heading_reader(
    sheet: Sheet, livraison: Livraison, catalogue: Catalogue
) -> tuple[str, Callable[[Cell], dt.date | str | Problem | Ignored]]:
    if livraison.entetes == "indicateur":
        return "indicateur", indicator_reader(livraison, catalogue)
    read_date = date_reader(livraison, day_zero=sheet.day_zero)

    def read(cell: Cell) -> dt.date | str | Problem:
        if is_empty(cell):
            return Problem("date_illisible", "date", "", "est vide : une date y est attendue")
        day = read_date(cell)
        return day or Problem("date_illisible", "date", text_of(cell), "n'est pas une date")

    return "date", read
