"""The period that a title speaks of: `indicateurs-2021-T4.csv`, « Valeurs de mars 2022 », `export 2021`.

What is a period is told in `periods` and `dates`; here it is looked for among other words.
"""

from __future__ import annotations

import datetime as dt
import re

from barometre_pipeline.readers.dates import period_of
from barometre_pipeline.readers.place_names import plain_name

_ISO = re.compile(r"(?<![0-9])[12][0-9]{3}-[01][0-9](?:-[0-3][0-9])?(?![0-9])")
_YEAR = re.compile(r"(?:19|20)[0-9]{2}")
_MOST_WORDS = 6  # of a period: 4e trimestre de l'année 2021
_MOST_READ = 40  # words of a title


def period_in(title: str) -> dt.date | None:
    """Return the last day of the latest period that a title names; None where it names none.

    A year alone is a period only where there is no other: the population of 2018 may stand beside a quarter.
    """
    words = plain_name(_ISO.sub(" ", title)).split()[:_MOST_READ]
    days = [period.day for text in _ISO.findall(title) if (period := period_of(text))] + _days_named(words)
    return max(days or [dt.date(int(word), 12, 31) for word in words if _YEAR.fullmatch(word)], default=None)


def _days_named(words: list[str]) -> list[dt.date]:
    """Return the last day of each period that words name one after the other, each by as many words as it can."""
    days, at = [], 0
    while at < len(words):
        for size in range(min(_MOST_WORDS, len(words) - at), 0, -1):
            if period := period_of(" ".join(words[at : at + size])):
                days.append(period.day)
                at += size
                break
        else:
            at += 1
    return days
