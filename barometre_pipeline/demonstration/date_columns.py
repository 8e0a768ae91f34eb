"""Dates that a delivery writes in several columns (a year, a quarter), or in none (`date_constante`).

How the other cells are laid out is in `tables`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Any

from barometre_pipeline.catalogue import Indicateur, Livraison
from barometre_pipeline.formats.format import Table
from barometre_pipeline.readers.date_formats import tells_only_the_year
from barometre_pipeline.readers.dates import counted_under

_PACES = ("annee", "semestre", "trimestre")  # the slowest first


def heading_of_each_role(livraison: Livraison) -> dict[str, str]:
    """Return one heading a role, that of a date in several columns being theirs together."""
    return {role: " ".join(headings) for role, headings in livraison.columns.items()}


def with_date_columns(table: Table, livraison: Livraison) -> Table:
    """Return a table with the column of its dates made into those that the delivery has."""
    headings = livraison.columns.get("date", ())
    if len(headings) < 2:
        return table
    at = table.headings.index(" ".join(headings))
    rows: list[Sequence[Any]] = [
        [*row[:at], *_parts(row[at], headings, livraison.format_date), *row[at + 1 :]] for row in table.rows
    ]
    return Table(table.name, [*table.headings[:at], *headings, *table.headings[at + 1 :]], rows)


def _parts(cell: Any, headings: tuple[str, ...], form: str | None) -> list[Any]:
    if form:
        return (str(cell).split(" ") + [None] * len(headings))[: len(headings)]
    day = cell if isinstance(cell, dt.date) else dt.date.fromisoformat(cell)
    by_kind = {"T": (day.month + 2) // 3, "S": (day.month + 5) // 6, "mois": day.month, "jour": day.day}
    others = iter((day.year, f"T{by_kind['T']}"))
    return [by_kind[kind] if (kind := counted_under(h)) else next(others, None) for h in headings]


def _pace(livraison: Livraison) -> str | None:
    if tells_only_the_year(livraison.format_date):
        return "annee"
    headings = livraison.columns.get("date", ())
    if len(headings) < 2 or livraison.format_date:
        return None
    kinds = {counted_under(heading) for heading in headings}
    return None if "mois" in kinds else "semestre" if "S" in kinds else "trimestre"


def at_the_pace_of(indicator: Indicateur, deliveries: Iterable[Livraison]) -> Indicateur:
    """Return the indicator as one of the period that its deliveries can tell, where that is longer than a month."""
    paces = {pace for d in deliveries if (pace := _pace(d))}
    pace = next((pace for pace in _PACES if pace in paces), None)
    return indicator.model_copy(update={"periode": pace}) if pace else indicator
