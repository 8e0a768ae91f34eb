"""Dates, as people write them in files: one cell in (or those of one date); out, a day, a problem, or None for none.

What needs no `format_date` beside ISO's writing is in `periods`, what a `format_date` means in `date_formats`.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from zoneinfo import ZoneInfo

from barometre_pipeline.catalogue import Livraison
from barometre_pipeline.catalogue.cell_keys import mark_problem
from barometre_pipeline.formats import FORMATS
from barometre_pipeline.formats.cells import Cell, Unusable
from barometre_pipeline.readers.cells import (
    Marks,
    Problem,
    longest_first,
    missing_marks,
    unusable,
    without_flags,
    written,
)
from barometre_pipeline.readers.date_formats import by_format, tells_only_the_year, tells_the_day
from barometre_pipeline.readers.periods import Period, end_of_month, in_words
from barometre_pipeline.readers.place_names import plain_name

_ISO = re.compile(r"([0-9]{4})-([0-9]{2})(?:-([0-9]{2}))?")
_ISO_INSTANT = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,9})?)?"
    r" ?(?:Z|UTC|GMT|[+-][0-9]{2}(?::?[0-9]{2})?)?"
)
_PARIS = ZoneInfo("Europe/Paris")
_YEARS = range(1900, 2201)
_LONGEST = 200  # characters of a date with what stands after it
_LONGEST_MARK = 6  # characters after a date, beyond which they are a text
_SERIALS = range(20_000, 80_001)  # from 1954 to 2119
_DAY_ZERO = dt.date(1899, 12, 30)

_YEAR = re.compile(r"[12][0-9]{3}")
_RANK = re.compile(r"([0-9]{1,2})(?:er|e|[eè]me|nd)?", re.IGNORECASE)
_TWO_FIGURES = re.compile(r"[0-9]{1,2}")
_RANKED_BY = {
    **dict.fromkeys(("trimestre", "trim", "t", "quarter", "q"), "T"),
    **dict.fromkeys(("semestre", "half"), "S"),
    **dict.fromkeys(("mois", "month", "m"), "mois"),
    **dict.fromkeys(("jour", "day", "j", "jj", "dd"), "jour"),
}
_WITHOUT_FORMAT = "écrite comme 2021-03-31, 2021-03, mars 2021 ou 2021-T1 ; `format_date` dirait comment elle l'est"
_WHICH_PERIOD = (
    "n'est pas une date : rien ne dit si c'est un mois, un trimestre ou un semestre ; un intitulé qui le dit "
    "(« mois »…) ou `format_date` le dirait"
)
_WHICH_YEAR = (
    "n'est pas une date : rien ne dit lequel des nombres est le jour et lequel est l'année ; un intitulé qui le dit "
    "(« jour ») ou `format_date` le dirait"
)
_WEEKS = {"semaine", "semaines", "week", "weeks"}
# Under such a heading S1 is the first week, and elsewhere the first half-year.
_RANK_OF_WEEK = re.compile(r"\bs ?[0-9]{1,2}\b|[0-9]s[0-9]{1,2}\b")
_WHICH_WEEK = "est une semaine, et non un semestre, d'après son intitulé : écrire un jour, ou la fin du mois"
# 2022.10 is the number 2022.1, which its format would read as January.
_LOST_ZERO = re.compile(r"[0-9]+\.[0-9]")
_WITHOUT_ZERO = (
    "est un nombre, dont le dernier zéro se perd (2022.10 y est 2022.1) : une date ainsi écrite se livre en texte"
)
_JANUARY_OR_OCTOBER = re.compile("(?:[12][0-9]{3}|[0-9]{2})[.,]1")
_WHICH_MONTH = (
    "peut être janvier, ou octobre dont le zéro s'est perdu (2022.10 devient 2022.1 dans un tableur) : écrire le mois "
    "en deux chiffres"
)
# 20221 is a day of 1955 as a serial, and the first quarter of 2022 as some write it.
_YEAR_AND_QUARTER = re.compile("20[1-9][0-9][1-4]")
_ANY_QUARTER = (
    "est un nombre qui peut être un trimestre (2022-T1) comme un jour d'avant 1958 : une date ainsi écrite se livre en "
    "texte"
)

Day = dt.date | Problem | None


def date_reader(livraison: Livraison, role: str = "date", day_zero: dt.date = _DAY_ZERO) -> Callable[[Cell], Day]:
    """Return the reader of a delivery's dates; `day_zero` is the day from which its workbook counts.

    A value's date means the last day of its month, or of the longer period that is all that the file gives. An
    objective's date is the day that it gives, and the last day of the period where it gives only that.
    """
    read = _flagged_reader(livraison, role, day_zero)
    return lambda cell: read(cell)[0]


def date_flags_reader(livraison: Livraison, day_zero: dt.date = _DAY_ZERO) -> Callable[[Cell], str | None]:
    """Return the reader of the marks that stand after dates: (p) of « 2021 (p) »."""
    read = _flagged_reader(livraison, "date", day_zero)
    return lambda cell: read(cell)[1]


def _flagged_reader(livraison: Livraison, role: str, day_zero: dt.date) -> Callable[[Cell], tuple[Day, str | None]]:
    """Return the reader of dates and of the marks after them, which are taken off where there is no date with them."""
    read, flags = _bare_reader(livraison, role, day_zero), longest_first(livraison.drapeaux)

    def read_flagged(cell: Cell) -> tuple[Day, str | None]:
        day = read(cell)
        if not (isinstance(day, Problem) and isinstance(cell, str)) or len(cell) > _LONGEST:
            return day, None
        rest, found = without_flags(written(cell), flags)
        if found and isinstance(without := read(rest), dt.date):
            return without, " ".join(found)
        before, mark = mark_after(written(cell))
        if mark and isinstance(read(before), dt.date):
            return replace(day, reason=f"{day.reason} ; `drapeaux` dirait que « {mark} » est une marque"), None
        return day, None

    return read_flagged


def mark_after(text: str) -> tuple[str, str]:
    """Return what a text is before what stands after its last figure, and this, where it may be a mark: 2021 (p)."""
    end = next((place for place in range(len(text), 0, -1) if text[place - 1].isdecimal()), 0)
    mark = text[end:].strip()
    return text[:end], mark if 0 < len(mark) <= _LONGEST_MARK and not mark_problem(mark) else ""


def _bare_reader(livraison: Livraison, role: str, day_zero: dt.date) -> Callable[[Cell], Day]:
    marks, form, zone = missing_marks(livraison), livraison.format_date, ZoneInfo(livraison.fuseau)
    of_weeks = any(map(_counts_weeks, livraison.columns.get(role, ())))
    origin = day_zero if FORMATS[livraison.file_format].has_sheets and not form else None

    def read(cell: Cell) -> Day:
        if isinstance(cell, Unusable):
            return unusable(cell, "date_illisible", role)
        text = written(cell)
        if text in marks:
            return None
        if form and type(cell) is float and _LOST_ZERO.fullmatch(text) and not form.endswith("%Y"):
            return Problem("date_illisible", role, text, _WITHOUT_ZERO)
        if form and isinstance(cell, str) and _JANUARY_OR_OCTOBER.fullmatch(text):
            return Problem("date_illisible", role, text, _WHICH_MONTH)
        if origin and isinstance(cell, (int, float)) and _YEAR_AND_QUARTER.fullmatch(text):
            return Problem("date_illisible", role, text, _ANY_QUARTER)
        if of_weeks and _RANK_OF_WEEK.search(plain_name(text)):
            return Problem("date_illisible", role, text, _WHICH_WEEK)
        found = _typed(cell, zone, origin) or _of_text(text, form, zone)
        return _settled(found, text, form, role)

    return read


def period_of(text: str) -> Period | None:
    """Return the day or the period that a text says, as a cell without `format_date` does; None where it says none."""
    return _of_text(text, None, _PARIS)


def parts_reader(livraison: Livraison, headings: Sequence[str]) -> Callable[[tuple[Cell, ...] | None], Day]:
    """Return the reader of dates that stand in several columns: a year, and a month, a quarter or a half-year."""
    marks, form, zone = missing_marks(livraison), livraison.format_date, ZoneInfo(livraison.fuseau)
    ranked_by, of_weeks = [counted_under(heading) for heading in headings], any(map(_counts_weeks, headings))

    def read(cells: tuple[Cell, ...] | None) -> Day:
        for cell in cells or ():
            if isinstance(cell, Unusable):
                return unusable(cell, "date_illisible", "date")
        texts = [written(cell) for cell in cells or ()]
        if all(text in marks for text in texts):
            return None
        if form:
            return _settled(_of_text(" ".join(texts), form, zone), " ".join(texts), form, "date")
        if of_weeks and any(_RANK_OF_WEEK.search(plain_name(text)) for text in texts):
            return Problem("date_illisible", "date", " ".join(texts), _WHICH_WEEK)
        said = _said_by_parts(texts, ranked_by, marks)
        return (
            said if isinstance(said, Problem) else _settled(_of_text(said, None, zone), " ".join(texts), None, "date")
        )

    return read


def _settled(found: Period | None, text: str, form: str | None, role: str) -> Day:
    if found is None:
        expected = f"au format déclaré « {form} »" if form else _WITHOUT_FORMAT
        return Problem("date_illisible", role, text, f"n'est pas une date {expected}")
    if found.day.year not in _YEARS:
        return Problem("date_illisible", role, text, f"n'est pas une date plausible (année {found.day.year})")
    return found.day if found.exact and role != "date" else end_of_month(found.day)


def _typed(cell: Cell, zone: ZoneInfo, origin: dt.date | None) -> Period | None:
    """Return the day of a cell that is a date, or a number that a workbook shows as one once it is told to."""
    if isinstance(cell, dt.datetime):
        return _of_instant(cell, zone)
    if isinstance(cell, dt.date):
        return Period(cell, exact=True)
    if origin and isinstance(cell, (int, float)) and _SERIALS.start <= cell < _SERIALS.stop:
        return Period(origin + dt.timedelta(days=int(cell)), exact=True)
    return None


def _of_instant(instant: dt.datetime, zone: ZoneInfo) -> Period | None:
    try:
        return Period((instant.astimezone(zone) if instant.tzinfo else instant).date(), exact=True)
    except OverflowError:  # at the ends of the calendar
        return None


def _of_text(text: str, form: str | None, zone: ZoneInfo) -> Period | None:
    if form is None:
        return _by_iso(text, zone) or in_words(text)
    instant = by_format(text, form)
    found = _of_instant(instant, zone) if instant else None
    if found is None or tells_the_day(form):
        return found
    return Period(dt.date(found.day.year, 12, 31) if tells_only_the_year(form) else end_of_month(found.day))


def _by_iso(text: str, zone: ZoneInfo) -> Period | None:
    try:
        if found := _ISO.fullmatch(text):
            first = dt.date(int(found[1]), int(found[2]), int(found[3] or 1))
            return Period(first, exact=True) if found[3] else Period(end_of_month(first))
        if _ISO_INSTANT.fullmatch(text):
            hour = text[11:].replace(" ", "").replace("UTC", "Z").replace("GMT", "Z")  # as BigQuery writes it
            return _of_instant(dt.datetime.fromisoformat(f"{text[:10]}T{hour}"), zone)
    except ValueError:
        return None
    return None


def counted_under(heading: str) -> str | None:
    """Return what a heading says that the numbers below it count: quarters (T), half-years (S), months or days."""
    found = {kind for word in plain_name(heading).split() if (kind := _RANKED_BY.get(word))}
    return found.pop() if len(found) == 1 else None


def _counts_weeks(heading: str) -> bool:
    return not _WEEKS.isdisjoint(plain_name(heading).split())


def _said_by_parts(texts: list[str], ranked_by: list[str | None], marks: Marks) -> str | Problem:
    """Return one text for the parts of a date, as `2022-03` or `T1 2022`."""
    whole = " ".join(texts)
    if any(text in marks for text in texts):
        return Problem("date_illisible", "date", whole, "n'est pas une date entière : il en manque une partie")
    years = [text for text in texts if _YEAR.fullmatch(text)]
    others = [(text, kind) for text, kind in zip(texts, ranked_by, strict=True) if not _YEAR.fullmatch(text)]
    day = next((rank[1] for text, kind in others if kind == "jour" and (rank := _RANK.fullmatch(text))), None)
    periods = [(text, kind) for text, kind in others if kind != "jour"]
    if not years and sum(_TWO_FIGURES.fullmatch(text) is not None for text in texts) > 1:
        # In 21 mars 22 the day is what stands first: here the headings say it, whatever their order.
        rest = [text for text, kind in others if kind != "jour"]
        return f"{day} {' '.join(rest)}" if day else Problem("date_illisible", "date", whole, _WHICH_YEAR)
    if len(years) != 1 or len(periods) != 1:
        return whole
    ((period, kind),) = periods
    rank = _RANK.fullmatch(period)
    if not rank:
        return f"{day or ''} {period} {years[0]}".strip()
    if kind is None:
        return Problem("date_illisible", "date", whole, _WHICH_PERIOD)
    if kind == "mois":
        return f"{years[0]}-{int(rank[1]):02d}" + (f"-{int(day):02d}" if day else "")
    return f"{kind}{int(rank[1])} {years[0]}"
