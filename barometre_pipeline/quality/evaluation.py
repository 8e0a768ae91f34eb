"""Judges a warehouse by the suites: every rule, where the tables are, what is accepted set aside.

Great Expectations evaluates (`gx_session`); here rules are prepared and what they found is put together.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from barometre_pipeline.quality.alerts import ALERTES, alert_rows
from barometre_pipeline.quality.data_docs import clean_data_docs
from barometre_pipeline.quality.deviations import KnownDeviation, accepted_rows, read_deviations, with_rows_of
from barometre_pipeline.quality.gx_session import Found, GxSession, Outcome, gx_session
from barometre_pipeline.quality.results import RuleResult, with_place
from barometre_pipeline.quality.rules import COLUMNS, ROWS_KEPT, Rule, UnusableRuleError, prepared
from barometre_pipeline.quality.suites import Suite
from barometre_pipeline.resources.duckdb_files import read_warehouse, rows_of


@dataclass(frozen=True)
class Evaluation:
    """The verdict on a warehouse: one result a rule, in the suites' order, and the catalogue's exceptions.

    `alerts` are all the rows of the rules that are alerts.
    """

    results: tuple[RuleResult, ...]
    deviations: tuple[KnownDeviation, ...]
    alerts: pa.Table = field(default_factory=ALERTES.empty_table)

    @property
    def blocks(self) -> bool:
        """Tell whether nothing may be published."""
        return any(r.blocks for r in self.results)


def evaluate(warehouse: Path, suites: list[Suite], docs: Path | None = None, found: Path | None = None) -> Evaluation:
    """Evaluate every rule on a DuckDB file, read only; write Great Expectations' Data Docs in `docs`.

    `found` is a folder with the faulty rows of the rules that were evaluated elsewhere (`on_spark`).
    """
    with read_warehouse(warehouse) as connection:
        rules = [prepared(connection, suite, e, found) for suite in suites for e in suite.attentes]
    outcomes: list[Outcome] = []
    with gx_session(warehouse, docs) as session:
        for suite in suites:
            outcomes += _evaluate_suite(session, [r for r in rules if r.suite is suite])
        if docs:
            session.build_docs()
    if docs:
        clean_data_docs(docs)
    with read_warehouse(warehouse) as connection:
        return _put_together(connection, rules, outcomes)


def _evaluate_suite(session: GxSession, rules: list[Rule]) -> list[Outcome]:
    expectations, problems = {}, {}
    for rule in rules:
        try:
            expectations[rule.expectation.regle] = _expectation(session, rule)
        except UnusableRuleError as problem:
            problems[rule.expectation.regle] = problem
    usable = list(expectations.values())
    found = dict(zip(expectations, session.validate(rules[0].suite.table, usable), strict=True)) if usable else {}
    outcomes = [problems.get(r.expectation.regle) or found[r.expectation.regle] for r in rules]
    return [_with_every_row(session, r, outcome) for r, outcome in zip(rules, outcomes, strict=True)]


def _with_every_row(session: GxSession, rule: Rule, outcome: Outcome) -> Outcome:
    """Evaluate again a failed expectation that has no query, now with all its faulty rows."""
    if rule.query or isinstance(outcome, UnusableRuleError) or not outcome.count:
        return outcome
    return session.validate(rule.suite.table, [_expectation(session, rule)], list(rule.index))[0]


def _expectation(session: GxSession, rule: Rule) -> Any:
    if rule.problem:
        raise rule.problem
    e = rule.expectation
    about: dict[str, Any] = {
        "description": f"{e.regle} : {e.pourquoi}",
        "meta": {"regle": e.regle},
        "severity": {"bloquant": "critical", "alerte": "warning"}[e.severite],
    }
    if rule.query:
        return session.rows_expectation(rule.query, **about)
    return session.expectation(e.type or "", rule.suite.arguments_of(e), **about)


def _put_together(connection: duckdb.DuckDBPyConnection, rules: list[Rule], found: list[Outcome]) -> Evaluation:
    deviations = read_deviations(connection)
    judged = [_told_apart(connection, r, outcome, deviations) for r, outcome in zip(rules, found, strict=True)]
    results = tuple(_result(connection, *one) for one in judged)
    for rule, outcome, _ in judged:
        if isinstance(outcome, Found):
            deviations = with_rows_of(connection, rule, deviations)
    rules_judged = zip((rule for rule, _, _ in judged), results, strict=True)
    return Evaluation(results, deviations, alert_rows(connection, rules_judged))


def _told_apart(
    connection: duckdb.DuckDBPyConnection, rule: Rule, outcome: Outcome, deviations: tuple[KnownDeviation, ...]
) -> tuple[Rule, Outcome, int]:
    """Return the rule with the query of its rows, what counts of what it found, and how many rows are accepted."""
    if isinstance(outcome, UnusableRuleError):
        return rule, outcome, 0
    columns = tuple(c for c in COLUMNS if any(row.get(c) is not None for row in outcome.rows))
    if rule.query or not columns:  # a query has left aside what is accepted
        return rule, outcome, accepted_rows(connection, rule, deviations)
    table = f"lues_{rule.suite.table}_{rule.expectation.regle}"
    connection.register(table, pa.table({c: [row.get(c) for row in outcome.rows] for c in columns}))
    rule = rule.with_rows(f"from {table}", columns)
    accepted = accepted_rows(connection, rule, deviations)
    rows = tuple(rows_of(connection, rule.query)) if rule.query else ()
    return rule, Found(outcome.count - accepted, rows), accepted


def _result(connection: duckdb.DuckDBPyConnection, rule: Rule, outcome: Outcome, accepted: int) -> RuleResult:
    e = rule.expectation
    result = RuleResult(rule.suite.table, e.regle, e.title, e.severite, e.pourquoi, e.pour, accepted=accepted)
    if isinstance(outcome, UnusableRuleError):
        return replace(result, error=str(outcome))
    rows = tuple(with_place(connection, row) for row in outcome.rows[:ROWS_KEPT])
    return replace(result, count=outcome.count, rows=rows)
