"""Days, months, quarters and half-years, as people write them without saying how: 31 mars 2022, mars-22, 2022-T1.

What stands for something else too is not read: `22-mars` may be a day, `T1 22` a year or a number. Nothing here depends
on the language of the machine. The catalogue's own formats are in `date_formats`.
"""

from __future__ import annotations

import calendar
import datetime as dt
import re
import unicodedata
from dataclasses import dataclass

from barometre_pipeline.readers.place_names import plain_name

_LONGEST = 60  # characters
_NOT_OF_A_DATE = re.compile(r"[^\w\s./'’-]")

_YEAR = "([12][0-9]{3})"
_ORDINALS = {"premier": "1er", "deuxieme": "2e", "second": "2e", "troisieme": "3e", "quatrieme": "4e"}
_PART = (
    "(?:(?P<letter>[tqsh]) ?(?P<rank>[1-4])|(?P<rank_before>[1-4]) ?(?P<letter_after>[tqsh])"
    "|(?P<ordinal>[1-4])(?: ?(?:er|re|e|eme|ieme|nd|d))? ?(?P<word>trimestre|trim|semestre)"
    "|(?P<word_before>trimestre|trim|semestre) ?(?P<rank_after>[1-4]))"
)
_PART_OF_YEAR = re.compile(f"{_PART}(?: de| de l annee)? ?(?P<year>{_YEAR})")
_YEAR_THEN_PART = re.compile(f"(?P<year>{_YEAR}) ?{_PART}")
_MONTH = re.compile(f"(?:(?P<day>1er|[0-9]{{1,2}}) ?)?(?P<name>[a-z]{{3,12}}) ?(?P<year>{_YEAR}|[0-9]{{2}})")
_YEAR_THEN_MONTH = re.compile(f"(?P<year>{_YEAR}) ?(?:(?P<name>[a-z]{{3,12}})|m(?P<rank>0?[1-9]|1[0-2]))")

# In French, and in English, which some tools write: no word is the name of two months.
_NAMES = (
    "janvier janv jan january",
    "fevrier fevr fev february feb",
    "mars mar march",
    "avril avr april apr",
    "mai may",
    "juin june jun",
    "juillet juil juill july jul",
    "aout aou august aug",
    "septembre sept sep september",
    "octobre oct october",
    "novembre nov november",
    "decembre dec december",
)
MONTHS = {name: rank for rank, names in enumerate(_NAMES, 1) for name in names.split()}
FRENCH_MONTHS = (
    ("janvier", "février", "mars", "avril", "mai", "juin")
    + ("juillet", "août", "septembre", "octobre", "novembre", "décembre"),
    ("janv.", "févr.", "mars", "avr.", "mai", "juin", "juil.", "août", "sept.", "oct.", "nov.", "déc."),
)


@dataclass(frozen=True)
class Period:
    """A day that was told (`exact`), or the last day of the period that was."""

    day: dt.date
    exact: bool = False


def end_of_month(day: dt.date) -> dt.date:
    """Return the last day of a date's month."""
    return dt.date(day.year, day.month, calendar.monthrange(day.year, day.month)[1])


def in_words(text: str) -> Period | None:
    """Return what a text says with the name of a month, a quarter or a half-year; None where it says no such thing."""
    if len(text) > _LONGEST or _NOT_OF_A_DATE.search(unicodedata.normalize("NFC", text)):
        return None
    plain = " ".join(_ORDINALS.get(word, word) for word in plain_name(text).split())
    return _part_of_year(plain) or _of_month(plain)


def _part_of_year(plain: str) -> Period | None:
    found = _PART_OF_YEAR.fullmatch(plain) or _YEAR_THEN_PART.fullmatch(plain)
    if not found:
        return None
    said = found.groupdict()
    rank = int(said["rank"] or said["rank_before"] or said["ordinal"] or said["rank_after"])
    kind = said["letter"] or said["letter_after"] or said["word"] or said["word_before"]
    months = 3 if kind[0] in "tq" else 6
    return Period(end_of_month(dt.date(int(said["year"]), months * rank, 1))) if months * rank <= 12 else None


def _of_month(plain: str) -> Period | None:
    found = _MONTH.fullmatch(plain) or _YEAR_THEN_MONTH.fullmatch(plain)
    if not found:
        return None
    said: dict[str, str | None] = {"day": None, "rank": None, **found.groupdict()}
    month = MONTHS.get(said["name"] or "") or int(said["rank"] or 0)
    year = int(found["year"])
    if len(found["year"]) == 2:
        year += 2000 if year < 69 else 1900  # as strptime does
    if not month:
        return None
    day = said["day"]
    if day is None:
        return Period(end_of_month(dt.date(year, month, 1)))
    try:
        return Period(dt.date(year, month, int(day.removesuffix("er"))), exact=True)
    except ValueError:
        return None
