"""The words of a file that a delivery's keys list: compared as headings are and without case, or patterns.

`''` is the empty cell; what stands between slashes is a pattern, which the whole cell must match. Patterns are those of
RE2, which Arrow brings: its time grows with the text and nothing else, where Python's own can freeze on one cell.
What a key does with the cells that it lists is the readers' business.
"""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Mapping
from functools import cached_property
from typing import Annotated, Any, Generic, TypeVar

import pyarrow as pa
import pyarrow.compute as pc
from pydantic import AfterValidator, BeforeValidator

from barometre_pipeline.formats.cells import clean, text_of

_Answer = TypeVar("_Answer")
_APOSTROPHES, _DASHES = "\u2018\u2019\u02bc\u00b4`", "\u2010\u2011\u2012\u2013\u2014\u2212"
_ONE_SHAPE = str.maketrans(dict.fromkeys(_APOSTROPHES, "'") | dict.fromkeys(_DASHES, "-"))
_ZEROS = re.compile(r"0*([0-9]+)(?:\.0*)?")


def compared(text: str) -> str:
    """Return a cell's text as it is compared with the words of the catalogue."""
    return " ".join(clean(text).split()).casefold()


def _as_seen(text: str) -> str:
    """Return a text without what people overlook in it: accents, shapes of marks, spaces, what is invisible, zeros."""
    seen = "".join(
        c
        for c in unicodedata.normalize("NFKD", text.translate(_ONE_SHAPE))
        if not (c.isspace() or unicodedata.combining(c) or unicodedata.category(c) == "Cf")
    ).casefold()
    number = _ZEROS.fullmatch(seen)
    return number[1] if number else seen


def _as_written(value: Any) -> Any:
    """YAML reads an unquoted 2022, 1.5, 2022-03-31 or true as what it is; here all are what a cell shows."""
    if isinstance(value, bool):
        return str(value).lower()
    return text_of(value) if isinstance(value, (int, float, dt.date)) else value


def _pattern_of(word: str) -> str | None:
    return word[1:-1] if len(word) > 2 and word.startswith("/") and word.endswith("/") else None


def _valid_pattern(word: str) -> str:
    pattern = _pattern_of(word)
    if pattern is not None and (problem := pattern_problem(pattern)):  # alone: `a)(b` is no pattern
        raise ValueError(problem)
    return word


def _matches(pattern: str, text: str) -> bool:
    return is_found(rf"\A(?:{pattern})\z", text)


def pattern_problem(pattern: str) -> str | None:
    """Return why a text is no pattern that is read in linear time, None where it is one."""
    try:
        is_found(pattern, "")
    except pa.ArrowInvalid as error:
        why = str(error).removeprefix("Invalid regular expression: ")
        return f"{pattern!r} is not a pattern of RE2, which reads in linear time ({why})"
    return None


def is_found(pattern: str, text: str) -> bool:
    """Tell whether a pattern is somewhere in a text."""
    readable = text.encode("utf-8", "replace").decode()
    return bool(pc.match_substring_regex(pa.array([readable], pa.string()), pattern=pattern)[0].as_py())


Word = Annotated[str, BeforeValidator(_as_written), AfterValidator(_valid_pattern)]


class Words(Generic[_Answer]):
    """What each listed word stands for; a word that is written out goes before a pattern, patterns in their order."""

    def __init__(self, answers: Mapping[str, _Answer]) -> None:
        self._exact = {compared(word): answer for word, answer in answers.items() if _pattern_of(word) is None}
        self._written = [word for word in answers if _pattern_of(word) is None]
        self._patterns = [(p, answer) for word, answer in answers.items() if (p := _pattern_of(word)) is not None]

    def __bool__(self) -> bool:
        return bool(self._exact or self._patterns)

    def get(self, text: str) -> _Answer | None:
        """Return what a cell's text stands for, None where no word is it."""
        found = self._exact.get(compared(text))
        if found is not None:
            return found
        return next((answer for pattern, answer in self._patterns if _matches(pattern, clean(text))), None)

    @cached_property
    def _looks(self) -> dict[str, str]:
        # Made when a filter asks: translations of a thousand words have no use for it.
        return {_as_seen(word): word for word in self._written}

    def looking_like(self, text: str) -> str | None:
        """Return the word that is written out for which people take a text, None where they take it for none."""
        return self._looks.get(_as_seen(text)) or None


def listed(words: tuple[str, ...]) -> Words[bool]:
    """Return the words of a list: each that is in it stands for True."""
    return Words(dict.fromkeys(words, True))


def twice(words: Mapping[str, object] | tuple[str, ...]) -> str | None:
    """Return a word that is the same as an earlier one once compared, None where each is another."""
    seen: set[str] = set()
    for word in words:
        same = word if _pattern_of(word) is not None else compared(word)
        if same in seen:
            return word
        seen.add(same)
    return None
