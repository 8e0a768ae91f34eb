"""How French readers write numbers, dates, editions, counts, punctuation; what those are of is for those who write."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable
from typing import Any

NO_BREAK_SPACE, THIN_SPACE = "\u00a0", "\u202f"

# Marks that make another number of the one that they stand beside, by the power of ten.
_OF_EUROS = "(?: ?(?:€|EUR|euros?|d['’]euros))?"
_POWERS = re.compile(f"(?:(?P<k>[kK]|milliers?)|(?P<M>M|millions?)|(?P<Md>Mds?|Mrds?|milliards?)){_OF_EUROS}|(?P<m>‰)")
_EXPONENTS = {"k": 3, "M": 6, "Md": 9, "m": -3}
_TIED = re.compile(r" (?=[:;!?»])|(?<=«) |(?<=\d) (?=%)")
# What is between two of these is text that people read; code is copied as it is.
_NO_TEXT = re.compile(r"(<script\b.*?</script>|<style\b.*?</style>|<code\b.*?</code>|<[^>]*>)", re.DOTALL)


def number(value: Any) -> str:
    """Write a number the French way: 1 234,5."""
    if value is None:
        return "—"
    if isinstance(value, bool) or not isinstance(value, int | float):
        return str(value)
    text = f"{value:,.6f}".rstrip("0").rstrip(".") if isinstance(value, float) else f"{value:,}"
    # What is nearer to zero than the last decimal has no sign.
    return "0" if text == "-0" else text.replace(",", THIN_SPACE).replace(".", ",")


def power_of_ten(mark: str) -> int | None:
    """Return in what numbers are counted that this mark stands beside: 3 for k€, 9 for milliards d'euros."""
    found = _POWERS.fullmatch(mark)
    return _EXPONENTS[found.lastgroup] if found and found.lastgroup else None


def day(value: dt.date | str | None) -> str:
    """Write a date, which may come from JSON (2022-03-31), the French way: 31/03/2022."""
    if isinstance(value, str):
        value = dt.date.fromisoformat(value)
    return value.strftime("%d/%m/%Y") if value else "—"


def edition_name(edition: str) -> str:
    """Write an edition in words: 1er trimestre 2022."""
    year, quarter = edition.split("-T")
    return f"{quarter}{'er' if quarter == '1' else 'e'} trimestre {year}"


def counted(number_of: int, singular: str, plural: str | None = None) -> str:
    """Write a number with its noun: 1 ligne, 2 lignes."""
    noun = singular if number_of < 2 else plural or f"{singular}s"
    return f"{number(number_of)}{NO_BREAK_SPACE}{noun}"


def listed(parts: Iterable[str]) -> str:
    """Join parts as a sentence does: « a », « a et b », « a, b et c »."""
    *before, last = parts
    return f"{', '.join(before)} et {last}" if before else last


def tied(page: str) -> str:
    """Return a page of HTML in which no line begins with a « : » or ends with an opening quotation mark."""
    pieces = _NO_TEXT.split(page)  # a text, what is none, a text…
    pieces[::2] = [_TIED.sub(NO_BREAK_SPACE, text) for text in pieces[::2]]
    return "".join(pieces)
