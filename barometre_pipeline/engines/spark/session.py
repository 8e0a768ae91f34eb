"""The door to a Spark cluster, to a server of Spark Connect, or to Spark in this machine."""

from __future__ import annotations

import socket
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from barometre_pipeline.errors import UsageError

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

# Casts, overflows and indexes that fail do so, as in DuckDB.
_SETTINGS = {
    # It breaks the plan of a correlated subquery within a union (stg_actions, 4.3). Try without at the next pin.
    "spark.sql.optimizer.excludedRules": "org.apache.spark.sql.catalyst.optimizer.RemoveRedundantAliases",
    "spark.sql.ansi.enabled": "true",
    "spark.sql.session.timeZone": "UTC",
    # A table that is joined by being sent to every executor is gathered in the driver first, four models at once.
    # Before a query runs, its size is guessed from its Parquet file, much smaller than its rows; while it runs, its
    # rows are measured.
    "spark.sql.autoBroadcastJoinThreshold": "1MB",
    "spark.sql.adaptive.autoBroadcastJoinThreshold": "10MB",
    "spark.sql.maxPlanStringLength": "10000",
}
# Of the driver that is started here: no page of its own beside Dagster's, nor what that page would show, which it would
# keep of each query for the whole run.
_OF_THE_DRIVER = {
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.ui.retainedJobs": "10",
    "spark.ui.retainedStages": "10",
    "spark.ui.retainedTasks": "1000",
    "spark.sql.ui.retainedExecutions": "10",
}


_CONNECT = "sc://"
_CONNECT_PORT = 15002
_PATIENCE = 20  # seconds


@contextmanager
def spark_session(address: str, settings: Mapping[str, str] | None = None) -> Iterator[SparkSession]:
    """Open a session at an address of Spark's: `local[2]`, `spark://host:7077`, …; `settings` are Spark's own.

    `sc://host:port` is a server of Spark Connect, which needs no Java here. UsageError where pyspark or Java is not
    there, or where nothing answers.
    """
    try:
        from pyspark.errors import PySparkException  # an extra, and slow to import
    except ImportError:
        raise UsageError(
            "Spark is not installed: pip install 'barometre-pipeline[spark]', and Java 17 or 21."
        ) from None
    opened = _connected if address.startswith(_CONNECT) else _started
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", FutureWarning)  # of pandas 3, which nothing here goes through
            session = opened(address, {**_SETTINGS, **(settings or {})})
    except (PySparkException, OSError) as error:
        said = str(error).strip().partition("\n")[0]
        needed = "Is its server of Spark Connect running?" if opened is _connected else "It needs Java 17 or 21."
        raise UsageError(f"Spark does not start at {address}: {said} {needed}") from error
    try:
        yield session
    finally:
        session.stop()


def _started(address: str, settings: Mapping[str, str]) -> SparkSession:
    """Start Spark in this machine, as the driver of the cluster at an address."""
    from pyspark.sql import SparkSession

    builder = SparkSession.builder.appName("barometre").master(address)
    session = builder.config(map={**_OF_THE_DRIVER, **settings}).getOrCreate()
    session.sparkContext.setLogLevel("OFF")  # what fails is told by the error
    return session


def _connected(address: str, settings: Mapping[str, str]) -> SparkSession:
    """Open a session of our own in a server of Spark Connect; how that one runs is its own affair."""
    from pyspark.sql.connect.session import SparkSession

    server = urlsplit(address)
    # Asked first: the client itself would try for ten minutes.
    socket.create_connection((server.hostname or "", server.port or _CONNECT_PORT), _PATIENCE).close()
    session = SparkSession.builder.remote(address).create()
    for name, value in settings.items():
        if name.startswith("spark.sql."):
            session.conf.set(name, value)
    return session  # type: ignore[return-value]  # it has the methods that are called
