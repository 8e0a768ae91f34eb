"""What an unquoted word of a YAML file stands for: nothing, true or false, a number, a day, else the text itself.

The words are those of YAML 1.2: in YAML 1.1, which PyYAML reads, the code 01 is one, 010 is eight, ON is true and 12:30
is 750. Days are written 2021-02-28.
"""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

_NOTHING = {"", "~", "null", "Null", "NULL"}
_TRUE, _FALSE = {"true", "True", "TRUE"}, {"false", "False", "FALSE"}
# A longer one is an identifier rather than a quantity, and stays a text.
_INTEGER = re.compile(r"[-+]?(0|[1-9]\d{0,17})")
_NUMBER = re.compile(r"[-+]?(\.\d+|(0|[1-9]\d*)(\.\d*)?)([eE][-+]?\d+)?")
_DAY = re.compile(r"\d{4}-\d\d-\d\d")


def value_of(word: str) -> Any:
    """Return the value of an unquoted word; ValueError (a sentence) where it is a day that does not exist."""
    if word in _NOTHING:
        return None
    if word in _TRUE or word in _FALSE:
        return word in _TRUE
    if word[-1] not in "0123456789.":
        return word
    if _INTEGER.fullmatch(word):
        return int(word)
    if _DAY.fullmatch(word):
        return _day(word)
    if len(word) < 400 and any(c in word for c in ".eE") and _NUMBER.fullmatch(word):
        return float(word)
    return word


def _day(word: str) -> dt.date:
    try:
        return dt.date.fromisoformat(word)
    except ValueError:
        raise ValueError(f"{word} is not a day of the calendar; write one that exists, as in 2021-02-28") from None
