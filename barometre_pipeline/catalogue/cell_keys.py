"""What a delivery says of its cells: how its numbers and dates are written, and which date holds where none is.

How they are read so is in the readers; `decimale`, which formats need too, is in `formats.sources`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from itertools import combinations
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BeforeValidator, Field

from barometre_pipeline.catalogue.date_formats import format_problem
from barometre_pipeline.fields import Text
from barometre_pipeline.formats.sources import FileDescription
from barometre_pipeline.french import power_of_ten

# Beside the same unit, they make another: 12 km and 12 m are not the same number.
_PREFIXES = {"": 0, "k": 3, "K": 3, "M": 6, "G": 9, "Md": 9, "m": -3, "c": -2, "d": -1, "h": 2, "µ": -6}
# Units of one thing that no prefix tells apart: the singular, the plural and the abbreviation of each are one unit.
_OF_ONE_THING = (
    (("g",), ("kg",), ("t", "tonne", "tonnes")),
    (("min", "min.", "minute", "minutes"), ("h", "heure", "heures"), ("j", "jour", "jours"), ("semaine", "semaines"))
    + (("mois",), ("an", "ans", "année", "années")),
    (("m2", "m²"), ("ha", "hectare", "hectares"), ("km2", "km²")),
    (("l", "L", "litre", "litres"), ("hl", "hL"), ("m3", "m³")),
)
_THOUSANDS = ("'", ".", ",")
_NO_MARK = "+-\u2212.,%0123456789"


def _format(form: str) -> str:
    if problem := format_problem(form):
        raise ValueError(problem)
    return form


def _mark_of_thousands(mark: str) -> str:
    if mark not in _THOUSANDS:
        raise ValueError('must be "\'", "." or "," (spaces are always read)')
    return mark


def _time_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (LookupError, ValueError, OSError):
        raise ValueError("must be a time zone, as Europe/Paris or Europe/Brussels") from None
    return name


def _day(value: Any) -> Any:
    """Leave days and `fin_edition`: a number would be taken for an instant."""
    if isinstance(value, str) and value != "fin_edition":
        try:
            return dt.date.fromisoformat(value)
        except ValueError:
            value = None
    if value != "fin_edition" and not isinstance(value, dt.date):
        raise ValueError("must be a day written as 2022-03-31, or fin_edition")
    return value


class CellKeys(FileDescription):
    """How the cells of a delivery's file are written."""

    manquants: tuple[Text, ...] = ()
    milliers: Annotated[str, AfterValidator(_mark_of_thousands)] | None = None
    unites_ecrites: tuple[Text, ...] = ()  # signs that may stand beside a number
    drapeaux: tuple[Text, ...] = ()  # marks that may stand after a number, and are kept
    format_date: Annotated[Text, AfterValidator(_format)] | None = None
    fuseau: Annotated[str, AfterValidator(_time_zone)] = Field(default="Europe/Paris", validate_default=False)
    date_constante: Annotated[dt.date | Literal["fin_edition"] | None, BeforeValidator(_day)] = None


def cell_problems(d: CellKeys) -> Iterator[str]:
    """Yield what is wrong in these keys together."""
    if d.milliers and d.milliers == d.decimale:
        yield f"milliers: must differ from decimale ({d.decimale!r})"
    for key, marks in (("unites_ecrites", d.unites_ecrites), ("drapeaux", d.drapeaux)):
        yield from _mark_problems(key, marks)
    if scale := next((mark for mark in d.drapeaux if is_scale(mark)), None):
        yield f"drapeaux: {scale!r} makes another number of it; in unites_ecrites, where the indicator is in that unit"
    both = set(d.drapeaux) & set(d.unites_ecrites)
    if both:
        yield f"drapeaux: {min(both)!r} is in unites_ecrites too"
    pairs = combinations(d.unites_ecrites, 2)
    if scaled := next((pair for pair in pairs if _differ_in_scale(*map(str.strip, pair))), None):
        one, other = scaled
        yield f"unites_ecrites: {other!r} and {one!r} are not the same unit: have the numbers delivered in one of them"


def is_scale(mark: str) -> bool:
    """Tell whether a mark after a number makes another one of it: 5 k, 5 millions. M alone may be a mark (modifié)."""
    return mark.strip() != "M" and power_of_ten(mark.strip()) is not None


def scales_among(units: Iterable[str]) -> list[str]:
    """Return the units that count in thousands, millions or the like: M is one here, where it is no mark."""
    return [unit for unit in units if power_of_ten(unit.strip()) is not None]


def _differ_in_scale(one: str, other: str) -> bool:
    """Tell whether two units are the same one but for its scale: km and m, M€ and k€, millions and milliards."""
    powers = [power_of_ten(unit) for unit in (one, other)]
    if None not in powers:
        return powers[0] != powers[1]
    for units in _OF_ONE_THING:
        ranks = [next((rank for rank, names in enumerate(units) if unit in names), None) for unit in (one, other)]
        if None not in ranks:
            return ranks[0] != ranks[1]
    by_unit: dict[str, set[int]] = {}
    for unit in (one, other):
        for prefix, scale in _PREFIXES.items():
            if unit.startswith(prefix) and unit != prefix:
                by_unit.setdefault(unit.removeprefix(prefix), set()).add(scale)
    return any(len(scales) > 1 for scales in by_unit.values())


def _mark_problems(key: str, marks: tuple[str, ...]) -> Iterator[str]:
    for mark in marks:
        if problem := mark_problem(mark):
            yield f"{key}: {problem}"


def mark_problem(mark: str) -> str | None:
    """Return why a text cannot stand beside a number, None where it can."""
    if "%" in mark:
        return f"{mark!r} is not needed: percentages are read where the indicator's unit begins with %"
    text = mark.strip()
    abbreviated = text[-1:] == "." and any(map(str.isalpha, text))  # hab., prov.
    # 1 ½ is one and a half; ¹ is the call of a note.
    has_number = any(c.isnumeric() and not (c.isascii() or (c.isdigit() and not c.isdecimal())) for c in text)
    if not text or has_number or text[0] in _NO_MARK or (text[-1] in _NO_MARK[:5] and not abbreviated):
        return f"{mark!r} would be taken for a part of the number"
    return None
