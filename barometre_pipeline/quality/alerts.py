"""Every row of every alert, and the verdict of every rule, as tables of the edition's warehouse.

The report shows the first rows of a rule; here none is left out.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import duckdb
import pyarrow as pa

from barometre_pipeline.quality.results import RuleResult
from barometre_pipeline.quality.rules import COLUMNS, KEY_COLUMNS, KEY_TYPES, PLACE_COLUMNS, Rule
from barometre_pipeline.resources.duckdb_files import load_table, open_warehouse

_TYPES = {"date": pa.date32(), "valeur": pa.float64(), "ligne": pa.int64()}
_ROW = [(c, _TYPES.get(c, pa.string())) for c in COLUMNS]

# One row per faulty row of a rule that let the edition pass; its place where its value or its objective was delivered.
ALERTES = pa.schema([("table_controlee", pa.string()), ("regle", pa.string()), *_ROW])
# One row per rule.
CONTROLES = pa.schema(
    [(c, pa.string()) for c in ("table_controlee", "regle", "titre", "severite", "statut")]
    + [("nombre", pa.int64()), ("acceptees", pa.int64()), ("pourquoi", pa.string()), ("pour", pa.string())]
)
TABLES = {"qualite.alertes": ALERTES, "qualite.controles": CONTROLES}

_SQL_TYPES = {**KEY_TYPES, "valeur": "double", "ligne": "bigint"}
# A rule names keys: the place of what was delivered is that of its value, or of its objective where it has no date.
_PLACED = f"""
    select
        a.table_controlee, a.regle, {", ".join(f"a.{c}" for c in COLUMNS if c not in PLACE_COLUMNS)},
        coalesce(a.livraison, v.livraison, o.livraison) as livraison,
        coalesce(a.fichier, v.fichier, o.fichier) as fichier,
        coalesce(a.feuille, v.feuille, o.feuille) as feuille,
        coalesce(a.ligne, v.ligne, o.ligne) as ligne,
        coalesce(a.colonne, v.colonne) as colonne
    from alertes_sans_lieu as a
    left join stg_valeurs as v
        on a.livraison is null and v.id_indicateur = a.id_indicateur and v.maille = a.maille and v.code = a.code
        and v.date = a.date
    left join (select distinct on ({", ".join(KEY_COLUMNS[:3])}) * from stg_objectifs order by all) as o
        on a.livraison is null and a.date is null and o.id_indicateur = a.id_indicateur and o.maille = a.maille
        and o.code = a.code
    order by all
"""


def alert_rows(connection: duckdb.DuckDBPyConnection, judged: Iterable[tuple[Rule, RuleResult]]) -> pa.Table:
    """Return every row of the rules whose result is an alert, as `ALERTES`."""
    columns = ", ".join(f"{c} {_SQL_TYPES.get(c, 'varchar')}" for c in COLUMNS)
    connection.execute(
        f"create or replace temp table alertes_sans_lieu (table_controlee varchar, regle varchar, {columns})"
    )
    for rule, result in judged:
        if result.status == "alerte" and rule.counted_rows:
            query = f"select ? as table_controlee, ? as regle, * from ({rule.counted_rows})"
            connection.execute(f"insert into alertes_sans_lieu by name {query}", [result.table, result.rule])
        elif result.status == "alerte":  # an expectation on the table as a whole
            told = "; ".join(str(row["detail"]) for row in result.rows if row.get("detail"))
            query = "insert into alertes_sans_lieu (table_controlee, regle, detail) values (?, ?, ?)"
            connection.execute(query, [result.table, result.rule, told or None])
    return connection.sql(_PLACED).to_arrow_table().select(ALERTES.names).cast(ALERTES)


def keep_results(warehouse: Path, results: Iterable[RuleResult], alerts: pa.Table) -> None:
    """Put the verdict of each rule, and the rows of the alerts, into the warehouse that was judged."""
    rules = [
        {
            "table_controlee": r.table,
            "regle": r.rule,
            "titre": r.title,
            "severite": r.severity,
            "statut": r.status,
            "nombre": r.count,
            "acceptees": r.accepted,
            "pourquoi": r.why,
            "pour": r.audience,
        }
        for r in results
    ]
    with open_warehouse(warehouse) as connection:
        load_table(connection, "qualite.controles", pa.Table.from_pylist(rules, schema=CONTROLES))
        load_table(connection, "qualite.alertes", alerts)
