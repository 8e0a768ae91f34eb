"""Texts of several paragraphs and lists, in a small part of Markdown: what they may hold, and their blocks and spans.

Paragraphs, lists (`- `, `1. `; two spaces further in, one within another), **strong**, *emphasis*, `code`,
[links](https://…). Headings, tables, pictures and HTML are refused: the page that shows a text has its own.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

_ITEM = re.compile(r"(?P<indent> *)(?P<mark>[-*]|\d+[.)]) +(?P<text>\S.*)")
_REFUSED = (
    (re.compile(r"#{1,6} |=+$|-{2,}$"), "a heading: the page that shows the text has its own"),
    (re.compile(r"\|.*\|$"), "a table: write a list"),
    (re.compile(r"```|~~~"), "a block of code: write a paragraph"),
    (re.compile(r">"), "a quotation: write a paragraph, between « and »"),
)
_WITHIN = (
    (re.compile(r"!\["), "a picture: give its address in a link"),
    (re.compile(r"<[A-Za-z/!][^>]*>"), "HTML: write **strong**, *emphasis* or [a link](https://…)"),
    (
        re.compile(r"\]\((?!https?://|mailto:)[^)]*\)"),
        "a link that leads neither to https:// nor to mailto:",
    ),
)
_SPAN = re.compile(
    r"\*\*(?P<fort>[^*]+)\*\*|\*(?P<accent>[^*]+)\*|`(?P<code>[^`]+)`|\[(?P<lien>[^\]]+)\]\((?P<adresse>[^\s)]+)\)"
)


@dataclass(frozen=True)
class Block:
    """A paragraph, or an item of a list, `depth` lists further in (0 for the outermost); `text` is one line."""

    kind: Literal["paragraph", "bullet", "number"]
    text: str
    depth: int = 0


@dataclass(frozen=True)
class Span:
    """A piece of a line, alike from end to end: plain, fort, accent, code, or lien, which has an address."""

    kind: str
    text: str
    address: str = ""


def blocks(text: str) -> Iterator[Block]:
    """Yield the paragraphs and items of a text, each on one line."""
    indents: list[int] = []
    current: Block | None = None
    for line in text.splitlines():
        if not line.strip():
            if current:
                yield current
            current = None
        elif item := _ITEM.fullmatch(line.rstrip()):
            if current:
                yield current
            indents = [i for i in indents if i < len(item["indent"])] + [len(item["indent"])]
            current = Block("bullet" if item["mark"] in "-*" else "number", item["text"], len(indents) - 1)
        elif current:
            current = Block(current.kind, f"{current.text} {line.strip()}", current.depth)
        else:
            indents = []
            current = Block("paragraph", line.strip())
    if current:
        yield current


def spans(line: str) -> Iterator[Span]:
    """Yield the pieces of a line of a block."""
    at = 0
    for found in _SPAN.finditer(line):
        if found.start() > at:
            yield Span("plain", line[at : found.start()])
        kind = found.lastgroup or "plain"
        if kind == "adresse":
            yield Span("lien", found["lien"], found["adresse"])
        else:
            yield Span(kind, found[kind])
        at = found.end()
    if at < len(line):
        yield Span("plain", line[at:])


def as_markdown(text: str) -> str:
    """Return a text with each paragraph and item on one line, and an empty line between paragraphs and lists."""
    lines: list[str] = []
    before: Block | None = None
    for block in blocks(text):
        if before and "paragraph" in (before.kind, block.kind):
            lines.append("")
        mark = {"paragraph": "", "bullet": "- ", "number": "1. "}[block.kind]
        lines.append(f"{'   ' * block.depth}{mark}{block.text}")
        before = block
    return "\n".join(lines)


def _checked(text: str) -> str:
    for number, line in enumerate(text.splitlines(), 1):
        said = line.strip()
        wrong = [what for pattern, what in _REFUSED if pattern.match(said)]
        wrong += [what for pattern, what in _WITHIN if pattern.search(said)]
        if wrong:
            raise ValueError(f"line {number} of the text has {wrong[0]}")
    return as_markdown(text)


Prose = Annotated[str, Field(min_length=1), AfterValidator(_checked)]
