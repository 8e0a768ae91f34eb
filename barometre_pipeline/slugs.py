"""Texts as portals and Dagster write them in names: lower case, without accents."""

from __future__ import annotations

import re
import unicodedata


def slug(text: str, kept: str = "", join: str = "-") -> str:
    """Return the letters and digits of a text, and what is `kept`; `join` stands for all the rest."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return re.sub(rf"[^a-z0-9{re.escape(kept)}]+", join, plain).strip(join)


def portable(text: str) -> str:
    """Return an id as the name of a file on any disk: its own letters and case, '-' for what a name cannot hold."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return re.sub(r"[^A-Za-z0-9_-]+", "-", plain).strip("-") or "-"
