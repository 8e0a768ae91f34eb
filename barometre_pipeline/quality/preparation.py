"""Makes a rule ready to be evaluated on a warehouse: its query, without the rows that the catalogue accepts.

Evaluating it is in `evaluation`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import duckdb

from barometre_pipeline.quality.known_deviations import KnownDeviation, accepted_condition
from barometre_pipeline.quality.places import key_columns_in
from barometre_pipeline.quality.queries import UnusableRuleError, columns_of, faulty_rows, filled_in
from barometre_pipeline.quality.suites import Attente, Suite


@dataclass(frozen=True)
class Rule:
    """A rule of a suite, ready to be evaluated; `query` is `all_rows` without those that `accepted` says."""

    suite: Suite
    attente: Attente
    index: list[str]
    columns: tuple[str, ...] = ()
    all_rows: str | None = None
    accepted: str | None = None
    query: str | None = None
    problem: UnusableRuleError | None = None


def prepared(connection, suite: Suite, attente: Attente, deviations: list[KnownDeviation]) -> Rule:
    """Return a rule with its query; where it cannot be evaluated, with the reason."""
    try:
        columns = [row[0] for row in connection.execute(f"describe {suite.table}").fetchall()]
    except duckdb.CatalogException:
        return Rule(suite, attente, [], problem=UnusableRuleError(f"the table {suite.table} does not exist"))
    rule = Rule(suite, attente, key_columns_in(columns))
    if attente.requete is None:
        return rule
    try:
        all_rows = filled_in(attente.requete, attente.parametres)
        given = columns_of(connection, all_rows)
    except UnusableRuleError as problem:
        return replace(rule, problem=problem)
    accepted = accepted_condition(deviations, attente.regle, given)
    query = faulty_rows(all_rows, given, accepted)
    return replace(rule, columns=given, all_rows=all_rows, accepted=accepted, query=query)
