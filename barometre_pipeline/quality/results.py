"""What a rule found: its verdict, its rows and where they come from, and the sentences that the terminal shows.

The report for the ministries, in French, is in `facts`, `wording` and `report`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal

import duckdb

from barometre_pipeline.quality.rules import COLUMNS, KEY_COLUMNS, PLACE_COLUMNS

ROWS_TOLD = 5

# The tables that hold a place, by the number of columns of the key: with its date, a value.
_DELIVERED_IN = {4: ("stg_valeurs", PLACE_COLUMNS), 3: ("stg_objectifs", ("livraison", "fichier", "ligne"))}


@dataclass(frozen=True)
class RuleResult:
    """One rule, judged. `rows` holds the first of the `count` faulty rows, those `accepted` are not in it."""

    table: str
    rule: str
    title: str
    severity: Literal["bloquant", "alerte"]
    why: str  # what goes wrong for people where the rule is broken
    audience: str  # for whom
    count: int = 0
    rows: tuple[dict[str, Any], ...] = ()
    accepted: int = 0
    error: str | None = None

    @property
    def status(self) -> Literal["ok", "alerte", "bloquant", "erreur"]:
        """Return the word that rapport.json publishes: `erreur` where the rule could not be evaluated."""
        if self.error:
            return "erreur"
        return self.severity if self.count else "ok"

    @property
    def blocks(self) -> bool:
        """Tell whether nothing may be published: a rule that cannot be evaluated blocks too."""
        return self.status in ("bloquant", "erreur")


def with_place(connection: duckdb.DuckDBPyConnection, row: dict[str, Any]) -> dict[str, Any]:
    """Return what a faulty row says, with the place of its value, or of its objective where it has no date.

    A rule names keys; a key that was delivered has a place, an aggregated one has none.
    """
    row = {c: row[c] for c in COLUMNS if row.get(c) is not None}
    if row.get("livraison") or not all(row.get(c) for c in KEY_COLUMNS[:3]):
        return row
    key = [row[c] for c in KEY_COLUMNS if row.get(c)]
    table, columns = _DELIVERED_IN[len(key)]
    where = " and ".join(f"{c} = ?" for c in KEY_COLUMNS[: len(key)])
    found = connection.execute(f"select {', '.join(columns)} from {table} where {where}", key).fetchone()
    return row | {c: v for c, v in zip(columns, found or (None,) * len(columns), strict=True) if v is not None}


def blocking_sentences(results: Iterable[RuleResult]) -> str:
    """Say each rule that blocks, in one line: the number of rows, the first five with their place."""
    return "\n".join(_sentence(r) for r in results if r.blocks)


def _sentence(result: RuleResult) -> str:
    name = f"{result.rule} ({result.table})"
    if result.error:
        return f"{name}: this rule cannot be evaluated, so nothing is published: {result.error}"
    rows = "1 row" if result.count == 1 else f"{result.count} rows"
    told = [place_of(row) for row in result.rows[:ROWS_TOLD]]
    more = ["…"] if result.count > len(told) else []
    return f"{name}: {rows}. {'; '.join(told + more)}" if told else f"{name}: {rows}."


def place_of(row: dict[str, Any]) -> str:
    """Say where a row is and what it holds: `travail-pilote, export.csv, row 12, column valeur: 'abc'`."""
    place = [row.get("livraison"), row.get("fichier")]
    place += [f"{word} {row[key]}" for word, key in _PLACE_WORDS if row.get(key) is not None]
    about = " ".join(str(row[k]) for k in KEY_COLUMNS if row.get(k) is not None)
    held = [repr(row["contenu"])] if row.get("contenu") is not None else []
    held += [number(row["valeur"])] if row.get("valeur") is not None else []
    held += [f"(« {row['detail']} »)"] if row.get("detail") else []
    where = ", ".join(p for p in place if p) + (f" [{about}]" if about and row.get("livraison") else about)
    return f"{where}: {' '.join(held)}" if held else where


_PLACE_WORDS = (("sheet", "feuille"), ("row", "ligne"), ("column", "colonne"))


def number(value: Any) -> str:
    """Write a number as people do: 12 rather than 12.0."""
    return str(int(value)) if isinstance(value, float) and value.is_integer() and abs(value) < 1e15 else str(value)
