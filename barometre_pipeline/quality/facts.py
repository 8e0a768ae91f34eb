"""What the quality report says, as plain facts: the verdict, deliveries, rejects, rules, exceptions, corrections.

The same facts make rapport.json and the page. How they look is in `report`.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb

from barometre_pipeline.catalogue import Catalogue
from barometre_pipeline.quality.evaluation import Evaluation
from barometre_pipeline.quality.known_deviations import KnownDeviation
from barometre_pipeline.quality.results import RuleResult
from barometre_pipeline.quality.wording import drift_sentence
from barometre_pipeline.resources.duckdb_files import read_warehouse

_DELIVERIES = """
    select
        l.livraison,
        l.ministere,
        l.contenu,
        l.fichiers,
        l.edition_origine,
        l.edition_origine != e.edition as en_retard,
        v.derniere_date,
        l.lignes,
        l.rejets as lignes_illisibles,
        coalesce(r.rejets, 0) as rejets,
        l.tolerance_rejets
    from raw.livraisons as l
    cross join catalogue.edition as e
    left join (select livraison, max(date) as derniere_date from raw.valeurs group by livraison) as v using (livraison)
    left join (select livraison, count(*) as rejets from stg_rejets group by livraison) as r using (livraison)
    order by l.ministere, l.livraison
"""
_REJECTS = """
    select livraison, regle, motif, count(*) as nombre
    from stg_rejets
    group by livraison, regle, motif
    order by livraison, regle, motif
"""
_CORRECTIONS = """
    select
        c.indicateur, c.maille, c.territoire, c.date, c.attendu, c.valeur, c.motif, c.reference,
        exists (
            from raw.valeurs as v
            where v.indicateur = c.indicateur and v.maille = c.maille and v.territoire = c.territoire
                and v.date = c.date and v.valeur = c.attendu
        ) as appliquee
    from catalogue.corrections as c
    order by all
"""


def gather_facts(warehouse: Path, catalogue: Catalogue, evaluation: Evaluation) -> dict[str, Any]:
    """Return everything that the report says about an edition, in an order that is always the same."""
    names = _Names(catalogue)
    with read_warehouse(warehouse) as connection:
        edition = _rows(connection, "select edition, debut, fin from catalogue.edition")[0]
        drift = _rows(connection, "select livraison, nature, avant, apres from raw.derives order by all")
        return {
            "titre": catalogue.general.titre,
            "producteur": catalogue.general.producteur,
            **edition,
            "publiable": not evaluation.blocks,
            "bilan": _summary(evaluation),
            "livraisons": _rows(connection, _DELIVERIES),
            "derives": [{"livraison": d["livraison"], "phrase": drift_sentence(**d)} for d in drift],
            "rejets": _rows(connection, _REJECTS),
            "regles": [_rule(r, names) for r in evaluation.results],
            "corrections": [names.added_to(c) for c in _rows(connection, _CORRECTIONS)],
            "exceptions": [names.added_to(_exception(d, evaluation)) for d in evaluation.deviations],
        }


def _rows(connection: duckdb.DuckDBPyConnection, query: str) -> list[dict[str, Any]]:
    cursor = connection.execute(query)
    names = [column[0] for column in cursor.description]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def _summary(evaluation: Evaluation) -> dict[str, int]:
    statuses = [r.statut for r in evaluation.results]
    return {status: statuses.count(status) for status in ("bloquant", "erreur", "alerte", "ok")}


def _rule(result: RuleResult, names: _Names) -> dict[str, Any]:
    return {
        "table": result.table,
        "regle": result.regle,
        "titre": result.titre,
        "severite": result.severite,
        "statut": result.statut,
        "pourquoi": result.pourquoi,
        "pour": result.pour,
        "nombre": result.nombre,
        "acceptees": result.acceptees,
        "erreur": result.erreur,
        "lignes": [names.added_to(row) for row in result.lignes],
    }


class _Names:
    """Adds to a row the words of the catalogue for its indicator and its territory."""

    def __init__(self, catalogue: Catalogue):
        self._indicators = {i.id: i.libelle for i in catalogue.indicateurs.values()}
        self._territories = {(t.maille, t.code): t.libelle for t in catalogue.territoires}

    def added_to(self, row: dict[str, Any]) -> dict[str, Any]:
        named = {
            "indicateur_libelle": self._indicators.get(row.get("indicateur")),
            "territoire_libelle": self._territories.get((row.get("maille"), row.get("territoire"))),
        }
        return row | {key: words for key, words in named.items() if words}


def _exception(deviation: KnownDeviation, evaluation: Evaluation) -> dict[str, Any]:
    known = any(r.regle == deviation.regle for r in evaluation.results)
    return {
        "regle": deviation.regle,
        "indicateur": deviation.indicateur,
        "maille": deviation.maille,
        "territoire": deviation.territoire,
        "date": deviation.date,
        "motif": deviation.motif,
        "jusqu_a": deviation.jusqu_a,
        "lignes": deviation.rows,
        "statut": deviation.statut if known else "regle_inconnue",
    }
