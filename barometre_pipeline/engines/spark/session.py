"""The door to a Spark cluster, or to Spark in this machine."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

# Casts, overflows and indexes that fail do so, as in DuckDB; no page of its own beside Dagster's.
_SETTINGS = {
    # It breaks the plan of a correlated subquery within a union (stg_actions, 4.3). Try without at the next pin.
    "spark.sql.optimizer.excludedRules": "org.apache.spark.sql.catalyst.optimizer.RemoveRedundantAliases",
    "spark.sql.ansi.enabled": "true",
    "spark.sql.session.timeZone": "UTC",
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
}


@contextmanager
def spark_session(address: str, settings: Mapping[str, str] | None = None) -> Iterator[SparkSession]:
    """Open a session at an address of Spark's: `local[2]`, `spark://host:7077`, …; `settings` are Spark's own."""
    # An extra, and slow to import.
    from pyspark.sql import SparkSession

    builder = SparkSession.builder.appName("barometre").master(address)
    for name, value in {**_SETTINGS, **(settings or {})}.items():
        builder = builder.config(name, value)
    session = builder.getOrCreate()
    session.sparkContext.setLogLevel("ERROR")
    try:
        yield session
    finally:
        session.stop()
