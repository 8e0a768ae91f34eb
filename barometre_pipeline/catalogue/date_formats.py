"""Which `format_date` is sure to be wrong: it would read no date at all, or read each as another one, in silence.

How a text is read by a format that is not is in the readers.
"""

from __future__ import annotations

import re
from collections import Counter

_DIRECTIVE = re.compile(r"%[-#]?(.?)", re.DOTALL)
_KNOWN = set("dmYyBbjHIMSfpzZAaGVUWuw%")
_OF_THE_MACHINE = set("cxX")  # they mean what the language of the machine makes of them
_LETTERS = re.compile(r"[^\W\d_]+")
_PARTS = {"t", "q", "s", "trim", "trimestre", "trimestres", "semestre", "semestres", "quarter"}
# The T between a day and an hour, and the s of seconds.
_OF_AN_INSTANT = re.compile(r"(?<=%[dj])T(?=%[-#]?[HI]|[0-9]{2})|(?<=%S) ?s\b")
# Among what is no directive: Z stands alone (.000Z), an offset last.
_ZONE = re.compile(r"(?<![^\W\d_])Z(?![^\W\d_])|UTC|GMT|(?<=[\0 0-9])[+-][0-9]{2}(?::?[0-9]{2})?$", re.IGNORECASE)
_NO_FORMAT = "give no format_date: quarters and half-years (2022-T1, T1 2022, 1er semestre 2022) are read without one"


def format_problem(form: str) -> str | None:
    """Return what is wrong in a format of dates and what would be right, or None."""
    counts = Counter(_DIRECTIVE.findall(form))
    return _unknown(form, counts) or _part_of_year(form) or _incomplete(form, counts) or _zone(form, counts)


def _unknown(form: str, counts: Counter[str]) -> str | None:
    if not set(counts) - {"%"}:
        example = " (for jj/mm/aaaa: %d/%m/%Y)" if re.search("[jdm].*a|y", form, re.IGNORECASE) else ""
        return f"{form!r} has no directive: %d is the day, %m the month, %Y the year{example}"
    for letter in counts:
        if letter in _OF_THE_MACHINE:
            return f"%{letter} depends on the machine: write the day, the month and the year, as in %d/%m/%Y"
        if letter not in _KNOWN:
            return f"%{letter} does not exist in {form!r}: %d is the day, %m the month, %B its name, %Y the year"
    return None


def _part_of_year(form: str) -> str | None:
    """Tell a literal T, Q, S, trimestre or semestre: no directive stands for what is beside it."""
    literal = _DIRECTIVE.sub("\0", _OF_AN_INSTANT.sub("\0", form))
    found = next((word for word in _LETTERS.findall(literal) if word.casefold() in _PARTS), None)
    return f"{form!r} has {found!r}, and no directive reads a part of a year; {_NO_FORMAT}" if found else None


def _zone(form: str, counts: Counter[str]) -> str | None:
    """Tell a time zone that is written out: the instant would be taken for one of Paris."""
    written = _ZONE.search(_DIRECTIVE.sub("\0", form)) if {"H", "I"} & set(counts) else None
    if written or "Z" in counts:
        found = written[0] if written else "%Z"
        return f"{form!r} has the time zone {found!r}, which no directive reads: write %z, which reads Z and +01:00"
    return None


def _incomplete(form: str, counts: Counter[str]) -> str | None:
    said = set(counts)
    if not said & {"Y", "y", "G"}:
        return f"{form!r} has no year: %Y is a year of four figures, %y one of two"
    for letters, what in (("Yy", "the year"), ("mBb", "the month"), ("dj", "the day")):
        if sum(counts[letter] for letter in letters) > 1 and not {"d", "j"} <= said:
            return f"{form!r} has {what} twice"
    if "d" in said and not said & {"m", "B", "b"}:
        return f"{form!r} has a day and no month: %m is the month, %B its name"
    if said & {"U", "W", "V", "G"} and not (said & {"u", "w"} and ("V" in said) == ("G" in said)):
        return f"{form!r} has a week and no day of it: a week is no day; write the day, as in %d/%m/%Y"
    return None
