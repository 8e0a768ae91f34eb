"""Fills the raw tables of an edition's warehouse: every delivery, the catalogue, the previous edition.

Reading a delivery is the readers' work, and describing its drift is in `drift`.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from barometre_pipeline.catalogue import Catalogue, Livraison
from barometre_pipeline.editions import Edition
from barometre_pipeline.errors import ReadingError, SourceError
from barometre_pipeline.readers import Reading, read_delivery
from barometre_pipeline.readers.rows import EXPLICATIONS, OBJECTIFS, REJETS, VALEURS
from barometre_pipeline.readers.territories import TerritoryIndex
from barometre_pipeline.resources.deliveries import Manifest, load_snapshot
from barometre_pipeline.resources.duckdb_files import create_empty_table, load_table
from barometre_pipeline.stage.raw_tables import FEUILLES, LIVRAISONS, PREVIOUS, RAW_TABLES

progress = logging.getLogger("barometre.stage")

# What of the previous edition the drift and the rules compare with.
_PREVIOUS = {
    "feuilles": "select livraison, fichier, feuille, entetes from {}.raw.feuilles",
    "valeurs": "select livraison, id_indicateur, maille, code, date, valeur from {}.main.stg_valeurs",
    "detail": "select id_indicateur, maille, code, date, valeur, enfants from {}.main.detail",
}


@dataclass(frozen=True)
class Previous:
    """The edition before, as it stands in the home: its warehouse, or why it cannot be had (in French)."""

    edition: Edition | None = None
    warehouse: Path | None = None
    motif: str | None = None

    def as_row(self) -> dict[str, str | None]:
        """Return the row of precedente.edition."""
        return {"edition": str(self.edition) if self.warehouse else None, "motif": self.motif}


@dataclass(frozen=True)
class Received:
    """A delivery with what was received of it and what was read in it."""

    livraison: Livraison
    manifest: Manifest
    reading: Reading


def read_received(catalogue: Catalogue, folder: Path) -> list[Received]:
    """Read every delivery stored in this folder; ReadingError tells all those that cannot be, at once."""
    read, problems = [], []
    territories = TerritoryIndex(catalogue)
    for done, livraison in enumerate(catalogue.livraisons, 1):
        try:
            stored = load_snapshot(folder, livraison.id)
            files = [stored.path(f) for f in stored.manifest.fichiers]
            origin = Edition.parse(stored.manifest.edition)  # an earlier one, where a late source's file is kept
            reading = read_delivery(livraison, files, catalogue, territories, origin)
            read.append(Received(livraison, stored.manifest, reading))
        except SourceError as error:
            problems.append(f"{livraison.id}: {error}.")
        except ReadingError as error:
            problems.append(str(error))
        progress.info("%s", livraison.id, extra={"done": done, "total": len(catalogue.livraisons)})
    if problems:
        raise ReadingError("\n".join(problems))
    return read


def load_raw(connection: duckdb.DuckDBPyConnection, received: list[Received]) -> dict[str, int]:
    """Replace the raw tables by what was read, in the catalogue's order; return their numbers of rows."""
    readings = [(r.livraison.contenu, r.reading) for r in received]
    tables = {
        "raw.valeurs": ranked(VALEURS, [r.rows for kind, r in readings if kind == "valeurs"]),
        "raw.objectifs": ranked(OBJECTIFS, [r.rows for kind, r in readings if kind == "objectifs"]),
        "raw.explications": ranked(EXPLICATIONS, [r.rows for kind, r in readings if kind == "explications"]),
        "raw.rejets": ranked(REJETS, [r.rejects for _, r in readings]),
        "raw.livraisons": pa.Table.from_pylist([_summary(r) for r in received], schema=LIVRAISONS),
        "raw.feuilles": pa.Table.from_pylist([s for r in received for s in _sheets(r)], schema=FEUILLES),
    }
    for name, rows in tables.items():
        load_table(connection, name, rows)
    return {name: rows.num_rows for name, rows in tables.items()}


def load_catalogue_tables(connection: duckdb.DuckDBPyConnection, tables: dict[str, pa.Table]) -> None:
    """Replace the schema `catalogue` by these tables."""
    for name, rows in tables.items():
        load_table(connection, f"catalogue.{name}", rows)


def load_previous(connection: duckdb.DuckDBPyConnection, previous: Previous) -> None:
    """Copy what is compared with from the previous edition's warehouse; without one, make the tables empty."""
    load_table(connection, "precedente.edition", pa.Table.from_pylist([previous.as_row()], schema=PREVIOUS))
    if previous.warehouse:
        connection.execute(f"attach '{str(previous.warehouse).replace(chr(39), chr(39) * 2)}' as avant (read_only)")
        for table, query in _PREVIOUS.items():
            connection.execute(f"create or replace table precedente.{table} as {query.format('avant')}")
        connection.execute("detach avant")
        return
    for table in _PREVIOUS:
        create_empty_table(connection, f"precedente.{table}", RAW_TABLES[f"precedente.{table}"].columns)


def ranked(schema: pa.Schema, tables: list[pa.Table]) -> pa.Table:
    """Put tables of this schema below one another, with `rang`, the order of reading from 1."""
    rows = pa.concat_tables([schema.empty_table(), *tables])
    return rows.append_column("rang", pa.array(range(1, rows.num_rows + 1), pa.int64()))


def _summary(r: Received) -> dict[str, Any]:
    return {
        "livraison": r.livraison.id,
        "ministere": r.livraison.ministere,
        "contenu": r.livraison.contenu,
        "edition_origine": r.manifest.edition,
        "fichiers": [f.nom for f in r.manifest.fichiers],
        "sha256": [f.sha256 for f in r.manifest.fichiers],
        "octets": sum(f.taille for f in r.manifest.fichiers),
        "lignes": r.reading.rows.num_rows,
        "filtrees": sum(s.filtered for s in r.reading.sheets),
        "ignorees": sum(s.notes + s.ignored for s in r.reading.sheets),
        "rejets": r.reading.rejects.num_rows,
        "tolerance_rejets": r.livraison.rejects_allowed,
        "cible_retenue": r.livraison.cible_retenue,
    }


def _sheets(r: Received) -> Iterator[dict[str, Any]]:
    for sheet in r.reading.sheets:
        yield {
            "livraison": r.livraison.id,
            "fichier": sheet.file,
            "feuille": sheet.name,
            "entetes": list(sheet.headings),
            "lignes": sheet.rows,
            "filtrees": sheet.filtered,
            "ignorees": sheet.notes + sheet.ignored,
            "colonnes_ignorees": list(sheet.ignored_columns),
            "colonnes_inutilisees": list(sheet.unused_columns),
            "lignes_masquees": sheet.hidden_rows,
            "colonnes_masquees": sheet.hidden_columns,
        }
