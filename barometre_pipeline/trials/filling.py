"""Which columns of a key are to be filled down: those that look like merged cells in the rows that hold values."""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow.compute as pc

from barometre_pipeline.formats.cells import clean, is_empty, text_of
from barometre_pipeline.formats.columns import any_of
from barometre_pipeline.formats.sheets import Sheet
from barometre_pipeline.readers.merged import KEYS, looks_merged
from barometre_pipeline.readers.territories import SAYING
from barometre_pipeline.trials.recognition import Columns, Guess


def filled_down(sheet: Sheet, columns: Columns, guess: Guess, values: Sequence[int]) -> list[str]:
    """Return the headings of the columns that are filled down; `values` are the positions of those of values."""
    count = len(sheet.row_numbers)
    with_values = any_of((pc.invert(sheet.columns[p].empty) for p in values), count)
    roles = {p: role for role, p in guess.roles.items() if role in KEYS}
    if guess.beside_year is not None:
        roles[guess.beside_year] = "date"
    if len(roles) > 1:  # a row without any key is a total, and no merged cell
        with_values = pc.and_(with_values, any_of((pc.invert(sheet.columns[p].empty) for p in roles), count))
    return [
        clean(text_of(sheet.raw_headings[position]))
        for position, role in sorted(roles.items())
        if looks_merged(sheet.columns[position].filter(with_values))
        and not (role in SAYING and _is_of_the_whole(sheet, columns, guess, position))
    ]


def _is_of_the_whole(sheet: Sheet, columns: Columns, guess: Guess, position: int) -> bool:
    """Tell whether a place is empty in a row of the whole country, which has one territory and needs none."""
    if "maille" not in guess.roles:
        return False
    levels = sheet.columns[guess.roles["maille"]].filter(sheet.columns[position].empty)
    root = columns.catalogue.maille_racine.id
    return any(not is_empty(word) and columns.level(word) == root for word in levels.distinct)
