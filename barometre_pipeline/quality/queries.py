"""The SQL of a rule: its parameters filled in, its columns put in order, what is accepted set aside.

A rule's query is a plain SELECT of the faulty rows, which runs in any DuckDB shell once its `$parameters`
are filled in. It names no place: that is looked up afterwards (see `places`).
"""

from __future__ import annotations

import datetime as dt
import re

import duckdb

Parameter = bool | int | float | dt.date | str | list[str]

KEY_COLUMNS = ("indicateur", "maille", "territoire", "date")
PLACE_COLUMNS = ("livraison", "fichier", "feuille", "ligne", "colonne")
COLUMNS = (*KEY_COLUMNS, "valeur", "contenu", "detail", *PLACE_COLUMNS)

COUNT_COLUMN = "lignes_fautives"
ROWS_KEPT = 20

_PARAMETER = re.compile(r"\$([a-z][a-z0-9_]*)")


class UnusableRuleError(Exception):
    """A rule that cannot be evaluated; the text says why."""


def parameters_named(query: str) -> set[str]:
    """Return the names written `$name` in a query."""
    return set(_PARAMETER.findall(query))


def filled_in(query: str, parameters: dict[str, Parameter]) -> str:
    """Return the query with each `$name` replaced by its value, as an SQL literal."""
    return _PARAMETER.sub(lambda match: literal(parameters[match[1]]), query.strip().rstrip(";"))


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
    return "'" + value.replace("'", "''") + "'"


def columns_of(connection: duckdb.DuckDBPyConnection, query: str) -> tuple[str, ...]:
    """Return the columns that a query gives; UnusableRuleError where it does not run or gives others."""
    try:
        found = tuple(row[0] for row in connection.execute(f"describe {query}").fetchall())
    except duckdb.Error as error:
        raise UnusableRuleError(" ".join(str(error).split())) from None
    unknown = [c for c in found if c not in COLUMNS]
    if unknown:
        raise UnusableRuleError(f"its query gives the column {unknown[0]}, which is none of {', '.join(COLUMNS)}")
    return found


def faulty_rows(query: str, found: tuple[str, ...], accepted: str | None) -> str:
    """Return the query of the first rows that count, those not accepted, each with their whole number."""
    kept = ", ".join(c for c in COLUMNS if c in found)
    order = ", ".join(c for c in (*PLACE_COLUMNS, *KEY_COLUMNS, *COLUMNS) if c in found)
    where = f"\nwhere not ({accepted})" if accepted else ""
    counted = f"select {kept}, count(*) over () as {COUNT_COLUMN} from fautives as f{where}"
    return f"with fautives as (\n{query}\n)\n{counted}\norder by {order}\nlimit {ROWS_KEPT}"
