"""What of a file's rows is not followed: those of levels, and of territories, that the catalogue does not have.

Only rows that hold values count: remarks below a table are none. What is proposed here is always a doubt.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pyarrow as pa
import pyarrow.compute as pc

from barometre_pipeline.formats.cells import Cell, Unusable, clean, is_empty, text_of
from barometre_pipeline.formats.columns import any_of
from barometre_pipeline.formats.sheets import Sheet
from barometre_pipeline.trials.recognition import Columns, Guess

_FEW = 12  # words: more are rather codes that are written in another way
_SHOWN = 5


def leave_unknown(sheet: Sheet, columns: Columns, guess: Guess, values: Sequence[int]) -> None:
    """Propose what keeps, or ignores, the rows that the catalogue cannot place; `values` are positions."""
    rows = any_of((pc.invert(sheet.columns[p].empty) for p in values), len(sheet.row_numbers))
    if (position := guess.roles.get("maille")) is not None:
        rows = _keep_levels(sheet, columns, guess, position, rows)
    for role, known in (("zone", columns.is_zone), ("territoire", columns.is_place), ("libelle", columns.is_name)):
        if (position := guess.roles.get(role)) is not None:
            _ignore_places(sheet, guess, position, known, rows)
            return


def _keep_levels(sheet: Sheet, columns: Columns, guess: Guess, position: int, rows: pa.BooleanArray) -> pa.BooleanArray:
    """Return the rows whose level is known; propose the filter that keeps them, where there are others."""
    column = sheet.columns[position]
    unknown = _words(sheet, position, rows, lambda cell: columns.level(cell) is not None)
    if not unknown:
        return rows
    kept = [text_of(cell).strip() for cell in column.filter(rows).distinct if columns.level(cell)]
    guess.keys["filtre"] = guess.keys.get("filtre", {}) | {clean(text_of(sheet.raw_headings[position])): kept}
    guess.doubts["filtre"] = f"d'autres mots n'y sont pas des mailles du catalogue : {', '.join(unknown[:_SHOWN])}"
    return pc.and_(rows, column.where(lambda cell: columns.level(cell) is not None))


def _ignore_places(
    sheet: Sheet, guess: Guess, position: int, known: Callable[[Cell], bool], rows: pa.BooleanArray
) -> None:
    unknown = _words(sheet, position, rows, known)
    if 0 < len(unknown) <= _FEW:
        guess.keys["ignorer"] = guess.keys.get("ignorer", {}) | {"territoires": unknown}
        guess.doubts["territoires"] = "à vérifier : ce ne sont pas des territoires du catalogue"


def _words(sheet: Sheet, position: int, rows: pa.BooleanArray, known: Callable[[Cell], bool]) -> list[str]:
    """Return the words of a column that are not known, in these rows."""
    distinct = sheet.columns[position].filter(rows).distinct
    cells = (cell for cell in distinct if not (is_empty(cell) or isinstance(cell, Unusable)))
    return list(dict.fromkeys(text_of(cell).strip() for cell in cells if not known(cell)))
