"""One delivery read and staged in memory, by the readers and the SQL of a run: what would be kept of it, and what not.

Where its files come from is told by the caller.
"""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from barometre_pipeline.catalogue import Catalogue, Livraison
from barometre_pipeline.catalogue.tables import catalogue_tables
from barometre_pipeline.editions import Edition
from barometre_pipeline.readers import Reading
from barometre_pipeline.readers.workers import read_apart
from barometre_pipeline.resources.deliveries import Snapshot
from barometre_pipeline.resources.duckdb_files import rows_of
from barometre_pipeline.sql_models import read_models
from barometre_pipeline.stage import empty_warehouse
from barometre_pipeline.stage.loading import Received, load_catalogue_tables, load_raw
from barometre_pipeline.transform import run_models

_KEYS = "order by feuille nulls first, ligne, id_indicateur, maille, code"
_PREVIEWS = {
    "valeurs": f"id_indicateur, maille, code, date, valeur, feuille, ligne, colonne from stg_valeurs {_KEYS}",
    "objectifs": f"* exclude (livraison, fichier) from stg_objectifs {_KEYS}",
    "explications": f"* exclude (livraison, fichier) from stg_explications where livraison is not null {_KEYS}",
    "engagements": "* exclude (livraison, fichier, rang) from raw.engagements order by rang",
    "actions": "* exclude (livraison, fichier, rang) from raw.actions order by rang",
}
_REJECTS = """
    select regle, count(*)::bigint as nombre, min_by(motif, coalesce(ligne, 0)) as exemple, min(ligne) as ligne
    from stg_rejets
    group by regle
    order by regle
"""


@dataclass(frozen=True)
class Trial:
    """What a delivery would give: its first rows, the rejects by reason with an example, what is not followed."""

    lignes: int
    apercu: list[dict[str, Any]]
    rejets: list[dict[str, Any]]  # regle, nombre, exemple, ligne
    filtrees: int
    ignorees: int
    colonnes_ignorees: list[str]
    colonnes_inutilisees: list[str]

    @property
    def is_whole(self) -> bool:
        """Tell whether nothing was kept aside."""
        return not self.rejets


def try_delivery(catalogue: Catalogue, livraison: Livraison, stored: Snapshot, edition: Edition, most: int) -> Trial:
    """Read a delivery and stage it, alone; ReadingError where it cannot be read. `most` rows are shown."""
    files = [stored.path(f) for f in stored.manifest.fichiers]
    with tempfile.TemporaryDirectory(prefix="barometre-") as scratch, empty_warehouse() as connection:
        reading = read_apart(livraison, files, catalogue, edition, Path(scratch))
        load_raw(connection, [Received(livraison, stored.manifest, reading)])
        load_catalogue_tables(connection, catalogue_tables(catalogue, edition))
        for _ in run_models(connection, [model for model in read_models() if model.layer == "staging"]):
            pass
        return _told(connection, livraison, reading, most)


def _told(connection: duckdb.DuckDBPyConnection, livraison: Livraison, reading: Reading, most: int) -> Trial:
    sheets = reading.sheets
    return Trial(
        lignes=reading.rows.num_rows,
        apercu=rows_of(connection, f"select {_PREVIEWS[livraison.contenu]} limit {most}"),
        rejets=rows_of(connection, _REJECTS),
        filtrees=sum(sheet.filtered for sheet in sheets),
        ignorees=sum(sheet.notes + sheet.ignored for sheet in sheets),
        colonnes_ignorees=list(dict.fromkeys(c for sheet in sheets for c in sheet.ignored_columns)),
        colonnes_inutilisees=list(dict.fromkeys(c for sheet in sheets for c in sheet.unused_columns)),
    )
