"""Which encoding the bytes of a text are probably in: told to whoever declares it, never taken in its place."""

from __future__ import annotations

import codecs
from collections import Counter

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16, whose mark begins this one
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_OF_ONE_BYTE = ("cp1252", "mac_roman", "cp850")  # Windows, old Macs, DOS: Excel writes all three; the first of equals
# How much each letter tells, about as often as it is met in French.
_LETTERS = {"é": 20, "à": 5, "è": 5, "ê": 3, **dict.fromkeys("çôâîûùÉ", 2)}
_LETTERS |= dict.fromkeys("ëïœæÀÇÈŒ«»°€’–…²\u00a0", 1)
_LOOKED_AT = 1 << 20  # bytes
_PAIRS = 2048  # of bytes


def marked_encoding(head: bytes) -> str | None:
    """Return the encoding that a byte order mark tells, or None."""
    return next((encoding for mark, encoding in _MARKS if head.startswith(mark)), None)


def likely_encoding(content: bytes) -> str:
    """Return the encoding that bytes are most likely a French text in."""
    if marked := marked_encoding(content):
        return marked.removesuffix("-sig")
    if wide := _wide(content[: 2 * _PAIRS]):
        return wide
    try:
        content.decode()
    except UnicodeDecodeError:
        others = Counter(byte for byte in content[:_LOOKED_AT] if byte > 0x7F)
        return max(_OF_ONE_BYTE, key=lambda encoding: _likeness(others, encoding))
    return "utf-8"


def _wide(head: bytes) -> str | None:
    """Tell UTF-16 without a mark: one byte of two is a NUL, but for a few letters."""
    pairs = len(head) // 2
    first, second = head[: 2 * pairs : 2].count(0), head[1::2].count(0)
    if 2 * max(first, second) <= pairs or 10 * min(first, second) > pairs:
        return None
    return "utf-16-le" if second > first else "utf-16-be"


def _likeness(others: Counter[int], encoding: str) -> int:
    return sum(_LETTERS.get(bytes([byte]).decode(encoding, "replace"), 0) * times for byte, times in others.items())
