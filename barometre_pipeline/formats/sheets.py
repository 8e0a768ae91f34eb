"""What every format is read into: sheets, columns of cells below a row of headings, in parts where they are long.

A format's module turns a source into sheets; `readers.shapes` then finds in a sheet what the catalogue names.
Nothing here knows a format, a number or a date.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain, islice

import pyarrow as pa

from barometre_pipeline.formats.cells import Cell, Row, clean, is_empty, text_of
from barometre_pipeline.formats.columns import Column
from barometre_pipeline.formats.sources import Source, plain_name

# The official barometer has 105,000 values in all: what is read whole is damaged or hostile beyond this, and so is
# what is read in parts, which take no more memory for that, beyond twenty times as much.
MAX_CELLS = 10_000_000
MAX_CELLS_IN_PARTS = 200_000_000
ROWS_AT_ONCE = 1 << 17

Numbered = tuple[int, Row]  # the row's number in the source, its cells
Range = tuple[int, int, int, int]  # first and last row, from 1, first and last column, from 0


@dataclass(frozen=True)
class Sheet:
    """Columns below their headings, all of the same length; the place of each row in the source is in `row_numbers`.

    A long sheet comes in parts, one after the other: all but the first are a continuation.
    """

    source: Source
    name: str | None
    raw_headings: tuple[Cell, ...]  # the headings as they are, which may be dates
    heading_row: int | None  # None where the format has no row of headings
    row_numbers: pa.Int64Array
    columns: list[Column]
    too_long: tuple[tuple[int, str], ...] = ()  # (row's number, text) of rows with cells beyond the last heading
    declared_name: str | None = None  # the name under which the catalogue knows the sheet
    hidden_rows: int = 0  # of those that were read
    hidden_columns: int = 0
    day_zero: dt.date = dt.date(1899, 12, 30)  # from which the workbook counts its days
    continues: bool = False  # the sheet of the part before
    merged: tuple[Range, ...] = ()  # cells that are shown as one
    others: tuple[Sheet, ...] = ()  # the first rows of visible sheets that are not read, where the catalogue names none

    @property
    def headings(self) -> tuple[str, ...]:
        """Return the headings as text, as they are compared."""
        return tuple(clean(text_of(h)) for h in self.raw_headings)


def records(
    source: Source, headings: Iterable[Cell], columns: Sequence[Column | Sequence[Cell]], before: int = 0
) -> Sheet:
    """Make the only sheet of a format that has records rather than rows: they are numbered from 1.

    `before` is how many records the parts before this one have.
    """
    count = len(columns[0]) if columns else 0
    numbers = pa.array(range(before + 1, before + count + 1), pa.int64())
    found = [column if isinstance(column, Column) else Column.of(column) for column in columns]
    return Sheet(source, None, tuple(headings), None, numbers, found, continues=before > 0)


def whole(parts: Iterable[Sheet]) -> Iterator[Sheet]:
    """Put the parts of each sheet below one another."""
    together: list[Sheet] = []
    for part in parts:
        if together and not part.continues:
            yield _joined_parts(together)
            together = []
        together.append(part)
    if together:
        yield _joined_parts(together)


def _joined_parts(parts: list[Sheet]) -> Sheet:
    if len(parts) == 1:
        return parts[0]
    columns = [Column.below_one_another(pieces) for pieces in zip(*(part.columns for part in parts), strict=True)]
    numbers = pa.concat_arrays([part.row_numbers for part in parts])
    too_long = tuple(row for part in parts for row in part.too_long)
    return replace(parts[0], row_numbers=numbers, columns=columns, too_long=too_long)


def below_headings(
    source: Source, name: str | None, rows: Iterable[Numbered], declared_name: str | None = None
) -> Iterator[Sheet]:
    """Make a sheet, part after part, of numbered rows that are not empty, the row of headings among them."""
    left = iter(rows)
    line, headings = _headings(source, name, left)
    shown = None if name is None else plain_name(name)
    continues = False
    while (numbered := list(islice(left, ROWS_AT_ONCE))) or not continues:
        numbers, kept, too_long = _fitted(
            numbered, len(headings), separated=name is None, crops=not source.described.reads_untitled
        )
        cells = zip(*kept, strict=True) if kept else [()] * len(headings)
        columns = [Column.of(column) for column in cells]
        yield Sheet(
            source,
            shown,
            tuple(headings),
            line,
            pa.array(numbers, pa.int64()),
            columns,
            too_long,
            declared_name,
            continues=continues,
        )
        continues = True


def _headings(source: Source, name: str | None, rows: Iterator[Numbered]) -> tuple[int, Row]:
    """Take the rows up to the (last) one of headings; return its number, and the headings."""
    described = source.described
    wanted = described.lignes_entete or ((described.ligne_entete,) if described.ligne_entete else ())
    key = "lignes_entete" if described.lignes_entete else "ligne_entete"
    first = next(rows, None)
    if first is None:
        source.fail("is empty: a row of headings is needed", name)
    if not wanted:
        return first
    found: dict[int, Row] = {}
    for number, row in chain([first], rows):
        if number in wanted:
            found[number] = row
        if number >= wanted[-1]:
            break
    for line in wanted:
        if line not in found:
            source.fail(f"row {line} ({key}) is empty: the headings should be there", name)
    return wanted[-1], found[wanted[-1]] if len(wanted) == 1 else joined_headings([found[line] for line in wanted])


def joined_headings(rows: list[Row]) -> Row:
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


def _is_a_remark(row: Row, width: int) -> bool:
    """Tell whether a row has nothing below the headings, and beyond them one cell of words."""
    beyond = [cell for cell in row[width:] if not is_empty(cell)]
    alone = len(beyond) == 1 and all(map(is_empty, row[:width]))
    return alone and isinstance(beyond[0], str) and any(map(str.isalpha, beyond[0]))


def _fitted(
    numbered: list[Numbered], width: int, *, separated: bool, crops: bool
) -> tuple[list[int], list[Row], tuple[tuple[int, str], ...]]:
    """Complete the rows that are too short, set aside those with something beyond the last heading."""
    if all(len(row) == width for _, row in numbered):
        return [line for line, _ in numbered], [row for _, row in numbered], ()
    numbers: list[int] = []
    kept: list[Row] = []
    too_long: list[tuple[int, str]] = []
    # Some programs end each row by a separator; where only some rows do, a decimal comma has no quotes. In a workbook,
    # a blank is beside the table, and so are a remark in a row of its own and what the catalogue ignores.
    may_end_blank = not (separated and any(len(row) == width for _, row in numbered))
    for line, row in numbered:
        if len(row) < width:
            row = [*row, *[None] * (width - len(row))]
        elif len(row) > width and not (
            (may_end_blank and all(map(is_empty, row[width:])))
            or (not separated and (crops or _is_a_remark(row, width)))
        ):
            too_long.append((line, " | ".join(map(text_of, row))))
            continue
        numbers.append(line)
        kept.append(row[:width])
    return numbers, kept, tuple(too_long)
