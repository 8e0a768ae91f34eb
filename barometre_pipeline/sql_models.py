"""Reads the SQL models of dbt_like_sql/: name, layer, description, the tables each one reads.

A model is a plain SELECT whose first comment says what it is, then « One row per … ». Nothing here runs
SQL or knows Dagster.
"""

from __future__ import annotations

from dataclasses import dataclass
from graphlib import TopologicalSorter
from pathlib import Path

import sqlglot
from sqlglot import exp

SQL_FOLDER = Path(__file__).parents[1] / "dbt_like_sql"
LAYERS = ("staging", "intermediate", "marts")


@dataclass(frozen=True)
class SqlModel:
    """One SQL file: `name` is its table, `reads` the tables it selects from (`raw.valeurs`, `stg_valeurs`)."""

    name: str
    layer: str
    description: str
    sql: str
    reads: frozenset[str]


def read_model(path: Path) -> SqlModel:
    """Read one file; ValueError where it has no header comment or is not one SELECT."""
    sql = path.read_text(encoding="utf-8")
    lines = sql.splitlines()
    header = []
    for line in lines:
        if not line.startswith("--"):
            break
        header.append(line.removeprefix("--").strip())
    if not header or "One row per" not in " ".join(header):
        raise ValueError(f"{path.name}: the first comment says what the model is, then « One row per … ».")
    return SqlModel(path.stem, path.parent.name, "\n".join(header), sql, _tables_read(path.name, sql))


def read_models(folder: Path = SQL_FOLDER) -> list[SqlModel]:
    """Read every model, each after those it reads; ValueError where two read one another."""
    found = {p.stem: read_model(p) for layer in LAYERS for p in sorted((folder / layer).glob("*.sql"))}
    order = TopologicalSorter({name: sorted(model.reads & found.keys()) for name, model in found.items()})
    return [found[name] for name in order.static_order()]


def _tables_read(file_name: str, sql: str) -> frozenset[str]:
    statements = sqlglot.parse(sql, dialect="duckdb")
    if len(statements) != 1 or not isinstance(statements[0], exp.Query):
        raise ValueError(f"{file_name}: a model is one SELECT.")
    ctes = {cte.alias for cte in statements[0].find_all(exp.CTE)}
    tables = {".".join(part.name for part in t.parts) for t in statements[0].find_all(exp.Table)}
    return frozenset(tables - ctes - {""})
