"""Writes what a command found as a table for people, or as JSON or CSV for programs.

A row is a dictionary; all rows have the same keys. What is found is not known here.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping, Sequence
from enum import StrEnum


class Format(StrEnum):
    """The forms of an answer."""

    table = "table"
    json = "json"
    csv = "csv"


def as_text(rows: Sequence[Mapping[str, object]], form: Format, columns: Sequence[str] = ()) -> str:
    """Return the rows in this form, without the last line break; `columns` are theirs where there may be no row."""
    columns = columns or (list(rows[0]) if rows else [])
    if form == Format.json:
        return json.dumps(rows, ensure_ascii=False, indent=2)
    if form == Format.csv:
        return _csv(rows, columns)
    return _table(rows, columns)


def _csv(rows: Sequence[Mapping[str, object]], columns: Sequence[str]) -> str:
    text = io.StringIO()
    if columns:
        writer = csv.DictWriter(text, columns, lineterminator="\n")
        writer.writeheader()
        writer.writerows({name: _word(value) for name, value in row.items()} for row in rows)
    return text.getvalue().rstrip("\n")


def _table(rows: Sequence[Mapping[str, object]], columns: Sequence[str]) -> str:
    """Return aligned columns, the widest one last: the others stay in sight on a narrow terminal."""
    lines = [list(columns), *([_word(value) for value in row.values()] for row in rows)] if columns else []
    sized = [(max(map(len, column)), column) for column in zip(*lines, strict=True)]
    widest = max((width for width, _ in sized), default=0)
    padded = ([c.ljust(width) for c in column] for width, column in sorted(sized, key=lambda c: c[0] == widest))
    return "\n".join("  ".join(line).rstrip() for line in zip(*padded, strict=True))


def _word(value: object) -> str:
    if isinstance(value, bool):
        return "oui" if value else "non"
    return "" if value is None else str(value)
