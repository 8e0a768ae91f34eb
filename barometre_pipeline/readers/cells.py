"""Numbers and dates, as people write them in files: one cell in, a value or a problem out.

A problem is the end of a French sentence about the cell. Territories are in `territories`.
"""

from __future__ import annotations

import calendar
import datetime as dt
import math
import re
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, TypeVar

from barometre_pipeline.catalogue import Livraison
from barometre_pipeline.formats.sheets import Cell, text_of

_GROUPED = r"[+\-\u2212]?(?:[0-9]{1,3}(?:[ \u00a0\u202f\u2009][0-9]{3})+|[0-9]+)?"
_NUMBERS = {mark: re.compile(_GROUPED + rf"(?:{re.escape(mark)}[0-9]*)?(?:[eE][+-]?[0-9]+)?") for mark in ".,"}
_HAS_DIGIT = re.compile(r"[0-9]")
_SPACES = re.compile(r"[ \u00a0\u202f\u2009]")
_ISO = re.compile(
    r"([0-9]{4})-([0-9]{2})(?:-([0-9]{2})"
    r"(?:[T ][0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]+)?)?(?:Z|[+-][0-9]{2}:?[0-9]{2})?)?)?"
)
_WITH_DAY = re.compile(r"%[-#]?[djxcDFuwU]")
_WITHIN_YEAR = re.compile(r"%-?[mbBjdUWVxcD]")
_YEARS = range(1900, 2201)
_Read = TypeVar("_Read", bound=Hashable)  # a cell, or several that are read together


@dataclass(frozen=True)
class Problem:
    """Why a cell is not taken: the quality rule, the role of its column, the cell, the end of the sentence."""

    rule: str
    role: str
    content: str
    reason: str


def converted(column: Iterable[_Read], read: Callable[[_Read], Any]) -> list[Any]:
    """Return what `read` makes of each cell, read once for each distinct cell."""
    cells = list(column)
    # In the order of the file, so that what is read once does not depend on how Python orders a set.
    memo = {cell: read(cell) for cell in dict.fromkeys(cells)}
    return [memo[cell] for cell in cells]


def missing_marks(livraison: Livraison) -> frozenset[str]:
    """Return the texts that mean that there is no value, the empty one included."""
    return frozenset({"", *(mark.strip() for mark in livraison.manquants)})


def number_reader(livraison: Livraison, role: str = "valeur") -> Callable[[Cell], float | Problem | None]:
    """Return the reader of a delivery's numbers; None is a missing one."""
    marks = missing_marks(livraison)
    pattern = _NUMBERS[livraison.decimale]

    def read(cell: Cell) -> float | Problem | None:
        text = text_of(cell).strip()
        if text in marks:
            return None
        if isinstance(cell, (int, float, Decimal)):
            number = _finite(cell)
        elif isinstance(cell, str) and pattern.fullmatch(text) and _HAS_DIGIT.search(re.split("[eE]", text)[0]):
            plain = _SPACES.sub("", text).replace("\u2212", "-").replace(",", ".")
            number = _finite(plain)
        else:
            number = None
        return (
            number
            if number is not None
            else Problem("valeur_illisible", role, text, _why_no_number(cell, text, livraison))
        )

    return read


def _finite(written: str | int | float | Decimal) -> float | None:
    try:
        number = float(written)
    except (OverflowError, ValueError):
        return None
    return number if math.isfinite(number) else None


def _why_no_number(cell: Cell, text: str, livraison: Livraison) -> str:
    if isinstance(cell, dt.date):
        return "est une date, pas un nombre"
    other = {".": ",", ",": "."}[livraison.decimale]
    if isinstance(cell, str) and _NUMBERS[other].fullmatch(text):
        return f"n'est pas un nombre : la marque décimale déclarée est « {livraison.decimale} »"
    if text.endswith("%"):
        return "n'est pas un nombre : écrire le nombre sans le signe %"
    return "n'est pas un nombre"


def date_reader(livraison: Livraison, role: str = "date") -> Callable[[Cell], dt.date | Problem | None]:
    """Return the reader of a delivery's dates.

    A value's date means the last day of its month, or of its year where the file gives no more. An objective's
    date is the day that it gives, and the last day of the month where it gives only that.
    """
    marks = missing_marks(livraison)
    form = livraison.format_date
    of_year = tells_only_the_year(form)
    any_day = role != "date"

    def read(cell: Cell) -> dt.date | Problem | None:
        text = text_of(cell).strip()
        if text in marks:
            return None
        day = cell if isinstance(cell, dt.date) else _by_format(text, form) if form else _by_iso(text)
        if day is None:
            expected = f"au format déclaré « {form} »" if form else "écrite comme 2021-03-31 ou 2021-03"
            return Problem("date_illisible", role, text, f"n'est pas une date {expected}")
        if day.year not in _YEARS:
            return Problem("date_illisible", role, text, f"n'est pas une date plausible (année {day.year})")
        typed = isinstance(cell, dt.date)
        if any_day and (typed or _tells_the_day(text, form)):
            return day
        return dt.date(day.year, 12, 31) if of_year and not typed else end_of_month(day)

    return read


def _tells_the_day(text: str, form: str | None) -> bool:
    found = _WITH_DAY.search(form) if form else _ISO.fullmatch(text)
    return found is not None and (form is not None or found[3] is not None)


def tells_only_the_year(form: str | None) -> bool:
    """Tell whether dates in this format have neither month nor day."""
    return form is not None and not _WITHIN_YEAR.search(form)


def end_of_month(day: dt.date) -> dt.date:
    """Return the last day of a date's month."""
    return dt.date(day.year, day.month, calendar.monthrange(day.year, day.month)[1])


def _by_format(text: str, form: str) -> dt.date | None:
    try:
        return dt.datetime.strptime(text, form).date()
    except (ValueError, re.error, OverflowError):
        return None


def _by_iso(text: str) -> dt.date | None:
    match = _ISO.fullmatch(text)
    if not match:
        return None
    try:
        return dt.date(int(match[1]), int(match[2]), int(match[3] or 1))
    except ValueError:
        return None
