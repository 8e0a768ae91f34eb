"""Checks the SQL models and the rules of the suites on the tables that a run would have, each without a row.

DuckDB tells one problem a model; what depends on a table that could not be made is not told again. Which types of rules
there are is in `expectation_types`.
"""

from __future__ import annotations

import datetime as dt
import difflib
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import duckdb

from barometre_pipeline.documents.sql_errors import FAULTS_OF_THE_TEXT, Fault, fault_of, first_line_of_code
from barometre_pipeline.edited_files.expectation_types import ExpectationType, expectation_type, known_types
from barometre_pipeline.edited_files.sql_constants import impossible_constants
from barometre_pipeline.quality.gx_import import refused_arguments
from barometre_pipeline.quality.rules import COLUMNS, prepared
from barometre_pipeline.quality.suites import Expectation, SuiteFile
from barometre_pipeline.sql_models import SqlModel

Columns = dict[str, str]  # the type of each column of a table, as DuckDB names it


@dataclass
class Tables:
    """The tables that the models make, with their columns, and what is wrong with the others."""

    columns: dict[str, Columns] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)


def check_models(connection: duckdb.DuckDBPyConnection, models: list[SqlModel], unread: Collection[str] = ()) -> Tables:
    """Make the table of each model in an empty warehouse, in their order; `unread` are those that could not be read."""
    reserved = "select keyword_name from duckdb_keywords() where keyword_category = 'reserved'"
    words = {word for (word,) in connection.execute(reserved).fetchall()}
    made = Tables()
    missing = set(unread)
    for model in models:
        if model.reads & missing:
            missing.add(model.name)
        elif fault := _fault(connection, model, words):
            missing.add(model.name)
            made.problems.append(f"{model.file}, line {fault.line}: {fault.what}.")
        else:
            columns = made.columns[model.name] = dict(described(connection, model.name))
            made.problems += comment_problems(model, columns)
    return made


def comment_problems(model: SqlModel, columns: Collection[str]) -> Iterator[str]:
    """Say which columns a model comments and has not."""
    for name in sorted(model.columns.keys() - set(columns)):
        where = f"{model.file}, line {model.columns[name].line}"
        yield f'{where}: it comments "{name}", which is no column{closest(name, columns)}.'


def _fault(connection: duckdb.DuckDBPyConnection, model: SqlModel, reserved: Collection[str]) -> Fault | None:
    if model.name in reserved:
        return Fault(1, f"{model.name} is a word of SQL, which names no table; rename the file")
    query = model.sql.rstrip().rstrip(";")
    try:
        # On the line of the text's first one: DuckDB counts from there.
        connection.execute(f"create table {model.name} as {query}\nwith no data")
    except FAULTS_OF_THE_TEXT as error:
        return fault_of(error, model.sql)
    return next(silent_faults(connection, query, described(connection, query)), None)


def silent_faults(
    connection: duckdb.DuckDBPyConnection, query: str, given: Sequence[tuple[str, str]]
) -> Iterator[Fault]:
    """Yield what is wrong in a query that DuckDB takes, and has `described`, as long as there is no row."""
    names = [name.lower() for name, _ in given]
    for name in sorted({name for name in names if names.count(name) > 1}):
        told = f'several columns are named "{name}"; the table would have "{name}" and "{name}_1": name them apart'
        yield Fault(first_line_of_code(query), told)
    yield from impossible_constants(connection, query)


def described(connection: duckdb.DuckDBPyConnection, what: str) -> list[tuple[str, str]]:
    """Return the name and type of each column of a table or of a query, in order; duckdb.Error where it is wrong."""
    return [(name, type_) for name, type_, *_ in connection.execute(f"describe {what}").fetchall()]


def check_rules(
    connection: duckdb.DuckDBPyConnection, file: SuiteFile, tables: Mapping[str, Columns], unknown: Collection[str]
) -> list[str]:
    """Return what is wrong in a suite; nothing about the columns of the tables that are unknown."""
    suite, place = file.suite, file.document.place()
    if suite.table not in tables and suite.table not in unknown:
        return [f"{place.at('table')}: there is no model {suite.table}.sql{closest(suite.table, tables)}."]
    checked = _Checked(connection, file, tables.get(suite.table), unknown)
    problems = [f"{place.at('grain', n)}: {what}." for n, c in enumerate(suite.grain) for what in checked.no_column(c)]
    for rank, expectation in enumerate(suite.attentes):
        find = checked.query_problems if expectation.requete else checked.type_problems
        for line, what in find(rank, expectation):
            problems.append(f"{file.document.name}, line {line}: {expectation.regle}: {what}.")
    return problems


_COMPARED = 2  # columns, at least, where a rule compares several
_LONGEST_SHOWN = 60
_BOUNDS = {"min_value", "max_value"}
_PATTERNS = re.compile(r"_match_(regex|like_pattern)")  # Great Expectations has no pattern in the SQL of DuckDB


class _Checked:
    """A suite with what its rules are held against; `columns` is None where its table could not be made."""

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        file: SuiteFile,
        columns: Columns | None,
        unknown: Collection[str],
    ) -> None:
        self.connection, self.document, self.table = connection, file.document, file.suite.table
        self.suite = file.suite
        self.columns, self.unknown, self.grain = columns, unknown, file.suite.grain

    def no_column(self, name: Any) -> Iterator[str]:
        """Say that the table lacks a column, where it does."""
        if self.columns is not None and name not in self.columns:
            yield f'{self.table} has no column "{name}"{closest(str(name), self.columns)}'

    def query_problems(self, rank: int, expectation: Expectation) -> Iterator[tuple[int, str]]:
        """Yield what is wrong in a query, each with its line in the file."""
        path, query = ("attentes", rank, "requete"), expectation.query
        written = expectation.requete or ""
        first = self.document.text_line(path) + written[: len(written) - len(written.lstrip())].count("\n")
        try:
            if [s.type for s in duckdb.extract_statements(query)] != [duckdb.StatementType.SELECT]:
                yield first, "a query is one SELECT, and nothing else"
                return
            given = described(self.connection, query)
        except FAULTS_OF_THE_TEXT as error:
            if not any(re.search(rf"\b{re.escape(name)}\b", query) for name in self.unknown):
                fault = fault_of(error, query)
                yield first + fault.line - 1, fault.what
            return
        for fault in silent_faults(self.connection, query, given):
            yield first + fault.line - 1, fault.what
        for name in dict(given).keys() - set(COLUMNS):
            yield first, f'the query gives the column "{name}"; the columns of a rule are {", ".join(COLUMNS)}'

    def type_problems(self, rank: int, expectation: Expectation) -> Iterator[tuple[int, str]]:
        """Yield what is wrong in a rule of Great Expectations, each with its line in the file."""
        path = ("attentes", rank)
        found = expectation_type(expectation.type or "")
        if found is None:
            near = closest(expectation.type or "", known_types())
            yield self.document.line((*path, "type")), f"Great Expectations has no type {expectation.type}{near}"
            return
        problems = list(self._name_problems(rank, expectation, found))
        key_known = self.columns is None or set(self.grain) <= self.columns.keys()  # told once, with the grain
        if not problems and (key_known or not expectation.is_key_uniqueness):
            problems = list(self._value_problems(rank, expectation))
        yield from problems

    def _name_problems(self, rank: int, expectation: Expectation, found: ExpectationType) -> Iterator[tuple[int, str]]:
        """Yield the arguments that the type has not, those that it needs, the columns that the table has not."""
        path = ("attentes", rank)
        arguments = {**_implied(expectation, found), **expectation.arguments}
        for name in sorted(arguments.keys() - found.arguments):
            line = self.document.line((*path, "arguments", name))
            yield line, f"{expectation.type} takes no {name}{closest(name, found.arguments)}"
        for name in sorted(found.required - arguments.keys()):
            yield self.document.line((*path, "arguments")), f"{expectation.type} needs {name}"
        if "column_list" in arguments and len(expectation.arguments.get("column_list", self.grain)) < _COMPARED:
            told = "expect_column_values_to_be_unique (arguments: {column: …}) is for a key of one"
            yield self.document.line((*path, "type")), f"{expectation.type} compares two columns at least; {told}"
        for name in sorted(found.of_columns & expectation.arguments.keys()):
            value = expectation.arguments[name]
            for n, column in enumerate(value if isinstance(value, list) else [value]):
                for what in self.no_column(column):
                    yield self.document.line((*path, "arguments", name, n)), what

    def _value_problems(self, rank: int, expectation: Expectation) -> Iterator[tuple[int, str]]:
        """Yield what is wrong in the values of the arguments; their names, and the columns, are right."""
        path, type_ = ("attentes", rank, "arguments"), expectation.type or ""
        arguments = self.suite.arguments_of(expectation)
        unfit = [name for name in sorted(_BOUNDS & arguments.keys()) if not _is_a_bound(arguments[name])]
        for name in unfit:
            told = f"{name}: a number or a day is needed, as in 100 or 2021-03-31 (here: {_shown(arguments[name])})"
            yield self.document.line((*path, name)), told
        if unfit:
            return
        if _PATTERNS.search(type_):
            told = f"{type_} reads no DuckDB table; write a requete with regexp_matches or like"
            yield self.document.line(("attentes", rank, "type")), told
        elif self.columns is not None:
            rule = prepared(self.connection, self.suite, expectation)
            if rule.problem:
                said = str(rule.problem).partition(" LINE ")[0]  # DuckDB shows a query that nobody wrote
                yield self.document.line(path), said.partition("Error: ")[2] or said
            elif not rule.query:  # it is left to Great Expectations, and only then is there a need to import it
                for name, what in refused_arguments(type_, arguments):
                    yield self.document.line((*path, name)), f"{name}: {what} (here: {_shown(arguments.get(name))})"


def _implied(expectation: Expectation, found: ExpectationType) -> dict[str, Any]:
    """Return the argument that the suite's grain stands for."""
    return {"column_list": ()} if expectation.is_key_uniqueness and "column_list" in found.arguments else {}


def _is_a_bound(value: Any) -> bool:
    """Tell whether it is a number or a day; a text is one that says a day, which Great Expectations reads."""
    try:
        return not isinstance(value, str) or bool(dt.datetime.fromisoformat(value))
    except ValueError:
        return False


def _shown(value: Any) -> str:
    return repr(value) if len(repr(value)) <= _LONGEST_SHOWN else f"{repr(value)[:_LONGEST_SHOWN]}…"


def closest(name: str, known: Collection[str]) -> str:
    """Return what to add to a sentence about an unknown name: the closest that is known."""
    near = difflib.get_close_matches(name, sorted(known), n=1)
    return f"; the closest is {near[0]}" if near else ""
