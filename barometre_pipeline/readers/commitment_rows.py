"""Columns of cells into rows of commitments and of their actions, the rest kept aside with its reason.

What is declared stays as it is written, beside the closed word that it stands for; the same commitment twice is found
later, in SQL.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from barometre_pipeline.catalogue.commitment_keys import CLOSED_WORDS, REQUIRED_COLUMNS
from barometre_pipeline.catalogue.commitments import closed_word
from barometre_pipeline.catalogue.words import Words
from barometre_pipeline.formats.cells import Cell
from barometre_pipeline.formats.columns import all_of, rows_where
from barometre_pipeline.readers.cells import Marks, Problem, Read, missing_marks
from barometre_pipeline.readers.reader import Reader
from barometre_pipeline.readers.row_keys import cells_of, text_said
from barometre_pipeline.readers.shapes import Columns
from barometre_pipeline.readers.typed_rows import Cells, any_days, day_said, text_in

_DAYS = {"engagements": ("mis_a_jour_le",), "actions": ("echeance",)}
_TEXTS = {
    "engagements": ("id", "libelle", "institutions", "enjeux"),
    "actions": ("engagement", "libelle", "resultats", "prochaines_etapes"),
}
_ID = {"engagements": "id", "actions": "engagement"}
_EMPTY = dict.fromkeys(("id", "engagement"), "est vide : un identifiant y est attendu")
_EMPTY["libelle"] = "est vide : un libellé y est attendu"


def commitment_rows(columns: Columns, reader: Reader) -> tuple[Cells, int]:
    """Return the rows' numbers (`ligne`) and the columns of ENGAGEMENTS or ACTIONS, and how many rows are notes.

    A row that fills one cell at most, and lacks what names it, is a note below the table.
    """
    contenu, marks = reader.livraison.contenu, missing_marks(reader.livraison)
    said = {role: _texts(columns, reader, role, marks) for role in _TEXTS[contenu]}
    said |= {role: any_days(columns, reader, role) for role in _DAYS[contenu]}
    for role, words in CLOSED_WORDS[contenu].items():
        said[role] = _closed(columns, reader, role, words, marks)
    required = REQUIRED_COLUMNS[contenu]
    right = [one.where(lambda found: not isinstance(found, Problem)) for one in said.values()]
    named = [said[role].where(lambda found: found is not None) for role in required]
    notes = pc.and_(pc.invert(all_of(named, len(columns))), pc.less_equal(_filled(said), 1))
    understood = all_of((*right, *named), len(columns))
    for i in rows_where(pc.and_not(pc.invert(understood), notes)).to_pylist():
        _keep_aside(columns, i, reader, {role: one[i] for role, one in said.items()}, required)
    found = _found(columns, said, contenu)
    return {name: column.filter(understood) for name, column in found.items()}, notes.true_count


def _filled(said: Mapping[str, Read]) -> pa.Array:
    """Count the filled cells of each row."""
    first, *others = (one.values(lambda found: int(found is not None), pa.int64()) for one in said.values())
    return functools.reduce(pc.add, others, first)


def _texts(columns: Columns, reader: Reader, role: str, marks: Marks) -> Read:
    def read(cell: Cell) -> Any:
        return _text(cell, role, marks)

    return reader.once((role,), lambda: read).column(cells_of(columns, role))


def _closed(columns: Columns, reader: Reader, role: str, words: tuple[str, ...], marks: Marks) -> Read:
    """Read what is declared with the closed word that it stands for: a pair, None where nothing is declared."""
    ours = Words(getattr(reader.livraison, f"valeurs_{role}"))
    unknown = f"n'est pas un {role} : {', '.join(words)} ; `valeurs_{role}` le traduirait"

    def read(cell: Cell) -> Any:
        text = _text(cell, role, marks)
        if not isinstance(text, str):
            return text
        word = closed_word(ours.get(text) or text, words)
        return (word, text) if word else Problem("valeur_illisible", role, text, unknown)

    return reader.once(("closed", role), lambda: read).column(cells_of(columns, role))


def _text(cell: Cell, role: str, marks: Marks) -> str | Problem | None:
    text = text_in(marks, cell)
    return replace(text, role=role) if isinstance(text, Problem) else text


def _keep_aside(columns: Columns, i: int, reader: Reader, said: Mapping[str, Any], required: tuple[str, ...]) -> None:
    """Keep a row aside for the first thing that is wrong in it, or missing."""
    wrong = next((one for one in said.values() if isinstance(one, Problem)), None)
    if wrong is None:
        role = next(role for role in required if said[role] is None)
        wrong = Problem("valeur_illisible", role, "", _EMPTY[role])
    reader.rejects.add(columns.row_numbers[i].as_py(), columns.heading(wrong.role, i), wrong)


def _found(columns: Columns, said: Mapping[str, Read], contenu: str) -> dict[str, pa.Array]:
    found = {"ligne": columns.row_numbers, "id_engagement": said[_ID[contenu]].values(text_said, pa.string())}
    found |= {role: said[role].values(text_said, pa.string()) for role in _TEXTS[contenu] if role != _ID[contenu]}
    found |= {role: said[role].values(day_said, pa.date32()) for role in _DAYS[contenu]}
    for role in CLOSED_WORDS[contenu]:
        found[role] = said[role].values(lambda pair: pair[0] if isinstance(pair, tuple) else None, pa.string())
        declared = said[role].values(lambda pair: pair[1] if isinstance(pair, tuple) else None, pa.string())
        found[f"{role}_declare"] = declared
    return found
