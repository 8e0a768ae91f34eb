"""What one section of a number's format writes of its own around the digits: `-0`, `"<"0`, `0"5"`, `0 "k€"`.

What the section makes of the number itself is in `format_sections`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from barometre_pipeline.french import power_of_ten

DIGITS = frozenset("0#?")
MINUSES = frozenset("-\u2212\u2013(")
_WHOLE_NUMBERS = frozenset({"general", "standard", "@"})
_DASHES = MINUSES | {"\u2014"}
_COMPARISONS = ("<", ">", "≤", "≥", "~", "≈")
_COMPARED = re.compile(r"(?:^|[ (])(?:moins de|plus de|au moins|au plus|env\.?|environ) ?$", re.IGNORECASE)
_CURRENCY = re.compile(r"\[\$([^\]-]+)(?:-[^\]]*)?\]")
_PLACE = "\0"  # of the number, in what a section shows
_SPACES = " \u00a0\u202f"
_WITHIN_NUMBERS = "0123456789.,'\u2019" + _SPACES


class Around(NamedTuple):
    """What stands around a number, or in its place.

    `minus` is a sign beside it; `digits` stand beside the number's own, and `mark` is a text where a decimal mark would
    be: 15 is shown as 1,5; `bound` shows it as one, <5; `scale` is in what it is counted, k€; `words` are letters with
    neither a digit nor a dash of the format.
    """

    minus: bool = False
    digits: bool = False
    mark: bool = False
    bound: bool = False
    words: bool = False
    scale: str = ""

    @property
    def makes_another(self) -> bool:
        """Tell whether another number is seen than the one that is stored."""
        return self.minus or self.digits or self.mark or self.bound or bool(self.scale)


def around(tokens: Sequence[str]) -> Around:
    """Return what a section that is no date's writes around the number."""
    shown = _shown(tokens)
    words = any(map(str.isalpha, shown)) and not any(c.isdecimal() or c in _DASHES for c in shown)
    if _PLACE not in shown:
        return Around(words=words)
    before, _, rest = shown.partition(_PLACE)
    after = rest.rpartition(_PLACE)[2]
    return Around(
        minus=not MINUSES.isdisjoint((before.strip(_SPACES), after.strip(_SPACES))),
        digits="/" not in tokens and _adds_digits(shown),  # a fraction has them
        mark=_adds_mark(tokens),
        bound=_ends_by_comparing(before.rstrip(_SPACES)),
        words=words,
        scale=_scale_beside(before, after, tokens),
    )


def is_place(token: str) -> bool:
    """Tell whether a token stands for a digit of the number, or for all of it: `General`."""
    return token in DIGITS or token.lower() in _WHOLE_NUMBERS


def _shown(tokens: Sequence[str]) -> str:
    """Return what a section shows, with marks for the places of the number's digits."""
    shown, before = "", ""
    for token in tokens:
        if is_place(token):
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
    return next((text for text in beside if power_of_ten(text)), "")


def _ends_by_comparing(text: str) -> bool:
    return text.endswith(_COMPARISONS) or _COMPARED.search(text) is not None


def _adds_digits(shown: str) -> bool:
    """Tell whether digits of the format touch the number's own; zeros before it change nothing."""
    first, last = shown.index(_PLACE), shown.rindex(_PLACE)
    before, after = shown[:first], shown[last + 1 :]
    left = before[len(before.rstrip(_WITHIN_NUMBERS)) :].strip(_SPACES)
    right = after[: len(after) - len(after.lstrip(_WITHIN_NUMBERS))]
    return any(map(str.isdecimal, shown[first:last] + right + (left if left.strip("0") else "")))


def _adds_mark(tokens: Sequence[str]) -> bool:
    """Tell whether a quoted or escaped point or comma stands before a digit's place; one that is neither is a mark."""
    places = [rank for rank, token in enumerate(tokens) if token in DIGITS]
    before = tokens[: places[-1]] if places else ()
    return any(len(token) > 1 and token.strip('\\" ') in (".", ",") for token in before)
