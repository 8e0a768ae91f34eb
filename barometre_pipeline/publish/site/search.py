"""The index that the search box reads: every page by its title and words, without accents; a script, for disks too."""

from __future__ import annotations

import json
from collections.abc import Sequence

from barometre_pipeline.publish.site.pages import Page
from barometre_pipeline.slugs import slug

INDEX = "recherche-index.js"


def search_index(pages: Sequence[Page]) -> tuple[str, bytes]:
    """Return the path and the text of the index: for each page its title, its kind, its path, and its other words."""
    entries = [[p.titre, p.genre, p.path, _words(p)] for p in pages]
    written = json.dumps(entries, ensure_ascii=True, separators=(",", ":"))
    return INDEX, f"window.INDEX={written};\n".encode()


def _words(page: Page) -> str:
    """Return the words of a page as the search compares them: those of the title first, each once."""
    return " ".join(dict.fromkeys(slug(" ".join((page.titre, page.genre, *page.mots)), join=" ").split()))
