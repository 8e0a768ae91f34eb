"""Runs the models on Spark: each is written as Parquet before the next reads it.

So a worker that is lost is harmless, and a table is never computed twice. Only `sql` of a session is used, as Spark
Connect has it too.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from barometre_pipeline.engines.spark.counterparts import unstated
from barometre_pipeline.engines.spark.translation import Columns, spark_name, translated
from barometre_pipeline.errors import EditedFileError
from barometre_pipeline.sql_models import SqlModel

if TYPE_CHECKING:
    from pyspark.sql import SparkSession


def run_models_on_spark(
    session: SparkSession, models: Sequence[SqlModel], tables: Mapping[str, Columns], folder: Path
) -> Iterator[tuple[SqlModel, int]]:
    """Run the models in their order, each into the folder of its name; yield it with its number of rows.

    `tables` are the columns of every table, with the types that DuckDB has for them; those that no model makes are in
    `folder` (see `parquet`). EditedFileError, before anything runs, where a model has no counterpart on Spark.
    """
    problems = [problem for model in models for problem in unstated(model.file, model.sql)]
    if problems:
        raise EditedFileError(problems)
    read_tables(session, {read for model in models for read in model.reads} - {m.name for m in models}, folder)
    for model in models:
        reads = {name: tables[name] for name in model.reads}
        query = translated(model.sql, reads, tables[model.name], ordered=model.layer == "marts")
        session.sql(f"INSERT OVERWRITE DIRECTORY {_text(folder / model.name)} USING PARQUET\n{query}")
        read_tables(session, [model.name], folder)
        ((rows,),) = session.sql(f"SELECT COUNT(*) FROM {model.name}").collect()
        yield model, rows


def read_tables(session: SparkSession, names: Iterable[str], folder: Path) -> None:
    """Make the tables that are in a folder known to the session."""
    for name in sorted(names):
        place = _text(folder / spark_name(name))
        session.sql(f"CREATE OR REPLACE TEMPORARY VIEW {spark_name(name)} USING PARQUET OPTIONS (path {place})")


def _text(path: Path) -> str:
    return "'" + str(path.resolve()).replace("\\", "\\\\").replace("'", "\\'") + "'"
