"""What an expectation suite holds: one YAML file a table, read and validated whole.

What the rules find in the data is in `evaluation`.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

from barometre_pipeline.errors import CatalogueError
from barometre_pipeline.quality.queries import Parameter, parameters_named

SUITES_FOLDER = Path(__file__).parents[2] / "expectations"
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


class Attente(BaseModel):
    """One rule: a type of Great Expectations with its arguments, or a query that returns the faulty rows."""

    model_config = ConfigDict(extra="forbid", frozen=True)

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
    def _one_way(self) -> Attente:
        if (self.type is None) == (self.requete is None):
            raise ValueError("give type (of Great Expectations) or requete (SQL), one of the two")
        if self.requete is None and self.parametres:
            raise ValueError("parametres serves only a requete; a type has arguments")
        if self.type is None and self.arguments:
            raise ValueError("arguments serves only a type; a requete has parametres")
        named = parameters_named(self.requete or "")
        for name in sorted(named - self.parametres.keys()):
            raise ValueError(f"requete: ${name} has no value in parametres")
        for name in sorted(self.parametres.keys() - named):
            raise ValueError(f"parametres: {name} is not used in requete")
        return self

    @property
    def title(self) -> str:
        """Return what the report calls the rule."""
        return self.titre or self.regle.replace("_", " ").capitalize()


class Suite(BaseModel):
    """One file: the table it checks, the columns that identify its rows, its rules."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    table: Identifier
    grain: tuple[Identifier, ...] = Field(min_length=1)
    attentes: tuple[Attente, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _rules(self) -> Suite:
        names = [a.regle for a in self.attentes]
        for name in sorted({n for n in names if names.count(n) > 1}):
            raise ValueError(f"attentes: two rules are named {name!r}")
        for a in self.attentes:
            if a.type == _UNIQUE_TYPE and a.regle == KEY_UNIQUENESS and "column_list" in a.arguments:
                raise ValueError(f"{KEY_UNIQUENESS}: the columns of the key are the suite's grain, not column_list")
        return self

    def arguments_of(self, attente: Attente) -> dict[str, Any]:
        """Return the arguments of a rule; those of `cle_unique` are the grain."""
        if attente.regle == KEY_UNIQUENESS and attente.type == _UNIQUE_TYPE:
            return {"column_list": list(self.grain), **attente.arguments}
        return attente.arguments


def read_suites(folder: Path = SUITES_FOLDER) -> list[Suite]:
    """Read every suite of a folder, by table; CatalogueError tells every problem at once."""
    suites, problems = [], []
    for path in sorted(folder.glob("*.yml")):
        try:
            suite = Suite.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
            if suite.table != path.stem:
                problems.append(f"expectations/{path.name}: table: {path.stem!r} is what the file's name says.")
            suites.append(suite)
        except yaml.YAMLError as error:
            problems.append(f"expectations/{path.name}: not readable as YAML ({' '.join(str(error).split())}).")
        except ValidationError as error:
            problems += [f"expectations/{path.name}: {_sentence(e)}" for e in error.errors()]
    if not suites and not problems:
        problems.append(f"{folder}: no suite there (<table>.yml): without rules nothing can be checked.")
    if problems:
        raise CatalogueError(problems)
    return suites


def _sentence(error: dict) -> str:
    where = ".".join(str(p + 1) if isinstance(p, int) else p for p in error["loc"])
    if error["type"] == "extra_forbidden":
        return f"{where}: this key is unknown: a typing mistake?"
    message = error["msg"].removeprefix("Value error, ")
    return f"{where}: {message}." if where else f"{message}."
