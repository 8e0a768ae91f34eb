"""The questions that the warehouse answers by itself: one file each of dbt_like_sql/exemples/, a row of `exemples`.

A file begins with the question, then a line `-- Réponse : …` where {column} stands for that column of the first row and
{lignes} for the number of rows; then one SELECT over the tables and views of the warehouse.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from barometre_pipeline.documents.sql_errors import FAULTS_OF_THE_TEXT, fault_of, first_line_of_code
from barometre_pipeline.documents.texts import read_text
from barometre_pipeline.errors import EditedFileError, ModelError
from barometre_pipeline.french import day, number
from barometre_pipeline.package_files import SQL_FOLDER
from barometre_pipeline.sql_models import EXAMPLES_FOLDER

EXAMPLES = "exemples"  # the table
COLUMNS = {
    "nom": "Nom de l’exemple, pour barometre sql --example. [source: dbt_like_sql/exemples]",
    "question": "Question, telle qu’on la pose. [source: dbt_like_sql/exemples]",
    "sql": "Requête qui y répond. [source: dbt_like_sql/exemples]",
    "reponse": "Réponse de l’édition publique, de la première ligne de la requête. [source: calcul]",
}
COMMENT = "Questions fréquentes, chacune avec la requête qui y répond et sa réponse. [source: dbt_like_sql/exemples]"
ROWS = "lignes"  # what stands for the number of rows in an answer
NO_ROW, NO_VALUE = "Aucune ligne.", "non renseigné"

_ANSWER = "Réponse :"
_NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
_PLACEHOLDER = re.compile(r"\{(\w+)\}")
_DIGITS = 4  # after the comma


@dataclass(frozen=True)
class Example:
    """A question, its answer to be filled, and the text of its file."""

    name: str
    question: str
    answer: str
    text: str

    @property
    def file(self) -> str:
        """Return what people call its file."""
        return f"{SQL_FOLDER.name}/{EXAMPLES_FOLDER}/{self.name}.sql"

    @property
    def sql(self) -> str:
        """Return the query without the comment that it begins with."""
        return "\n".join(self.text.splitlines()[first_line_of_code(self.text) - 1 :]).rstrip("; \n")

    @property
    def placeholders(self) -> set[str]:
        """Return the columns that the answer takes."""
        return set(_PLACEHOLDER.findall(self.answer)) - {ROWS}

    def told(self, columns: list[str], rows: list[tuple[Any, ...]]) -> str:
        """Return the answer that these rows give, in French."""
        if not rows:
            return NO_ROW
        values = {**dict(zip(columns, rows[0], strict=True)), ROWS: len(rows)}
        return _PLACEHOLDER.sub(lambda found: _written(values[found[1]]), self.answer)


def read_examples(folder: Path = SQL_FOLDER) -> list[Example]:
    """Read every example, by name; EditedFileError tells every problem at once."""
    examples, problems = find_examples(folder)
    if problems:
        raise EditedFileError(problems)
    return examples


def find_examples(folder: Path = SQL_FOLDER) -> tuple[list[Example], list[str]]:
    """Return the examples that are well written, by name, and what is wrong with the others."""
    found: list[Example] = []
    problems: list[str] = []
    for path in sorted((folder / EXAMPLES_FOLDER).glob("*.sql")):
        try:
            found.append(_read(path))
        except EditedFileError as error:
            problems += error.problems
    return found, problems


def _read(path: Path) -> Example:
    file = f"{SQL_FOLDER.name}/{EXAMPLES_FOLDER}/{path.name}"
    text = read_text(path, file)
    code = first_line_of_code(text)
    header = " ".join(line.removeprefix("--").strip() for line in text.splitlines()[: code - 1] if line.strip())
    question, found, answer = header.partition(_ANSWER)
    if not _NAME.fullmatch(path.stem):
        raise EditedFileError([f"{file}, line 1: a name is made of lower-case letters, digits and '-'."])
    if not question or not found or not answer.strip():
        told = f"the first comment is the question, then « {_ANSWER} », the answer with {{columns}} of its first row"
        raise EditedFileError([f"{file}, line 1: {told}."])
    try:
        kinds = [statement.type for statement in duckdb.extract_statements(text)]
    except duckdb.Error as error:
        fault = fault_of(error, text)
        raise EditedFileError([f"{file}, line {fault.line}: {fault.what}."]) from None
    if kinds != [duckdb.StatementType.SELECT]:
        raise EditedFileError([f"{file}, line {code}: an example is one SELECT, and nothing else."])
    return Example(path.stem, question.strip(), answer.strip(), text)


def create_examples(connection: duckdb.DuckDBPyConnection) -> None:
    """Make the table `exemples`, without a row, in the database in use."""
    columns = ", ".join(f"{name} varchar" for name in COLUMNS)
    connection.execute(f"create table {EXAMPLES} ({columns}, primary key (nom))")


def fill_examples(connection: duckdb.DuckDBPyConnection, database: str, examples: Iterable[Example]) -> None:
    """Answer each question from this attached database; ModelError where one cannot be."""
    connection.execute(f"use {database}")
    rows = [(e.name, e.question, e.sql, _answered(connection, e)) for e in examples]
    connection.execute(f"delete from {EXAMPLES}")
    if rows:
        connection.executemany(f"insert into {EXAMPLES} values (?, ?, ?, ?)", rows)


def _answered(connection: duckdb.DuckDBPyConnection, example: Example) -> str:
    try:
        cursor = connection.execute(example.text)
        return example.told([name for name, *_ in cursor.description or ()], cursor.fetchall())
    except FAULTS_OF_THE_TEXT as error:
        fault = fault_of(error, example.text)
        raise ModelError(f"{example.file}, line {fault.line}: {fault.what}.") from error


def _written(value: Any) -> str:
    if value is None:
        return NO_VALUE
    if isinstance(value, dt.date):
        return day(value)
    return number(round(value, _DIGITS) if isinstance(value, float) else value)
