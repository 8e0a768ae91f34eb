"""The links of a site's pages, and where each leads in the tree: for the tests of dead links."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote

_ELSEWHERE = re.compile(r"(https?|mailto):")


class PageParts(HTMLParser):
    """The addresses that a page leads to, its anchors, its elements with their attributes."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))

    @property
    def addresses(self) -> list[str]:
        return [a[key] for _, a in self.elements for key in ("href", "src") if a.get(key)]

    @property
    def anchors(self) -> list[str]:
        return [a["id"] for _, a in self.elements if a.get("id")]


def pages_of(site: Path) -> dict[Path, PageParts]:
    """Return the pages of a site, read."""
    return {path.resolve(): PageParts(path.read_text("utf-8")) for path in sorted(site.rglob("*.html"))}


def dead_links(site: Path) -> list[str]:
    """Return each link that leads to no file of the tree that the site is in, or to no anchor of a page."""
    pages = pages_of(site)
    dead = []
    for path, parts in pages.items():
        for address in parts.addresses:
            if _ELSEWHERE.match(address):
                continue
            name, _, anchor = address.partition("#")
            target = (path.parent / unquote(name)).resolve() if name else path
            if not target.is_file() or (anchor and target in pages and anchor not in pages[target].anchors):
                dead.append(f"{path.relative_to(site.resolve())}: {address}")
    return dead
