"""Describes how each delivery differs from the previous edition's: columns, sheets, indicators, territories.

Drift is told, in the asset's metadata and in the report, and stops nothing: what the reading needs and
cannot find is the readers' error.
"""

from __future__ import annotations

import difflib
import re
from collections import defaultdict
from typing import Any

import duckdb
import pyarrow as pa

from barometre_pipeline.resources.duckdb_files import load_table
from barometre_pipeline.stage.raw_tables import DERIVES

# Headings that are dates grow with each edition: that is what a wide table does, not a drift.
_A_DATE = re.compile(r"[\d\s/.\-:T]+")
_ALIKE = 0.6

_NOW = """
    select livraison, 'colonne' as nature, unnest(entetes) as nom from raw.feuilles
    union all
    select livraison, 'feuille', feuille from raw.feuilles
    union all
    select distinct livraison, 'indicateur', id_indicateur from raw.valeurs
    union all
    select distinct livraison, 'territoire', maille || '/' || code from raw.valeurs
"""


def load_drift(connection: duckdb.DuckDBPyConnection) -> list[dict[str, Any]]:
    """Compare the raw tables with `precedente`, fill raw.derives, return its rows."""
    before = _seen(connection, "select livraison, nature, nom from precedente.vues")
    now = _seen(connection, _NOW)
    rows = []
    for (livraison, nature), names in sorted(now.items()):
        # A delivery that the previous edition did not have is new, not drifting.
        if any(delivery == livraison for delivery, _ in before):
            rows += [
                {"livraison": livraison, "nature": nature, "avant": a, "apres": b}
                for a, b in changes(before.get((livraison, nature), set()), names)
            ]
    load_table(connection, "raw.derives", pa.Table.from_pylist(rows, schema=DERIVES))
    return rows


def changes(before: set[str], now: set[str]) -> list[tuple[str | None, str | None]]:
    """Return the names that changed as (before, now): a renaming has both, an addition or a loss one."""
    gone, added = sorted(before - now), sorted(now - before)
    found: list[tuple[str | None, str | None]] = []
    for old in gone:
        near = difflib.get_close_matches(old, added, n=1, cutoff=_ALIKE)
        if near:
            added.remove(near[0])
        found.append((old, near[0] if near else None))
    return found + [(None, new) for new in added]


def in_short(change: dict[str, Any]) -> str:
    """Write one change in a line, as the asset's metadata show it; the report has a sentence."""
    before, after = change["avant"] or "(nothing)", change["apres"] or "(nothing)"
    return f"{change['livraison']}, {change['nature']}: {before} → {after}"


def _seen(connection: duckdb.DuckDBPyConnection, query: str) -> dict[tuple[str, str], set[str]]:
    seen: dict[tuple[str, str], set[str]] = defaultdict(set)
    for livraison, nature, name in connection.execute(query).fetchall():
        if name and not (nature == "colonne" and _A_DATE.fullmatch(name)):
            seen[livraison, nature].add(name)
    return seen
