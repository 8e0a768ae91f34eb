"""Where a faulty row comes from: the delivery, file, sheet, row and column of its value.

Rules name keys; a key that was delivered has a place, an aggregated one has none.
"""

from __future__ import annotations

from typing import Any

import duckdb

from barometre_pipeline.quality.queries import COLUMNS, KEY_COLUMNS, PLACE_COLUMNS

# What the published tables call the columns of the key.
_PUBLISHED_NAMES = {"id_indicateur": "indicateur", "code": "territoire"}
# The tables that hold a place, by the number of columns of the key: with its date, a value.
_DELIVERED_IN = {4: ("stg_valeurs", PLACE_COLUMNS), 3: ("stg_objectifs", ("livraison", "fichier", "ligne"))}


def key_columns_in(columns: list[str]) -> list[str]:
    """Return the columns of a table that identify a row, or say where it is."""
    published = "id_indicateur" in columns
    wanted = (*COLUMNS, *_PUBLISHED_NAMES) if published else COLUMNS
    # In the published tables, `indicateur` is the label.
    return [c for c in columns if c in wanted and not (published and c == "indicateur")]


def in_our_words(row: dict[str, Any]) -> dict[str, Any]:
    """Return a row of any table with the names of the staged ones."""
    published = "id_indicateur" in row
    named = {_PUBLISHED_NAMES.get(k, k): v for k, v in row.items() if not (published and k == "indicateur")}
    return {c: named[c] for c in COLUMNS if named.get(c) is not None}


def with_place(connection: duckdb.DuckDBPyConnection, row: dict[str, Any]) -> dict[str, Any]:
    """Add to a row the place of its value, or of its objective where it has no date."""
    if row.get("livraison") or not all(row.get(c) for c in KEY_COLUMNS[:3]):
        return row
    key = [row[c] for c in KEY_COLUMNS if row.get(c)]
    table, columns = _DELIVERED_IN[len(key)]
    where = " and ".join(f"{c} = ?" for c in KEY_COLUMNS[: len(key)])
    found = connection.execute(f"select {', '.join(columns)} from {table} where {where}", key).fetchone()
    return row | {c: v for c, v in zip(columns, found or (None,) * len(columns), strict=True) if v is not None}
