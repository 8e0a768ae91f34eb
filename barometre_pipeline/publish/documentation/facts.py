"""What is known of an edition that its documentation shows: methods, sources and commitments, read in its tables."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import duckdb

from barometre_pipeline.resources.duckdb_files import rows_of

_INDICATEURS = "select id_indicateur, methode, mailles, premiere_date, derniere_date, territoires from indicateurs"
_SOURCES = """
    select i.id_indicateur, l.livraison, l.ministere, l.contenu, l.adresse, l.fichiers, l.recus_le, l.sha256,
        l.edition_origine
    from (select distinct id_indicateur, livraison from raw.valeurs
        union select distinct id_indicateur, livraison from raw.objectifs) as i
    join raw.livraisons as l on l.livraison = i.livraison
    order by i.id_indicateur, l.contenu desc, l.livraison
"""
_CORRECTIONS = """
    select c.id_indicateur, t.libelle_territoire, c.date, c.motif
    from catalogue.corrections as c
    left join catalogue.territoires as t on t.maille = c.maille and t.code = c.code
    order by all
"""
_ENGAGEMENTS = "select * from engagements order by ordre"
_ACTIONS = "select * from actions order by ordre nulls last, id_engagement, rang"


@dataclass(frozen=True)
class Source:
    """A delivery of an indicator: `fichiers` are its files as received, with the day in Paris and the sha256."""

    livraison: str
    ministere: str
    contenu: str
    adresse: str
    fichiers: tuple[tuple[str, dt.date | None, str], ...]
    edition_origine: str


@dataclass(frozen=True)
class Facts:
    """What the pages are made from, beside the catalogue: rows of the marts, by the id of what they are of."""

    indicateurs: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    sources: Mapping[str, list[Source]] = field(default_factory=dict)
    corrections: Mapping[str, list[Mapping[str, Any]]] = field(default_factory=dict)
    engagements: list[dict[str, Any]] = field(default_factory=list)
    actions: Mapping[str, list[dict[str, Any]]] = field(default_factory=dict)


def read_facts(connection: duckdb.DuckDBPyConnection) -> Facts:
    """Read the facts of the edition in this warehouse."""
    sources = defaultdict(list)
    for id_, livraison, ministere, contenu, adresse, names, days, sums, origin in connection.execute(
        _SOURCES
    ).fetchall():
        files = zip(names, [dt.date.fromisoformat(d) if d else None for d in days], sums, strict=True)
        sources[id_].append(Source(livraison, ministere, contenu, adresse or "", tuple(files), origin))
    return Facts(
        indicateurs={row["id_indicateur"]: row for row in rows_of(connection, _INDICATEURS)},
        sources=sources,
        corrections=_by(rows_of(connection, _CORRECTIONS), "id_indicateur"),
        engagements=rows_of(connection, _ENGAGEMENTS),
        actions=_by(rows_of(connection, _ACTIONS), "id_engagement"),
    )


def _by(rows: list[dict[str, Any]], key: str) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = defaultdict(list)
    for row in rows:
        found[row[key]].append(row)
    return found
