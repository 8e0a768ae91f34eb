"""The models of a build run on Spark: its raw tables go there, and what the models make comes back in its DuckDB file.

So the gate, the publication and the analysts' file read what they always read.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import duckdb

from barometre_pipeline.engines.spark.parquet import columns_in, rows_in, write_tables
from barometre_pipeline.engines.spark.running import run_on_spark
from barometre_pipeline.engines.spark.session import spark_session
from barometre_pipeline.engines.spark.translation import Columns
from barometre_pipeline.resources.atomic import discard
from barometre_pipeline.sql_models import SqlModel


def build_on_spark(
    address: str,
    connection: duckdb.DuckDBPyConnection,
    models: Sequence[SqlModel],
    columns: Mapping[str, Columns],
    folder: Path,
) -> Iterator[tuple[SqlModel, int]]:
    """Run the models at an address of Spark's, each into the table of its name; yield it with its number of rows.

    `columns` are those of the models' tables. `folder` is where Spark and this machine both read and write; it is
    emptied first, and holds at the end the tables that were read or made: the rules are evaluated on them. UsageError
    where Spark does not start there; else the errors of `run_on_spark`.
    """
    made = {model.name for model in models}
    discard(folder)
    write_tables(connection, {read for model in models for read in model.reads} - made, folder)
    with spark_session(address) as session:
        for model, rows in run_on_spark(session, models, {**columns_in(connection), **columns}, folder):
            connection.execute(f"create or replace table {model.name} as {rows_in(folder, model.name)}")
            yield model, rows
