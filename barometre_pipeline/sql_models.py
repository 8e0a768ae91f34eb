"""Reads the SQL models of dbt_like_sql/: name, layer, header, the tables each one reads.

A model is a plain SELECT below the comment that `sql_headers` reads; `make_table` runs it. Nothing here knows Dagster;
that its tables and columns exist is checked in `edited_files`.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import duckdb
import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from barometre_pipeline.documents.sql_errors import FAULTS_OF_THE_TEXT, fault_of, first_line_of_code
from barometre_pipeline.documents.texts import read_text
from barometre_pipeline.errors import EditedFileError, ModelError
from barometre_pipeline.package_files import SQL_FOLDER
from barometre_pipeline.sql_headers import ColumnComment, read_header

# Each layer's folder, in the order of the flow, and how the names of its models begin.
LAYERS = {"staging": "stg_", "intermediate": "int_", "marts": "", "publication": "", "warehouse": ""}
OF_AN_EDITION = ("staging", "intermediate", "marts")
OF_THE_PUBLICATION = ("publication",)  # run once an edition is judged
OF_THE_HISTORY = ("warehouse",)
EXAMPLES_FOLDER = "exemples"  # beside the layers: questions to the warehouse, which `warehouse.examples` reads


@dataclass(frozen=True)
class SqlModel:
    """One SQL file: `name` is its table, `reads` the tables it selects from (`raw.valeurs`, `stg_valeurs`)."""

    name: str
    layer: str
    description: str
    sql: str
    reads: frozenset[str]
    columns: dict[str, ColumnComment] = field(default_factory=dict, hash=False)  # those that its header comments

    @property
    def file(self) -> str:
        """Return what people call its file."""
        return f"{SQL_FOLDER.name}/{self.layer}/{self.name}.sql"


def read_models(folder: Path = SQL_FOLDER, layers: Sequence[str] = OF_AN_EDITION) -> list[SqlModel]:
    """Read every model of these layers, each after those it reads; EditedFileError tells every problem at once."""
    models, problems = find_models(folder, layers)
    if problems:
        raise EditedFileError(problems)
    return models


def find_models(folder: Path, layers: Sequence[str] = OF_AN_EDITION) -> tuple[list[SqlModel], list[str]]:
    """Return the models that are well written, each after those it reads, and what is wrong with the others."""
    problems = list(_misplaced(folder))
    found: dict[str, SqlModel] = {}
    for layer in layers:
        for path in sorted((folder / layer).glob("*.sql")):
            try:
                model = read_model(path)
            except EditedFileError as error:
                problems += error.problems
                continue
            if model.name in found:
                problems.append(f"{model.file}, line 1: {found[model.name].file} has this name already.")
            found.setdefault(model.name, model)
    if not found and not problems:
        problems.append(f"{folder}: no model there (<layer>/<table>.sql): nothing can be computed.")
    problems += _circles(found)
    order = TopologicalSorter({name: sorted(model.reads & found.keys()) for name, model in found.items()})
    return [found[name] for name in order.static_order()], problems


def read_model(path: Path) -> SqlModel:
    """Read one file; EditedFileError where it has no header comment or is not one SELECT."""
    layer, name = path.parent.name, path.stem
    file = f"{SQL_FOLDER.name}/{layer}/{path.name}"
    prefix = LAYERS.get(layer, "")
    if not re.fullmatch(rf"{prefix}[a-z][a-z0-9_]*", name):
        example = f"{prefix}valeurs"
        raise EditedFileError(
            [f"{file}, line 1: the file names a table: lower-case letters, digits and '_', as in {example}.sql."]
        )
    sql = read_text(path, file)
    header = read_header(file, sql)
    return SqlModel(name, layer, header.description, sql, tables_read(file, sql), header.columns)


def column_comments(models: Iterable[SqlModel]) -> dict[str, dict[str, str]]:
    """Return, for each model by name, what is said of the columns that it may have.

    A name keeps its meaning from one table to the next: what a header does not say is what the first of the models that
    it reads, by name, says. `models` are each after those they read.
    """
    said: dict[str, dict[str, str]] = {}
    for model in models:
        own = {name: comment.text for name, comment in model.columns.items()}
        said[model.name] = own
        for read in sorted(model.reads & said.keys()):
            said[model.name] = {**said[read], **said[model.name]}
    return said


def _misplaced(folder: Path) -> Iterator[str]:
    for path in sorted(path for path in folder.rglob("*.*") if path.suffix.lower() == ".sql"):
        where = path.relative_to(folder).parent
        file = f"{SQL_FOLDER.name}/{path.relative_to(folder).as_posix()}"
        if path.suffix != ".sql":
            yield f"{file}, line 1: it is not read: the name must end in .sql."
        elif where.as_posix() not in (*LAYERS, EXAMPLES_FOLDER):
            near = difflib.get_close_matches(where.as_posix(), LAYERS, n=1)
            hint = f"the closest is {near[0]}/" if near else f"they are {', '.join(f'{layer}/' for layer in LAYERS)}"
            yield f"{file}, line 1: a model stands in the folder of a layer; {hint}."


def _circles(found: dict[str, SqlModel]) -> Iterator[str]:
    """Tell the models that read one another, and take them out."""
    while True:
        try:
            TopologicalSorter({name: model.reads & found.keys() for name, model in sorted(found.items())}).prepare()
            return
        except CycleError as error:
            circle = error.args[1][::-1]  # each reads the next one
            first = min(circle)
            turned = [*circle[circle.index(first) : -1], *circle[: circle.index(first)], first]
            model = found[first]
            read = re.compile(rf"\b{re.escape(turned[1])}\b")
            lines = enumerate(model.sql.splitlines(), 1)
            line = next((n for n, text in lines if read.search(text.partition("--")[0])), 1)
            yield f"{model.file}, line {line}: models may not read one another: {' reads '.join(turned)}."
            for name in circle[1:]:
                del found[name]


def tables_read(file: str, sql: str) -> frozenset[str]:
    """Return the tables that a query selects from; EditedFileError where it is not one SELECT."""
    try:
        statements = [s for s in sqlglot.parse(sql, dialect="duckdb") if s is not None]
    except (SqlglotError, RecursionError) as error:
        raise EditedFileError([f"{file}, {_syntax_fault(sql, error)}."]) from None
    if len(statements) != 1 or not isinstance(statements[0], exp.Query):
        raise EditedFileError([f"{file}, line {first_line_of_code(sql)}: a model is one SELECT, and nothing else."])
    ctes = {cte.alias for cte in statements[0].find_all(exp.CTE)}
    tables = {".".join(part.name for part in t.parts) for t in statements[0].find_all(exp.Table)}
    return frozenset(tables - ctes - {""})


def _syntax_fault(sql: str, error: Exception) -> str:
    """Say what is wrong in DuckDB's words, which are plainer, else in sqlglot's."""
    if isinstance(error, RecursionError):
        return f"line {first_line_of_code(sql)}: brackets within brackets, too deep to be read"
    try:
        duckdb.extract_statements(sql)
    except duckdb.Error as refused:
        fault = fault_of(refused, sql)
        return f"line {fault.line}: {fault.what}"
    about = (getattr(error, "errors", None) or [{}])[0]
    return f"line {about.get('line') or first_line_of_code(sql)}: {about.get('description') or error}"


def make_table(connection: duckdb.DuckDBPyConnection, model: SqlModel) -> None:
    """Make the table of a model anew; ModelError where the data make it fail: a cast, an overflow."""
    try:
        # On the line of the text's first one: DuckDB counts from there.
        connection.execute(f"create or replace table {model.name} as {model.sql}")
    except FAULTS_OF_THE_TEXT as error:
        fault = fault_of(error, model.sql)
        raise ModelError(f"{model.file}, line {fault.line}: {fault.what}.") from error
