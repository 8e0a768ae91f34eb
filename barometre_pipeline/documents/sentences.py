"""Turns what a pydantic model refuses into sentences: where it is, what would be right, what is there.

A place says where; the models say in their own validators what no type says.
"""

from __future__ import annotations

import datetime as dt
import difflib
from collections.abc import Iterable, Iterator
from typing import Any, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from barometre_pipeline.documents.places import KeyPath, Place, own_path

_LONGEST_SHOWN = 60

# By the type of pydantic's error; what stands between braces is in its context.
_WHAT_IS_NEEDED = {
    "missing": "is required",
    "string_type": "must be a text",
    "string_too_short": "at least {min_length} characters are needed",
    "string_too_long": "at most {max_length} characters",
    "string_pattern_mismatch": "must be written as {pattern}",
    "int_type": "must be a whole number",
    "int_parsing": "must be a whole number",
    "int_parsing_size": "must be a whole number, and not so long",
    "int_from_float": "must be a whole number",
    "float_type": "must be a number, as in 12.5",
    "float_parsing": "must be a number, as in 12.5",
    "finite_number": "must be a number, neither infinite nor NaN",
    "bool_type": "must be true or false",
    "bool_parsing": "must be true or false",
    "date_type": "must be a day, as in 2021-02-28",
    "date_parsing": "must be a day that exists, as in 2021-02-28",
    "date_from_datetime_parsing": "must be a day that exists, as in 2021-02-28",
    "date_from_datetime_inexact": "must be a day (and no hour), as in 2021-02-28",
    "greater_than": "must be more than {gt}",
    "greater_than_equal": "must be {ge} or more",
    "less_than": "must be less than {lt}",
    "less_than_equal": "must be {le} or less",
    "multiple_of": "must be a multiple of {multiple_of}",
    "tuple_type": "must be a list",
    "list_type": "must be a list",
    "dict_type": "keys and values are needed",
    "model_type": "keys and values are needed",
    "model_attributes_type": "keys and values are needed",
    "too_short": "at least {min_length} is needed; here {actual_length}",
    "too_long": "at most {max_length}; here {actual_length}",
    "none_required": "must be empty",
}


class RefusedKeysError(ValueError):
    """What a model's own rules refuse: sentences that each may begin with the key that they are about."""

    def __init__(self, problems: list[str]) -> None:
        self.problems = problems
        super().__init__("; ".join(problems))


def refusals(error: ValidationError, place: Place, model: type[BaseModel]) -> list[str]:
    """Return a sentence for each thing that this model refuses in the object of this place."""
    needed: dict[KeyPath, list[str]] = {}
    shown: dict[KeyPath, str] = {}
    for one, path in _causes(error, place):
        if one["type"] == "value_error":
            for sentence in _of_a_rule(one["ctx"]["error"]):
                needed.setdefault((*path, sentence), []).append(sentence)
        elif not place.is_told(path):
            needed.setdefault((*path, None), []).append(_what_is_needed(one, model))
        shown[path] = _shown(one)
    return [_sentence(place, path[:-1], what, shown[path[:-1]]) for path, what in needed.items()]


def closest_name(name: str, known: Iterable[str]) -> str:
    """Return the end of a sentence that names the known name which looks most like this one, if any does."""
    near = difflib.get_close_matches(name, sorted(known), n=1)
    return f"; the closest is {near[0]!r}" if near else ""


def _sentence(place: Place, path: KeyPath, what: list[str], shown: str) -> str:
    # Of a union, each member says what it needs.
    said = ", or ".join(dict.fromkeys(what))
    key, colon, rest = said.partition(": ")
    if colon and isinstance(place.data, dict) and key in _value(place.data, path, {}):
        return f"{place.at(*path, key)}: {rest}{shown}."
    return f"{place.at(*path)}: {said}{shown}."


def _value(data: Any, path: KeyPath, otherwise: Any) -> Any:
    for part in path:
        try:
            data = data[part]
        except (LookupError, TypeError):
            return otherwise
    return data if isinstance(data, dict) else otherwise


def _of_a_rule(error: ValueError) -> list[str]:
    return error.problems if isinstance(error, RefusedKeysError) else [str(error)]


def _what_is_needed(error: ErrorDetails, model: type[BaseModel]) -> str:
    if error["type"] == "extra_forbidden":
        return f"unknown key{closest_name(str(error['loc'][-1]), _keys_of(model))}"
    if error["type"] in ("literal_error", "enum"):
        return f"must be {error['ctx']['expected'].replace(' or ', ', ').replace(chr(39), '')}"
    if error["type"] == "string_too_short" and not error["input"]:
        return "must not be empty"
    what = _WHAT_IS_NEEDED.get(error["type"])
    if what is None:
        return f"{error['msg'][0].lower()}{error['msg'][1:]}"
    if error["type"] == "string_type" and isinstance(error["input"], int | float | dt.date):
        return f"{what}; put it between quotes"
    return what.format(**error.get("ctx", {}))


def _shown(error: ErrorDetails) -> str:
    value = error.get("input")
    if error["type"] in ("missing", "extra_forbidden") or not isinstance(value, str | int | float | dt.date):
        return ""
    written = value.isoformat() if isinstance(value, dt.date) else repr(value)
    return f" (here: {written if len(written) <= _LONGEST_SHOWN else f'{written[:_LONGEST_SHOWN]}…'})"


def _causes(error: ValidationError, place: Place) -> list[tuple[ErrorDetails, KeyPath]]:
    """Return the errors with their paths in the file, but those that only follow from others.

    These are a list left empty by its wrong items, and what the other members of a union would need.
    """
    absent = ("missing", "extra_forbidden")
    for one in error.errors():
        if one["type"] == "value_error":
            # Pydantic hides it from the search for garbage: it would hold its callers' frames until the end.
            one["ctx"]["error"].__traceback__ = None
    errors = [(e, own_path(place.data, e["loc"], e["type"] in absent)) for e in error.errors()]
    inner = {path[:n] for _, path in errors for n in range(len(path))}
    follows = {path for e, path in errors if e["type"] == "too_short" or len(path) < len(e["loc"])} & inner
    return [(e, path) for e, path in errors if path not in follows]


def _keys_of(annotation: Any) -> Iterator[str]:
    """Yield every key that a model knows, those of the models within it too."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        for key, about in annotation.model_fields.items():
            yield key
            yield from _keys_of(about.annotation)
    for inner in get_args(annotation):
        yield from _keys_of(inner)
