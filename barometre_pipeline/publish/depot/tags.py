"""The tags of publications: `2022-T1`, then `2022-T1.1`, `2022-T1.2`… for the corrections of the same edition.

Pure names: writing and pushing them is in `depot`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from barometre_pipeline.editions import Edition

TRAILER = "Publication"  # the line of a commit's message that names its tag


def is_tag_of(edition: Edition, tag: str) -> bool:
    """Say whether this is the tag of the edition or of one of its corrections."""
    return _correction(edition, tag) is not None


def last_tag(edition: Edition, tags: Iterable[str]) -> str | None:
    """Return the latest tag of the edition, None before its first publication."""
    return max((t for t in tags if is_tag_of(edition, t)), key=lambda t: _correction(edition, t) or 0, default=None)


def next_tag(edition: Edition, tags: Iterable[str]) -> str:
    """Return the tag of the edition's next publication."""
    last = last_tag(edition, tags)
    return f"{edition}.{(_correction(edition, last) or 0) + 1}" if last else str(edition)


def _correction(edition: Edition, tag: str) -> int | None:
    match = re.fullmatch(rf"{re.escape(str(edition))}(?:\.([1-9]\d{{0,8}}))?", tag)
    return int(match[1] or 0) if match else None
