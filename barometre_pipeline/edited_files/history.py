"""Checks the SQL of the analysts' warehouse, its models and its examples, on the tables that it would have.

The connection has the tables of an edition, each without a row; DuckDB tells one problem a text.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

import duckdb

from barometre_pipeline.documents.sql_errors import FAULTS_OF_THE_TEXT, Fault, fault_of, first_line_of_code
from barometre_pipeline.edited_files.checks import Columns, closest, comment_problems, described, silent_faults
from barometre_pipeline.package_files import SQL_FOLDER
from barometre_pipeline.quality.alerts import TABLES as RESULTS
from barometre_pipeline.resources.duckdb_files import create_empty_table
from barometre_pipeline.sql_models import OF_THE_HISTORY
from barometre_pipeline.warehouse.definition import (
    HISTORY,
    Definition,
    create_table,
    make_latest_view,
    make_macro,
    prepare_history,
)
from barometre_pipeline.warehouse.examples import ROWS, Example, create_examples
from barometre_pipeline.warehouse.tables import MACROS, TABLES, VIEWS, Table

_EDITION = "memory"  # the database that has the tables of an edition


def history_problems(
    connection: duckdb.DuckDBPyConnection, definition: Definition, mailles: Sequence[str], unknown: Collection[str]
) -> list[str]:
    """Return what is wrong in the models and the examples; nothing of what reads the tables that are `unknown`."""
    for name, columns in RESULTS.items():
        create_empty_table(connection, name, columns)
    connection.execute(f"attach ':memory:' as {HISTORY}")
    prepare_history(connection, mailles)
    checked = _Checked(connection, definition, unknown)
    checked.check_names()
    for table in TABLES:
        checked.make_table(table)
    for name in VIEWS:
        checked.make_view(name)
    checked.check_examples()
    return checked.problems


class _Checked:
    """The history being made without a row: what is wrong with it, the tables that it lacks for that."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, definition: Definition, unknown: Collection[str]) -> None:
        self.connection, self.definition, self.missing = connection, definition, set(unknown)
        self.problems: list[str] = []
        self.models = {m.name: m for m in definition.of_an_edition} | definition.of_the_history

    def check_names(self) -> None:
        """Tell the models that nothing is made of, and those that lack."""
        made = {t.name for t in TABLES if t.origin != "mart"} | VIEWS.keys()
        models = self.definition.of_the_history
        for name in sorted(models.keys() - made):
            told = f"the warehouse has no table {name}: its tables are in warehouse/tables.py{closest(name, made)}"
            self.problems.append(f"{models[name].file}, line 1: {told}.")
        for name in sorted(made - models.keys() - self.missing):
            self.problems.append(f"{SQL_FOLDER.name}/{OF_THE_HISTORY[0]}/{name}.sql: there is no such file.")
            self.missing.add(name)

    def make_table(self, table: Table) -> None:
        """Make a table and its view, where nothing is wrong with it."""
        if table.origin == "mart":
            known = table.name not in self.missing
            columns = dict(described(self.connection, f"{_EDITION}.main.{table.name}")) if known else {}
        else:
            columns = self._columns(table.name, HISTORY if table.origin == "histoire" else _EDITION)
        if not columns:
            return
        model = self.models[table.name]
        lacking = {table.edition, *table.key} - {*columns, *table.more}
        try:
            if not lacking:
                create_table(self.connection, table, columns)
                make_latest_view(self.connection, table)
                return
        except FAULTS_OF_THE_TEXT as error:  # a column that another of its columns is computed from
            told = fault_of(error, model.sql).what
        else:
            told = f"it is without {', '.join(sorted(lacking))}"
        line = first_line_of_code(model.sql)
        self.problems.append(f"{model.file}, line {line}: the warehouse cannot keep this table, {told}.")
        self.missing.add(table.name)

    def make_view(self, name: str) -> None:
        """Make a view, where nothing is wrong with it."""
        if self._columns(name, HISTORY):
            self.connection.execute(f"create view {name} as {self.definition.of_the_history[name].sql}")

    def _columns(self, name: str, place: str) -> Columns:
        """Return the columns that a model gives; none where it is wrong, which is told, or reads what is."""
        if name in self.missing:
            return {}
        model = self.definition.of_the_history[name]
        self.connection.execute(f"use {place}")
        columns = {} if model.reads & self.missing else self._given(model.file, model.sql)
        if columns:
            self.problems += comment_problems(model, columns)
        else:
            self.missing.add(name)
        return columns

    def _given(self, file: str, sql: str) -> Columns:
        query = sql.rstrip().rstrip(";")
        try:
            given = described(self.connection, query)
        except FAULTS_OF_THE_TEXT as error:
            return self._refused(file, fault_of(error, sql))
        fault = next(silent_faults(self.connection, query, given), None)
        return self._refused(file, fault) if fault else dict(given)

    def _refused(self, file: str, fault: Fault) -> Columns:
        self.problems.append(f"{file}, line {fault.line}: {fault.what}.")
        return {}

    def check_examples(self) -> None:
        """Tell what is wrong with the examples; nothing where a table is missing, which they may read."""
        self.connection.execute(f"use {HISTORY}")
        create_examples(self.connection)
        if self.missing:
            return
        for macro in MACROS:
            make_macro(self.connection, macro)
        for example in self.definition.examples:
            self._check_example(example)

    def _check_example(self, example: Example) -> None:
        columns = self._given(example.file, example.text)
        lines = example.text.splitlines()[: first_line_of_code(example.text)]
        for name in sorted(example.placeholders - columns.keys()) if columns else ():
            line = next(n for n, text in enumerate(lines, 1) if f"{{{name}}}" in text)
            near = closest(name, {*columns, ROWS})
            self.problems.append(f"{example.file}, line {line}: the answer takes {{{name}}}, which is no column{near}.")
