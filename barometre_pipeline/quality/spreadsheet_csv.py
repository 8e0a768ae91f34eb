"""CSV files that people open in a French spreadsheet: UTF-8 with its mark, semicolons, no cell run as a formula.

They go back to the ministries; what is published has the official dialect.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

_FORMULA_STARTS = tuple("=+-@＝＋－＠\t\r\n|%")
_A_NUMBER = re.compile(r"[+-]?[\d\s.,]*\d[\d\s.,]*%?")


def write_spreadsheet_csv(path: Path, headings: Sequence[str], rows: Iterable[Iterable[Any]]) -> None:
    """Write a file of these rows."""
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file, delimiter=";", lineterminator="\r\n")
        writer.writerow(headings)
        for row in rows:
            writer.writerow([as_text(value) for value in row])


def as_text(value: Any) -> str:
    """Return a cell that a spreadsheet shows and never runs: what could be a formula gets an apostrophe."""
    if value is None:
        return ""
    text = str(value)
    if text.lstrip(" ").startswith(_FORMULA_STARTS) and not _A_NUMBER.fullmatch(text):
        return f"'{text}"
    return text
