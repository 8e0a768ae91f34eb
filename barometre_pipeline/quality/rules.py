"""Makes a rule ready to be evaluated on a warehouse: the SQL of its faulty rows, without those that are accepted.

A rule's query is a plain SELECT of the faulty rows, which runs in any DuckDB shell once its `$parameters` are filled
in. It names no place: that is looked up afterwards (`results`). Evaluating it is in `evaluation`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import duckdb

from barometre_pipeline.package_files import SUITES_FOLDER
from barometre_pipeline.quality.suites import Expectation, Suite, literal
from barometre_pipeline.quality.type_queries import query_of_type
from barometre_pipeline.resources.duckdb_files import literal as text_literal

KEY_TYPES = {"id_indicateur": "varchar", "maille": "varchar", "code": "varchar", "date": "date"}
KEY_COLUMNS = tuple(KEY_TYPES)
PLACE_COLUMNS = ("livraison", "fichier", "feuille", "ligne", "colonne")
COLUMNS = (*KEY_COLUMNS, "valeur", "contenu", "detail", *PLACE_COLUMNS)

COUNT_COLUMN = "lignes_fautives"
ROWS_KEPT = 20


class UnusableRuleError(Exception):
    """A rule that cannot be evaluated; the text says why."""


@dataclass(frozen=True)
class Rule:
    """A rule of a suite, ready to be evaluated: the queries of all its faulty rows, of those that count, of the first.

    A type of Great Expectations that no query says (`type_queries`) has none, until its faulty rows are read.
    """

    suite: Suite
    expectation: Expectation
    index: tuple[str, ...] = ()  # the columns of its table that identify a row, or say where it is
    all_rows: str | None = None
    query: str | None = None
    counted_rows: str | None = None
    problem: UnusableRuleError | None = None

    def with_rows(self, query: str, columns: tuple[str, ...]) -> Rule:
        """Return the rule with the query of its faulty rows, which gives these columns."""
        all_rows = _with_whole_keys(query, columns)
        return replace(
            self,
            all_rows=all_rows,
            query=self._first_that_count(all_rows, columns),
            counted_rows=self._that_count(all_rows, columns),
        )

    def _first_that_count(self, all_rows: str, columns: tuple[str, ...]) -> str:
        # Each with their whole number: one execution tells both.
        order = ", ".join(c for c in (*PLACE_COLUMNS, *KEY_COLUMNS, *COLUMNS) if c in columns)
        counted = self._that_count(all_rows, columns, f", count(*) over () as {COUNT_COLUMN}")
        return f"{counted}\norder by {order}\nlimit {ROWS_KEPT}"

    def _that_count(self, all_rows: str, columns: tuple[str, ...], more: str = "") -> str:
        kept = ", ".join(c for c in COLUMNS if c in columns)
        return f"with fautives as (\n{all_rows}\n)\nselect {kept}{more} from fautives as f\nwhere not {self.accepted}"

    @property
    def accepted(self) -> str:
        """Return the SQL condition that an exception of the catalogue accepts the row `f`."""
        return f"exists (select 1 from catalogue.exceptions as x where x.en_vigueur and {self.covered})"

    @property
    def covered(self) -> str:
        """Return the SQL condition that the exception `x` is about the row `f`, in force or not."""
        return about(literal(self.expectation.regle), "f")


def about(regle: str, row: str) -> str:
    """Return the SQL condition that the exception `x` is about a faulty row of a rule: what it does not say is any.

    `regle` is SQL that gives the rule's name, `row` the alias of the row. The model int_rejets_comptes has it too.
    """
    said = " ".join(f"and (x.{column} is null or x.{column} = {row}.{column})" for column in ("maille", "code", "date"))
    return f"x.regle = {regle} and x.id_indicateur = {row}.id_indicateur {said}"


def prepared(
    connection: duckdb.DuckDBPyConnection, suite: Suite, expectation: Expectation, found: Path | None = None
) -> Rule:
    """Return a rule with its query; where it cannot be evaluated, with the reason.

    `found` is a folder with the faulty rows of rules that were evaluated elsewhere: their query reads them there.
    """
    rule = Rule(suite, expectation)
    try:
        columns = _described(connection, suite.table)
    except duckdb.CatalogException:
        return replace(rule, problem=UnusableRuleError(f"the table {suite.table} does not exist"))
    rule = replace(rule, index=tuple(c for c in columns if c in COLUMNS))
    query = _query_of(rule)
    if query is None:
        return rule
    if found and (rows := found / rows_name(suite, expectation)).is_dir():
        query = f"select * from read_parquet({text_literal(rows / '*.parquet')})"
    try:
        return rule.with_rows(query, _columns_of(connection, query))
    except UnusableRuleError as problem:
        return replace(rule, problem=problem)


def rows_name(suite: Suite, expectation: Expectation) -> str:
    """Return the name that a rule's faulty rows have where it is evaluated elsewhere."""
    return f"regle__{suite.table}__{expectation.regle}"


def file_of(suite: Suite, expectation: Expectation) -> str:
    """Return what people call the place of a rule."""
    return f"{SUITES_FOLDER.name}/{suite.table}.yml, rule {expectation.regle}"


def _query_of(rule: Rule) -> str | None:
    e = rule.expectation
    if e.requete is not None:
        return e.query
    return query_of_type(rule.suite.table, e.type or "", rule.suite.arguments_of(e), rule.index)


def _columns_of(connection: duckdb.DuckDBPyConnection, query: str) -> tuple[str, ...]:
    try:
        found = _described(connection, query)
    except duckdb.Error as error:
        raise UnusableRuleError(" ".join(str(error).split())) from None
    unknown = [c for c in found if c not in COLUMNS]
    if unknown:
        raise UnusableRuleError(f"its query gives the column {unknown[0]}, which is none of {', '.join(COLUMNS)}")
    return found


def _described(connection: duckdb.DuckDBPyConnection, what: str) -> tuple[str, ...]:
    return tuple(row[0] for row in connection.execute(f"describe {what}").fetchall())


def _with_whole_keys(query: str, columns: tuple[str, ...]) -> str:
    """Add the columns of the key that a query does not give: an exception that says them is not about its rows."""
    absent = [f"null::{type_} as {c}" for c, type_ in KEY_TYPES.items() if c not in columns]
    return f"select {', '.join(['*', *absent])} from (\n{query}\n)" if absent else query
