"""The lineage of the columns: found in the models, as a file that runs read and as a page for people."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from barometre_pipeline.resources.duckdb_files import sql_columns
from barometre_pipeline.sql_lineage import Lineage
from barometre_pipeline.sql_models import SqlModel
from barometre_pipeline.stage import RAW_TABLES, empty_warehouse
from barometre_pipeline.warehouse.documentation.following import find_lineage

_INTRODUCTION = """# D’où vient chaque colonne

Écrit par `make docs` depuis le SQL de `dbt_like_sql/`. Dagster en garde autant avec chaque table
(`dagster/column_lineage`) ; son interface libre ne le dessine pas. Une colonne absente ne vient d’aucune autre : une
constante, un compte de lignes ; ou d’un `unpivot`, qu’on ne suit pas.
"""


def found_lineage(models: Sequence[SqlModel]) -> dict[str, Lineage]:
    """Return the lineage of these models, each after those it reads."""
    columns = {name: sql_columns(table.columns) for name, table in RAW_TABLES.items()}
    with empty_warehouse() as connection:
        for model in models:
            query = model.sql.rstrip().rstrip(";")
            connection.execute(f"create table {model.name} as {query}\nwith no data")
            described = connection.execute(f"describe {model.name}").fetchall()
            columns[model.name] = {name: type_ for name, type_, *_ in described}
    return find_lineage(models, columns)


def lineage_page(models: Sequence[SqlModel], found: Mapping[str, Lineage]) -> str:
    """Return the page: of each table, what its columns come from, and for a mart which received ones."""
    return "\n".join([_INTRODUCTION, *(line for model in models for line in _table(model, found))]) + "\n"


def _table(model: SqlModel, found: Mapping[str, Lineage]) -> Iterator[str]:
    is_mart = model.layer == "marts"
    yield f"\n## `{model.name}`\n"
    yield f"| colonne | vient de |{' remonte à |' if is_mart else ''}"
    yield f"|---|---|{'---|' if is_mart else ''}"
    for column, read in found[model.name].items():
        cells = [f"`{column}`", _codes(read)]
        if is_mart:
            cells.append(_codes(sorted(_origins(f"{model.name}.{column}", found))))
        yield f"| {' | '.join(cells)} |"


def _origins(column: str, found: Mapping[str, Lineage]) -> set[str]:
    """Return the columns that no model computes, from which a column comes."""
    table, _, name = column.rpartition(".")
    if table not in found:
        return {column}
    return {origin for one in found[table].get(name, ()) for origin in _origins(one, found)}


def _codes(names: Sequence[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)
