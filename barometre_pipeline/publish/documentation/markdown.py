"""French and Markdown as the pages write them: texts of others made harmless, days."""

from __future__ import annotations

import datetime as dt

from barometre_pipeline.documents.prose import as_markdown


def in_markdown(text: str) -> str:
    """Make a text that others chose harmless in Markdown, tables too: no markup, no break."""
    plain = " ".join(str(text).split())
    return "".join(f"\\{c}" if c in "\\`*_[]<>|#!" else c for c in plain)


def declared(text: str) -> str:
    """Make a declared text harmless, its paragraphs and lists kept."""
    lines = as_markdown(text).splitlines()
    return "\n".join(_harmless(line) for line in lines)


def _harmless(line: str) -> str:
    said = line.lstrip(" ")
    indent = line[: len(line) - len(said)]
    for mark in ("- ", "1. "):
        if said.startswith(mark):
            return f"{indent}{mark}{in_markdown(said[len(mark) :])}"
    return f"{indent}{in_markdown(said)}"


def day(value: dt.date | None) -> str:
    """Write a date the French way: 31/03/2022."""
    return value.strftime("%d/%m/%Y") if value else "—"
