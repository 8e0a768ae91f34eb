"""The period that a title speaks of: `indicateurs-2021-T4.csv`, « Valeurs au 31/03/2022 », `export 2021`.

What is a period is told in `periods` and `dates`; here it is looked for among other words.
"""

from __future__ import annotations

import datetime as dt
import re

from barometre_pipeline.readers.dates import period_of
from barometre_pipeline.readers.periods import Period
from barometre_pipeline.readers.place_names import plain_name

_MONTH, _DAY, _BETWEEN = "(?P<month>0[1-9]|1[0-2])", "(?P<day>[0-3][0-9])", "(?P<between>[-_./])"
_FIGURES = tuple(
    re.compile(rf"(?<![0-9])(?<![0-9][-_./]){written}(?![0-9])")
    for written in (
        rf"(?P<year>[12][0-9]{{3}}){_BETWEEN}{_MONTH}(?:(?P=between){_DAY})?",  # 2022-03, 2022_03_31
        rf"(?P<year>(?:19|20)[0-9]{{2}}){_MONTH}{_DAY}?",  # 202203, 20220331
        rf"(?:{_DAY}{_BETWEEN}{_MONTH}(?P=between)|(?<![A-Za-z]){_MONTH.replace('month', 'first')}[-_./])"
        r"(?P<year>[12][0-9]{3})",  # 31/03/2022, 03-2022
    )
)
_YEAR = re.compile(r"(?:19|20)[0-9]{2}")
_NOT_UNDERSTOOD = re.compile(r"[tqsm]?[0-9]\w*")  # beside a year: 13, 2e, T2; not CO2, nor v2
_MOST_WORDS = 6  # of a period: 4e trimestre de l'année 2021
_MOST_READ = 40  # words of a title


def period_in(title: str) -> dt.date | None:
    """Return the last day of the latest period that a title names; None where it names none.

    A day is one only where there is no longer period: a file of a quarter may tell when it was made. So is a year, the
    population of 2018 may stand beside a quarter, and only where no other figures may tell its month.
    """
    found, rest = _in_figures(title)
    words = plain_name(rest).split()[:_MOST_READ]
    found += _in_words(words)
    days = [period.day for period in found if not period.exact] or [period.day for period in found]
    if not days and rest == title and not any(_is_unclear(word) for word in words):
        days = [dt.date(int(word), 12, 31) for word in words if _YEAR.fullmatch(word)]
    return max(days, default=None)


def _in_figures(title: str) -> tuple[list[Period], str]:
    """Return the periods written in figures only, and the title without what is written so."""
    found = []
    for pattern in _FIGURES:
        for one in pattern.finditer(title):
            said = one.groupdict()
            parts = (said["year"], said["month"] or said.get("first"), said["day"])
            found.append(period_of("-".join(part for part in parts if part)))
        title = pattern.sub(" ", title)
    return [period for period in found if period], title


def _in_words(words: list[str]) -> list[Period]:
    """Return the periods that words name one after the other, each by as many words as it can."""
    found, at = [], 0
    while at < len(words):
        for size in range(min(_MOST_WORDS, len(words) - at), 0, -1):
            if period := period_of(" ".join(words[at : at + size])):
                found.append(period)
                at += size
                break
        else:
            at += 1
    return found


def _is_unclear(word: str) -> bool:
    return _NOT_UNDERSTOOD.fullmatch(word) is not None and _YEAR.fullmatch(word) is None
