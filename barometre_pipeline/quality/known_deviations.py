"""The deviations that the catalogue's exceptions.yaml accepts: which faulty rows they cover, which ones serve.

A deviation covers the rows of its rule and indicator, and of its maille, territory and date where it says
them, until its edition included.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

import duckdb

from barometre_pipeline.quality.queries import KEY_COLUMNS, literal


@dataclass(frozen=True)
class KnownDeviation:
    """One exception of the catalogue, with how many faulty rows it covers in this edition."""

    regle: str
    indicateur: str
    maille: str | None
    territoire: str | None
    date: dt.date | None
    motif: str
    jusqu_a: str
    expired: bool
    rows: int = 0

    @property
    def statut(self) -> str:
        """Return `utilisee`, `sans_objet` (it covers no faulty row) or `echue` (it no longer counts)."""
        if self.expired:
            return "echue"
        return "utilisee" if self.rows else "sans_objet"

    def covers(self, row: dict[str, Any]) -> bool:
        """Tell whether a faulty row is one that this deviation accepts."""
        return all(row.get(c) == getattr(self, c) for c in self._said())

    def condition(self, columns: tuple[str, ...]) -> str:
        """Return the same as an SQL condition on the rows `f` of a query with these columns."""
        said = self._said()
        if not set(said) <= set(columns):
            return "false"
        return " and ".join(f"f.{c} is not distinct from {literal(getattr(self, c))}" for c in said)

    def _said(self) -> list[str]:
        return [c for c in KEY_COLUMNS if getattr(self, c) is not None]


def read_deviations(connection: duckdb.DuckDBPyConnection) -> list[KnownDeviation]:
    """Read the catalogue's exceptions as they stand for the edition of this warehouse."""
    rows = connection.execute("""
        select x.regle, x.indicateur, x.maille, x.territoire, x.date, x.motif, x.jusqu_a, x.jusqu_a < e.edition
        from catalogue.exceptions as x
        cross join catalogue.edition as e
        order by all
    """).fetchall()
    return [KnownDeviation(*row) for row in rows]


def accepted_condition(deviations: list[KnownDeviation], rule: str, columns: tuple[str, ...]) -> str | None:
    """Return the SQL condition of the rows that are accepted for a rule, None where none can be."""
    conditions = [d.condition(columns) for d in deviations if d.regle == rule and not d.expired]
    return " or ".join(f"({c})" for c in conditions) or None
