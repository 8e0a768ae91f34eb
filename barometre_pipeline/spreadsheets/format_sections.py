"""What one section of a number's format does: `0.0%`, `[Red]-#,##0`, `#,##0 "k€"`.

A section is a list of tokens: quoted texts, escaped characters, what is between brackets, characters.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Container, Sequence
from typing import NamedTuple

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
_PERIODS = (("m", 1), ("q", 3), ("y", 12))  # LibreOffice shows quarters
_WHOLE_NUMBERS = frozenset({"general", "standard", "@"})
_MINUSES = frozenset("-\u2212\u2013(")
_DASHES = _MINUSES | {"\u2014"}
_COMPARISONS_SHOWN = ("<", ">", "≤", "≥", "~", "≈")
_COMPARED = re.compile(r"(?:^|[ (])(?:moins de|plus de|au moins|au plus|env\.?|environ) ?$", re.IGNORECASE)
_CURRENCY = re.compile(r"\[\$([^\]-]+)(?:-[^\]]*)?\]")
_SCALE = re.compile(r"(?:[kKM]|Mds?|Mrds?|(?:millier|million|milliard)s?)(?: ?(?:€|EUR|euros?|d['’]euros))?")
_PLACE = "\0"  # of the number, in what a section shows
_SPACES = " \u00a0\u202f"
_WITHIN_NUMBERS = "0123456789.,'\u2019" + _SPACES


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
    `adds_digits` that digits of the format stand beside the number's own, `adds_mark` that a text of the format stands
    where a decimal mark would: 15 is shown as 1,5; `compares` that it is shown as a bound, <5; `says_words` that
    it shows letters of its own and neither a digit nor a dash; `scale` is in what its numbers are counted, k€. Of a
    date, `months` is how long the period is that it shows without its day: 12 for the year alone.
    """

    condition: Condition | None = None
    is_date: bool = False
    months: int = 0
    is_duration: bool = False
    percents: int = 0
    scaled: bool = False
    has_digits: bool = True
    has_sign: bool = True
    adds_minus: bool = False
    adds_digits: bool = False
    adds_mark: bool = False
    compares: bool = False
    says_words: bool = False
    scale: str = ""

    @property
    def is_plain(self) -> bool:
        """Tell whether it shows the number as it is stored."""
        adds = bool(self.scale) or self.adds_minus or self.adds_digits or self.adds_mark or self.compares
        return self.has_digits and not (self.is_date or self.is_duration or self.percents or self.scaled or adds)


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
        months=months_shown({token.lower() for token in bare}) if has_date_letters else 0,
        is_duration=any(_ELAPSED.fullmatch(token) for token in tokens),
        percents=0 if has_date_letters else bare.count("%"),
        scaled=not has_date_letters and _scales(bare),
        # A section with a colour only shows the number by itself.
        has_digits=shows_number or has_date_letters or (bool(tokens) and all(t.startswith("[") for t in tokens)),
        has_sign=not _MINUSES.isdisjoint(signs),
        adds_minus=_PLACE in shown and not _MINUSES.isdisjoint((before.strip(_SPACES), after.strip(_SPACES))),
        adds_digits=_PLACE in shown and "/" not in bare and _adds_digits(shown),  # a fraction has them
        adds_mark=not has_date_letters and _adds_mark(tokens),
        compares=_PLACE in shown and _ends_by_comparing(before.rstrip(_SPACES)),
        scale=_scale_beside(before, after, tokens) if _PLACE in shown else "",
        says_words=any(map(str.isalpha, shown)) and not any(c.isdecimal() or c in _DASHES for c in shown),
    )


def months_shown(letters: Container[str]) -> int:
    """Return the length of the period that a date's format shows, by its letters; 0 where it shows the day."""
    if "y" not in letters or any(letter in letters for letter in "dhs"):
        return 0
    return next(months for letter, months in _PERIODS if letter in letters)


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


def _scale_beside(before: str, after: str, tokens: Sequence[str]) -> str:
    """Return in what the numbers are counted, where the texts before or after them say so: k€, millions."""
    money = [found[1] for found in map(_CURRENCY.fullmatch, tokens) if found]
    beside = (text.strip(_SPACES + "()") for text in (after, before, *money))
    return next((text for text in beside if _SCALE.fullmatch(text)), "")


def _ends_by_comparing(text: str) -> bool:
    return text.endswith(_COMPARISONS_SHOWN) or _COMPARED.search(text) is not None


def _adds_digits(shown: str) -> bool:
    """Tell whether digits of the format touch the number's own; zeros before it change nothing."""
    first, last = shown.index(_PLACE), shown.rindex(_PLACE)
    before, after = shown[:first], shown[last + 1 :]
    left = before[len(before.rstrip(_WITHIN_NUMBERS)) :].strip(_SPACES)
    right = after[: len(after) - len(after.lstrip(_WITHIN_NUMBERS))]
    return any(map(str.isdecimal, shown[first:last] + right + (left if left.strip("0") else "")))


def _adds_mark(tokens: Sequence[str]) -> bool:
    """Tell whether a quoted or escaped point or comma stands before a digit's place; one that is neither is a mark."""
    places = [rank for rank, token in enumerate(tokens) if token in _DIGITS]
    before = tokens[: places[-1]] if places else ()
    return any(len(token) > 1 and token.strip('\\" ') in (".", ",") for token in before)


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
