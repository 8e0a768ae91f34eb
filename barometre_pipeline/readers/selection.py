"""Which rows of a sheet are read: merged cells filled, the catalogue's filter applied, what has no heading set aside.

What the kept cells mean is not known here. The rows that are filtered are counted by whoever asks.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from itertools import compress

from barometre_pipeline.catalogue import Livraison
from barometre_pipeline.catalogue.words import Words, listed
from barometre_pipeline.formats.sheets import Cell, Sheet, Unusable, clean, is_empty, text_of
from barometre_pipeline.readers.cells import Problem, converted, missing_marks
from barometre_pipeline.readers.shapes import column_named

_UNTITLED = "est sous un intitulé vide ; `ignorer: {colonnes: ['']}` dirait de ne pas lire une telle colonne"


@dataclass(frozen=True)
class Selection:
    """The rows of a sheet that are read, how many are filtered out, and those that cannot be read with their reason."""

    sheet: Sheet
    filtered: int
    aside: tuple[tuple[int, str | None, Problem], ...]  # row's number, heading, problem


def selected(sheet: Sheet, livraison: Livraison) -> Selection:
    """Return the rows of a sheet that the catalogue has read; ReadingError where it lacks a column that it names."""
    aside: list[tuple[int, str | None, Problem]] = []
    filled = _filled_down(sheet, livraison)
    kept = [True] * len(sheet.row_numbers)
    for wanted, words in livraison.filtre.items():
        position = column_named(filled, wanted, "filtre")
        cells = filled.columns[position]
        chosen = converted(cells, partial(_is_among, listed(words)))
        unusable = [isinstance(cell, Unusable) for cell in cells]
        aside += [
            (filled.row_numbers[i], text_of(filled.raw_headings[position]), _unusable(cells[i], livraison))
            for i in compress(range(len(cells)), map(all, zip(kept, unusable, strict=True)))
        ]
        kept = list(map(all, zip(kept, chosen, strict=True)))
    filtered = kept.count(False) - len(aside)
    for i, position in _untitled(filled, livraison):
        if kept[i]:
            text = text_of(filled.columns[position][i]).strip()
            aside.append((filled.row_numbers[i], None, Problem("valeur_illisible", "valeur", text, _UNTITLED)))
            kept[i] = False
    return Selection(filled if all(kept) else _rows_kept(filled, kept), filtered, tuple(aside))


def _is_among(words: Words[bool], cell: Cell) -> bool:
    return words.get(text_of(cell)) is not None


def _unusable(cell: Cell, livraison: Livraison) -> Problem:
    assert isinstance(cell, Unusable)
    return Problem("valeur_illisible", "valeur", cell.shown, cell.reason)


def _filled_down(sheet: Sheet, livraison: Livraison) -> Sheet:
    """Give the empty cells of some columns the value above them."""
    columns = list(sheet.columns)
    for wanted in livraison.remplir:
        position = column_named(sheet, wanted, "remplir")
        above: Cell = None
        columns[position] = [above := above if is_empty(cell) else cell for cell in columns[position]]
    return replace(sheet, columns=columns) if livraison.remplir else sheet


def _untitled(sheet: Sheet, livraison: Livraison) -> list[tuple[int, int]]:
    """Return the (row, column) of the filled cells under an empty heading, but for those of notes.

    A row that has nothing in any of the columns that the catalogue names is a note, wherever it is written.
    """
    columns = [position for position, heading in enumerate(sheet.headings) if not heading]
    if not columns or listed(livraison.ignorer.colonnes).get(""):
        return []
    marks = missing_marks(livraison)
    named = {clean(name) for names in livraison.columns.values() for name in names}
    read = [sheet.columns[position] for position, heading in enumerate(sheet.headings) if heading in named]
    return [
        (i, position)
        for position in columns
        for i, cell in enumerate(sheet.columns[position])
        if not is_empty(cell) and text_of(cell).strip() not in marks
        if not read or not all(is_empty(column[i]) for column in read)
    ]


def _rows_kept(sheet: Sheet, kept: list[bool]) -> Sheet:
    columns = [list(compress(column, kept)) for column in sheet.columns]
    return replace(sheet, row_numbers=list(compress(sheet.row_numbers, kept)), columns=columns)
