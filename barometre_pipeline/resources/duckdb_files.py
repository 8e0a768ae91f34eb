"""The door to DuckDB files: a writing connection or a reading one, closed at the end of a `with`.

One process writes a file, or many read it. A run writes a file of its own, and readers get a snapshot
that is replaced whole by rename: neither ever waits for the other.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

_MEMORY = 1000  # MB that DuckDB may take

# What a column of our Arrow tables becomes in DuckDB.
_SQL_TYPES = {
    pa.string(): "varchar",
    pa.int32(): "integer",
    pa.int64(): "bigint",
    pa.float64(): "double",
    pa.date32(): "date",
    pa.bool_(): "boolean",
    pa.list_(pa.string()): "varchar[]",
}

_COUNTS = """
    select if(schema_name = 'main', '', schema_name || '.') || table_name, estimated_size
    from duckdb_tables() where not temporary
"""


@contextmanager
def open_warehouse(path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open a DuckDB file to write in it, made where it does not exist.

    The warehouse reads no file by itself: readers hand it Arrow tables, so SQL cannot reach the disk.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    # Here and not at the top: the process that judges only reads, and needs no Dagster.
    from dagster_duckdb import DuckDBResource

    # Opened once before, as DuckDBResource tries a file that does not open again for 100 s: a full disk or a damaged
    # file is told at once.
    duckdb.connect(str(path)).close()
    # It closes the connection only where nothing fails, hence the second `connection`.
    with DuckDBResource(database=str(path)).get_connection() as connection, connection:
        settle(connection)
        yield connection


@contextmanager
def read_warehouse(path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open an existing DuckDB file, read only; duckdb.IOException where there is none, or one that is being written."""
    with opened_read_only(str(path)) as connection:
        yield connection


def opened_read_only(path: str) -> duckdb.DuckDBPyConnection:
    """Open an existing DuckDB file, read only, for whoever closes it."""
    connection = duckdb.connect(path, read_only=True)
    settle(connection)
    return connection


def settle(connection: duckdb.DuckDBPyConnection, memory: int = _MEMORY) -> None:
    """Hold a connection to its share of the machine, `memory` in MB, and silent."""
    connection.execute("set enable_progress_bar = false")
    # DuckDB takes four fifths of the machine else; beyond, it works beside its file, on the disk.
    connection.execute(f"set memory_limit = '{memory} MB'")


def literal(text: str | Path) -> str:
    """Write a text, or a path, in SQL."""
    return "'" + str(text).replace("'", "''") + "'"


def load_table(connection: duckdb.DuckDBPyConnection, name: str, rows: pa.Table) -> None:
    """Create or replace the table `schema.name` with these rows, in their order."""
    schema = name.rpartition(".")[0]
    if schema:
        connection.execute(f"create schema if not exists {schema}")
    connection.register("arrow_rows", rows)
    connection.execute(f"create or replace table {name} as select * from arrow_rows")
    connection.unregister("arrow_rows")


def append_rows(connection: duckdb.DuckDBPyConnection, name: str, rows: pa.Table) -> None:
    """Add rows below those of a table that has these columns, in their order."""
    connection.register("arrow_rows", rows)
    connection.execute(f"insert into {name} select * from arrow_rows")
    connection.unregister("arrow_rows")


def create_empty_table(connection: duckdb.DuckDBPyConnection, name: str, columns: pa.Schema) -> None:
    """Create or replace the table `schema.name` with these columns, as `load_table` would and four times as fast."""
    written = ", ".join(f'"{column}" {type_}' for column, type_ in sql_columns(columns).items())
    connection.execute(f"create schema if not exists {name.partition('.')[0]}")
    connection.execute(f"create or replace table {name} ({written})")


def sql_columns(columns: pa.Schema) -> dict[str, str]:
    """Return the type that DuckDB has for each column."""
    return {column.name: _SQL_TYPES[column.type] for column in columns}


def row_counts(connection: duckdb.DuckDBPyConnection) -> dict[str, int]:
    """Return the tables that are there, by the names that models have for them, with their numbers of rows."""
    return dict(connection.execute(_COUNTS).fetchall())


def rows_of(
    connection: duckdb.DuckDBPyConnection, query: str, parameters: Mapping[str, object] | None = None
) -> list[dict[str, Any]]:
    """Return the rows of a query, as values by column."""
    cursor = connection.execute(query, parameters)
    names = [column[0] for column in cursor.description]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
