"""The rules evaluated on Spark, where the models made the tables: the faulty rows of each, as Parquet.

What they are worth (exceptions, counts, verdicts, report) is `evaluation`'s, which reads them: the gate has one path. A
type of Great Expectations that no query says is evaluated in the build's DuckDB file, which has the same tables.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

from barometre_pipeline.editions import Edition
from barometre_pipeline.engines.spark.exchange import Exchange
from barometre_pipeline.engines.spark.parquet import columns_in, write_tables
from barometre_pipeline.engines.spark.running import run_on_spark
from barometre_pipeline.engines.spark.session import spark_session
from barometre_pipeline.exchanges import exchange_to_judge
from barometre_pipeline.quality.evaluation import Evaluation
from barometre_pipeline.quality.judge import Judge
from barometre_pipeline.quality.rules import file_of, prepared, rows_name
from barometre_pipeline.quality.suites import Expectation, Suite
from barometre_pipeline.resources.atomic import discard
from barometre_pipeline.resources.duckdb_files import read_warehouse
from barometre_pipeline.setting_rules import DUCKDB
from barometre_pipeline.settings import Settings
from barometre_pipeline.sql_models import SqlModel, tables_read

if TYPE_CHECKING:
    from pyspark.sql import SparkSession


@dataclass(frozen=True)
class _RuleQuery(SqlModel):
    """The query of a rule's faulty rows, which Spark runs as it runs a model; `types` are those of its columns."""

    place: str = ""
    types: dict[str, str] = field(default_factory=dict, hash=False)

    @property
    def file(self) -> str:
        """Return what people call its place."""
        return self.place


def judge_at(settings: Settings, judge: Judge, edition: Edition) -> Judge:
    """Return the judge of a run: on an address of Spark's, one that evaluates the rules there.

    The exchange, where the models of the build under way were written, if they were, is taken away at the end.
    """
    if settings.engine == DUCKDB:
        return judge

    def judge_on_spark(
        warehouse: Path, suites: list[Suite], docs: Path | None = None, found: Path | None = None
    ) -> Evaluation:
        exchange, here = exchange_to_judge(settings, edition, warehouse), settings.home.spark(edition)
        try:
            with read_warehouse(warehouse) as connection, spark_session(settings.engine) as session:
                written = write_faulty_rows(session, connection, suites, exchange)
            if exchange.folder is None:  # the judge reads this machine's files, and has no key of a store
                exchange.fetch(written, here)
            return judge(warehouse, suites, docs, exchange.folder or here)
        finally:
            exchange.discard()
            discard(here)

    return judge_on_spark


def write_faulty_rows(
    session: SparkSession, connection: duckdb.DuckDBPyConnection, suites: Sequence[Suite], exchange: Exchange
) -> list[str]:
    """Write, in a folder of its name, all the faulty rows of each rule that has a query; return those names.

    Tables that are not in the exchange are written there first, from the DuckDB file.
    """
    rules = [_query_of(connection, suite, e) for suite in suites for e in suite.attentes]
    queries = [rule for rule in rules if rule]
    read = sorted({table for query in queries for table in query.reads})
    write_tables(connection, [table for table in read if not exchange.holds(table)], exchange)
    columns = {**columns_in(connection), **{query.name: query.types for query in queries}}
    return [query.name for query, _ in run_on_spark(session, queries, columns, exchange)]


def _query_of(connection: duckdb.DuckDBPyConnection, suite: Suite, expectation: Expectation) -> _RuleQuery | None:
    """Return the query of a rule; None where it has none, or cannot be evaluated, which `evaluation` tells."""
    rows = prepared(connection, suite, expectation).all_rows
    if rows is None:
        return None
    file = file_of(suite, expectation)
    types = {name: type_ for name, type_, *_ in connection.execute(f"describe {rows}").fetchall()}
    name, reads = rows_name(suite, expectation), tables_read(file, rows)
    return _RuleQuery(name, "regles", expectation.pourquoi, rows, reads, place=file, types=types)
