"""Checks, before anything is fetched, that the models and rules can be written for the engine that will run them."""

from __future__ import annotations

from barometre_pipeline.edited_files.project import Project
from barometre_pipeline.engines.spark.counterparts import unstated
from barometre_pipeline.errors import EditedFileError
from barometre_pipeline.quality.rules import file_of
from barometre_pipeline.setting_rules import DUCKDB


def refuse_unstated(project: Project, engine: str) -> None:
    """Raise EditedFileError where something of a model or of a rule has no counterpart on the engine."""
    if engine == DUCKDB:
        return
    texts = [(model.file, model.sql) for model in project.models]
    texts += [(file_of(suite, e), e.query) for suite in project.suites for e in suite.attentes if e.requete]
    if problems := [problem for file, sql in texts for problem in unstated(file, sql)]:
        raise EditedFileError(problems)
