"""How the names of territories are compared, and which known one looks most like one that is not known.

What a name stands for is told in `territories`.
"""

from __future__ import annotations

import difflib
import heapq
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable

_NOT_WORDS = re.compile(r"[\W_]+")
_LIGATURES = str.maketrans({"œ": "oe", "Œ": "OE", "æ": "ae", "Æ": "AE"})
_COMPARED = 20  # names whose every letter is compared, those that have the most in common
_COMMON = 2000  # names that share three letters: beyond, these letters tell nothing
_LONGEST = 100  # letters of a name that is compared
_MOST_ASKED = 500  # times that a name is looked for: nobody reads more suggestions


def plain_name(text: str) -> str:
    """Return a name without case, accents, hyphens, apostrophes and extra spaces, as names are compared."""
    decomposed = unicodedata.normalize("NFKD", text.translate(_LIGATURES))
    letters = "".join(c for c in decomposed if not unicodedata.combining(c))
    return _NOT_WORDS.sub(" ", letters).strip().casefold()


class NamesAlike:
    """Names found by their letters, three by three: comparing a name with each of 35,000 takes a second."""

    def __init__(self, labels: Iterable[str]) -> None:
        self._labels = {plain_name(label): label for label in labels}
        self._having: dict[str, list[str]] = {}
        self._asked = 0
        for name in self._labels:
            for letters in _by_three(name):
                self._having.setdefault(letters, []).append(name)

    def closest(self, text: str) -> str | None:
        """Return the label that looks most like this one, if any does; None too once it was asked very often."""
        self._asked += 1
        if self._asked > _MOST_ASKED:
            return None
        name = plain_name(text)[:_LONGEST]
        shared: Counter[str] = Counter()
        for letters in _by_three(name):
            having = self._having.get(letters, ())
            if len(having) <= _COMMON:
                shared.update(having)
        likeness = ((-count / (len(known) + len(name)), known) for known, count in shared.items())
        near = difflib.get_close_matches(name, [known for _, known in heapq.nsmallest(_COMPARED, likeness)], n=1)
        return self._labels[near[0]] if near else None


def _by_three(name: str) -> set[str]:
    padded = f"  {name} "
    return {padded[i : i + 3] for i in range(len(padded) - 2)}
