"""The Link header (RFC 8288): where an answer says that its next page is."""

from __future__ import annotations

import re

_PARAMETER = r"""\s*;\s*([^\s=;,"]*)(?:\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s;,"]*)))?"""
_LINK = re.compile(rf"<([^<>]*)>((?:{_PARAMETER})*)")
_EACH_PARAMETER = re.compile(_PARAMETER)


def next_page(header: str) -> str | None:
    """Return the address of the first link whose relations hold `next`, None where there is none."""
    return next((link[1].strip() for link in _LINK.finditer(header) if "next" in _relations(link[2])), None)


def _relations(parameters: str) -> list[str]:
    """Return the relations of a link in lower case; where `rel` is there twice, the first one counts."""
    found = (one for one in _EACH_PARAMETER.finditer(parameters) if one[1].lower() == "rel")
    return next(((one[2] or one[3] or "").lower().split() for one in found), [])
