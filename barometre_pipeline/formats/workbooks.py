"""Workbooks into sheets, and the notice that the demonstration adds.

Which sheets are read is the catalogue's choice. What their cells hold is told by `spreadsheets`; what makes a workbook
harmless by each of their formats.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any, cast

from barometre_pipeline.errors import ReadingError
from barometre_pipeline.formats.cells import Cell, Counted, Percentage, Unusable, clean, closest, is_empty
from barometre_pipeline.formats.format import Table
from barometre_pipeline.formats.sheets import MAX_CELLS, Sheet, below_headings
from barometre_pipeline.formats.signatures import Sample
from barometre_pipeline.formats.sources import FileDescription, Source
from barometre_pipeline.spreadsheets.cells import Counted as CountedValue
from barometre_pipeline.spreadsheets.cells import Seen, Unseen, Value
from barometre_pipeline.spreadsheets.grids import Choice, Grid, UnreadableError, Workbook
from barometre_pipeline.spreadsheets.reading import parsed

_TOLD_APART = frozenset({Seen, CountedValue, Unseen})
_NOTICE_SHEET = "LISEZ-MOI"
_NO_SHEET = "\0"  # no name has this character: no sheet is read

Refusal = Callable[[Sample, FileDescription], str | None]
Parser = Callable[[bytes, Choice], None]


def read_workbook(source: Source, refusal: Refusal, read: Parser) -> Iterator[Sheet]:
    """Read the sheets that the catalogue names, or the first visible filled one; ReadingError where it cannot be.

    `refusal` tells a workbook that is not safe to parse, `read` is that of its format's module in `spreadsheets`.
    """
    if reason := refusal(Sample.of(io.BytesIO(source.content)), source.described):
        source.fail(reason)
    wanted = [clean(name) for name in source.described.sheet_names]
    try:
        workbook = parsed(read, source.content, wanted, MAX_CELLS)
    except UnreadableError as error:
        source.fail(f"is not a readable workbook: {error}")
    others = tuple(_glanced(source, workbook))
    for declared, grid in _chosen(source, workbook):
        for part in _sheet(source, workbook, grid, declared):
            yield replace(part, others=others)


def _glanced(source: Source, workbook: Workbook) -> Iterator[Sheet]:
    """Yield what was seen of the sheets that are not read: those that have rows below their headings."""
    for grid in workbook.grids.values():
        if grid.is_glanced:
            with suppress(ReadingError):
                seen = next(_sheet(source, workbook, grid, None))
                if len(seen.row_numbers):
                    yield seen


def visible_sheets(read: Parser, content: bytes) -> list[str]:
    """Return the names of a workbook's sheets that are not hidden; none is read. ReadingError where it is damaged."""
    try:
        workbook = parsed(read, content, [_NO_SHEET], MAX_CELLS)
    except UnreadableError as error:
        raise ReadingError(f"it is not a readable workbook: {error}.") from None
    return [name for name in workbook.names if name not in workbook.hidden]


def _chosen(source: Source, workbook: Workbook) -> list[tuple[str | None, Grid]]:
    """Return the sheets to read, each with its name in the catalogue."""
    declared = source.described.sheet_names
    if not declared:
        filled = [grid for grid in workbook.grids.values() if not grid.is_glanced and any(_filled_rows(grid))]
        if not filled:
            visible = [name for name in workbook.names if name not in workbook.hidden]
            hidden = f"; hidden ones are read where `feuille` names them{_listed(workbook)}" if workbook.hidden else ""
            source.fail(f"every sheet is empty{closest('', visible)}{hidden}")
        return [(None, filled[-1])]
    present = {clean(name): grid for name, grid in reversed(workbook.grids.items())}
    for name in declared:
        if clean(name) not in present:
            source.fail(f"there is no sheet {name!r}{closest(name, workbook.names)}")
    return [(name, present[clean(name)]) for name in declared]


def _listed(workbook: Workbook) -> str:
    return closest("", workbook.hidden).replace("; present", "")


def _sheet(source: Source, workbook: Workbook, grid: Grid, declared: str | None) -> Iterator[Sheet]:
    merged = tuple(grid.merged)
    for part in below_headings(source, grid.name, _filled_rows(grid), declared):
        told = (0, 0) if part.continues else (grid.hidden_rows, grid.hidden_columns)
        yield replace(part, hidden_rows=told[0], hidden_columns=told[1], day_zero=workbook.day_zero, merged=merged)


def _filled_rows(grid: Grid) -> Iterator[tuple[int, list[Cell]]]:
    rows = ((number, _row(row)) for number, row in grid.rows)
    return ((number, row) for number, row in rows if not all(map(is_empty, row)))


def _row(values: list[Value]) -> list[Cell]:
    if _TOLD_APART.isdisjoint(map(type, values)):
        return cast(list[Cell], values)
    return [_cell(value) for value in values]


def _cell(value: Value) -> Cell:
    if isinstance(value, Seen):
        return Percentage(value.percentage)
    if isinstance(value, CountedValue):
        return Counted(value.number, value.scale)
    return Unusable(value.shown, value.reason) if isinstance(value, Unseen) else value


def with_notice(tables: list[Table], notice: str) -> list[Table]:
    """Return the tables of a workbook, and a last sheet that has the notice."""
    if any(table.name == _NOTICE_SHEET for table in tables):
        return tables
    return [*tables, Table(_NOTICE_SHEET, [notice], [])]


def grid(table: Table) -> list[Sequence[Any]]:
    """Return all the rows of a sheet, from its first one."""
    above, below = ([[text] for text in texts] for texts in (table.above, table.below))
    return [*above, table.headings, *table.rows, *below]
