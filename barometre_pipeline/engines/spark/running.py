"""Runs the models on Spark, several at once where none reads the other: each is Parquet before the next reads it.

So a worker that is lost is harmless, and a table is never computed twice. Only `sql` of a session is used, as Spark
Connect has it too.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from graphlib import TopologicalSorter
from pathlib import Path
from typing import TYPE_CHECKING

from barometre_pipeline.engines.spark.counterparts import unstated
from barometre_pipeline.engines.spark.translation import Columns, spark_name, translated
from barometre_pipeline.errors import EditedFileError, ModelError
from barometre_pipeline.sql_models import SqlModel

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

_AT_ONCE = 4  # planning a query takes as long as running a small one


def run_on_spark(
    session: SparkSession, models: Sequence[SqlModel], tables: Mapping[str, Columns], folder: Path
) -> Iterator[tuple[SqlModel, int]]:
    """Run the models, each into the folder of its name; yield it with its number of rows as it is done.

    `tables` are the columns of every table, with the types that DuckDB has for them; those that no model makes are in
    `folder` (see `parquet`). EditedFileError, before anything runs, where a model has no counterpart on Spark;
    ModelError where the data make one fail: a cast, an overflow.
    """
    problems = [problem for model in models for problem in unstated(model.file, model.sql)]
    if problems:
        raise EditedFileError(problems)
    named = {model.name: model for model in models}
    read_tables(session, {read for model in models for read in model.reads} - named.keys(), folder)
    order = TopologicalSorter({model.name: sorted(model.reads & named.keys()) for model in models})
    order.prepare()
    under_way: dict[Future[int], str] = {}
    with ThreadPoolExecutor(_AT_ONCE) as threads:
        while order.is_active():
            for name in order.get_ready():
                under_way[threads.submit(_run, session, named[name], tables, folder)] = name
            for done in wait(under_way, return_when=FIRST_COMPLETED).done:
                name = under_way.pop(done)
                yield named[name], done.result()
                order.done(name)


def _run(session: SparkSession, model: SqlModel, tables: Mapping[str, Columns], folder: Path) -> int:
    from pyspark.errors import PySparkException

    reads = {name: tables[name] for name in model.reads}
    query = translated(model.sql, reads, tables[model.name], ordered=model.layer == "marts")
    try:
        session.sql(f"INSERT OVERWRITE DIRECTORY {_text(folder / model.name)} USING PARQUET\n{query}")
        read_tables(session, [model.name], folder)
        ((rows,),) = session.sql(f"SELECT COUNT(*) FROM {model.name}").collect()
    except PySparkException as error:
        raise ModelError(f"{model.file}: on Spark, {str(error).strip().splitlines()[0]}") from error
    return int(rows)


def read_tables(session: SparkSession, names: Iterable[str], folder: Path) -> None:
    """Make the tables that are in a folder known to the session."""
    for name in sorted(names):
        place = _text(folder / spark_name(name))
        session.sql(f"CREATE OR REPLACE TEMPORARY VIEW {spark_name(name)} USING PARQUET OPTIONS (path {place})")


def _text(path: Path) -> str:
    return "'" + str(path.resolve()).replace("\\", "\\\\").replace("'", "\\'") + "'"
