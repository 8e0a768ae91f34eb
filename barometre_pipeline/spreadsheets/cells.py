"""What the parsers of workbooks give of a cell that is no plain text, number or date; and how days are counted."""

from __future__ import annotations

import calendar
import datetime as dt
from collections.abc import Container, Sequence
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

DAY_ZERO, DAY_ZERO_1904 = dt.date(1899, 12, 30), dt.date(1904, 1, 1)  # of the systems that are met most
_LAST_SERIAL = 2_958_466  # the day after 9999-12-31, in the first one
_FIRST_SURE_SERIAL = 60  # 1900 has a 29th of February in the first one: days before it are one behind
_LONGEST_SHOWN = 200  # characters
_SUPERSCRIPTS = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")


class Seen(NamedTuple):
    """A number that is shown as a percentage, with what is seen: 7.5 for 7,5 %."""

    percentage: float


class Counted(NamedTuple):
    """A number whose format writes beside it in what it is counted: 5 for 5 k€."""

    number: float
    scale: str


class Unseen(NamedTuple):
    """A cell in which a person sees no value, and why: the end of a French sentence."""

    shown: str
    reason: str


# Dates, texts and numbers as they are, booleans as French spreadsheets write them, None for an empty cell.
Value = str | float | dt.date | Seen | Counted | Unseen | None


def error_cell(shown: str) -> Unseen:
    """Return the cell that holds an error of the spreadsheet."""
    return Unseen(shown or "#ERREUR", "est une erreur du tableur : corriger la cellule, puis livrer le classeur")


def uncalculated(formula: str) -> Unseen:
    """Return the cell of a formula that has no value."""
    shown = f"={formula.removeprefix('of:').removeprefix('=')}"[:_LONGEST_SHOWN] if formula else "formule"
    return Unseen(shown, "n'a jamais été calculée : ouvrir le classeur, l'enregistrer, puis le livrer")


def number_text(value: float) -> str:
    """Return a number as a person would type it."""
    return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)


def struck(value: Value) -> Value:
    """Return the cell whose value, or a part of it, is struck through: people take it for withdrawn."""
    if value is None or value == "" or isinstance(value, Unseen):
        return value
    if isinstance(value, Seen):
        shown = f"{number_text(value.percentage)} %"
    elif isinstance(value, Counted):
        shown = f"{number_text(value.number)} {value.scale}"
    else:
        shown = number_text(value) if isinstance(value, float) else str(value)
    return Unseen(shown, "est barrée : la remplacer ou l'effacer, ou ôter la barre, puis livrer le classeur")


def raised(text: str) -> str:
    """Return a text that stands higher than the line: its figures are the mark of a note, and none of the number."""
    return text.translate(_SUPERSCRIPTS)


def shown_by_runs(
    text: str, runs: Sequence[tuple[int, int]], raising: Container[int], striking: Container[int]
) -> Value:
    """Return a text as its runs show it: each begins at a character, with a font that may be one of these."""
    shown, is_struck = text[: runs[0][0]] if runs else text, False
    for (start, font), (end, _) in pairwise([*runs, (len(text), 0)]):
        piece = text[start:end]
        is_struck |= font in striking and bool(piece.strip())
        shown += raised(piece) if font in raising else piece
    return struck(shown) if is_struck else shown


def boolean(stored: bool) -> str:
    """Return a boolean as it is shown."""
    return "VRAI" if stored else "FAUX"


@lru_cache(maxsize=4096)
def date_of(serial: float, day_zero: dt.date) -> Value:
    """Return the day, the instant or the time of day that a spreadsheet shows for this number of days."""
    is_behind = day_zero == DAY_ZERO and serial < _FIRST_SURE_SERIAL
    first = day_zero + dt.timedelta(days=is_behind)
    if not 0 <= serial < _LAST_SERIAL - (day_zero - DAY_ZERO).days:
        return Unseen(repr(serial), "a le format d'une date et n'en est pas une : le tableur affiche ####")
    instant = dt.datetime.combine(first, dt.time()) + dt.timedelta(milliseconds=round(serial * 86_400_000))
    if serial < 1:
        return str(instant.time())
    return instant.date() if instant.time() == dt.time() else instant


def end_of_period(value: Value, months: int) -> Value:
    """Return the last day of the period of so many months that a date is shown as: 31 December for the year 2021."""
    if not months or not isinstance(value, dt.date):
        return value
    last = (value.month - 1) // months * months + months
    return dt.date(value.year, last, calendar.monthrange(value.year, last)[1])


def duration_of(days: float) -> str:
    """Return a duration as hours, minutes and seconds."""
    return str(dt.timedelta(milliseconds=round(days * 86_400_000))) if abs(days) < _LAST_SERIAL else repr(days)
