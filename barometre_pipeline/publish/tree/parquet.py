"""Writes the marts as Parquet files, for the portal: the git tree has none (publication.md)."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pyarrow.parquet as pq

TABLES = ("detail", "synthese")


def write_parquet(connection: duckdb.DuckDBPyConnection, folder: Path) -> None:
    """Write `detail.parquet` and `synthese.parquet`, in the order of publication, each replaced whole."""
    folder.mkdir(parents=True, exist_ok=True)
    for table in TABLES:
        rows = connection.sql(f"select * from {table} order by all").to_arrow_table()
        unfinished = folder / f".{table}.partiel"
        pq.write_table(rows, unfinished, compression="zstd")
        unfinished.replace(folder / f"{table}.parquet")
