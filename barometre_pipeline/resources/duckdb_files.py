"""The door to DuckDB files: a writing connection or a reading one, closed at the end of a `with`.

One process writes a file, or many read it. A run writes a file of its own, and readers get a snapshot
that is replaced whole by rename: neither ever waits for the other.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb
import pyarrow as pa


@contextmanager
def open_warehouse(path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open a DuckDB file to write in it, made where it does not exist.

    The warehouse reads no file by itself: readers hand it Arrow tables, so SQL cannot reach the disk.
    """
    # Imported where it serves: the process that judges reads DuckDB files, and needs no Dagster.
    from dagster_duckdb import DuckDBResource

    path.parent.mkdir(parents=True, exist_ok=True)
    with DuckDBResource(database=str(path)).get_connection() as connection:
        connection.execute("set enable_progress_bar = false")
        yield connection


@contextmanager
def read_warehouse(path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open an existing DuckDB file, read only; duckdb.IOException where there is none, or one that is being written."""
    with duckdb.connect(str(path), read_only=True) as connection:
        connection.execute("set enable_progress_bar = false")
        yield connection


def remove_warehouse(path: Path) -> None:
    """Remove a DuckDB file, and the journal that a run killed meanwhile left: a new file would replay it."""
    path.unlink(missing_ok=True)
    path.with_name(f"{path.name}.wal").unlink(missing_ok=True)


def load_table(connection: duckdb.DuckDBPyConnection, name: str, rows: pa.Table) -> None:
    """Create or replace the table `schema.name` with these rows, in their order."""
    schema = name.rpartition(".")[0]
    if schema:
        connection.execute(f"create schema if not exists {schema}")
    connection.register("arrow_rows", rows)
    connection.execute(f"create or replace table {name} as select * from arrow_rows")
    connection.unregister("arrow_rows")


def replace_snapshot(source: Path, snapshot: Path) -> None:
    """Put a copy of `source` in place of `snapshot` by rename; those who read the old one keep it."""
    snapshot.parent.mkdir(parents=True, exist_ok=True)
    fresh = snapshot.with_name(f".{snapshot.name}.nouveau")
    shutil.copyfile(source, fresh)
    fresh.replace(snapshot)
