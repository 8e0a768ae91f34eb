"""Marts ready to be published, of a few rows written by hand."""

from __future__ import annotations

from datetime import date
from typing import Any

import duckdb
import pyarrow as pa

from barometre_pipeline.catalogue import Catalogue, Secteur
from barometre_pipeline.catalogue.model import Contact, General, Licence
from barometre_pipeline.publish.tree.notices import DeliveredFile, Delivery, Provenance
from barometre_pipeline.publish.tree.schema import public_schema

PROVENANCE = Provenance(
    deliveries=(Delivery("ventes|1", "Ministère", (DeliveredFile("ventes.csv", "0" * 64),), "2022-T1"),),
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
_TYPES = {"texte": pa.string(), "nombre": pa.float64(), "date": pa.date32()}
_KEY = {"ordre_mesure": pa.int64(), "ordre_indicateur": pa.int64(), "secteur": pa.string()}


def a_row(maille: str = "nationale", code: str = "FR", **given: Any) -> dict[str, Any]:
    """One row of either mart: what is not given has a plain value, and no number."""
    row = {"ordre_mesure": 1, "ordre_indicateur": 1, "secteur": "a", "mesure": "Mesure", "indicateur": "Indicateur"}
    row |= {"id_indicateur": "i", "maille": maille, "code": code, "libelle": f"Territoire {code}", "unite": "unités"}
    return {**row, "date": date(2022, 3, 31), "date_cible": date(2022, 12, 31), **given}


def small_marts(*rows: dict[str, Any]) -> duckdb.DuckDBPyConnection:
    """Open marts that both hold these rows."""
    con = duckdb.connect(config={"threads": 1})
    for table in public_schema().tables:
        fields = {**_KEY, "maille": pa.string(), "code": pa.string(), "libelle": pa.string()}
        fields |= {c.nom: _TYPES[c.type] for c in public_schema().columns(table, "nationale") if not c.constante}
        schema = pa.schema(list(fields.items()))
        values = pa.Table.from_pylist([{c: row.get(c) for c in fields} for row in rows], schema=schema)  # noqa: F841
        con.execute(f"create table {table} as select * from values")
    return con
