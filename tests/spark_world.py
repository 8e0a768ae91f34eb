"""What the tests of Spark share: the tables of a build with their columns, and sessions of Spark's own."""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from shutil import which

import duckdb
import pytest

from barometre_pipeline.catalogue import default_levels
from barometre_pipeline.engines.spark.exchange import Exchange
from barometre_pipeline.engines.spark.parquet import columns_in, partitioned_by, rows_in, write_tables
from barometre_pipeline.engines.spark.running import run_on_spark
from barometre_pipeline.engines.spark.session import spark_session
from barometre_pipeline.publish.companions.tables import companion_models
from barometre_pipeline.publish.tree.schema_file import public_schema
from barometre_pipeline.quality.alerts import TABLES as RESULTS
from barometre_pipeline.quality.evaluation import Evaluation, evaluate
from barometre_pipeline.quality.on_spark import write_faulty_rows
from barometre_pipeline.quality.suites import read_suites
from barometre_pipeline.resources.duckdb_files import create_empty_table, read_warehouse, row_counts
from barometre_pipeline.sql_models import LAYERS, read_models
from barometre_pipeline.stage.raw_tables import empty_warehouse
from barometre_pipeline.transform import run_models
from barometre_pipeline.warehouse.tables import BY_EDITION

# Small: the machine of the tests has two cores, and other tests beside.
SMALL = {
    "spark.driver.memory": "1g",
    "spark.driver.host": "127.0.0.1",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.sql.shuffle.partitions": "2",
}
# Compiling what runs once on a few rows takes longer than running it; the cluster of test_spark_cluster.py compiles.
SMALL_TABLES = {"spark.sql.codegen.wholeStage": "false", "spark.sql.adaptive.enabled": "false"}
MODELS = tuple(read_models())
_EVERYTHING = read_models(layers=tuple(LAYERS))
# Those that are run on a build once it is judged: what is published beside the marts, what the history takes of it.
COMPANIONS = tuple(companion_models(_EVERYTHING, list(public_schema(default_levels()).tables)))
OF_THE_HISTORY = tuple(m for m in _EVERYTHING if m.name in {t.name for t in BY_EDITION} - {m.name for m in COMPANIONS})
JUDGED = (*COMPANIONS, *OF_THE_HISTORY)
RULES = [(suite, rule) for suite in read_suites() for rule in suite.attentes if rule.requete]


@cache
def columns_of_a_build() -> dict[str, dict[str, str]]:
    """The columns of every table of a build, with DuckDB's types."""
    with empty_warehouse() as connection:
        for name, columns in RESULTS.items():
            create_empty_table(connection, name, columns)
        for _ in run_models(connection, [*MODELS, *JUDGED]):
            pass
        return columns_in(connection)


def compared_tables(session, connection: duckdb.DuckDBPyConnection, folder: Path, models=MODELS) -> None:
    """Run the models on Spark from the raw tables of a build; view what it made in the schema `spark`."""
    made, exchange, tables = {model.name: model for model in models}, Exchange(str(folder)), columns_of_a_build()
    write_tables(connection, row_counts(connection).keys() - made.keys(), exchange)
    for _ in run_on_spark(session, models, tables, exchange):
        pass
    connection.execute("create schema spark")
    connection.execute("use spark")
    for name, model in sorted(made.items()):
        partition = partitioned_by(model, tables[name])
        connection.execute(f"create view {name} as {rows_in(exchange, name, tables[name], partition)}")
    connection.execute("use main")


def same_verdicts(session, warehouse: Path, folder: Path) -> Evaluation:
    """Hold that the gate finds on Spark what it finds on DuckDB in these tables; return what that is."""
    suites = read_suites()
    with read_warehouse(warehouse) as connection:
        write_faulty_rows(session, connection, suites, Exchange(str(folder)))
    expected, judged = evaluate(warehouse, suites), evaluate(warehouse, suites, None, folder)
    assert [(a, b) for a, b in zip(judged.results, expected.results, strict=True) if a != b][:2] == []
    assert judged.deviations == expected.deviations
    assert judged.alerts == expected.alerts
    return expected


def need_spark() -> None:
    """Skip what needs Spark where it is not."""
    if which("java") is None:
        pytest.skip("Java is not installed (Debian: openjdk-17-jre-headless)")
    pytest.importorskip("pyspark", reason="pyspark is not installed (pip install 'barometre-pipeline[spark]')")
    # Java's second compiler, and its collector with threads of its own, take the cores from the other tests for nothing
    # that a few thousand rows would repay: a quarter of the time.
    os.environ.setdefault("JAVA_TOOL_OPTIONS", "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC")


@contextmanager
def spark(address: str, settings: Mapping[str, str] = {}) -> Iterator:
    """Open a session that is small, of Spark at this address."""
    need_spark()
    with spark_session(address, {**SMALL, **settings}) as session:
        yield session


def differences(connection: duckdb.DuckDBPyConnection, name: str, other: str) -> list[tuple]:
    """The rows that one of two tables has and the other has not, copies counted; as texts: -0.0 is not 0.0."""
    one, two = (f"(select columns(*)::varchar from {table})" for table in (name, other))
    return connection.execute(f"({one} except all {two}) union all ({two} except all {one})").fetchall()
