"""What every reader of cells shares: problems, marks of a missing value, texts as they were written.

A problem is the end of a French sentence about the cell. Numbers are in `numbers`, dates in `dates`, territories in
`territories`.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass
from typing import Any, TypeVar

from barometre_pipeline.catalogue import Livraison
from barometre_pipeline.formats.sheets import Cell, Unusable, text_of

_AS_FORMULA = re.compile(r'="([^"]*)"')
_Read = TypeVar("_Read", bound=Hashable)  # a cell, or several that are read together


@dataclass(frozen=True)
class Problem:
    """Why a cell is not taken: the quality rule, the role of its column, the cell, the end of the sentence."""

    rule: str
    role: str
    content: str
    reason: str


class Marks:
    """The texts that mean that there is no value, compared without case or kind of space; the empty one is one."""

    def __init__(self, texts: Iterable[str]) -> None:
        self._texts = {"", *map(_as_compared, texts)}

    def __contains__(self, text: str) -> bool:
        return _as_compared(text) in self._texts


def _as_compared(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text).split()).casefold()


def missing_marks(livraison: Livraison) -> Marks:
    """Return a delivery's marks of a missing value."""
    return Marks(livraison.manquants)


def is_missing(cell: Cell, marks: Marks) -> bool:
    """Tell whether a cell says that there is no value; one that a person cannot use never does, whatever it shows."""
    return cell is None or not (isinstance(cell, Unusable) or written(cell) not in marks)


def written(cell: Cell) -> str:
    """Return a cell's text without the spaces around; `="01"`, a text that a spreadsheet must not touch, is 01."""
    text = text_of(cell).strip()
    formula = _AS_FORMULA.fullmatch(text) if text.startswith("=") else None
    return formula[1].strip() if formula else text


def unusable(cell: Unusable, rule: str, role: str) -> Problem:
    """Return the problem of a cell in which a person sees no value."""
    return Problem(rule, role, cell.shown, cell.reason)


def converted(column: Iterable[_Read], read: Callable[[_Read], Any]) -> list[Any]:
    """Return what `read` makes of each cell, read once for each distinct cell."""
    cells = list(column)
    # In the order of the file, so that what is read once does not depend on how Python orders a set.
    memo = {cell: read(cell) for cell in dict.fromkeys(cells)}
    return [memo[cell] for cell in cells]
