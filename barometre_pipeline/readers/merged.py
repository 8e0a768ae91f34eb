"""Whether the empty cells of a row's key look like merged ones, whose value stands above: `remplir` reads them.

Nothing is filled down here: only the catalogue says that an empty cell means the one above.
"""

from __future__ import annotations

from dataclasses import replace

from barometre_pipeline.catalogue import Livraison
from barometre_pipeline.formats.cells import is_empty
from barometre_pipeline.formats.columns import Column
from barometre_pipeline.readers.cells import Problem
from barometre_pipeline.readers.shapes import Columns, column_named

_KEYS = ("indicateur", "maille", "zone", "territoire", "libelle", "date")


def said_of_merged(problem: Problem, columns: Columns, row: int, livraison: Livraison) -> Problem:
    """Return the problem of a row, with the key that would allow it where its cell looks like one that is merged."""
    cells = columns.cells.get(problem.role, ()) if problem.role in _KEYS else ()
    if not any(is_empty(column[row]) for column in cells):
        return problem
    keys = [column for role in _KEYS for column in columns.cells.get(role, ())]
    if len(keys) > 1 and all(is_empty(column[row]) for column in keys):  # a total, which repeats no key
        return problem
    if "found" not in columns.merged:
        columns.merged["found"] = merged_headings(columns, livraison)
    merged = columns.merged["found"]
    if not set(merged) & set(livraison.columns[problem.role]):
        return problem
    told = f"`remplir: [{', '.join(merged)}]`"
    return replace(
        problem, reason=f"{problem.reason} ; {told} dirait que la valeur au-dessus vaut (cellules fusionnées)"
    )


def merged_headings(columns: Columns, livraison: Livraison) -> tuple[str, ...]:
    """Return the headings of a sheet's keys whose columns look like merged cells, and are not filled down yet."""
    sheet = columns.sheet
    headings = [name for role in _KEYS for name in livraison.columns.get(role, ()) if name not in livraison.remplir]
    return tuple(n for n in dict.fromkeys(headings) if looks_merged(sheet.columns[column_named(sheet, n, "remplir")]))


def looks_merged(column: Column) -> bool:
    """Tell whether a column's empty cells stand below filled ones, and are as many as a third of its cells.

    Fewer are rather those of totals and remarks, or are missing.
    """
    empty = column.empty
    return len(empty) > 1 and not empty[0].as_py() and 3 * empty.true_count >= len(empty)
