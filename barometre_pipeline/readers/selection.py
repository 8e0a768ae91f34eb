"""Which rows of a sheet are read: merged cells filled, the catalogue's filter applied, what has no heading set aside.

What the kept cells mean is not known here. The rows that are filtered are counted by whoever asks.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import cast

import pyarrow as pa
import pyarrow.compute as pc

from barometre_pipeline.catalogue import Livraison
from barometre_pipeline.catalogue.words import Words, listed
from barometre_pipeline.formats.cells import Cell, Unusable, clean, is_empty, text_of
from barometre_pipeline.formats.columns import Column, all_of, rows_where
from barometre_pipeline.formats.sheets import Sheet
from barometre_pipeline.readers.cells import Problem, missing_marks
from barometre_pipeline.readers.merged import without_shared_numbers, without_shared_words
from barometre_pipeline.readers.shapes import column_named
from barometre_pipeline.readers.territories import SAYING

_UNTITLED = "est sous un intitulé vide ; `ignorer: {colonnes: ['']}` dirait de ne pas lire une telle colonne"
_LEFT_OUT = "un motif entre barres (`/…/`) à la place de ce mot le laisserait"


@dataclass(frozen=True)
class Selection:
    """The rows of a sheet that are read, how many are filtered out, and those that cannot be read with their reason."""

    sheet: Sheet
    filtered: int
    aside: tuple[tuple[int, str | None, Problem], ...]  # row's number, heading, problem


def selected(sheet: Sheet, livraison: Livraison) -> Selection:
    """Return the rows of a sheet that the catalogue has read; ReadingError where it lacks a column that it names."""
    aside: list[tuple[int, str | None, Problem]] = []
    filled = _filled_down(without_shared_words(without_shared_numbers(sheet, livraison), livraison), livraison)
    filters = [(column_named(filled, wanted, "filtre"), listed(words)) for wanted, words in livraison.filtre.items()]
    may_be = (filled.columns[position].where(partial(_may_be_among, words)) for position, words in filters)
    kept = all_of(may_be, len(sheet.row_numbers))
    for position, words in filters:
        column = filled.columns[position]
        unsure = column.where(partial(_is_unsure, words))
        for i in _rows(pc.and_(kept, unsure)):
            heading = text_of(filled.raw_headings[position])
            aside.append((filled.row_numbers[i].as_py(), heading, _why_unsure(words, column[i])))
        kept = pc.and_not(kept, unsure)
    _refuse_other_headings(filled, kept)
    filtered = kept.false_count - len(aside)
    untitled = _untitled(filled, livraison)
    for column, there in untitled:
        for i in _rows(pc.and_(kept, there)):
            text = text_of(column[i]).strip()
            aside.append((filled.row_numbers[i].as_py(), None, Problem("valeur_illisible", "valeur", text, _UNTITLED)))
        kept = pc.and_not(kept, there)
    return Selection(filled if kept.false_count == 0 else _rows_kept(filled, kept), filtered, tuple(aside))


def _rows(mask: pa.BooleanArray) -> list[int]:
    return cast(list[int], rows_where(mask).to_pylist())


def _refuse_other_headings(sheet: Sheet, kept: pa.BooleanArray) -> None:
    """Refuse a sheet in which a row that is filtered out has the headings again, and not in the same columns."""
    headings, rows = list(sheet.headings), rows_where(pc.invert(kept))
    for column in sheet.columns:
        if not len(rows):
            return
        rows = rows.filter(column.take(rows).where(lambda cell: clean(text_of(cell)) in headings))
    for i in cast(list[int], rows.to_pylist()):
        again = [clean(text_of(column[i])) for column in sheet.columns]
        if sorted(again) == sorted(headings) and again != headings:
            line = sheet.row_numbers[i].as_py()
            sheet.source.fail(f"row {line} has the headings again, in another order: make two files of it", sheet.name)


def _may_be_among(words: Words[bool], cell: Cell) -> bool:
    return words.get(text_of(cell)) is not None or _is_unsure(words, cell)


def _is_unsure(words: Words[bool], cell: Cell) -> bool:
    """Tell whether nobody can say that a row is left out: an error, or a word that looks like one that is kept."""
    if isinstance(cell, Unusable):
        return True
    text = text_of(cell)
    return words.get(text) is None and words.looking_like(text) is not None


def _why_unsure(words: Words[bool], cell: Cell) -> Problem:
    if isinstance(cell, Unusable):
        return Problem("valeur_illisible", "valeur", cell.shown, cell.reason)
    text = text_of(cell).strip()
    reason = f"se lit comme « {words.looking_like(text)} », que `filtre` garde, et n'est pas écrit de même"
    return Problem("valeur_illisible", "valeur", text, f"{reason} ; l'ajouter à `filtre` le garderait, {_LEFT_OUT}")


def _filled_down(sheet: Sheet, livraison: Livraison) -> Sheet:
    """Give the empty cells of some columns the value above them; a territory holds no further than its level."""
    columns, roles = list(sheet.columns), livraison.columns
    places = {clean(name) for role in SAYING for name in roles.get(role, ())}
    # The level first, whatever the order of the catalogue.
    for wanted in sorted(livraison.remplir, key=lambda name: clean(name) in places):
        position = column_named(sheet, wanted, "remplir")
        column = columns[position]
        above = pc.if_else(column.empty, pa.scalar(None, pa.int32()), column.ranks)
        if clean(wanted) in places and "maille" in roles:
            level = columns[column_named(sheet, roles["maille"][0], "maille")]
            above = pc.if_else(
                pc.and_(column.empty, _changes(level)), pa.scalar(len(column.distinct), pa.int32()), above
            )
        above = pc.fill_null_forward(above)
        columns[position] = Column(pc.fill_null(above, len(column.distinct)), [*column.distinct, None])
    return replace(sheet, columns=columns) if livraison.remplir else sheet


def _changes(column: Column) -> pa.BooleanArray:
    """Tell in which rows a column says another thing than above; an empty cell says the same."""
    said = pc.fill_null(pc.fill_null_forward(pc.if_else(column.empty, pa.scalar(None, pa.int32()), column.ranks)), -1)
    before = pa.concat_arrays([said[:1], said[:-1]])
    return pc.not_equal(said, before)


def _untitled(sheet: Sheet, livraison: Livraison) -> list[tuple[Column, pa.BooleanArray]]:
    """Return the columns under an empty heading, and the rows where they are filled, but for those of notes.

    A row that has nothing in any of the columns that the catalogue names is a note, wherever it is written.
    """
    columns = [column for column, heading in zip(sheet.columns, sheet.headings, strict=True) if not heading]
    if not columns or not livraison.reads_untitled:
        return []
    marks = missing_marks(livraison)
    named = {clean(name) for names in livraison.columns.values() for name in names}
    read = [sheet.columns[position] for position, heading in enumerate(sheet.headings) if heading in named]
    data = pc.invert(all_of((column.empty for column in read), len(sheet.row_numbers))) if read else None
    found = []
    for column in columns:
        there = column.where(lambda cell: not is_empty(cell) and text_of(cell).strip() not in marks)
        found.append((column, there if data is None else pc.and_(there, data)))
    return found


def _rows_kept(sheet: Sheet, kept: pa.BooleanArray) -> Sheet:
    columns = [column.filter(kept) for column in sheet.columns]
    return replace(sheet, row_numbers=sheet.row_numbers.filter(kept), columns=columns)
