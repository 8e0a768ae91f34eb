"""The index that the search box reads: every page by its title and words, without accents; a script, for disks too."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Sequence

from barometre_pipeline.publish.site.pages import Page

INDEX = "recherche-index.js"

_LETTERS_AND_DIGITS = "LN"
_JOINED = str.maketrans({"œ": "oe", "æ": "ae"})  # which Unicode does not take apart


def search_index(pages: Sequence[Page]) -> tuple[str, bytes]:
    """Return the path and the text of the index: for each page its title, its kind, its path, and its other words."""
    entries = [[p.titre, p.genre, p.path, _words(p)] for p in pages]
    written = json.dumps(entries, ensure_ascii=True, separators=(",", ":"))
    return INDEX, f"window.INDEX={written};\n".encode()


def folded(text: str) -> str:
    """Return the words of a text as the search compares them, in any alphabet: what `plain` of site.js does."""
    apart = unicodedata.normalize("NFKD", text)
    bare = "".join(c for c in apart if unicodedata.category(c)[0] != "M").lower().translate(_JOINED)
    return " ".join("".join(c if unicodedata.category(c)[0] in _LETTERS_AND_DIGITS else " " for c in bare).split())


def _words(page: Page) -> str:
    """Return the words of a page: those of the title first, each once."""
    return " ".join(dict.fromkeys(folded(" ".join((page.titre, page.genre, *page.mots))).split()))
