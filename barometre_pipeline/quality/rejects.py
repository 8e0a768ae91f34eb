"""Writes rejets.csv: every row kept aside with its reason, to send back to the ministry.

It is opened in a spreadsheet: UTF-8 with its mark and semicolons, as a French one expects, and no cell
that it would run as a formula.
"""

from __future__ import annotations

import csv
import re
from pathlib import Path
from typing import Any

import duckdb

COLUMNS = ("livraison", "ministere", "fichier", "feuille", "ligne", "colonne", "contenu", "motif", "regle")
COLUMNS += ("indicateur", "maille", "territoire", "date")

_FORMULA_STARTS = tuple("=+-@＝＋－＠\t\r\n|%")
_A_NUMBER = re.compile(r"[+-]?[\d\s.,]*\d[\d\s.,]*%?")


def write_rejects(connection: duckdb.DuckDBPyConnection, path: Path) -> None:
    """Write all the rows of stg_rejets, in their order in the deliveries."""
    query = f"""
        select {", ".join(COLUMNS)}
        from stg_rejets
        left join (select livraison, ministere from raw.livraisons) using (livraison)
        order by all
    """
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file, delimiter=";", lineterminator="\r\n")
        writer.writerow(COLUMNS)
        for row in connection.execute(query).fetchall():
            writer.writerow([as_text(value) for value in row])


def as_text(value: Any) -> str:
    """Return a cell that a spreadsheet shows and never runs: what could be a formula gets an apostrophe."""
    if value is None:
        return ""
    text = str(value)
    if text.lstrip(" ").startswith(_FORMULA_STARTS) and not _A_NUMBER.fullmatch(text):
        return f"'{text}"
    return text
