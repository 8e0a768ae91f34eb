"""Judges a warehouse by the suites: every rule, where the tables are, what is accepted set aside.

Great Expectations evaluates (`gx_session`); here rules are prepared and what they found is put together.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from barometre_pipeline.quality.data_docs import clean_data_docs
from barometre_pipeline.quality.gx_session import Found, GxSession, Outcome, gx_session
from barometre_pipeline.quality.known_deviations import KnownDeviation, read_deviations
from barometre_pipeline.quality.places import in_our_words, with_place
from barometre_pipeline.quality.preparation import Rule, prepared
from barometre_pipeline.quality.queries import ROWS_KEPT, UnusableRuleError
from barometre_pipeline.quality.results import RuleResult
from barometre_pipeline.quality.suites import Suite
from barometre_pipeline.resources.duckdb_files import read_warehouse


@dataclass(frozen=True)
class Evaluation:
    """The verdict on a warehouse: one result a rule, in the suites' order, and the catalogue's exceptions."""

    results: tuple[RuleResult, ...]
    deviations: tuple[KnownDeviation, ...]

    @property
    def blocks(self) -> bool:
        """Tell whether nothing may be published."""
        return any(r.blocks for r in self.results)


def evaluate(warehouse: Path, suites: list[Suite], docs: Path | None = None) -> Evaluation:
    """Evaluate every rule on a DuckDB file, read only; write Great Expectations' Data Docs in `docs`."""
    with read_warehouse(warehouse) as connection:
        deviations = read_deviations(connection)
        rules = [prepared(connection, s, a, deviations) for s in suites for a in s.attentes]
    found: list[tuple[Outcome, tuple[dict, ...]]] = []
    with gx_session(warehouse, docs) as session:
        for suite in suites:
            found += _evaluate_suite(session, [r for r in rules if r.suite is suite], deviations)
        if docs:
            session.build_docs()
    if docs:
        clean_data_docs(docs)
    with read_warehouse(warehouse) as connection:
        return _put_together(connection, rules, found, deviations)


def _evaluate_suite(session: GxSession, rules: list[Rule], deviations: list[KnownDeviation]):
    """Return for each rule what it found, and the faulty rows that are accepted of a rule that has no query."""
    expectations, problems = {}, {}
    for rule in rules:
        try:
            expectations[rule.attente.regle] = _expectation(session, rule)
        except UnusableRuleError as problem:
            problems[rule.attente.regle] = problem
    usable = list(expectations.values())
    found = dict(zip(expectations, session.validate(rules[0].suite.table, usable), strict=True)) if usable else {}
    outcomes = []
    for rule in rules:
        outcome = problems.get(rule.attente.regle) or found[rule.attente.regle]
        if rule.query is None and isinstance(outcome, Found) and outcome.count:
            outcomes.append(_told_apart(session, rule, deviations))
        else:
            outcomes.append((outcome, ()))
    return outcomes


def _expectation(session: GxSession, rule: Rule):
    if rule.problem:
        raise rule.problem
    a = rule.attente
    severity = {"bloquant": "critical", "alerte": "warning"}[a.severite]
    about: dict[str, Any] = {
        "description": f"{a.regle} : {a.pourquoi}",
        "meta": {"regle": a.regle},
        "severity": severity,
    }
    if rule.query:
        return session.rows_expectation(rule.query, **about)
    return session.expectation(a.type, rule.suite.arguments_of(a), **about)


def _told_apart(session: GxSession, rule: Rule, deviations: list[KnownDeviation]):
    """Evaluate again a failed expectation, now with all its rows: those that count, and those accepted."""
    found = session.validate(rule.suite.table, [_expectation(session, rule)], rule.index)[0]
    if isinstance(found, UnusableRuleError):
        return found, ()
    rows = [in_our_words(row) for row in found.rows]
    active = [d for d in deviations if d.regle == rule.attente.regle and not d.expired]
    accepted = tuple(row for row in rows if any(d.covers(row) for d in active))
    kept = tuple(row for row in rows if not any(d.covers(row) for d in active))
    return Found(found.count - len(accepted), kept), accepted


def _put_together(connection, rules: list[Rule], found: list, deviations: list[KnownDeviation]) -> Evaluation:
    results = tuple(_result(connection, r, f, accepted) for r, (f, accepted) in zip(rules, found, strict=True))
    usable = [(r, accepted) for r, (f, accepted) in zip(rules, found, strict=True) if isinstance(f, Found)]
    served = tuple(replace(d, rows=sum(_covered(connection, d, *u) for u in usable)) for d in deviations)
    return Evaluation(results, served)


def _result(connection, rule: Rule, found: Outcome, accepted: tuple[dict, ...]) -> RuleResult:
    a = rule.attente
    result = RuleResult(rule.suite.table, a.regle, a.title, a.severite, a.pourquoi, a.pour)
    if isinstance(found, UnusableRuleError):
        return replace(result, erreur=str(found))
    lines = tuple(with_place(connection, in_our_words(row)) for row in found.rows[:ROWS_KEPT])
    set_aside = _count(connection, rule, rule.accepted) if rule.accepted else len(accepted)
    return replace(result, nombre=found.count, lignes=lines, acceptees=set_aside)


def _covered(connection, deviation: KnownDeviation, rule: Rule, accepted: tuple[dict, ...]) -> int:
    """Return how many faulty rows of a rule a deviation covers."""
    if deviation.regle != rule.attente.regle:
        return 0
    if rule.all_rows is None:
        return sum(deviation.covers(row) for row in accepted)
    return _count(connection, rule, deviation.condition(rule.columns))


def _count(connection, rule: Rule, condition: str) -> int:
    query = f"select count(*) from (\n{rule.all_rows}\n) as f where {condition}"
    return connection.execute(query).fetchone()[0]
