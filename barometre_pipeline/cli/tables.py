"""Writes what a command found as a table for people, or as JSON or CSV for programs.

A row is a dictionary; all rows have the same keys. What is found is not known here.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from enum import StrEnum


class Format(StrEnum):
    """The forms of an answer."""

    table = "table"
    json = "json"
    csv = "csv"


def as_text(rows: Sequence[Mapping[str, object]], form: Format, columns: Sequence[str] = ()) -> str:
    """Return the rows in this form, without the last line break.

    `columns` are those of the rows, where there may be none, and their order; without them a table for people has its
    widest column last: the others stay in sight on a narrow terminal.
    """
    if form == Format.json:
        return json.dumps(rows, ensure_ascii=False, indent=2)
    known = columns or (list(rows[0]) if rows else [])
    if form == Format.csv:
        return _csv(rows, known).removesuffix("\n") if known else ""
    return _table(rows, known, widest_last=not columns)


def pieces_of_text(
    batches: Iterable[Sequence[Mapping[str, object]]], form: Format, columns: Sequence[str]
) -> Iterator[str]:
    """Return in pieces, for programs, the text of rows that come some at a time: that of `as_text` and a line break."""
    begun = False
    for rows in batches:
        if form == Format.json:
            told = (json.dumps(row, ensure_ascii=False, indent=2).replace("\n", "\n  ") for row in rows)
            yield (",\n  " if begun else "[\n  ") + ",\n  ".join(told)
        else:
            yield _csv(rows, columns, heading=not begun)
        begun = True
    if form == Format.json:
        yield "\n]\n" if begun else "[]\n"
    elif not begun:
        yield _csv([], columns)


def _csv(rows: Sequence[Mapping[str, object]], columns: Sequence[str], *, heading: bool = True) -> str:
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, lineterminator="\n")
    if heading:
        writer.writeheader()
    writer.writerows({name: _word(value) for name, value in row.items()} for row in rows)
    return text.getvalue()


def _table(rows: Sequence[Mapping[str, object]], columns: Sequence[str], *, widest_last: bool) -> str:
    """Return aligned columns, a row a line: the line breaks of a value are spaces."""
    values = ([" ".join(_word(value).splitlines()) for value in row.values()] for row in rows)
    lines = [list(columns), *values] if columns else []
    sized = [(max(map(len, column)), column) for column in zip(*lines, strict=True)]
    if widest_last:
        widest = max((width for width, _ in sized), default=0)
        sized.sort(key=lambda c: c[0] == widest)
    padded = ([c.ljust(width) for c in column] for width, column in sized)
    return "\n".join("  ".join(line).rstrip() for line in zip(*padded, strict=True))


def _word(value: object) -> str:
    if isinstance(value, bool):
        return "vrai" if value else "faux"
    if isinstance(value, list | dict):  # as programs read it, not as Python writes it
        return json.dumps(value, ensure_ascii=False)
    return "" if value is None else str(value)
