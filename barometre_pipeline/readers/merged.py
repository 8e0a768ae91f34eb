"""Merged cells: those of a key, whose value stands above (`remplir` reads them), and numbers that several cells share.

Nothing is filled down here: only the catalogue says that an empty cell means the one above.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import cast

import pyarrow as pa
import pyarrow.compute as pc

from barometre_pipeline.catalogue import Livraison
from barometre_pipeline.catalogue.words import Words, listed
from barometre_pipeline.formats.cells import Cell, Counted, Percentage, Unusable, clean, is_empty, text_of
from barometre_pipeline.formats.columns import Column, any_of, rows_where
from barometre_pipeline.formats.sheets import Sheet
from barometre_pipeline.readers.cells import Problem
from barometre_pipeline.readers.shapes import Columns, column_named
from barometre_pipeline.readers.territories import SAYING

_NUMBERS = ("valeur", "valeur_initiale", "cible")
_SHARED = (
    "est dans une cellule fusionnée avec d'autres : écrire dans chacune sa valeur, puis livrer le classeur ; `remplir` "
    "dirait que la même vaut pour toutes, et pour les cellules vides au-dessous"
)
_COVERS = "est dans une cellule fusionnée qui couvre cette ligne ; `remplir: [{}]` dirait qu'elle vaut pour elle aussi"
_BELOW = (
    "est vide sous « {} », que `filtre` garde ; `remplir: [{}]` dirait que le mot vaut pour elle aussi, un motif entre "
    "barres (`/…/`) à la place de ce mot la laisserait"
)
KEYS = ("indicateur", "maille", *SAYING, "date")


def said_of_merged(problem: Problem, columns: Columns, row: int, livraison: Livraison) -> Problem:
    """Return the problem of a row, with the key that would allow it where its cell looks like one that is merged."""
    cells = columns.cells.get(problem.role, ()) if problem.role in KEYS else ()
    if not any(is_empty(column[row]) for column in cells):
        return problem
    keys = [column for role in KEYS for column in columns.cells.get(role, ())]
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
    headings = [name for role in KEYS for name in livraison.columns.get(role, ()) if name not in livraison.remplir]
    return tuple(n for n in dict.fromkeys(headings) if looks_merged(sheet.columns[column_named(sheet, n, "remplir")]))


def looks_merged(column: Column) -> bool:
    """Tell whether a column's empty cells stand below filled ones, and are as many as a third of its cells.

    Fewer are rather those of totals and remarks, or are missing.
    """
    empty = column.empty
    return len(empty) > 1 and not empty[0].as_py() and 3 * empty.true_count >= len(empty)


def without_shared_numbers(sheet: Sheet, livraison: Livraison) -> Sheet:
    """Make nothing usable of a number whose cell is merged with those of other rows, or under other headings.

    Whose it is, nobody can tell: it was the first one's, and the others had no value.
    """
    positions = _of_numbers(sheet, livraison) if sheet.merged else set()
    if not positions:
        return sheet
    numbers, keyed = sheet.row_numbers.to_pylist(), _have_a_key(sheet, livraison)
    found: dict[int, list[tuple[list[int], Unusable]]] = {}
    for first, last, left, right in sheet.merged:
        rows = range(bisect_left(numbers, first), bisect_right(numbers, last))
        if left not in positions or not rows or numbers[rows[0]] != first:
            continue
        shared = [place for place in range(left, min(right + 1, len(sheet.columns))) if place in positions]
        whose, cell = [row for row in rows if keyed[row]], sheet.columns[left][rows[0]]
        if len(whose) * len(shared) > 1 and isinstance(cell, (int, float, Percentage, Counted)):
            for place in shared:
                found.setdefault(place, []).append((whose, Unusable(text_of(cell), _SHARED)))
    columns = [_replaced(column, found.get(place, ())) for place, column in enumerate(sheet.columns)]
    return replace(sheet, columns=columns) if found else sheet


def without_shared_words(sheet: Sheet, livraison: Livraison) -> Sheet:
    """Make nothing usable of a filter's cells that are covered by one that it keeps: their rows were left out.

    So are the empty ones below a word that is written at the beginning of each block only, as in a pivot table.
    """
    filled = {clean(name) for name in livraison.remplir}
    numbers = sheet.row_numbers.to_pylist() if sheet.merged else []
    found: dict[int, list[tuple[list[int], Unusable]]] = {}
    for name, words in livraison.filtre.items():
        place, kept = column_named(sheet, name, "filtre"), listed(words)
        if clean(name) in filled:
            continue
        # Records are no blocks: what they lack is missing.
        if sheet.heading_row and kept.get("") is None and _begins_blocks(sheet.columns[place]):
            keyed = _have_a_key(sheet, livraison)
            below = ((row, word) for row, word in _below(sheet.columns[place], kept) if keyed[row])
            found[place] = [([row], Unusable("", _BELOW.format(word, name))) for row, word in below]
        for first, last, left, right in sheet.merged:
            rows = range(bisect_left(numbers, first), bisect_right(numbers, last))
            if not rows or numbers[rows[0]] != first or not left <= place <= right:
                continue
            shown = text_of(sheet.columns[left][rows[0]])
            if kept.get(shown):
                covered = [*rows[1:]] if place == left else [*rows]
                found.setdefault(place, []).append((covered, Unusable(shown, _COVERS.format(name))))
    columns = [_replaced(column, found.get(place, ())) for place, column in enumerate(sheet.columns)]
    return replace(sheet, columns=columns) if found else sheet


def _begins_blocks(column: Column) -> bool:
    """Tell whether words stand above empty cells, each another one than the word before."""
    said = column.ranks.filter(pc.invert(column.empty))
    return looks_merged(column) and len(said) > 1 and not pc.any(pc.equal(said[1:], said[:-1])).as_py()


def _below(column: Column, kept: Words[bool]) -> Iterator[tuple[int, str]]:
    """Yield the rows of empty cells below a word that a filter keeps and writes out, and this word."""
    above = pc.fill_null_forward(pc.if_else(column.empty, pa.scalar(None, pa.int32()), column.ranks))
    for row in cast(list[int], rows_where(column.empty).to_pylist()):
        word = kept.looking_like(text_of(column.distinct[above[row].as_py()]))
        if word is not None:
            yield row, word


def _have_a_key(sheet: Sheet, livraison: Livraison) -> list[bool]:
    """Tell which rows have something of a key: one that has nothing goes on with the row above."""
    named = {clean(name) for role, names in livraison.columns.items() if role not in _NUMBERS for name in names}
    keys = [column for column, heading in zip(sheet.columns, sheet.headings, strict=True) if heading in named]
    return cast(list[bool], any_of((pc.invert(column.empty) for column in keys), len(sheet.row_numbers)).to_pylist())


def _of_numbers(sheet: Sheet, livraison: Livraison) -> set[int]:
    """Return the positions of the columns that hold numbers and are not filled down."""
    roles = {role: {clean(name) for name in names} for role, names in livraison.columns.items()}
    filled = {clean(name) for name in livraison.remplir}
    if livraison.disposition == "large":
        others = filled.union(*roles.values())
        return {place for place, heading in enumerate(sheet.headings) if heading and heading not in others}
    named = set().union(*(roles.get(role, set()) for role in _NUMBERS)) - filled
    return {place for place, heading in enumerate(sheet.headings) if heading in named}


def _replaced(column: Column, ranges: Sequence[tuple[list[int], Cell]]) -> Column:
    if not ranges:
        return column
    cells = column.cells()
    for rows, cell in ranges:
        for row in rows:
            cells[row] = cell
    return Column.of(cells)
