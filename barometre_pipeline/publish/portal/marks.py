"""Whose a text of the portal is: a mark of what we wrote last stands in `extras`, so that others' edits are kept.

A mark is the number of our words and a digest of them: any home can tell, and spaces do not count.
"""

from __future__ import annotations

import hashlib
import re

_MARK = re.compile(r"([1-9]\d{0,5}) [0-9a-f]{16}")


def mark(text: str) -> str:
    """Return the mark of a text of ours."""
    words = text.split()
    digest = hashlib.sha256(" ".join(words).encode(errors="surrogatepass")).hexdigest()
    return f"{len(words)} {digest[:16]}"


def before_ours(text: str, given: object) -> str | None:
    """Return what stands before our text, which ends this one: "" where all is ours, None where ours was changed.

    `given` is what `extras` hold as its mark. An empty text is ours to write.
    """
    if not text.strip():
        return ""
    if not isinstance(given, str) or not (written := _MARK.fullmatch(given)):
        return None
    count = int(written[1])
    parts = text.strip().rsplit(None, count)
    if len(parts) < count or mark(" ".join(parts[-count:])) != given:
        return None
    return parts[0] if len(parts) > count else ""
