"""Runs the models on Spark, several at once where none reads the other: each is Parquet before the next reads it.

So a worker that is lost is harmless, and a table is never computed twice. Only `sql` of a session is used, and `write`
of what it gives, as Spark Connect has them too.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from graphlib import TopologicalSorter
from typing import TYPE_CHECKING

from barometre_pipeline.engines.spark.counterparts import unstated
from barometre_pipeline.engines.spark.exchange import Exchange
from barometre_pipeline.engines.spark.parquet import RANK, partitioned_by
from barometre_pipeline.engines.spark.translation import Columns, spark_name, spark_type, translated
from barometre_pipeline.errors import EditedFileError, ModelError
from barometre_pipeline.sql_models import SqlModel

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

_AT_ONCE = 4  # planning a query takes as long as running a small one


def run_on_spark(
    session: SparkSession, models: Sequence[SqlModel], tables: Mapping[str, Columns], exchange: Exchange
) -> Iterator[tuple[SqlModel, int]]:
    """Run the models, each into the folder of its name; yield it with its number of rows as it is done.

    `tables` are the columns of every table, with the types that DuckDB has for them; those that no model makes are in
    the exchange (see `parquet`). EditedFileError, before anything runs, where a model has no counterpart on Spark;
    ModelError where the data make one fail: a cast, an overflow.
    """
    problems = [problem for model in models for problem in unstated(model.file, model.sql)]
    if problems:
        raise EditedFileError(problems)
    named = {model.name: model for model in models}
    read_tables(session, {read for model in models for read in model.reads} - named.keys(), tables, exchange)
    order = TopologicalSorter({model.name: sorted(model.reads & named.keys()) for model in models})
    order.prepare()
    under_way: dict[Future[int], str] = {}
    with ThreadPoolExecutor(_AT_ONCE) as threads:
        while order.is_active():
            for name in order.get_ready():
                under_way[threads.submit(_run, session, named[name], tables, exchange)] = name
            for done in wait(under_way, return_when=FIRST_COMPLETED).done:
                name = under_way.pop(done)
                yield named[name], done.result()
                order.done(name)


def _run(session: SparkSession, model: SqlModel, tables: Mapping[str, Columns], exchange: Exchange) -> int:
    from pyspark.errors import PySparkException

    reads = {name: tables[name] for name in model.reads}
    query = translated(model.sql, reads, tables[model.name], ordered=model.layer == "marts")
    partition = partitioned_by(model, tables[model.name])
    if partition:  # a file has rows of one partition only: the order of the whole is kept beside
        query = f"SELECT *, MONOTONICALLY_INCREASING_ID() AS {RANK}\nFROM (\n{query}\n)"
    try:
        written = session.sql(query).write.mode("overwrite")
        (written.partitionBy(partition) if partition else written).parquet(exchange.on_spark(model.name))
        read_tables(session, [model.name], tables, exchange)
        ((rows,),) = session.sql(f"SELECT COUNT(*) FROM {spark_name(model.name)}").collect()
    except PySparkException as error:
        raise ModelError(f"{model.file}: on Spark, {str(error).strip().splitlines()[0]}") from error
    return int(rows)


def read_tables(session: SparkSession, names: Iterable[str], tables: Mapping[str, Columns], exchange: Exchange) -> None:
    """Make the tables that are in the exchange known to the session, by their columns: no file is opened for them."""
    for name in sorted(names):
        columns = ", ".join(f"`{column}` {spark_type(type_)}" for column, type_ in tables[name].items())
        place = exchange.on_spark(name).replace("\\", "\\\\").replace("'", "\\'")
        session.sql(
            f"CREATE OR REPLACE TEMPORARY VIEW {spark_name(name)} ({columns}) USING PARQUET OPTIONS (path '{place}')"
        )
