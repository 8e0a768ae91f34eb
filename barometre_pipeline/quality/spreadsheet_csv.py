"""CSV files that people open in a French spreadsheet: UTF-8 with its mark, semicolons, no cell run as a formula.

They go back to the ministries; what is published has the official dialect.
"""

from __future__ import annotations

import csv
import re
import unicodedata
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

_FORMULA_STARTS = tuple("=+-@＝＋－＠|%")
_CONTROLS = tuple("\t\r\n")
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
    starts = text.startswith(_CONTROLS) or _first_seen(text) in _FORMULA_STARTS
    return f"'{text}" if starts and not _A_NUMBER.fullmatch(text) else text


def _first_seen(text: str) -> str:
    """Return the first character that is neither a space of any kind nor one that is not shown."""
    return next((c for c in text if unicodedata.category(c)[0] not in "ZC"), "")
