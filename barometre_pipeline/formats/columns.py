"""Cells one below the other, as Arrow holds them: what formats give and readers take, many at a time.

A column is an array of texts, numbers or days; where its cells are of several kinds, or of one that Arrow lacks, an
array of their ranks among the distinct ones. What the cells mean is not known here.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from barometre_pipeline.formats.cells import Cell, is_empty

_KINDS: dict[frozenset[type], pa.DataType] = {
    frozenset({str}): pa.string(),
    frozenset({float}): pa.float64(),
    frozenset({int}): pa.int64(),
    frozenset({dt.date}): pa.date32(),
}


@dataclass(frozen=True)
class Column:
    """The cells of a column: those of `array` itself, or those of `among` whose ranks it holds (int32, no null)."""

    array: pa.Array
    among: Sequence[Cell] | None = None

    @staticmethod
    def of(cells: Sequence[Cell]) -> Column:
        """Make a column of these cells."""
        kind = _KINDS.get(frozenset(map(type, cells)) - {type(None)} or frozenset({str}))
        if kind is not None:
            try:
                return Column(pa.array(cells, kind))
            except (pa.ArrowException, OverflowError, UnicodeError):  # integers beyond 64 bits
                pass
        ranks = {cell: rank for rank, cell in enumerate(dict.fromkeys(cells))}
        return Column(pa.array(map(ranks.__getitem__, cells), pa.int32()), list(ranks))

    @staticmethod
    def repeated(cell: Cell, times: int) -> Column:
        """Make a column that has the same cell in each row."""
        return Column(pa.repeat(pa.scalar(0, pa.int32()), times), [cell])

    @staticmethod
    def below_one_another(columns: Sequence[Column]) -> Column:
        """Make one column of several."""
        if len(columns) == 1:
            return columns[0]
        if len({column.array.type for column in columns}) == 1 and all(c.among is None for c in columns):
            return Column(pa.concat_arrays([column.array for column in columns]))
        known: dict[Cell, int] = {}
        arrays = []
        for column in columns:
            own = [known.setdefault(cell, len(known)) for cell in column.distinct]
            arrays.append(pa.array(own, pa.int32()).take(column.ranks))
        return Column(pa.concat_arrays(arrays), list(known))

    def __len__(self) -> int:
        return len(self.array)

    def __getitem__(self, row: int) -> Cell:
        held: Any = self.array[row].as_py()
        found: Cell = held if self.among is None else self.among[held]
        return found

    def cells(self) -> list[Cell]:
        """Return the cells."""
        held = self.array.to_pylist()
        return held if self.among is None else [self.among[rank] for rank in held]

    def take(self, rows: pa.Array) -> Column:
        """Return the cells of these rows."""
        return Column(self.array.take(rows), self.among)

    def filter(self, kept: pa.BooleanArray) -> Column:
        """Return the cells of the rows that are kept."""
        return Column(self.array.filter(kept), self.among)

    @property
    def ranks(self) -> pa.Int32Array:
        """Return the rank of each row's cell among `distinct`."""
        return self.array if self.among is not None else self._encoded[0]

    @property
    def distinct(self) -> Sequence[Cell]:
        """Return the distinct cells, in the order in which they are met."""
        return self.among if self.among is not None else self._encoded[1]

    @cached_property
    def _encoded(self) -> tuple[pa.Int32Array, list[Cell]]:
        found = pc.dictionary_encode(self.array, null_encoding="encode")
        return found.indices, found.dictionary.to_pylist()

    def encoded(self) -> Column:
        """Return the same column, as the ranks of its cells among the distinct ones."""
        return Column(self.ranks, self.distinct)

    def where(self, holds: Callable[[Cell], bool]) -> pa.BooleanArray:
        """Tell of each row whether something holds of its cell."""
        return pa.array(map(holds, self.distinct), pa.bool_()).take(self.ranks)

    @property
    def is_of_numbers(self) -> bool:
        """Tell whether the array is of numbers, and no cell anything else."""
        return self.among is None and self.array.type in (pa.float64(), pa.int64())

    @cached_property
    def empty(self) -> pa.BooleanArray:
        """Tell of each row whether its cell holds nothing but blanks."""
        if self.among is None and not pa.types.is_string(self.array.type):
            return self.array.is_null()
        return self.where(is_empty)


def together(columns: Sequence[Column]) -> tuple[pa.Int32Array, list[tuple[Cell, ...]]]:
    """Return the distinct tuples of cells that stand beside one another, after the rank of each row's among them."""
    first, *others = columns
    ranks = first.ranks
    found: list[tuple[Cell, ...]] = [(cell,) for cell in first.distinct]
    for column in others:
        width = max(len(column.distinct), 1)
        both = pc.add(pc.multiply(ranks.cast(pa.int64()), width), column.ranks).dictionary_encode()
        met = [divmod(pair, width) for pair in both.dictionary.to_pylist()]
        ranks, found = both.indices, [(*found[left], column.distinct[right]) for left, right in met]
    return ranks, found


def rows_where(mask: pa.BooleanArray) -> pa.Array:
    """Return the rows of which something is true, from 0."""
    return pc.indices_nonzero(mask)


def all_of(masks: Iterable[pa.BooleanArray], rows: int) -> pa.BooleanArray:
    """Tell of each row whether everything is true of it."""
    return _folded(pc.and_, masks, rows, True)


def any_of(masks: Iterable[pa.BooleanArray], rows: int) -> pa.BooleanArray:
    """Tell of each row whether something is true of it."""
    return _folded(pc.or_, masks, rows, False)


def _folded(both: Callable[..., Any], masks: Iterable[pa.BooleanArray], rows: int, neutral: bool) -> pa.BooleanArray:
    found: pa.BooleanArray | None = None
    for mask in masks:
        found = mask if found is None else both(found, mask)
    return pa.repeat(pa.scalar(neutral), rows) if found is None else found
