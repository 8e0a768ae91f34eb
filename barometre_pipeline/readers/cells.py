"""What every reader of cells shares: problems, marks of a missing value, texts as they were written, each read once.

A problem is the end of a French sentence about the cell. Numbers are in `numbers`, dates in `dates`, territories in
`territories`.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from barometre_pipeline.catalogue import Livraison
from barometre_pipeline.formats.cells import Cell, Unusable, text_of
from barometre_pipeline.formats.columns import Column, together

_DIGIT = re.compile(r"[0-9]")
_AS_FORMULA = re.compile(r'="([^"]*)"')
_MOST_KNOWN = 500_000  # distinct cells that a reader keeps from one part of a sheet to the next


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
        # No number needs to be compared where no mark has a digit.
        self.no_number = not any(map(_DIGIT.search, self._texts))

    def __contains__(self, text: str) -> bool:
        return _as_compared(text) in self._texts


def _as_compared(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text).split()).casefold()


def missing_marks(livraison: Livraison) -> Marks:
    """Return a delivery's marks of a missing value."""
    return Marks(livraison.manquants)


def longest_first(texts: Iterable[str]) -> list[str]:
    """Return the marks of a key of the catalogue, those that may hold others first."""
    return sorted((text.strip() for text in texts), key=len, reverse=True)


def without_flags(text: str, flags: list[str]) -> tuple[str, list[str]]:
    """Return a text without the marks at its end, and these, in the order in which they are written."""
    found: list[str] = []
    while flag := next((flag for flag in flags if text.endswith(flag)), None):
        text = text[: -len(flag)].rstrip()
        found.insert(0, flag)
    return text, found


def missing(column: Column, marks: Marks) -> pa.BooleanArray:
    """Tell of each row whether its cell says that there is no value.

    A cell that a person cannot use never does, whatever it shows.
    """
    if marks.no_number and column.is_of_numbers:
        return column.array.is_null()
    return column.where(lambda cell: cell is None or not (isinstance(cell, Unusable) or written(cell) not in marks))


def written(cell: Cell) -> str:
    """Return a cell's text without the spaces around; `="01"`, a text that a spreadsheet must not touch, is 01."""
    text = text_of(cell).strip()
    formula = _AS_FORMULA.fullmatch(text) if text.startswith("=") else None
    return formula[1].strip() if formula else text


def unusable(cell: Unusable, rule: str, role: str) -> Problem:
    """Return the problem of a cell in which a person sees no value."""
    return Problem(rule, role, cell.shown, cell.reason)


class Read:
    """What a reader made of each row: the rank of its result among the distinct ones."""

    def __init__(self, ranks: pa.Int32Array, results: Sequence[Any]) -> None:
        self.ranks, self.results = ranks, results

    @staticmethod
    def alike(result: Any, rows: int) -> Read:
        """Return the same result for each row."""
        return Read(pa.repeat(pa.scalar(0, pa.int32()), rows), [result])

    def __getitem__(self, row: int) -> Any:
        return self.results[self.ranks[row].as_py()]

    def where(self, holds: Callable[[Any], bool]) -> pa.BooleanArray:
        """Tell of each row whether something holds of its result."""
        return self.values(holds, pa.bool_())

    def values(self, value_of: Callable[[Any], Any], kind: pa.DataType) -> pa.Array:
        """Return what each row's result is worth; texts stay in a dictionary, as each distinct one is there once."""
        values = pa.array(map(value_of, self.results), kind)
        if kind != pa.string():
            return values.take(self.ranks)
        ranks = pc.if_else(values.is_null().take(self.ranks), None, self.ranks) if values.null_count else self.ranks
        return pa.DictionaryArray.from_arrays(ranks, values)


class Once:
    """A reader of cells, or of several that stand beside one another, that reads each distinct one once."""

    def __init__(self, read: Callable[[Any], Any]) -> None:
        self._read = read
        self._known: dict[Any, Any] = {}

    def column(self, column: Column) -> Read:
        """Read the cells of a column."""
        return self._among(column.ranks, column.distinct)

    def beside(self, columns: Sequence[Column]) -> Read:
        """Read the cells of each row as one tuple."""
        return self._among(*together(columns))

    def _among(self, ranks: pa.Int32Array, distinct: Sequence[Any]) -> Read:
        if len(self._known) > _MOST_KNOWN:
            self._known.clear()
        known = self._known
        # In the order of the file, so that what is read once does not depend on how Python orders a set.
        for cell in distinct:
            if cell not in known:
                known[cell] = self._read(cell)
        return Read(ranks, [known[cell] for cell in distinct])
