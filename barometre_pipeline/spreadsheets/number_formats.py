"""What a number's format makes of it: a date, a percentage, a number shown at another scale, or the number itself.

Formats are written as files hold them, in English: `0.0%`, `#,##0;[Red]-#,##0`, `dd/mm/yyyy`. Rounding is no concern:
the stored value counts, at full precision.
"""

from __future__ import annotations

import datetime as dt
import operator
import re
from collections.abc import Callable, Sequence
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
    "!=": operator.ne,
}
_DIGITS = frozenset("0#?")
_DATE_LETTERS = frozenset("ymdhsYMDHS")
_WHOLE_NUMBERS = frozenset({"general", "standard", "@"})
_MINUSES = frozenset("-\u2212\u2013(")
_PLACE = "\0"  # of the number, in what a section shows
_SPACES = " \u00a0\u202f"
_WITHIN_NUMBERS = "0123456789.,'\u2019" + _SPACES
_LONGEST = 1000  # characters of a format; spreadsheets allow 255


class Condition(NamedTuple):
    """Which numbers a section is for."""

    sign: str
    limit: float

    def holds(self, value: float) -> bool:
        """Tell whether it is for this one."""
        return _COMPARISONS[self.sign](value, self.limit)

    @property
    def is_below_zero(self) -> bool:
        """Tell whether it is for negative numbers alone."""
        return self.sign in ("<", "<=") and self.limit <= 0

    @property
    def leaves_negatives(self) -> bool:
        """Tell whether it leaves nothing but negative numbers to the last section."""
        return self.sign in (">", ">=") and self.limit <= 0


class Section(NamedTuple):
    """What one of a format's sections shows, and of which numbers, where it says so itself.

    `has_sign` tells that it writes a sign somewhere, `adds_minus` that a number which has none is shown with one;
    `adds_digits` that digits of the format stand beside the number's own.
    """

    condition: Condition | None = None
    is_date: bool = False
    is_duration: bool = False
    percents: int = 0
    scaled: bool = False
    has_digits: bool = True
    has_sign: bool = True
    adds_minus: bool = False
    adds_digits: bool = False

    @property
    def is_plain(self) -> bool:
        """Tell whether it shows the number as it is stored."""
        adds = self.adds_minus or self.adds_digits
        return self.has_digits and not (self.is_date or self.is_duration or self.percents or self.scaled or adds)


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
            return date_of(value, day_zero)
        if section.scaled:
            return scaled(value)
        if value and not section.has_digits:
            return Unseen(
                number_text(value), f"est masquée par son format ({self._code}) : lui donner un format de nombre"
            )
        if value < 0 and is_for_negatives and not section.has_sign:
            return Unseen(number_text(value), f"est négative et affichée sans signe par son format ({self._code})")
        if value and section.adds_digits:
            return Unseen(number_text(value), f"est affichée avec des chiffres que son format ajoute ({self._code})")
        if value and section.adds_minus and not is_for_negatives:
            return Unseen(number_text(value), f"est affichée avec un signe que son format ajoute ({self._code})")
        return percentage(value, section.percents) if section.percents else value

    def _rank(self, value: float) -> int:
        """Return which section applies."""
        sections = self._sections
        if any(section.condition for section in sections):
            fitting = (n for n, one in enumerate(sections) if one.condition is None or one.condition.holds(value))
            return next(fitting, len(sections) - 1)
        if value < 0:
            return min(1, len(sections) - 1)
        return 2 if value == 0 and len(sections) > 2 else 0


def signs_itself(sections: Sequence[Section], rank: int) -> bool:
    """Tell whether a section is for negative numbers alone, which are then shown without a sign but its own."""
    if not any(section.condition for section in sections):
        return rank == 1
    condition = sections[rank].condition
    if condition:
        return condition.is_below_zero
    return any(one.condition and one.condition.leaves_negatives for one in sections[:rank])


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


def section_of(tokens: Sequence[str]) -> Section:
    """Return what a section does, by the tokens of which it is made."""
    bare = [token for token in tokens if len(token) == 1 or token.lower() in _WHOLE_NUMBERS]
    condition = next((m for m in map(_CONDITION.fullmatch, tokens) if m), None)
    shows_number = any(token in _DIGITS or token.lower() in _WHOLE_NUMBERS for token in bare)
    has_date_letters = any(token in _DATE_LETTERS for token in bare)
    shown = "" if has_date_letters else _shown(tokens)
    before, _, rest = shown.partition(_PLACE)
    after = rest.rpartition(_PLACE)[2]
    signs = "".join(token for token in tokens if not token.startswith(("[", "_", "*")))
    return Section(
        Condition(condition[1], float(condition[2])) if condition else None,
        is_date=has_date_letters,
        is_duration=any(_ELAPSED.fullmatch(token) for token in tokens),
        percents=0 if has_date_letters else bare.count("%"),
        scaled=not has_date_letters and _scales(bare),
        # A section with a colour only shows the number by itself.
        has_digits=shows_number or has_date_letters or (bool(tokens) and all(t.startswith("[") for t in tokens)),
        has_sign=not _MINUSES.isdisjoint(signs),
        adds_minus=_PLACE in shown and not _MINUSES.isdisjoint((before.strip(_SPACES), after.strip(_SPACES))),
        adds_digits=_PLACE in shown and "/" not in bare and _adds_digits(shown),  # a fraction has them
    )


def _shown(tokens: Sequence[str]) -> str:
    """Return what a section shows, with marks for the places of the number's digits."""
    shown, before = "", ""
    for token in tokens:
        if token in _DIGITS or token.lower() in _WHOLE_NUMBERS:
            shown += _PLACE
        elif token.startswith("\\"):
            shown += token[1:]
        elif before not in ("E", "e") and not token.startswith(("[", "_", "*")):  # what is not the sign of an exponent
            shown += token.strip('"')
        before = token
    return shown


def _adds_digits(shown: str) -> bool:
    """Tell whether digits of the format touch the number's own; zeros before it change nothing."""
    first, last = shown.index(_PLACE), shown.rindex(_PLACE)
    before, after = shown[:first], shown[last + 1 :]
    left = before[len(before.rstrip(_WITHIN_NUMBERS)) :].strip(_SPACES)
    right = after[: len(after) - len(after.lstrip(_WITHIN_NUMBERS))]
    return any(map(str.isdecimal, shown[first:last] + right + (left if left.strip("0") else "")))


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
