"""Tables as folders of Parquet: how Spark gets DuckDB's, and DuckDB Spark's."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import duckdb

from barometre_pipeline.engines.spark.translation import spark_name
from barometre_pipeline.resources.duckdb_files import literal

_COLUMNS = """
    select if(schema_name = 'main', '', schema_name || '.') || table_name, column_name, data_type
    from duckdb_columns() where not internal order by table_oid, column_index
"""


def columns_in(connection: duckdb.DuckDBPyConnection) -> dict[str, dict[str, str]]:
    """Return the columns of every table, with their types, by the names that models have for them."""
    tables: dict[str, dict[str, str]] = {}
    for table, column, type_ in connection.execute(_COLUMNS).fetchall():
        tables.setdefault(table, {})[column] = type_
    return tables


def write_tables(connection: duckdb.DuckDBPyConnection, names: Iterable[str], folder: Path) -> None:
    """Write tables of a DuckDB file, each as a folder of the name that it has on Spark."""
    for name in names:
        place = folder / spark_name(name)
        place.mkdir(parents=True, exist_ok=True)
        file = literal(place / "part-0.parquet")
        connection.execute(f"copy (select * from {name}) to {file} (format parquet)")


def rows_in(folder: Path, name: str) -> str:
    """Return the query of the rows of a table in a folder, in the order that Spark wrote them."""
    return f"select * from read_parquet({literal(folder / spark_name(name) / '*.parquet')})"
