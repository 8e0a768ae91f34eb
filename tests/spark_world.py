"""What the tests of Spark share: the tables of a build with their columns, and sessions of Spark's own."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from shutil import which

import duckdb
import pytest

from barometre_pipeline.engines.spark.session import spark_session
from barometre_pipeline.sql_models import read_models
from barometre_pipeline.stage.raw_tables import empty_warehouse
from barometre_pipeline.transform import run_models

# Small: the machine of the tests has two cores, and other tests beside.
SMALL = {
    "spark.driver.memory": "1g",
    "spark.driver.host": "127.0.0.1",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.sql.shuffle.partitions": "2",
}
MODELS = tuple(read_models())
_COLUMNS = """
    select if(schema_name = 'main', '', schema_name || '.') || table_name, column_name, data_type
    from duckdb_columns() where not internal order by table_oid, column_index
"""


@cache
def columns_of_a_build() -> dict[str, dict[str, str]]:
    """The columns of every table of a build, with DuckDB's types."""
    with empty_warehouse() as connection:
        for _ in run_models(connection, list(MODELS)):
            pass
        return columns_in(connection)


def columns_in(connection: duckdb.DuckDBPyConnection) -> dict[str, dict[str, str]]:
    tables: dict[str, dict[str, str]] = {}
    for table, column, type_ in connection.execute(_COLUMNS).fetchall():
        tables.setdefault(table, {})[column] = type_
    return tables


@contextmanager
def spark(address: str = "local[2]", **settings: str) -> Iterator:
    if which("java") is None:
        pytest.skip("Java is not installed (Debian: openjdk-17-jre-headless)")
    pytest.importorskip("pyspark", reason="pyspark is not installed (pip install 'barometre-pipeline[spark]')")
    with spark_session(address, SMALL | settings) as session:
        yield session


def differences(connection: duckdb.DuckDBPyConnection, name: str, other: str) -> list[tuple]:
    """The rows that one of two tables has and the other has not, cell by cell, copies counted."""
    return connection.execute(
        f"(from {name} except all from {other}) union all (from {other} except all from {name})"
    ).fetchall()
