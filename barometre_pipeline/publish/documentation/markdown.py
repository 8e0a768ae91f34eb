"""Declared texts as the pages write them: harmless, their paragraphs and lists kept."""

from __future__ import annotations

from barometre_pipeline.documents.markdown import in_markdown
from barometre_pipeline.documents.prose import as_markdown


def declared(text: str) -> str:
    """Make a declared text harmless, its paragraphs and lists kept."""
    return "\n".join(_harmless(line) for line in as_markdown(text).splitlines())


def _harmless(line: str) -> str:
    said = line.lstrip(" ")
    indent = line[: len(line) - len(said)]
    for mark in ("- ", "1. "):
        if said.startswith(mark):
            return f"{indent}{mark}{in_markdown(said[len(mark) :])}"
    return f"{indent}{in_markdown(said)}"
