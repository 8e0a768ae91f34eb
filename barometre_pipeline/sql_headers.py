"""The comment that a SQL model begins with: what it is, its grain, what each of its columns means.

Below the grain, `-- @ valeur: Valeur publiée. [unité: points] [source: livraison]` comments a column, and may go on on
the next lines. A column without a comment of its own has that of the same name in a model that is read.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from barometre_pipeline.errors import EditedFileError

_COLUMN = re.compile(r"@ ([a-z][a-z0-9_]*): (\S.*)")
_ABOUT = re.compile(r"\[source: [^\]]+\]")


@dataclass(frozen=True)
class ColumnComment:
    """What a column means, with its source and, of a number, its unit; and the line of the file that says so."""

    text: str
    line: int


@dataclass(frozen=True)
class Header:
    """The description of a model, which ends with its grain, and the comments of its columns."""

    description: str
    columns: dict[str, ColumnComment]


def read_header(file: str, sql: str) -> Header:
    """Read the first comment of a model; EditedFileError tells every problem, with its line in `file`."""
    (_, description), *entries = _entries(sql)
    columns: dict[str, ColumnComment] = {}
    problems: list[str] = []
    if "One row per" not in description:
        problems.append(f"{file}, line 1: the first comment says what the model is, then the grain: « One row per … ».")
    for line, text in entries:
        written = _COLUMN.fullmatch(" ".join(text.split()))
        if written is None:
            problems.append(f"{file}, line {line}: a column's comment is written « @ column: what it means ».")
        elif written[1] in columns:
            told = f"{written[1]} is commented on line {columns[written[1]].line} already"
            problems.append(f"{file}, line {line}: {told}.")
        else:
            columns[written[1]] = ColumnComment(written[2], line)
            if not _ABOUT.search(written[2]):
                right = "say where it comes from, [source: …], after its [unité: …] where it is a number"
                problems.append(f"{file}, line {line}: {written[1]}: {right}.")
    if problems:
        raise EditedFileError(problems)
    return Header(description, columns)


def _entries(sql: str) -> list[tuple[int, str]]:
    """Return the description, then each column's entry, with the line on which it begins."""
    entries = [(1, "")]
    for number, line in enumerate(sql.splitlines(), 1):
        if not line.startswith("--"):
            break
        text = line.removeprefix("--").strip()
        if text.startswith("@"):
            entries.append((number, text))
        else:
            begun, before = entries[-1]
            entries[-1] = (begun, f"{before}\n{text}".strip())
    return entries
