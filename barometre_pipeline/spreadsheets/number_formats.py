"""What a number's format makes of it: a date, a percentage, a number shown at another scale, or the number itself.

Formats are written as files hold them, in English: `0.0%`, `#,##0;[Red]-#,##0`, `dd/mm/yyyy`. Rounding is no concern:
the stored value counts, at full precision.
"""

from __future__ import annotations

import datetime as dt
import operator
import re
from collections.abc import Callable
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

from barometre_pipeline.spreadsheets.cells import Seen, Unseen, Value, date_of, duration_of, number_text

# The formats that have a number and no text in files, where they matter here. Others are plain numbers.
_DATE, _TIME = "yyyy-mm-dd", "hh:mm:ss"
BUILT_IN = (
    {9: "0%", 10: "0.00%", 46: "[h]:mm:ss"}
    | dict.fromkeys((*range(14, 18), 22, *range(27, 32), 36, *range(50, 59)), _DATE)
    | dict.fromkeys((18, 19, 20, 21, 32, 33, 34, 35, 45, 47), _TIME)
)
# A token: quoted text, an escaped or padded character, what is between brackets, `General`, or one character.
_TOKEN = re.compile(r'"[^"]*"?|[\\_*].?|\[[^\]]*\]?|general|standard|.', re.IGNORECASE | re.DOTALL)
_CONDITION = re.compile(r"\[(<=|>=|<>|<|>|=)\s*(-?[0-9]{1,15}(?:\.[0-9]{0,15})?)\]")
_ELAPSED = re.compile(r"\[(h+|m+|s+)\]", re.IGNORECASE)
_COMPARISONS: dict[str, Callable[[float, float], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "=": operator.eq,
    "<>": operator.ne,
}
_DIGITS = frozenset("0#?")
_DATE_LETTERS = frozenset("ymdhsYMDHS")
_WHOLE_NUMBERS = frozenset({"general", "standard", "@"})
_MINUSES = frozenset("-\u2212\u2013(")
_LONGEST = 1000  # characters of a format; spreadsheets allow 255


class Section(NamedTuple):
    """What one of a format's sections shows; `condition` tells whether it applies, where it says so itself."""

    condition: Callable[[float], bool] | None
    is_date: bool = False
    is_duration: bool = False
    percents: int = 0
    scaled: bool = False
    has_digits: bool = True
    has_sign: bool = True

    @property
    def is_plain(self) -> bool:
        """Tell whether it shows the number as it is stored."""
        return not (self.is_date or self.is_duration or self.percents or self.scaled) and self.has_digits


class NumberFormat:
    """A format that does something to some numbers; `number_format` makes them."""

    def __init__(self, code: str, sections: list[Section]) -> None:
        self._code = code
        self._sections = sections

    def shown(self, value: float, day_zero: dt.date) -> Value:
        """Return what is seen of a number."""
        section, signs_itself = self._section(value)
        if section.is_duration:
            return duration_of(value)
        if section.is_date:
            return date_of(value, day_zero)
        if section.scaled:
            return scaled(value)
        if value and not section.has_digits:
            return Unseen(
                number_text(value), f"est masquée par son format ({self._code}) : lui donner un format de nombre"
            )
        if value < 0 and signs_itself and not section.has_sign:
            return Unseen(number_text(value), f"est négative et affichée sans signe par son format ({self._code})")
        return percentage(value, section.percents) if section.percents else value

    def _section(self, value: float) -> tuple[Section, bool]:
        """Return the section that applies, and whether it is the one for negative numbers, which writes the sign."""
        sections = self._sections
        if len(sections) == 1:
            return sections[0], False
        if any(section.condition for section in sections):
            for section in sections:
                if section.condition is None or section.condition(value):
                    return section, False
            return sections[-1], False
        if value < 0:
            return sections[1], True
        return sections[2 if value == 0 and len(sections) > 2 else 0], False


@lru_cache(maxsize=4096)
def number_format(code: str) -> NumberFormat | None:
    """Return what a format does to numbers, None where it shows them all as they are stored."""
    sections = [_section(tokens) for tokens in _sections(code[:_LONGEST])]
    del sections[3:]  # the fourth is for texts
    plain = all(section.is_plain for section in sections)
    if plain and (len(sections) < 2 or sections[1].has_sign or sections[1].condition or sections[0].condition):
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


def _section(tokens: list[str]) -> Section:
    bare = [token for token in tokens if len(token) == 1 or token.lower() in _WHOLE_NUMBERS]
    condition = next((m for m in map(_CONDITION.fullmatch, tokens) if m), None)
    shows_number = any(token in _DIGITS or token.lower() in _WHOLE_NUMBERS for token in bare)
    has_date_letters = any(token in _DATE_LETTERS for token in bare)
    signs = "".join(token for token in tokens if not token.startswith(("[", "_", "*")))
    return Section(
        _compared(condition[1], float(condition[2])) if condition else None,
        is_date=has_date_letters,
        is_duration=any(_ELAPSED.fullmatch(token) for token in tokens),
        percents=0 if has_date_letters else bare.count("%"),
        scaled=not has_date_letters and _scales(bare),
        # A section with a colour only shows the number by itself.
        has_digits=shows_number or has_date_letters or (bool(tokens) and all(t.startswith("[") for t in tokens)),
        has_sign=not _MINUSES.isdisjoint(signs),
    )


def _compared(sign: str, limit: float) -> Callable[[float], bool]:
    return lambda value: _COMPARISONS[sign](value, limit)


def _scales(bare: list[str]) -> bool:
    """Tell whether a comma comes after the last digit's place: elsewhere it groups the digits."""
    after_digit = waiting = False
    for token in bare:
        if token in _DIGITS:
            after_digit, waiting = True, False
        elif token == "," and after_digit:
            waiting = True
        elif token == "." and waiting:
            return True
    return waiting
