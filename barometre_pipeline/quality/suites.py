"""The expectation suites, one YAML file a table: what each holds, and how it is read, each problem with its line.

That tables and columns exist is checked in `edited_files`; what the rules find in the data is in `evaluation`.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

from barometre_pipeline.documents.sentences import RefusedKeysError, refusals
from barometre_pipeline.documents.yaml_files import Document, read_yaml
from barometre_pipeline.errors import EditedFileError
from barometre_pipeline.package_files import SUITES_FOLDER
from barometre_pipeline.resources.duckdb_files import literal as text_literal

KEY_UNIQUENESS = "cle_unique"
_UNIQUE_TYPE = "expect_compound_columns_to_be_unique"


def _identifier(text: str) -> str:
    if not re.fullmatch(r"[a-z][a-z0-9_]*", text):
        raise ValueError("lower-case letters without accents, digits and '_', as in taux_hors_bornes")
    return text


def _expectation_type(text: str) -> str:
    if not re.fullmatch(r"expect_[a-z_]+", text):
        raise ValueError("a type of Great Expectations, as in expect_column_values_to_not_be_null")
    return text


Identifier = Annotated[str, AfterValidator(_identifier)]
ExpectationType = Annotated[str, AfterValidator(_expectation_type)]
Sentence = Annotated[str, Field(min_length=10)]
Parameter = bool | int | float | dt.date | str | list[str]
_PARAMETER = re.compile(r"\$([a-z][a-z0-9_]*)")


class Expectation(BaseModel):
    """One rule: a type of Great Expectations with its arguments, or a query that returns the faulty rows."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    regle: Identifier
    titre: str | None = None  # the rule's name with its accents, for the report
    type: ExpectationType | None = None
    arguments: dict[str, Any] = {}
    requete: str | None = None
    parametres: dict[Identifier, Parameter] = {}
    severite: Literal["bloquant", "alerte"]
    pourquoi: Sentence
    pour: Sentence

    @model_validator(mode="after")
    def _one_way(self) -> Expectation:
        if (self.type is None) == (self.requete is None):
            raise ValueError("give type (of Great Expectations) or requete (SQL), one of the two")
        if self.requete is None and self.parametres:
            raise ValueError("parametres: it serves only a requete; a type has arguments")
        if self.type is None and self.arguments:
            raise ValueError("arguments: it serves only a type; a requete has parametres")
        named = set(_PARAMETER.findall(self.requete or ""))
        problems = [f"requete: ${name} has no value in parametres" for name in sorted(named - self.parametres.keys())]
        problems += [f"parametres: {name} is not used in requete" for name in sorted(self.parametres.keys() - named)]
        if problems:
            raise RefusedKeysError(problems)
        return self

    @property
    def is_key_uniqueness(self) -> bool:
        """Tell whether it is the rule that the suite's grain is a key."""
        return self.regle == KEY_UNIQUENESS and self.type == _UNIQUE_TYPE

    @property
    def title(self) -> str:
        """Return what the report calls the rule."""
        return self.titre or self.regle.replace("_", " ").capitalize()

    @property
    def query(self) -> str:
        """Return its SQL, with each `$name` replaced by its value: it runs in any DuckDB shell."""
        query = (self.requete or "").strip().rstrip(";")
        return _PARAMETER.sub(lambda match: literal(self.parametres[match[1]]), query)


def literal(value: Parameter) -> str:
    """Write a value as SQL: nothing in it can be read as anything else than this value."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float):
        return repr(value)
    if isinstance(value, list):
        return "[" + ", ".join(literal(v) for v in value) + "]"
    if isinstance(value, dt.date):
        return f"date '{value.isoformat()}'"
    return text_literal(value)


class Suite(BaseModel):
    """One file: the table it checks, the columns that identify its rows, its rules."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    table: Identifier
    grain: tuple[Identifier, ...] = Field(min_length=1)
    attentes: tuple[Expectation, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _rules(self) -> Suite:
        names = [a.regle for a in self.attentes]
        for name in sorted({n for n in names if names.count(n) > 1}):
            raise ValueError(f"attentes: two rules are named {name!r}")
        for a in self.attentes:
            if a.is_key_uniqueness and "column_list" in a.arguments:
                raise ValueError(f"{KEY_UNIQUENESS}: the columns of the key are the suite's grain, not column_list")
        return self

    def arguments_of(self, expectation: Expectation) -> dict[str, Any]:
        """Return the arguments of a rule; those of `cle_unique` are the grain."""
        if expectation.is_key_uniqueness:
            return {"column_list": list(self.grain), **expectation.arguments}
        return expectation.arguments


@dataclass(frozen=True)
class SuiteFile:
    """A suite, and its file as it was read: the lines of its rules."""

    suite: Suite
    document: Document


def read_suites(folder: Path = SUITES_FOLDER) -> list[Suite]:
    """Read every suite of a folder, by table; EditedFileError tells every problem at once."""
    files, problems = find_suites(folder)
    if problems:
        raise EditedFileError(problems)
    return [file.suite for file in files]


def find_suites(folder: Path) -> tuple[list[SuiteFile], list[str]]:
    """Return the suites of a folder that are well written, by table, and what is wrong with the others."""
    found: list[SuiteFile] = []
    problems: list[str] = []
    for path in sorted(folder.glob("*.yml")):
        try:
            found.append(_read(path))
        except EditedFileError as error:
            problems += error.problems
    for path in sorted(folder.glob("*.yaml")):
        problems.append(f"{folder.name}/{path.name}, line 1: the name of a suite ends in .yml.")
    if not found and not problems:
        problems.append(f"{folder}: no suite there (<table>.yml): without rules nothing can be checked.")
    return found, problems


def _read(path: Path) -> SuiteFile:
    document = read_yaml(path, f"{SUITES_FOLDER.name}/{path.name}")
    problems = list(document.problems)
    try:
        suite = Suite.model_validate(document.data)
        if suite.table != path.stem:
            problems.append(f"{document.place().at('table')}: {path.stem!r} is what the file's name says.")
    except ValidationError as error:
        problems += refusals(error, document.place(), Suite)
    if problems:
        raise EditedFileError(problems)
    return SuiteFile(suite, document)
