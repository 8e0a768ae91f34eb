"""The deviations that the catalogue's exceptions.yaml accepts, and how many faulty rows each one covers.

Whether one is about a row is said in `rules`.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace

import duckdb

from barometre_pipeline.quality.rules import Rule


@dataclass(frozen=True)
class KnownDeviation:
    """One exception of the catalogue, with how many faulty rows it covers in this edition."""

    regle: str
    id_indicateur: str
    maille: str | None
    code: str | None
    date: dt.date | None
    motif: str
    jusqu_a: str
    expired: bool
    rows: int = 0

    @property
    def status(self) -> str:
        """Return `utilisee`, `sans_objet` (it covers no faulty row) or `echue` (it no longer counts)."""
        if self.expired:
            return "echue"
        return "utilisee" if self.rows else "sans_objet"


def read_deviations(connection: duckdb.DuckDBPyConnection) -> tuple[KnownDeviation, ...]:
    """Read the catalogue's exceptions as they stand for the edition of this warehouse, in the order of their keys."""
    rows = connection.execute("""
        select regle, id_indicateur, maille, code, date, motif, jusqu_a, not en_vigueur
        from catalogue.exceptions
        order by all
    """).fetchall()
    return tuple(KnownDeviation(*row) for row in rows)


def with_rows_of(
    connection: duckdb.DuckDBPyConnection, rule: Rule, deviations: tuple[KnownDeviation, ...]
) -> tuple[KnownDeviation, ...]:
    """Return the deviations, those of this rule with the number of its faulty rows that they cover added."""
    if rule.all_rows is None or not any(d.regle == rule.expectation.regle for d in deviations):
        return deviations
    counts = connection.execute(f"""
        with exceptions as (
            select *, row_number() over (
                order by regle, id_indicateur, maille, code, date, motif, jusqu_a, not en_vigueur
            ) as rang
            from catalogue.exceptions
        )
        select count(f.id_indicateur)
        from exceptions as x
        left join (\n{rule.all_rows}\n) as f on {rule.covered}
        group by x.rang
        order by x.rang
    """).fetchall()
    return tuple(replace(d, rows=d.rows + n) for d, (n,) in zip(deviations, counts, strict=True))


def accepted_rows(connection: duckdb.DuckDBPyConnection, rule: Rule, deviations: tuple[KnownDeviation, ...]) -> int:
    """Return how many faulty rows of a rule are accepted."""
    if rule.all_rows is None or all(d.regle != rule.expectation.regle or d.expired for d in deviations):
        return 0
    query = f"select count(*) from (\n{rule.all_rows}\n) as f where {rule.accepted}"
    ((count,),) = connection.execute(query).fetchall()
    return int(count)
