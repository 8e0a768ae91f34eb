"""What the quality report says, as plain facts: the verdict, deliveries, rejects, rules, exceptions, corrections.

The same facts make rapport.json and the page: what is English in the program takes its published French name here.
Their words are in `wording`, how they look in `report`.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from barometre_pipeline.catalogue import Catalogue
from barometre_pipeline.quality.deviations import KnownDeviation
from barometre_pipeline.quality.evaluation import Evaluation
from barometre_pipeline.quality.results import RuleResult
from barometre_pipeline.quality.wording import Names, drift_sentence
from barometre_pipeline.resources.duckdb_files import read_warehouse, rows_of
from barometre_pipeline.resources.secrets import Secrets

_DELIVERIES = """
    select
        l.livraison,
        l.ministere,
        l.contenu,
        l.fichiers,
        list_max(l.recus_le)::date as recue_le,
        l.edition_origine,
        l.edition_origine != e.edition as en_retard,
        v.derniere_date,
        l.lignes,
        coalesce(l.filtrees, 0) + coalesce(l.ignorees, 0) as lignes_non_suivies,
        l.rejets as lignes_illisibles,
        coalesce(r.rejets, 0) as rejets,
        coalesce(r.remplacees, 0) as remplacees,
        l.tolerance_rejets,
        coalesce(s.lignes_masquees, 0) as lignes_masquees,
        coalesce(s.colonnes_masquees, 0) as colonnes_masquees
    from raw.livraisons as l
    cross join catalogue.edition as e
    left join (select livraison, max(date) as derniere_date from raw.valeurs group by livraison) as v using (livraison)
    left join (
        select livraison, count(*) as rejets, count(*) filter (where regle = 'valeur_remplacee') as remplacees
        from stg_rejets
        group by livraison
    ) as r using (livraison)
    left join (
        select
            livraison,
            sum(lignes_masquees)::bigint as lignes_masquees,
            sum(colonnes_masquees)::bigint as colonnes_masquees
        from raw.feuilles
        group by livraison
    ) as s using (livraison)
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
        c.id_indicateur, c.maille, c.code, c.date, c.attendu, c.valeur, c.motif, c.reference,
        exists (
            from raw.valeurs as v
            where v.id_indicateur = c.id_indicateur and v.maille = c.maille and v.code = c.code
                and v.date = c.date and v.valeur = c.attendu
        ) as appliquee
    from catalogue.corrections as c
    order by all
"""


def gather_facts(warehouse: Path, catalogue: Catalogue, evaluation: Evaluation) -> dict[str, Any]:
    """Return everything that the report says about an edition, in an order that is always the same."""
    names = Names(catalogue)
    with read_warehouse(warehouse) as connection:
        edition = rows_of(connection, "select edition, debut, fin from catalogue.edition")[0]
        drift = rows_of(connection, "select livraison, nature, avant, apres from raw.derives order by all")
        return {
            "titre": catalogue.general.titre,
            "producteur": catalogue.general.producteur,
            **edition,
            "precedente": rows_of(connection, "select edition, publication, motif from precedente.edition")[0],
            "publiable": not evaluation.blocks,
            "bilan": _summary(evaluation),
            "livraisons": rows_of(connection, _DELIVERIES),
            "derives": [{"livraison": d["livraison"], "phrase": drift_sentence(**d)} for d in drift],
            "rejets": rows_of(connection, _REJECTS),
            "regles": [_rule(r, names) for r in evaluation.results],
            "corrections": [names.added_to(c) for c in rows_of(connection, _CORRECTIONS)],
            "exceptions": [names.added_to(_exception(d, evaluation)) for d in evaluation.deviations],
        }


def publication_facts(journal: Mapping[str, Any], secrets: Secrets) -> dict[str, Any] | None:
    """Return what the journal of a publication says for people, secrets masked; None before anything was pushed."""
    push, portal = journal.get("push"), journal.get("portal")
    if not push:
        return None
    return {
        "etiquette": push.get("published_as"),
        "commit": push["head"],
        "branche": push["branch"],
        "depot": secrets.scrub(push["depot"]),
        "fait_le": push["done_at"],
        "portail": portal and {"url": portal["url"], "jeu": portal["dataset"], "changements": len(portal["done"])},
    }


def _summary(evaluation: Evaluation) -> dict[str, int]:
    statuses = [r.status for r in evaluation.results]
    return {status: statuses.count(status) for status in ("bloquant", "erreur", "alerte", "ok")}


def _rule(result: RuleResult, names: Names) -> dict[str, Any]:
    return {
        "table": result.table,
        "regle": result.rule,
        "titre": result.title,
        "severite": result.severity,
        "statut": result.status,
        "pourquoi": result.why,
        "pour": result.audience,
        "nombre": result.count,
        "acceptees": result.accepted,
        "erreur": result.error,
        "lignes": [names.added_to(row) for row in result.rows],
    }


def results_of(facts: Mapping[str, Any]) -> list[RuleResult]:
    """Return what the rules found, from the facts that a report was written from."""
    return [
        RuleResult(
            table=rule["table"],
            rule=rule["regle"],
            title=rule["titre"],
            severity=rule["severite"],
            why=rule["pourquoi"],
            audience=rule["pour"],
            count=rule["nombre"],
            rows=tuple(rule["lignes"]),
            accepted=rule["acceptees"],
            error=rule["erreur"],
        )
        for rule in facts["regles"]
    ]


def _exception(deviation: KnownDeviation, evaluation: Evaluation) -> dict[str, Any]:
    known = any(r.rule == deviation.regle for r in evaluation.results)
    return {
        "regle": deviation.regle,
        "id_indicateur": deviation.id_indicateur,
        "maille": deviation.maille,
        "code": deviation.code,
        "date": deviation.date,
        "motif": deviation.motif,
        "jusqu_a": deviation.jusqu_a,
        "lignes": deviation.rows,
        "statut": deviation.status if known else "regle_inconnue",
    }
