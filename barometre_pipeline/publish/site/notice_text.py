"""Our own notices (METHODE.md, NOUVEAUTES.md) as HTML: the small part of Markdown that their templates use.

Headings, paragraphs, lists, tables, `code`, **strong** words, and a backslash before a character that is only itself.
A line without a mark right below an item goes on with it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import groupby

from markupsafe import Markup, escape

from barometre_pipeline.slugs import slug

_HEADING = re.compile(r"(#{1,6}) (.+)")
_SPAN = re.compile(r"\\(?P<itself>[^\w\s])|\*\*(?P<strong>(?:\\.|[^*\\])+)\*\*|`(?P<code>[^`]+)`")
_KINDS = (("table", "|"), ("list", "- "), ("heading", "#"))


def notice(text: str, links: Mapping[str, str] | None = None) -> Markup:
    """Return a notice as HTML, its title left out; a `code` that is one of `links` leads to its address."""
    parts = (_part(kind, list(lines), links or {}) for kind, lines in groupby(_lines(text), key=_kind))
    return Markup("").join(parts)


def _lines(text: str) -> Iterator[str]:
    """Yield the lines, an item of a list as one."""
    held = ""
    for line in map(str.rstrip, text.splitlines()):
        if held and _kind(line) == "text":
            held = f"{held} {line.lstrip()}"
            continue
        if held:
            yield held
        held = line if _kind(line) == "list" else ""
        if not held and not line.startswith("# "):
            yield line
    if held:
        yield held


def _kind(line: str) -> str:
    return next((kind for kind, mark in _KINDS if line.startswith(mark)), "text" if line else "")


def _part(kind: str, lines: list[str], links: Mapping[str, str]) -> Markup:
    if kind == "heading":
        return Markup("").join(_heading(line, links) for line in lines)
    if kind == "list":
        items = (Markup("<li>{}</li>").format(_inline(line[2:], links)) for line in lines)
        return Markup("<ul>{}</ul>").format(Markup("").join(items))
    if kind == "table":
        return _table(lines, links)
    return Markup("<p>{}</p>").format(_inline(" ".join(lines), links)) if kind else Markup()


def _heading(line: str, links: Mapping[str, str]) -> Markup:
    found = _HEADING.fullmatch(line)
    if found is None:
        return Markup("<p>{}</p>").format(_inline(line, links))
    level = Markup(f"h{len(found[1])}")
    return Markup('<{0} id="{1}">{2}</{0}>').format(level, slug(found[2]), _inline(found[2], links))


def _table(lines: list[str], links: Mapping[str, str]) -> Markup:
    rows = [[cell.strip() for cell in re.split(r"(?<!\\)\|", line.strip("|"))] for line in lines]
    head, *body = (row for row in rows if not all(set(cell) <= set("-: ") for cell in row))
    top = Markup("").join(Markup('<th scope="col">{}</th>').format(_inline(cell, links)) for cell in head)
    written = (
        Markup("<tr>{}</tr>").format(Markup("").join(Markup("<td>{}</td>").format(_inline(c, links)) for c in row))
        for row in body
    )
    return Markup('<div class="t"><table><thead><tr>{}</tr></thead><tbody>{}</tbody></table></div>').format(
        top, Markup("").join(written)
    )


def _inline(text: str, links: Mapping[str, str]) -> Markup:
    written, at = Markup(), 0
    for found in _SPAN.finditer(text):
        written += escape(text[at : found.start()]) + _span(found, links)
        at = found.end()
    return written + escape(text[at:])


def _span(found: re.Match[str], links: Mapping[str, str]) -> Markup:
    if found["itself"]:
        return escape(found["itself"])
    if found["strong"]:
        return Markup("<strong>{}</strong>").format(_inline(found["strong"], links))
    code = Markup("<code>{}</code>").format(found["code"])
    return Markup('<a href="{}">{}</a>').format(links[found["code"]], code) if found["code"] in links else code
