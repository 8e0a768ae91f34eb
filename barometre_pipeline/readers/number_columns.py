"""Columns of numbers: what is plainly one is cast in bulk, the rest is read cell by cell, each distinct one once.

How a number is written is told in `numbers`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from barometre_pipeline.catalogue import Livraison
from barometre_pipeline.catalogue.cell_keys import scales_among
from barometre_pipeline.formats.columns import Column
from barometre_pipeline.readers.cells import Once, Read, missing_marks
from barometre_pipeline.readers.numbers import Marked, Number, number_reader

# So few digits that no decimal mark, no thousands' mark and no sign is to be thought about, nor infinity.
_PLAIN = "^-?[0-9]{{1,15}}(?:{}[0-9]{{1,15}})?$"


@dataclass(frozen=True)
class Numbers:
    """The numbers of a column: `values` where there is one, `others` what was read of the cells at these `places`.

    `places` is null in the rows that were cast in bulk.
    """

    values: pa.DoubleArray
    places: pa.Int32Array
    others: Read

    def __getitem__(self, row: int) -> Number:
        rank = self.places[row].as_py()
        found: Number = self.values[row].as_py() if rank is None else self.others.results[rank]
        return found

    def of_others(self, value_of: Callable[[Any], Any], kind: pa.DataType) -> pa.Array:
        """Return what the cells that were read one by one are worth; null in the other rows."""
        return pa.array(map(value_of, self.others.results), kind).take(self.places)

    def where(self, holds: Callable[[Any], bool]) -> pa.BooleanArray:
        """Tell of each row whether something holds of what was read cell by cell; never where it was cast."""
        return pc.fill_null(self.of_others(holds, pa.bool_()), False)

    @property
    def missing(self) -> pa.BooleanArray:
        """Tell where there is no number."""
        return self.where(lambda number: number is None)

    @property
    def percentages(self) -> pa.BooleanArray:
        """Tell which numbers have the sign %."""
        return self.where(lambda number: type(number) is Marked and number.percentage)

    def counted_otherwise(self, indicators: Read) -> pa.BooleanArray:
        """Tell which numbers their format counts in thousands or the like, where others of the indicator are not."""
        scales = self.of_others(lambda number: number.scale if type(number) is Marked else None, pa.string())
        found = pa.repeat(pa.scalar(False), len(scales))
        counted = scales.is_valid()
        for rank in pc.unique(indicators.ranks.filter(counted)):
            own = pc.equal(indicators.ranks, rank)
            others = pc.and_(pc.and_(own, pc.invert(counted)), pc.fill_null(pc.not_equal(self.values, 0), False))
            if others.true_count or pc.count_distinct(scales.filter(own), mode="only_valid").as_py() > 1:
                found = pc.or_(found, pc.and_(own, counted))
        return found

    @property
    def drapeaux(self) -> pa.Array:
        """Return the marks that stand after the numbers."""
        return self.of_others(lambda number: number.drapeau if type(number) is Marked else None, pa.string())


class NumberColumns:
    """Reads the columns of numbers of a delivery, whatever their role."""

    def __init__(self, livraison: Livraison, role: str) -> None:
        # A number is plainly one only where none is a mark, and none needs a scale beside it.
        self._may_cast = missing_marks(livraison).no_number and not scales_among(livraison.unites_ecrites)
        self._decimal = livraison.decimale
        self._pattern = _PLAIN.format("[.]" if livraison.decimale == "." else livraison.decimale)
        self._once = Once(number_reader(livraison, role))

    def read(self, column: Column) -> Numbers:
        """Read a column."""
        cast = self._cast(column)
        others = cast.is_null()
        read = self._once.column(column.filter(others))
        if len(read.ranks) == len(column):
            places = read.ranks
        else:
            places = pc.replace_with_mask(pa.nulls(len(column), pa.int32()), others, read.ranks)
        worth = pa.array([_value(number) for number in read.results], pa.float64())
        return Numbers(pc.coalesce(cast, worth.take(places)), places, read)

    def _cast(self, column: Column) -> pa.DoubleArray:
        """Return the numbers of the cells that are plainly one, null for the others."""
        nothing = pa.nulls(len(column), pa.float64())
        if column.among is not None or not self._may_cast:
            return nothing
        if column.is_of_numbers:
            numbers = column.array.cast(pa.float64(), safe=False)
            return pc.if_else(pc.is_finite(numbers), numbers, None)
        if not pa.types.is_string(column.array.type):
            return nothing
        plain = pc.if_else(pc.match_substring_regex(column.array, self._pattern), column.array, None)
        if self._decimal != ".":
            plain = pc.replace_substring(plain, self._decimal, ".")
        return plain.cast(pa.float64())


def _value(number: Number) -> float | None:
    if type(number) is Marked:
        return number.value
    return number if type(number) is float else None
