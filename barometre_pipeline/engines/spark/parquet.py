"""Tables as folders of Parquet: how Spark gets DuckDB's, and DuckDB Spark's."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import duckdb

from barometre_pipeline.engines.spark.translation import spark_name
from barometre_pipeline.resources.duckdb_files import literal


def write_tables(connection: duckdb.DuckDBPyConnection, names: Iterable[str], folder: Path) -> None:
    """Write tables of a DuckDB file, each as a folder of the name that it has on Spark."""
    for name in names:
        place = folder / spark_name(name)
        place.mkdir(parents=True, exist_ok=True)
        file = place / "part-0.parquet"
        connection.execute(f"copy (select * from {name}) to {literal(file)} (format parquet)")


def view_tables(connection: duckdb.DuckDBPyConnection, names: Iterable[str], folder: Path) -> None:
    """Make a view of each of these tables, in the order that Spark wrote its rows."""
    for name in names:
        files = literal(folder / spark_name(name) / "*.parquet")
        connection.execute(f"create or replace view {name} as select * from read_parquet({files})")
