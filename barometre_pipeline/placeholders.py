"""What stands for the edition in an address: `{edition}`, `{annee}`, `{trimestre}`, `{mois}`.

`${VARIABLE}` is a secret, for `resources.secrets`; `{4}` is a pattern's. What each stands for is in `editions`.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping

PLACEHOLDERS = ("edition", "annee", "trimestre", "mois")
_WRITTEN = re.compile(r"(?<!\$)\{(\s*[^\W\d][^{}]*)\}")


def has_placeholder(text: str) -> bool:
    """Tell whether a text is another one for another edition."""
    return _WRITTEN.search(text) is not None


def filled(text: str, values: Mapping[str, str]) -> str:
    """Return the text with its placeholders filled; one without a value stays."""
    return _WRITTEN.sub(lambda found: values.get(found[1], found[0]), text)


def placeholder_in(text: str) -> str | None:
    """Return the first placeholder of a text where none is filled, whatever its case and spaces; None without any."""
    return next((f"{{{name}}}" for name in _WRITTEN.findall(text) if name.strip().lower() in PLACEHOLDERS), None)


def emptied(text: str) -> str:
    """Return the text without the placeholders that are filled."""
    return filled(text, dict.fromkeys(PLACEHOLDERS, ""))


def known_placeholders(text: str) -> str:
    """Return the text; ValueError names the first placeholder that stands for nothing, and what would be right."""
    for name in _WRITTEN.findall(text):
        if name not in PLACEHOLDERS:
            near = difflib.get_close_matches(name.lower(), PLACEHOLDERS, n=1)
            closest = f"; the closest is {{{near[0]}}}" if near else ""
            known = ", ".join(f"{{{one}}}" for one in PLACEHOLDERS)
            raise ValueError(f"{{{name}}} stands for nothing; the placeholders are {known}{closest}")
    return text
