"""Numbers, as people write them in files: one cell in; out, a number, a problem, or None where there is none.

Whether an indicator is one of percentages is not known here: `Marked` tells what stood beside the digits.
"""

from __future__ import annotations

import datetime as dt
import math
import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from barometre_pipeline.catalogue import Livraison
from barometre_pipeline.catalogue.cell_keys import is_scale, mark_problem, scales_among
from barometre_pipeline.formats.cells import Cell, Counted, Percentage, Unusable
from barometre_pipeline.readers.cells import (
    Marks,
    Problem,
    longest_first,
    missing_marks,
    unusable,
    without_flags,
    written,
)

_SPACES = " \u00a0\u202f" + "".join(map(chr, range(0x2002, 0x200B)))  # whatever their width
_MINUS = "\u2212"
_APOSTROPHES = "'’"
_DIGIT = re.compile(r"[0-9]")
_BEFORE_A_MARK = re.compile(rf"[+\-{_MINUS}]?[0-9][0-9.,'{_SPACES}]*(?=[^0-9.,'{_SPACES}])")
# Ways of accountants and of typewriters to write that a number is negative.
_NEGATIVE = re.compile(rf"\([^()0-9]*[0-9][^()]*\)|[-–—{_MINUS}][{_SPACES}]*[0-9].*|.*[0-9][{_SPACES}]*[-–—{_MINUS}]")

_LONGEST = 200  # characters of a number with what stands beside it
_LONGEST_MARK = 12  # characters beside a number, beyond which they are a text
# Digits of a mark that are none of the number's: the call of a note, a surface.
_NOTE = re.compile(r"\([0-9]{1,2}\)|\[[0-9]{1,2}\]|[kcdh]?m[23]")
_BEFORE_A_NUMBER = re.compile(rf"([^0-9.,'+\-{_MINUS}]+)[+\-{_MINUS}]?[0-9]")
# What spreadsheets leave in the texts that they write in place of a value.
_ERROR = re.compile("#[A-ZÀ-Ü0-9/ \u00a0\u202f]{1,20}[!?]|#N/[AD]|#{2,}|Err(?:or|eur)?[ \u00a0\u202f]?: ?[0-9]{3}")
ERROR_WRITTEN = "est une erreur du tableur, et non une valeur : corriger la cellule, puis livrer le fichier"
# « <5 », « moins de 5 » are no numbers, and often how small ones are kept secret; nor is x2, twice as much.
_COMPARED = re.compile(
    r"[<>≤≥~≈±×]|[x*] ?[0-9]|(?:(?:au )?(?:moins|plus)|inf|sup|env|environ|ca|minus|max|min)\b", re.IGNORECASE
)


@dataclass(frozen=True)
class Marked:
    """A number with something beside its digits: the sign %, a mark of the supplier's (`drapeau`), k."""

    value: float
    percentage: bool
    drapeau: str | None
    role: str
    shown: str
    scale: str | None = None


Number = float | Marked | Problem | None


def number_reader(livraison: Livraison, role: str = "valeur") -> Callable[[Cell], Number]:
    """Return the reader of a delivery's numbers; None is a missing one."""
    marks = missing_marks(livraison)
    digits = _digits_reader(livraison.decimale, livraison.milliers)
    scales = [unit.strip() for unit in scales_among(livraison.unites_ecrites)]
    read_text = _text_reader(livraison, digits, marks, scales, role)
    # A mark that is a number, such as -999, is one however it is written: -999,0 and -999 % are no values either.
    absent = {number for mark in livraison.manquants if (number := digits(mark.strip())) is not None}
    absent_parts = {number for mark in livraison.manquants if (number := _part(mark.strip(), digits)) is not None}

    def read(cell: Cell) -> Number:
        if isinstance(cell, Unusable):
            return unusable(cell, "valeur_illisible", role)
        is_text = cell is None or isinstance(cell, str)
        in_short = marks.no_number and not scales
        if in_short and type(cell) is float and math.isfinite(cell):
            return cell
        text = written(cell)
        if in_short and is_text and (plain := digits(text)) is not None:
            return plain
        if text in marks:
            return None
        number = read_text(text) if is_text else _typed(cell, text, role)
        value = number.value if type(number) is Marked else number
        is_part = type(number) is Marked and number.percentage
        if value in absent or (is_part and value in absent_parts):
            return None
        if scales and not is_text and value and type(value) is float:
            return value if type(cell) is Counted and cell.scale in scales else _lacks_scale(text, scales, role)
        return number

    return read


def _part(text: str, digits: Callable[[str], float | None]) -> float | None:
    return digits(text[:-1].rstrip()) if text.endswith("%") else None


def _typed(cell: Cell, text: str, role: str) -> Number:
    """Return the number of a cell that is no text."""
    if isinstance(cell, dt.date):
        return Problem("valeur_illisible", role, text, "est une date, pas un nombre")
    number = _finite(cell.value if isinstance(cell, (Percentage, Counted)) else cell)
    if number is None:
        return Problem("valeur_illisible", role, text, "n'est pas un nombre")
    if isinstance(cell, Counted):
        return Marked(number, False, None, role, text, cell.scale)
    return Marked(number, True, None, role, text) if isinstance(cell, Percentage) else number


def _text_reader(
    livraison: Livraison, digits: Callable[[str], float | None], marks: Marks, scales: list[str], role: str
) -> Callable[[str], Number]:
    """Return the reader of a text that may have a unit, a sign % or a mark beside its digits."""
    flags, units = longest_first(livraison.drapeaux), longest_first(livraison.unites_ecrites)

    def read(text: str) -> Number:
        rest, found = without_flags(text, flags) if len(text) <= _LONGEST else (text, [])
        if found and rest and rest in marks:
            return None
        percentage = rest.endswith("%")
        alone, unit = (rest[:-1].rstrip(), None) if percentage else _without_unit(rest, units)
        number = digits(alone)
        if number is None:
            return Problem("valeur_illisible", role, text, _why_no_number(text, livraison))
        if number and scales and not percentage and unit not in scales:
            return _lacks_scale(text, scales, role)
        return Marked(number, percentage, " ".join(found) or None, role, text) if percentage or found else number

    return read


def _digits_reader(decimal: str, thousands: str | None) -> Callable[[str], float | None]:
    """Return the reader of digits with their sign and marks; None is for what is no number."""
    pattern = _pattern(decimal, thousands)
    dropped = dict.fromkeys(map(ord, _SPACES + _kinds_of(thousands)))
    plain = str.maketrans(dropped | {ord(_MINUS): "-", ord(decimal): "."})

    def read(text: str) -> float | None:
        if not pattern.fullmatch(text) or not _DIGIT.search(re.split("[eE]", text, maxsplit=1)[0]):
            return None
        return _finite(text.translate(plain))

    return read


def _pattern(decimal: str, thousands: str | None) -> re.Pattern[str]:
    """Return the form of a number: its digits by three between spaces, or between the marks of thousands.

    No zero comes first there: in 0.125 the point is no mark of thousands, whatever the catalogue declares.
    """
    groups = [f"(?:[{_SPACES}][0-9]{{3}})+"]
    if thousands:
        groups.append(f"(?:[{re.escape(_kinds_of(thousands))}][0-9]{{3}})+")
    grouped = f"[1-9][0-9]{{0,2}}(?:{'|'.join(groups)})|[0-9]+"
    return re.compile(rf"[+\-{_MINUS}]?(?:{grouped})?(?:{re.escape(decimal)}[0-9]*)?(?:[eE][+-]?[0-9]+)?")


def _kinds_of(thousands: str | None) -> str:
    return _APOSTROPHES if thousands == "'" else thousands or ""


def _without_unit(text: str, units: list[str]) -> tuple[str, str | None]:
    """Return a text without the unit at its end or beginning, and this unit."""
    for unit in units:
        if text.endswith(unit):
            return text[: -len(unit)].rstrip(), unit
        # « F.12 » may be 12 F. and ,12 F.
        if text.startswith(unit) and not (unit.endswith(".") and text[len(unit) : len(unit) + 1].isdigit()):
            return text[len(unit) :].lstrip(), unit
    return text, None


def _lacks_scale(text: str, scales: list[str], role: str) -> Problem:
    """Return the problem of a number, other than zero, that is not counted as the others are: 5 beside 6 k."""
    told = " ou ".join(f"« {scale} »" for scale in scales)
    reason = f"est écrit sans {told}, où `unites_ecrites` dit que les nombres sont comptés ainsi"
    return Problem("valeur_illisible", role, text, f"{reason} : l'écrire à côté de chacun, ou d'aucun")


def _finite(number: Any) -> float | None:
    try:
        found = float(number)
    except (OverflowError, TypeError, ValueError):
        return None
    return found if math.isfinite(found) else None


def is_error(text: str) -> bool:
    """Tell whether a text is what spreadsheets write in place of a value that they cannot calculate or show."""
    return len(text) <= _LONGEST and _ERROR.fullmatch(text) is not None


def _why_no_number(text: str, livraison: Livraison) -> str:
    if is_error(text):
        return ERROR_WRITTEN
    if not any(c.isalnum() for c in text):
        return "n'est pas un nombre ; `manquants` dirait que c'est une marque de valeur absente"
    text = text.removesuffix("%").rstrip()
    if len(text) > _LONGEST:
        return "n'est pas un nombre"
    if unseen := next((c for c in text if unicodedata.category(c) in ("Cc", "Cf")), None):
        return f"n'est pas un nombre : un caractère invisible (U+{ord(unseen):04X}) y est écrit"
    other = {".": ",", ",": "."}[livraison.decimale]
    thousands = next((m for m in (other, "'") if _is_grouped(text, livraison.decimale, m)), None)
    milliers = f' ; `milliers: "{thousands}"` dirait que c\'est la marque des milliers' if thousands else ""
    if _digits_reader(other, None)(text) is not None:
        return f"n'est pas un nombre : la marque décimale déclarée est « {livraison.decimale} »{milliers}"
    if milliers:
        return f"n'est pas un nombre{milliers}"
    if _is_grouped(text, other, livraison.decimale):  # 1.234,5 where the mark is a point
        declared = f"n'est pas un nombre : la marque décimale déclarée est « {livraison.decimale} »"
        return f'{declared} ; `decimale: "{other}"` et `milliers: "{livraison.decimale}"` le liraient'
    if foreign := next((c for c in text if c.isdecimal() and not c.isascii()), None):
        return f"n'est pas un nombre : ses chiffres (« {foreign} ») ne sont pas ceux de 0 à 9"
    if not any(map(str.isnumeric, text)):  # ½ and ٣ are numbers, if none that is read
        return "n'est pas un nombre ; `manquants` dirait que c'est une marque de valeur absente"
    if _NEGATIVE.fullmatch(text):
        return "n'est pas un nombre : le signe d'un nombre négatif s'écrit devant lui, sans espace ni parenthèses (-5)"
    before = _BEFORE_A_MARK.match(text)
    rest = text[before.end() :].strip() if before else ""
    if 0 < len(rest) <= _LONGEST_MARK and not mark_problem(rest) and (not _DIGIT.search(rest) or _NOTE.fullmatch(rest)):
        told = f"n'est pas un nombre : « {rest} » est écrit après ; "
        if is_scale(rest):
            return f"{told}`unites_ecrites` dirait que c'est l'unité de tous"
        return f"{told}`drapeaux` dirait que c'est une marque, `unites_ecrites` que c'est une unité"
    if _COMPARED.match(text):
        return "n'est pas un nombre ; `manquants` dirait que c'est une marque de valeur absente"
    digits = _digits_reader(livraison.decimale, livraison.milliers)
    unit = found[1].strip() if (found := _BEFORE_A_NUMBER.match(text)) else ""
    if 0 < len(unit) <= _LONGEST_MARK and not mark_problem(unit) and digits(text[len(unit) :].lstrip()) is not None:
        return f"n'est pas un nombre : « {unit} » est écrit devant ; `unites_ecrites` dirait que c'est une unité"
    return "n'est pas un nombre"


def _is_grouped(text: str, decimal: str, thousands: str) -> bool:
    digits = _pattern(decimal, thousands)
    return bool(digits.fullmatch(text)) and any(mark in text for mark in _kinds_of(thousands))


def counted_otherwise(number: Marked) -> Problem:
    """Return the problem of a number that is shown in thousands or millions, beside others that are not."""
    reason = f"est comptée en « {number.scale} », et d'autres nombres de l'indicateur ne le sont pas"
    return Problem("valeur_illisible", number.role, number.shown, f"{reason} : les écrire tous de la même façon")


def not_a_percentage(number: Marked, unit: str) -> Problem:
    """Return the problem of a percentage of an indicator that is measured in something else."""
    reason = f"est un pourcentage, et l'unité de l'indicateur (« {unit} ») ne commence pas par %"
    return Problem("valeur_illisible", number.role, number.shown, reason)
