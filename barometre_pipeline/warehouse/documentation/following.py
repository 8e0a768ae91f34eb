"""Finds from which columns each column of a model is computed, by sqlglot, which takes seconds: not at each run."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError
from sqlglot.lineage import Node, lineage
from sqlglot.optimizer.qualify import qualify
from sqlglot.optimizer.scope import build_scope

from barometre_pipeline.sql_lineage import Lineage
from barometre_pipeline.sql_models import SqlModel
from barometre_pipeline.sql_unions import align_unions


def find_lineage(models: Iterable[SqlModel], columns: Mapping[str, Mapping[str, str]]) -> dict[str, Lineage]:
    """Return the lineage of each model; `columns` are those of every table, with their types.

    A column that sqlglot cannot follow has none.
    """
    return {model.name: _of_model(model, columns) for model in models}


def _of_model(model: SqlModel, columns: Mapping[str, Mapping[str, str]]) -> Lineage:
    schema: dict[str, object] = {}
    for table in model.reads:
        *within, name = table.split(".")
        place = schema
        for part in within or ["main"]:
            place = place.setdefault(part, {})  # type: ignore[assignment]
        place[name] = dict(columns[table])
    try:
        query = sqlglot.parse_one(model.sql, dialect="duckdb")
        for read in query.find_all(exp.Table):
            if read.name in columns and not read.db:
                read.set("db", exp.to_identifier("main"))
        query = qualify(query, schema=schema, dialect="duckdb", validate_qualify_columns=False, quote_identifiers=False)
        align_unions(query)
        found = lineage(None, query, schema, scope=build_scope(query), dialect="duckdb", trim_selects=False)
    except SqlglotError:
        return {}
    return {name: origins for name in columns[model.name] if name in found and (origins := sorted(_read(found[name])))}


def _read(node: Node) -> set[str]:
    found = set()
    for one in node.walk():
        if not one.downstream and isinstance(one.source, exp.Table):
            table = ".".join(part.name for part in one.source.parts if part.name != "main")
            found.add(f"{table}.{one.name.rpartition('.')[2]}")
    return found
