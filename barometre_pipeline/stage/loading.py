"""Fills the raw tables of an edition's warehouse: every delivery, the catalogue, the previous edition.

Reading a delivery is the readers' work, and describing its drift is in `drift`.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pyarrow as pa

from barometre_pipeline.catalogue import Catalogue, Livraison
from barometre_pipeline.errors import ReadingError, SourceError
from barometre_pipeline.readers import Reading, read_delivery
from barometre_pipeline.readers.rows import OBJECTIFS, REJETS, VALEURS
from barometre_pipeline.resources.deliveries import Manifest, load_snapshot
from barometre_pipeline.resources.duckdb_files import load_table

progress = logging.getLogger("barometre.stage")

# One row per delivery: what was read, and from which edition its files come.
LIVRAISONS = pa.schema(
    [(c, pa.string()) for c in ("livraison", "ministere", "contenu", "edition_origine")]
    + [("fichiers", pa.list_(pa.string())), ("sha256", pa.list_(pa.string()))]
    + [(c, pa.int64()) for c in ("octets", "lignes", "ignorees", "rejets")]
    + [("tolerance_rejets", pa.int64())]
)
# One row per sheet (or file) that was read, with the headings seen in it.
FEUILLES = pa.schema(
    [("livraison", pa.string()), ("fichier", pa.string()), ("feuille", pa.string())]
    + [("entetes", pa.list_(pa.string())), ("lignes", pa.int64()), ("ignorees", pa.int64())]
)
# What of the previous edition the drift and the rules compare with; empty tables when there is none.
_PREVIOUS = {
    "feuilles": "select livraison, fichier, feuille, entetes from {}.raw.feuilles",
    "valeurs": "select livraison, indicateur, maille, territoire, date, valeur from {}.main.stg_valeurs",
    "detail": "select id_indicateur, maille, code, date, valeur, enfants from {}.main.detail",
}


@dataclass(frozen=True)
class Received:
    """A delivery with what was received of it and what was read in it."""

    livraison: Livraison
    manifest: Manifest
    reading: Reading


def read_received(catalogue: Catalogue, folder: Path) -> list[Received]:
    """Read every delivery stored in this folder; ReadingError tells all those that cannot be, at once."""
    read, problems = [], []
    for done, livraison in enumerate(catalogue.livraisons, 1):
        try:
            stored = load_snapshot(folder, livraison.id)
            files = [stored.path(f) for f in stored.manifest.fichiers]
            read.append(Received(livraison, stored.manifest, read_delivery(livraison, files, catalogue)))
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
        "raw.valeurs": ranked(VALEURS, [r.lignes for kind, r in readings if kind == "valeurs"]),
        "raw.objectifs": ranked(OBJECTIFS, [r.lignes for kind, r in readings if kind == "objectifs"]),
        "raw.rejets": ranked(REJETS, [r.rejets for _, r in readings]),
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


def load_previous(connection: duckdb.DuckDBPyConnection, warehouse: Path | None) -> None:
    """Copy what is compared with from the previous edition's warehouse; without one, make the tables empty."""
    connection.execute("create schema if not exists precedente")
    if warehouse:
        connection.execute(f"attach '{str(warehouse).replace(chr(39), chr(39) * 2)}' as avant (read_only)")
        for table, query in _PREVIOUS.items():
            connection.execute(f"create or replace table precedente.{table} as {query.format('avant')}")
        connection.execute("detach avant")
        return
    connection.execute("""
        create or replace table precedente.feuilles (livraison text, fichier text, feuille text, entetes text[]);
        create or replace table precedente.valeurs
            (livraison text, indicateur text, maille text, territoire text, date date, valeur double);
        create or replace table precedente.detail
            (id_indicateur text, maille text, code text, date date, valeur double, enfants bigint);
    """)


def ranked(schema: pa.Schema, tables: list[pa.Table]) -> pa.Table:
    """Put tables of this schema below one another, with `rang`, the order of reading from 1."""
    rows = pa.concat_tables([schema.empty_table(), *tables])
    return rows.append_column("rang", pa.array(range(1, rows.num_rows + 1), pa.int64()))


def _summary(r: Received) -> dict:
    return {
        "livraison": r.livraison.id,
        "ministere": r.livraison.ministere,
        "contenu": r.livraison.contenu,
        "edition_origine": r.manifest.edition,
        "fichiers": [f.nom for f in r.manifest.fichiers],
        "sha256": [f.sha256 for f in r.manifest.fichiers],
        "octets": sum(f.taille for f in r.manifest.fichiers),
        "lignes": r.reading.lignes.num_rows,
        "ignorees": sum(s.ignorees for s in r.reading.feuilles),
        "rejets": r.reading.rejets.num_rows,
        "tolerance_rejets": r.livraison.rejets_toleres,
    }


def _sheets(r: Received):
    for sheet in r.reading.feuilles:
        yield {
            "livraison": r.livraison.id,
            "fichier": sheet.fichier,
            "feuille": sheet.feuille,
            "entetes": list(sheet.entetes),
            "lignes": sheet.lignes,
            "ignorees": sheet.ignorees,
        }
