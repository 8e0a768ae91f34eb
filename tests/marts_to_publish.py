"""Marts ready to be published, of a few rows written by hand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any

import duckdb
import pyarrow as pa

from barometre_pipeline.catalogue import Catalogue, Secteur
from barometre_pipeline.catalogue.levels import Maille
from barometre_pipeline.catalogue.model import Contact, General, Licence
from barometre_pipeline.publish.tree.cells import TYPES
from barometre_pipeline.publish.tree.manifest import DeliveredFile, Delivery, Provenance
from barometre_pipeline.publish.tree.schema import Column, Schema
from barometre_pipeline.publish.tree.schema_file import public_schema

PROVENANCE = Provenance(
    deliveries=(Delivery("ventes|1", "Ministère", (DeliveredFile("ventes.csv", "0" * 64, "2022-04-01"),), "2022-T1"),),
    demonstration=False,
    code_version="1.2.3",
)
CATALOGUE = Catalogue(
    general=General(
        titre="Baromètre d'essai",
        prefixe="essai",
        jeu_de_donnees="essai",
        producteur="Le producteur",
        licence=Licence(id="lov2", libelle="Licence Ouverte", url="https://licence.example.org"),
        contact=Contact(nom="Équipe", courriel="equipe@example.org"),
    ),
    secteurs=(
        Secteur(id="a", libelle="Premier", dossier="premier", prefixe="un"),
        Secteur(id="b", libelle="Second, sans ligne", dossier="second", prefixe="deux"),
    ),
    territoires=(),
    mesures=(),
    livraisons=(),
)


def schema_by_level(mailles: Sequence[Maille]) -> Schema:
    """Return the public schema of these levels, without the tables that are published whole."""
    schema = public_schema(mailles)
    return replace(schema, tables={name: table for name, table in schema.tables.items() if table.partition})


SCHEMA = schema_by_level(CATALOGUE.mailles)


def a_row(maille: str = "nationale", code: str = "FR", **given: Any) -> dict[str, Any]:
    """One row of either mart: what is not given has a plain value, and no number."""
    row = {"ordre_mesure": 1, "ordre_indicateur": 1, "id_secteur": "a", "id_indicateur": "i", "unite": "unités"}
    row |= {"libelle_mesure": "Mesure", "libelle_indicateur": "Indicateur"}
    row |= {"maille": maille, "code": code, "libelle_territoire": f"Territoire {code}"}
    return {**row, "date": date(2022, 3, 31), "date_cible": date(2022, 12, 31), **given}


def small_marts(*rows: dict[str, Any], schema: Schema = SCHEMA) -> duckdb.DuckDBPyConnection:
    """Open marts that all hold these rows: a table for each that the schema publishes by level, with its Parquet's."""
    con = duckdb.connect(config={"threads": 1})
    for name, table in schema.parquet.items():
        columns = [c for c in (*table.colonnes, *schema.tables[name].colonnes) if isinstance(c, Column)]
        fields = {c.mart_column: TYPES[c.type].arrow for c in columns}
        arrow = pa.schema(list(fields.items()))
        values = pa.Table.from_pylist([{c: row.get(c) for c in fields} for row in rows], schema=arrow)
        con.execute(f"create table {name} as select * from values")
    for name, table in schema.whole.items():  # without a row
        fields = {c.mart_column: TYPES[c.type].arrow for c in table.colonnes if isinstance(c, Column)}
        fields |= {c: pa.int64() for c in table.ordre if c not in fields}
        values = pa.schema(list(fields.items())).empty_table()  # noqa: F841
        con.execute(f"create table {name} as select * from values")
    return con
