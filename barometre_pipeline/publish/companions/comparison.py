"""What changed since the edition before, computed in a build by the model that compares two editions of the history.

The model reads tables of all editions: here they are this one's, and what the schema `precedente` has of the other.
"""

from __future__ import annotations

import re
from dataclasses import replace

from barometre_pipeline.sql_models import SqlModel

COMPARED = "revisions"

_PAIR = """
    select p.edition as edition_avant, e.edition as edition_apres
    from precedente.edition as p cross join catalogue.edition as e
    where p.edition is not null
"""
_SYNTHESE = "id_indicateur, maille, code, cible, date_cible, valeur_initiale, date_valeur_initiale, pourcentage_cible"
# What a publication of an earlier program does not say is what the catalogue says today: nothing is told of it.
_INDICATEURS = """
    select edition, id_indicateur, libelle_indicateur, unite, serie, lecture, multiplicateur from main.indicateurs
    union all
    select
        a.edition, p.id_indicateur, p.libelle_indicateur, p.unite, coalesce(p.serie, i.serie),
        coalesce(p.lecture, i.lecture), coalesce(p.multiplicateur, i.multiplicateur)
    from precedente.indicateurs as p
    left join catalogue.indicateurs as i on i.id_indicateur = p.id_indicateur
    cross join precedente.edition as a
"""
_LIVRAISONS = """
    select edition, contenu, livraison, sha256, indicateurs from main.livraisons
    union all
    select a.edition, coalesce(p.contenu, l.contenu, 'valeurs'), p.livraison, p.sha256, p.indicateurs
    from precedente.livraisons as p
    left join raw.livraisons as l on l.livraison = p.livraison
    cross join precedente.edition as a
"""


def _both(table: str, columns: str) -> str:
    return f"""
        select edition, {columns} from main.{table}
        union all
        select a.edition, {columns} from precedente.{table} cross join precedente.edition as a
    """


_OF_BOTH_EDITIONS = {
    "paires": _PAIR,
    "detail": _both("detail", "id_indicateur, maille, code, date, valeur"),
    "synthese": _both("synthese", _SYNTHESE),
    "indicateurs": _INDICATEURS,
    "livraisons": _LIVRAISONS,
}
# The history's model that it reads as it is; what it reads of both editions is named in their queries.
_READ = "corrections"


def comparing(model: SqlModel) -> SqlModel:
    """Return the model that compares editions, as one that compares a build with the edition before it."""
    # On one line, so that a fault of the model keeps its own.
    named = ", ".join(f"{name} as ({' '.join(query.split())})" for name, query in _OF_BOTH_EDITIONS.items())
    tables = {table for query in _OF_BOTH_EDITIONS.values() for table in re.findall(r"(?:from|join) ([a-z.]+)", query)}
    reads = frozenset({_READ, *(table.removeprefix("main.") for table in tables)})
    return replace(model, sql=f"with {named} select * from ({model.sql}\n)", reads=reads)
