"""The models of a build run on Spark: its raw tables go there, and what the models make comes back in its DuckDB file.

So the gate, the publication and the analysts' file read what they always read.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import duckdb

from barometre_pipeline.engines.spark.exchange import Exchange
from barometre_pipeline.engines.spark.parquet import columns_in, partitioned_by, rows_in, write_tables
from barometre_pipeline.engines.spark.running import run_on_spark
from barometre_pipeline.engines.spark.session import spark_session
from barometre_pipeline.engines.spark.translation import Columns
from barometre_pipeline.sql_models import SqlModel


def build_on_spark(
    address: str,
    connection: duckdb.DuckDBPyConnection,
    models: Sequence[SqlModel],
    columns: Mapping[str, Columns],
    exchange: Exchange,
) -> Iterator[tuple[SqlModel, int]]:
    """Run the models at an address of Spark's, each into the table of its name; yield it with its number of rows.

    `columns` are those of the models' tables. What they read and is not in the exchange yet is written there; it holds
    at the end the tables that were read or made: the rules are evaluated on them. UsageError where Spark does not start
    there; else the errors of `run_on_spark`.
    """
    made = {model.name for model in models}
    read = sorted({read for model in models for read in model.reads} - made)
    write_tables(connection, [table for table in read if not exchange.holds(table)], exchange)
    tables = {**columns_in(connection), **columns}
    with spark_session(address) as session:
        for model, rows in run_on_spark(session, models, tables, exchange):
            query = rows_in(exchange, model.name, tables[model.name], partitioned_by(model, tables[model.name]))
            # Copied, and no view over the Parquet: a build is one thing, which takes the place of the last one whole,
            # is read on machines that have no key of the store, and outlives the exchange.
            with exchange.read_by(connection):
                connection.execute(f"create or replace table {model.name} as {query}")
            yield model, rows
