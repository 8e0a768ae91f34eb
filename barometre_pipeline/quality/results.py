"""What a rule found: its verdict, its rows, and the sentences that the terminal shows.

The report for the ministries, in French, is in `check`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

ROWS_TOLD = 5


@dataclass(frozen=True)
class RuleResult:
    """One rule, judged. `lignes` holds the first of the `nombre` faulty rows, `acceptees` are not in it."""

    table: str
    regle: str
    titre: str
    severite: str
    pourquoi: str
    pour: str
    nombre: int = 0
    lignes: tuple[dict[str, Any], ...] = ()
    acceptees: int = 0
    erreur: str | None = None

    @property
    def statut(self) -> str:
        """Return ok, alerte, bloquant, or erreur where the rule could not be evaluated."""
        if self.erreur:
            return "erreur"
        return self.severite if self.nombre else "ok"

    @property
    def blocks(self) -> bool:
        """Tell whether nothing may be published: a rule that cannot be evaluated blocks too."""
        return self.statut in ("bloquant", "erreur")


def blocking_sentences(results: Iterable[RuleResult]) -> str:
    """Say each rule that blocks, in one line: the number of rows, the first five with their place."""
    return "\n".join(_sentence(r) for r in results if r.blocks)


def _sentence(result: RuleResult) -> str:
    name = f"{result.regle} ({result.table})"
    if result.erreur:
        return f"{name}: this rule cannot be evaluated, so nothing is published: {result.erreur}"
    rows = "1 row" if result.nombre == 1 else f"{result.nombre} rows"
    told = [place_of(row) for row in result.lignes[:ROWS_TOLD]]
    more = ["…"] if result.nombre > len(told) else []
    return f"{name}: {rows}. {'; '.join(told + more)}" if told else f"{name}: {rows}."


def place_of(row: dict[str, Any]) -> str:
    """Say where a row is and what it holds: `travail-pilote, export.csv, row 12, column valeur: 'abc'`."""
    place = [row.get("livraison"), row.get("fichier")]
    place += [f"{word} {row[key]}" for word, key in _PLACE_WORDS if row.get(key) is not None]
    about = " ".join(str(row[k]) for k in ("indicateur", "maille", "territoire", "date") if row.get(k) is not None)
    held = [repr(row["contenu"])] if row.get("contenu") is not None else []
    held += [number(row["valeur"])] if row.get("valeur") is not None else []
    held += [f"(« {row['detail']} »)"] if row.get("detail") else []
    where = ", ".join(p for p in place if p) + (f" [{about}]" if about and row.get("livraison") else about)
    return f"{where}: {' '.join(held)}" if held else where


_PLACE_WORDS = (("sheet", "feuille"), ("row", "ligne"), ("column", "colonne"))


def number(value: Any) -> str:
    """Write a number as people do: 12 rather than 12.0."""
    return str(int(value)) if isinstance(value, float) and value.is_integer() and abs(value) < 1e15 else str(value)
