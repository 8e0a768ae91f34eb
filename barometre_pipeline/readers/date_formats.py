"""The formats of dates that the catalogue declares (`%d/%m/%Y`, `%B %Y`): reading a text by one, writing a day in one.

Python's strptime and strftime, but the names of months and days, which they take from the machine's language: here they
are French, or English. Which formats are sure to be wrong is told in `catalogue.date_formats`.
"""

from __future__ import annotations

import datetime as dt
import re
from functools import lru_cache

from barometre_pipeline.readers.periods import FRENCH_MONTHS, MONTHS
from barometre_pipeline.readers.place_names import plain_name

_LONGEST = 200  # characters of a date
_FLAG = re.compile(r"%[-#]")
_MONTH_DIRECTIVE = re.compile(r"%[Bb]\.?")
_DAY_DIRECTIVE = re.compile(r"%[Aa]\.?")
_WORD = re.compile(r"[^\W\d_]+\.?")
_FIRST = re.compile(r"\b1er\b", re.IGNORECASE)
_TELLS_DAY = re.compile(r"%[-#]?[djuw]")
_DIRECTIVE = re.compile("%(.)")
_FIGURES = {"Y": 4, "j": 3, **dict.fromkeys("ymdHIMS", 2)}
_WITHIN_YEAR = re.compile(r"%[-#]?[mbBjdUWV]")
_WEEKDAYS = {
    name
    for names in (
        "lundi mardi mercredi jeudi vendredi samedi dimanche lun mar mer jeu ven sam dim",
        "monday tuesday wednesday thursday friday saturday sunday mon tue wed thu fri sat sun",
    )
    for name in names.split()
}


def tells_only_the_year(form: str | None) -> bool:
    """Tell whether dates in this format have neither month nor day."""
    return form is not None and not _WITHIN_YEAR.search(form)


def tells_the_day(form: str) -> bool:
    """Tell whether dates in this format have a day."""
    return _TELLS_DAY.search(form) is not None


def by_format(text: str, form: str) -> dt.datetime | None:
    """Return the instant that a text says in this format; with its time zone where it says one."""
    if len(text) > _LONGEST:
        return None
    form = _FLAG.sub("%", form)
    if _DAY_DIRECTIVE.search(form):
        text, form = _without_weekday(text), _DAY_DIRECTIVE.sub("jour", form)
    if _MONTH_DIRECTIVE.search(form):
        text, form = _FIRST.sub("1", _WORD.sub(_month_number, text)), _MONTH_DIRECTIVE.sub("%m", form)
    try:
        found = dt.datetime.strptime(text, form)
    except (ValueError, re.error, OverflowError):
        return None
    # Python lets a figure be missing between two numbers that touch, and the 366th day be the next year's.
    shape = _shape(form).fullmatch(text)
    day = shape and shape.groupdict().get("j")
    return found if shape and (day is None or int(day) == found.timetuple().tm_yday) else None


@lru_cache(maxsize=64)
def _shape(form: str) -> re.Pattern[str]:
    """Return the form of a text in which each number that touches another one has all its figures."""
    first, *rest = _DIRECTIVE.split(form)  # what stands before the directives; each of these, and what stands after it
    pattern, before = _literal(first), first or "^"
    for letter, after in zip(rest[::2], rest[1::2], strict=True):
        figures = _FIGURES.get(letter, 0)
        touches = not before or (not after and letter != rest[-2])
        one = (f"[0-9]{{{figures}}}" if touches else "[0-9]{1,4}") if figures else ".*?"
        pattern += (f"(?P<j>{one})" if letter == "j" else one) + _literal(after)
        before = after
    return re.compile(pattern, re.DOTALL | re.IGNORECASE)


def _literal(text: str) -> str:
    return r"\s+".join(map(re.escape, re.split(r"\s+", text)))


def _month_number(word: re.Match[str]) -> str:
    month = MONTHS.get(plain_name(word[0]))
    return f"{month:02d}" if month else word[0]


def _without_weekday(text: str) -> str:
    """Replace the first name of a day of the week: the next `mar.` is March."""
    for word in _WORD.finditer(text):
        if plain_name(word[0]) in _WEEKDAYS:
            return f"{text[: word.start()]}jour{text[word.end() :]}"
    return text


def in_format(day: dt.date, form: str) -> str:
    """Return a day as it is written in this format, its month in French."""
    for directive, names in zip(("%B", "%b"), FRENCH_MONTHS, strict=True):
        form = form.replace(directive, names[day.month - 1])
    return day.strftime(form)
