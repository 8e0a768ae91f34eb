"""How names are compared (headings, sheets, members, indicators), and how a missing one is reported."""

from __future__ import annotations

import difflib
import unicodedata
from collections.abc import Iterable

_SHOWN = 20


def clean(text: str) -> str:
    """Return a name as it is compared: NFC, no-break spaces as spaces, none around."""
    return unicodedata.normalize("NFC", text).replace("\u00a0", " ").replace("\u202f", " ").strip()


def closest(name: str, present: Iterable[str]) -> str:
    """Return the end of a sentence about a missing name: the closest one, and those that are present."""
    names = list(present)
    near = difflib.get_close_matches(name, names, n=1, cutoff=0.5)
    listed = ", ".join(map(repr, names[:_SHOWN])) + ("…" if len(names) > _SHOWN else "")
    return (f"; the closest is {near[0]!r}" if near else "") + f"; present: {listed or 'none'}"
