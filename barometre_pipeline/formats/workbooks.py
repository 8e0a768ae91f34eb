"""Workbooks into sheets, by python-calamine in a process of its own; and the notice that the demonstration adds.

Which sheets are read is the catalogue's choice. What makes a workbook harmless is told by each of their formats.
"""

from __future__ import annotations

import datetime as dt
import io
import pickle
import subprocess
import sys
from collections.abc import Callable, Sequence
from typing import Any, cast

from barometre_pipeline.formats import calamine_process
from barometre_pipeline.formats.format import Table
from barometre_pipeline.formats.sheets import MAX_CELLS, Cell, Sheet, below_headings, clean, closest, is_empty
from barometre_pipeline.formats.signatures import Sample
from barometre_pipeline.formats.sources import FileDescription, Source

_SECONDS = 60
_NOTICE_SHEET = "LISEZ-MOI"

Refusal = Callable[[Sample, FileDescription], str | None]
Rows = dict[str, list[list[Any]]]  # by sheet


def read_workbook(source: Source, refusal: Refusal, mend: Callable[[bytes, Rows], None] | None = None) -> list[Sheet]:
    """Read the sheets that the catalogue names, or the first filled one; ReadingError where it cannot be.

    `refusal` tells a workbook that is not safe to parse; `mend` completes the rows by what the parser leaves out.
    """
    if reason := refusal(Sample.of(io.BytesIO(source.content)), source.described):
        source.fail(reason)
    names, rows = _parsed(source)
    if mend:
        mend(source.content, rows)
    return [_sheet(source, name, declared, rows[name]) for declared, name in _chosen(source, names, rows)]


def _parsed(source: Source) -> tuple[list[str], Rows]:
    """Return the names of all sheets, and the rows of those declared (where none is, of the first filled one)."""
    wanted = [clean(name) for name in source.described.sheet_names]
    command = [sys.executable, "-I", calamine_process.__file__, str(MAX_CELLS), *wanted]
    try:
        done = subprocess.run(command, input=source.content, capture_output=True, timeout=_SECONDS, check=False)
    except subprocess.TimeoutExpired:
        source.fail(f"is not read after {_SECONDS} seconds: it is too large or damaged")
    if done.returncode or not done.stdout:
        source.fail("is damaged, or needs more memory than is allowed")
    answer = pickle.loads(done.stdout)  # written by our own process just above
    if answer[0] == "error":
        source.fail(f"is not a readable workbook ({answer[1]})")
    _, names, rows = answer
    return names, rows


def _chosen(source: Source, names: list[str], rows: Rows) -> list[tuple[str | None, str]]:
    """Return the sheets to read: (name in the catalogue, name in the workbook)."""
    declared = source.described.sheet_names
    if not declared:
        filled = [name for name in rows if not all(is_empty(cell) for row in rows[name] for cell in row)]
        if not filled:
            source.fail(f"every sheet is empty{closest('', names)}")
        return [(None, filled[-1])]
    present = {clean(name): name for name in names}
    for name in declared:
        if clean(name) not in present:
            source.fail(f"there is no sheet {name!r}{closest(name, names)}")
    return [(name, present[clean(name)]) for name in declared]


def _sheet(source: Source, name: str, declared: str | None, rows: list[list[Any]]) -> Sheet:
    numbered = ((line, [_cell(c) for c in row]) for line, row in enumerate(rows, 1))
    return below_headings(source, name, ((n, row) for n, row in numbered if not all(map(is_empty, row))), declared)


def _cell(value: Any) -> Cell:
    if isinstance(value, bool):
        return "VRAI" if value else "FAUX"
    if isinstance(value, (dt.time, dt.timedelta)):
        return str(value)
    return cast(Cell, value)


def with_notice(tables: list[Table], notice: str) -> list[Table]:
    """Return the tables of a workbook, and a last sheet that has the notice."""
    if any(table.name == _NOTICE_SHEET for table in tables):
        return tables
    return [*tables, Table(_NOTICE_SHEET, [notice], [])]


def grid(table: Table) -> list[Sequence[Any]]:
    """Return all the rows of a sheet, from its first one."""
    above, below = ([[text] for text in texts] for texts in (table.above, table.below))
    return [*above, table.headings, *table.rows, *below]
