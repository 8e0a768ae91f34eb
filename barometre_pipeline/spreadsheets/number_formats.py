"""What a number's format makes of it: a date, a percentage, a number shown at another scale, or the number itself.

A date that is shown without its day is the last one of the period that is seen: a day of 2021 shown as the year 2021.
Formats are written as files hold them, in English: `0.0%`, `#,##0;[Red]-#,##0`, `dd/mm/yyyy`. Rounding is no concern:
the stored value counts, at full precision.
"""

from __future__ import annotations

import datetime as dt
import re
from decimal import Decimal
from functools import lru_cache

from barometre_pipeline.spreadsheets.cells import (
    Counted,
    Seen,
    Unseen,
    Value,
    date_of,
    duration_of,
    end_of_period,
    number_text,
)
from barometre_pipeline.spreadsheets.format_sections import Section, section_of, signs_itself
from barometre_pipeline.spreadsheets.grids import UnreadableError

# The formats that have a number and no text in files, where they matter here. Others are plain numbers.
_DATE, _TIME = "yyyy-mm-dd", "hh:mm:ss"
BUILT_IN = (
    {9: "0%", 10: "0.00%", 17: "mmm-yy", 46: "[h]:mm:ss"}
    | dict.fromkeys((14, 15, 16, 22, *range(27, 32), 36, *range(50, 59)), _DATE)
    | dict.fromkeys((18, 19, 20, 21, 32, 33, 34, 35, 45, 47), _TIME)
)
# A token: quoted text, an escaped or padded character, what is between brackets, `General`, or one character.
_TOKEN = re.compile(r'"[^"]*"?|[\\_*].?|\[[^\]]*\]?|general|standard|.', re.IGNORECASE | re.DOTALL)
_LONGEST = 1000  # characters of a format; spreadsheets allow 255
# Characters of the formats that the cells of a workbook have, or pieces of an .ods one; a spreadsheet has 250 formats.
_MOST = 1_000_000


class NumberFormat:
    """A format that does something to some numbers; `number_format` makes them."""

    def __init__(self, code: str, sections: list[Section]) -> None:
        self._code = code
        self._sections = sections

    def shown(self, value: float, day_zero: dt.date) -> Value:
        """Return what is seen of a number."""
        rank = self._rank(value)
        section, is_for_negatives = self._sections[rank], signs_itself(self._sections, rank)
        if section.is_duration:
            return duration_of(value)
        if section.is_date:
            return end_of_period(date_of(value, day_zero), section.months)
        if section.scaled:
            return scaled(value)
        # A dash, or nothing, is how people show a zero; a word is not.
        if not section.has_digits and (value or section.around.words):
            return Unseen(
                number_text(value), f"est masquée par son format ({self._code}) : lui donner un format de nombre"
            )
        if section.around.bound:
            return Unseen(number_text(value), f"est affichée comme une borne (< ou >) par son format ({self._code})")
        if value < 0 and is_for_negatives and not section.has_sign:
            return Unseen(number_text(value), f"est négative et affichée sans signe par son format ({self._code})")
        if value and section.around.digits:
            return Unseen(number_text(value), f"est affichée avec des chiffres que son format ajoute ({self._code})")
        if value and section.around.mark:
            return Unseen(
                number_text(value), f"est affichée avec une marque décimale que son format ajoute ({self._code})"
            )
        if value and section.around.minus and not is_for_negatives:
            return Unseen(number_text(value), f"est affichée avec un signe que son format ajoute ({self._code})")
        if section.percents:
            return percentage(value, section.percents)
        return Counted(value, section.around.scale) if section.around.scale else value

    @property
    def months(self) -> int:
        """Return how long the period is that its first section shows of a date, 0 where it shows the day."""
        return self._sections[0].months

    def _rank(self, value: float) -> int:
        """Return which section applies."""
        sections = self._sections
        if any(section.condition for section in sections):
            fitting = (n for n, one in enumerate(sections) if one.condition is None or one.condition.holds(value))
            return next(fitting, len(sections) - 1)
        if value < 0:
            return min(1, len(sections) - 1)
        return 2 if value == 0 and len(sections) > 2 else 0


class Formats(dict[str | int, NumberFormat | None]):
    """What each style of a workbook does to numbers; a format is read when the first cell has it."""

    def __init__(self) -> None:
        super().__init__()
        self._codes: dict[str | int, str] = {}
        self._met: set[str] = set()
        self._allowance = Allowance()

    def add(self, style: str | int, code: str | None) -> None:
        """Note the format of a style, None where it has none."""
        if code is not None:
            self._codes[style] = code

    def __missing__(self, style: str | int) -> NumberFormat | None:
        """Read the format of a style; UnreadableError where a workbook has too many to be read."""
        code = self._codes.get(style)
        if code is not None and code not in self._met:
            self._allowance.take(len(code[:_LONGEST]))
            self._met.add(code)
        self[style] = found = None if code is None else number_format(code)
        return found


class Allowance:
    """How much of the formats of one workbook is read: sixty thousand styles may have a format of their own each."""

    def __init__(self) -> None:
        self._left = _MOST

    def take(self, size: int) -> None:
        """Count a format that is read; UnreadableError where that is too many."""
        self._left -= size
        if self._left < 0:
            raise UnreadableError(
                "the number formats of its cells are too many, or too long: paste its values into a new workbook"
            )


@lru_cache(maxsize=4096)
def number_format(code: str) -> NumberFormat | None:
    """Return what a format does to numbers, None where it shows them all as they are stored."""
    sections = [section_of(tokens) for tokens in _sections(code[:_LONGEST])]
    del sections[3:]  # the fourth is for texts
    return of_sections(code, sections)


def of_sections(code: str, sections: list[Section]) -> NumberFormat | None:
    """Return what these sections do to numbers, None where they show them all as they are stored."""
    shows_signs = all(one.has_sign or not signs_itself(sections, rank) for rank, one in enumerate(sections))
    if shows_signs and all(section.is_plain for section in sections):
        return None
    return NumberFormat(code, sections)


def percentage(value: float, percents: int = 1) -> Value:
    """Return a number as it is seen: 0.07 is 7.0, and not 7.000000000000001."""
    return Seen(float(Decimal(repr(float(value))) * 100**percents))


def scaled(value: float) -> Unseen:
    """Return the cell of a number that is shown in thousands or millions."""
    return Unseen(
        number_text(value), "est affichée à l'échelle des milliers (ou des millions) : écrire le nombre en entier"
    )


def _sections(code: str) -> list[list[str]]:
    sections: list[list[str]] = [[]]
    for token in _TOKEN.findall(code):
        if token == ";":
            sections.append([])
        else:
            sections[-1].append(token)
    return sections
