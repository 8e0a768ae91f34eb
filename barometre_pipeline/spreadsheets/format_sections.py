"""What one section of a number's format makes of the number: `0.0%`, `[Red]-#,##0`, `#,##0,`, `yyyy`.

A section is a list of tokens: quoted texts, escaped characters, what is between brackets, characters. What it writes
around the number is in `format_texts`.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Container, Sequence
from typing import NamedTuple

from barometre_pipeline.spreadsheets.format_texts import DIGITS, MINUSES, Around, around, is_place

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
_DATE_LETTERS = frozenset("ymdhsYMDHS")
_PERIODS = (("m", 1), ("q", 3), ("y", 12))  # LibreOffice shows quarters


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

    `has_sign` tells that it writes a sign somewhere. Of a date, `months` is how long the period is that it shows
    without its day: 12 for the year alone.
    """

    condition: Condition | None = None
    is_date: bool = False
    months: int = 0
    is_duration: bool = False
    percents: int = 0
    scaled: bool = False
    has_digits: bool = True
    has_sign: bool = True
    around: Around = Around()

    @property
    def is_plain(self) -> bool:
        """Tell whether it shows the number as it is stored."""
        becomes_another = self.is_date or self.is_duration or self.percents or self.scaled or self.around.makes_another
        return self.has_digits and not becomes_another


def signs_itself(sections: Sequence[Section], rank: int) -> bool:
    """Tell whether a section is for negative numbers alone, which are then shown without a sign but its own."""
    if not any(section.condition for section in sections):
        return rank == 1
    condition = sections[rank].condition
    if condition:
        return condition.is_below_zero
    return any(one.condition and one.condition.leaves_negatives for one in sections[:rank])


def section_of(tokens: Sequence[str]) -> Section:
    """Return what a section does, by the tokens of which it is made."""
    bare = [token for token in tokens if len(token) == 1 or is_place(token)]
    condition = next((m for m in map(_CONDITION.fullmatch, tokens) if m), None)
    shows_number = any(map(is_place, bare))
    is_date = any(token in _DATE_LETTERS for token in bare)
    signs = "".join(token for token in tokens if not token.startswith(("[", "_", "*")))
    return Section(
        Condition(condition[1], float(condition[2])) if condition else None,
        is_date=is_date,
        months=months_shown({token.lower() for token in bare}) if is_date else 0,
        is_duration=any(_ELAPSED.fullmatch(token) for token in tokens),
        percents=0 if is_date else bare.count("%"),
        scaled=not is_date and _scales(bare),
        # A section with a colour only shows the number by itself.
        has_digits=shows_number or is_date or (bool(tokens) and all(t.startswith("[") for t in tokens)),
        has_sign=not MINUSES.isdisjoint(signs),
        around=Around() if is_date else around(tokens),
    )


def months_shown(letters: Container[str]) -> int:
    """Return the length of the period that a date's format shows, by its letters; 0 where it shows the day."""
    if "y" not in letters or any(letter in letters for letter in "dhs"):
        return 0
    return next(months for letter, months in _PERIODS if letter in letters)


def _scales(bare: list[str]) -> bool:
    """Tell whether a comma comes after the last digit's place: elsewhere it groups the digits."""
    after_digit = waiting = False
    for token in bare:
        if token in DIGITS:
            after_digit, waiting = True, False
        elif token == "," and after_digit:
            waiting = True
        elif token == "." and waiting:
            return True
    return waiting
