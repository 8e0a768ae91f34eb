"""The rows made of every delivery, and those kept aside, as Arrow tables: what stage 2 puts into DuckDB.

`ligne` is the row's number in the source file or sheet, from 1, as a spreadsheet shows it; for JSON and
Parquet, the record's number from 1. `colonne` is the heading as it is in the file.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

import pyarrow as pa

from barometre_pipeline.catalogue import Livraison
from barometre_pipeline.formats.sheets import Sheet
from barometre_pipeline.readers.cells import Problem

_PLACE = [
    ("livraison", pa.string()),
    ("fichier", pa.string()),  # the file's name, or the member of a zip
    ("feuille", pa.string()),  # null where the format has no sheets
    ("ligne", pa.int64()),
]
_KEY = [("id_indicateur", pa.string()), ("maille", pa.string()), ("code", pa.string())]

# One row per delivered number; `date` is the last day of its month, `drapeau` the mark that stood after the number.
VALEURS = pa.schema(
    [
        *_PLACE,
        ("colonne", pa.string()),
        *_KEY,
        ("date", pa.date32()),
        ("valeur", pa.float64()),
        ("pourcentage", pa.bool_()),  # it was written with the sign %
        ("drapeau", pa.string()),
    ]
)

# One row per delivered row of objectives that has at least one filled cell.
OBJECTIFS = pa.schema(
    [
        *_PLACE,
        *_KEY,
        ("valeur_initiale", pa.float64()),
        ("date_valeur_initiale", pa.date32()),
        ("cible", pa.float64()),
        ("date_cible", pa.date32()),
        ("date_arret", pa.date32()),
        ("date_reference", pa.date32()),
    ]
)

# One row per delivered explanation of a missed target.
EXPLICATIONS = pa.schema(
    [
        *_PLACE,
        *_KEY,
        ("date_cible", pa.date32()),
        ("texte", pa.string()),
        ("date", pa.date32()),
        ("lien", pa.string()),
    ]
)

# One row per delivered commitment: a closed word, and beside it what was declared.
ENGAGEMENTS = pa.schema(
    [
        *_PLACE,
        *[(c, pa.string()) for c in ("id_engagement", "libelle", "statut", "statut_declare", "calendrier")],
        *[(c, pa.string()) for c in ("calendrier_declare", "institutions", "enjeux")],
        ("mis_a_jour_le", pa.date32()),
    ]
)

# One row per delivered action of a commitment.
ACTIONS = pa.schema(
    [
        *_PLACE,
        *[(c, pa.string()) for c in ("id_engagement", "libelle", "resultats", "prochaines_etapes")],
        *[(c, pa.string()) for c in ("statut", "statut_declare")],
        ("echeance", pa.date32()),
    ]
)

# One row per cell or row kept aside. `regle` names the quality rule, `contenu` is what the file has there,
# `motif` a French sentence for the ministry; the key columns hold what could be understood, else null.
REJETS = pa.schema(
    [
        *_PLACE,
        ("colonne", pa.string()),
        ("regle", pa.string()),
        ("contenu", pa.string()),
        ("motif", pa.string()),
        *_KEY,
        ("date", pa.date32()),
    ]
)

_LONGEST = 200  # characters of a cell's text


class Rejects:
    """What a delivery has that cannot be taken; becomes tables of the REJETS schema."""

    def __init__(self, livraison: Livraison) -> None:
        self._livraison = livraison
        self._place: tuple[str, str | None] = ("", None)
        self._rows: list[tuple[Any, ...]] = []
        self._ignored: set[int | None] = set()

    def begin(self, sheet: Sheet) -> None:
        """Go on with another part of a sheet."""
        self._place = (sheet.source.name, sheet.name)
        self._ignored.clear()

    def ignore(self, line: int | None) -> None:
        """Count a row that the catalogue does not follow: it is no reject."""
        self._ignored.add(line)

    @property
    def ignored(self) -> int:
        """Return how many rows of this part the catalogue does not follow."""
        return len(self._ignored)

    def add(
        self,
        line: int | None,
        heading: str | None,
        problem: Problem,
        key: tuple[str | None, str | None, str | None, dt.date | None] = (None, None, None, None),
    ) -> None:
        """Keep one row or cell aside; `key` is (id_indicateur, maille, code, date), as far as understood."""
        content = problem.content[:_LONGEST]
        subject = f"« {content} »" if content else "La cellule"
        where = f" (colonne « {heading} »)" if heading else ""
        reason = f"{subject} {problem.reason}{where}."
        self._rows.append((self._livraison.id, *self._place, line, heading, problem.rule, content, reason, *key))

    def taken(self) -> pa.Table:
        """Return what was kept aside since it was taken before, in the order in which it was met."""
        columns = zip(*self._rows, strict=True) if self._rows else [[]] * len(REJETS)
        table = pa.table([pa.array(c, f.type) for c, f in zip(columns, REJETS, strict=True)], schema=REJETS)
        self._rows.clear()
        return table


def table_of(livraison: Livraison, sheet: Sheet, columns: dict[str, pa.Array], schema: pa.Schema) -> pa.Table:
    """Return rows of a schema, each with its place; texts are in dictionaries, as each distinct one is there once."""
    count = len(columns["ligne"])
    place = {"livraison": livraison.id, "fichier": sheet.source.name, "feuille": sheet.name}
    whole = {name: pa.repeat(pa.scalar(text, pa.string()), count) for name, text in place.items()} | columns
    fields = in_dictionaries(schema)
    return pa.table([_encoded(whole[field.name]).cast(field.type) for field in fields], schema=fields)


def in_dictionaries(schema: pa.Schema) -> pa.Schema:
    """Return the schema of the same columns, with each distinct text of a part once."""
    texts = pa.dictionary(pa.int32(), pa.string())
    return pa.schema([field.with_type(texts) if field.type == pa.string() else field for field in schema])


def _encoded(column: pa.Array) -> pa.Array:
    return column.dictionary_encode() if pa.types.is_string(column.type) else column
