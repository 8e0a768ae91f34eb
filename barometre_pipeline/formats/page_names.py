"""The names under which the pages of one answer are kept: `records.page-0001.json`. No other file is named so."""

from __future__ import annotations

import re

_PAGE = re.compile(r".*\.page-\d{4,}(?:\.\w+){0,2}")
_NAME = re.compile(r"(?i)^(.+?)((?:\.\w+)?(?:\.gz)?)$")


def page_name(name: str, number: int) -> str:
    """Return the name of a page, from 1, of what is named so."""
    return _NAME.sub(rf"\1.page-{number:04}\2", name, count=1)


def is_page_name(name: str) -> bool:
    """Tell whether a file is kept as one of several pages."""
    return _PAGE.fullmatch(name) is not None


def no_page_name(name: str) -> str:
    """Return a name that is not taken for a page's."""
    return re.sub(r"\.(?=page-\d)", "-", name)
