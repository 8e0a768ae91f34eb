"""Texts as HTML: those of the catalogue with their strong words and links, delivered ones as written; all escaped."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from markupsafe import Markup, escape

from barometre_pipeline.publish.documentation.book import as_written, rich

_TAGS = {"fort": "strong", "accent": "em", "code": "code"}
_LISTS = {"bullet": "ul", "number": "ol"}


def prose(text: str | None) -> Markup:
    """Return a text of the catalogue as HTML; nothing where there is none."""
    return _blocks(rich(text)) if text else Markup()


def declared(text: str | None) -> Markup:
    """Return a delivered text as HTML, its paragraphs and lists kept: what others wrote marks and links nothing."""
    return _blocks(as_written(text))


def _blocks(tree: Sequence[Mapping[str, Any]]) -> Markup:
    return Markup("").join(_block(node) for node in tree)


def _block(node: Mapping[str, Any]) -> Markup:
    if node["kind"] == "paragraph":
        return Markup("<p>{}</p>").format(_line(node["line"]))
    tag = Markup(_LISTS[node["kind"]])
    items = (Markup("<li>{}{}</li>").format(_line(i["line"]), _blocks(i["children"])) for i in node["items"])
    return Markup("<{0}>{1}</{0}>").format(tag, Markup("").join(items))


def _line(spans: Sequence[Mapping[str, str]]) -> Markup:
    return Markup("").join(_span(**span) for span in spans)


def _span(kind: str, text: str, address: str = "") -> Markup:
    if kind == "lien":
        return Markup('<a href="{}" rel="noopener">{}</a>').format(address, text)
    return Markup("<{0}>{1}</{0}>").format(Markup(_TAGS[kind]), text) if kind in _TAGS else escape(text)
