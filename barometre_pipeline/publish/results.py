"""What an edition brings, in figures, for whoever reads the messages of commits: against the publication before it."""

from __future__ import annotations

from collections.abc import Mapping

import duckdb

from barometre_pipeline.publish.tree.manifest import Provenance

# Each counts against the schema `precedente`, which is empty where there is nothing before.
_FIGURES = {
    "valeurs": "select count(*) from detail",
    "syntheses": "select count(*) from synthese",
    "valeurs_ajoutees": "from detail anti join precedente.detail using (id_indicateur, maille, code, date)",
    "valeurs_revisees": """from detail as d join precedente.detail as p using (id_indicateur, maille, code, date)
        where d.valeur is distinct from p.valeur""",
    "valeurs_retirees": "from precedente.detail anti join detail using (id_indicateur, maille, code, date)",
    "cibles_deplacees": """from synthese as s join precedente.synthese as p using (id_indicateur, maille, code)
        where (s.cible, s.date_cible) is distinct from (p.cible, p.date_cible)""",
}
_UPDATED = """
    select count(distinct id_indicateur) from (
        select id_indicateur, maille, code, date, valeur from detail
        except select id_indicateur, maille, code, date, valeur from precedente.detail
    )
"""


def results_of(connection: duckdb.DuckDBPyConnection, provenance: Provenance) -> Mapping[str, int]:
    """Return the figures of the edition in this warehouse, by the names that a message may use."""
    counts = {**_FIGURES, "indicateurs": _UPDATED}
    queries = {n: q if q.lstrip().startswith("select") else f"select count(*) {q}" for n, q in counts.items()}
    figures = {name: connection.execute(query).fetchall()[0][0] for name, query in queries.items()}
    return {**figures, "retards": len(provenance.retards), "alertes": sum(n for _, n in provenance.alertes)}
