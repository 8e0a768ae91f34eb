"""Checks, before anything is fetched, that the models and rules can be written for the engine that will run them."""

from __future__ import annotations

from barometre_pipeline.edited_files.project import Project
from barometre_pipeline.engines.spark.counterparts import unstated
from barometre_pipeline.engines.spark.parquet import columns_in
from barometre_pipeline.engines.spark.translation import Columns, unstated_types
from barometre_pipeline.errors import EditedFileError
from barometre_pipeline.quality.rules import file_of
from barometre_pipeline.setting_rules import DUCKDB
from barometre_pipeline.stage.raw_tables import empty_warehouse


def refuse_unstated(project: Project, engine: str) -> None:
    """Raise EditedFileError where something of a model or a rule, or a type in it, has no counterpart on the engine."""
    if engine == DUCKDB:
        return
    with empty_warehouse() as connection:
        tables = {**columns_in(connection), **project.columns}
    queries: list[tuple[str, str, Columns | None]]
    queries = [(model.file, model.sql, project.columns[model.name]) for model in project.models]
    queries += [(file_of(s, e), e.query, None) for s in project.suites for e in s.attentes if e.requete]
    problems = []
    for file, sql, result in queries:
        problems += unstated(file, sql) or unstated_types(file, sql, tables, result)
    if problems:
        raise EditedFileError(problems)
