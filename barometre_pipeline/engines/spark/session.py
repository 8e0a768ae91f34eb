"""The door to a Spark cluster, or to Spark in this machine."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING

from barometre_pipeline.errors import UsageError

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
    """Open a session at an address of Spark's: `local[2]`, `spark://host:7077`, …; `settings` are Spark's own.

    UsageError where pyspark or Java is not there.
    """
    try:
        from pyspark.errors import PySparkException  # an extra, and slow to import
        from pyspark.sql import SparkSession
    except ImportError:
        raise UsageError(
            "Spark is not installed: pip install 'barometre-pipeline[spark]', and Java 17 or 21."
        ) from None
    builder = SparkSession.builder.appName("barometre").master(address)
    for name, value in {**_SETTINGS, **(settings or {})}.items():
        builder = builder.config(name, value)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", FutureWarning)  # of pandas 3, which nothing here goes through
            session = builder.getOrCreate()
    except (PySparkException, OSError) as error:
        said = str(error).strip().partition("\n")[0]
        raise UsageError(f"Spark does not start at {address}: {said} It needs Java 17 or 21.") from error
    session.sparkContext.setLogLevel("OFF")  # what fails is told by the error
    try:
        yield session
    finally:
        session.stop()
