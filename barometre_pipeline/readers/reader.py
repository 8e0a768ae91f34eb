"""What one delivery is read with, from its first sheet to its last: what was understood already, what is put aside."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from barometre_pipeline.catalogue import Catalogue, Livraison
from barometre_pipeline.editions import Edition
from barometre_pipeline.formats.columns import Column
from barometre_pipeline.readers.cells import Once
from barometre_pipeline.readers.number_columns import NumberColumns, Numbers
from barometre_pipeline.readers.numbers import Marked, counted_otherwise, not_a_percentage
from barometre_pipeline.readers.rows import Rejects
from barometre_pipeline.readers.territories import TerritoryIndex


@dataclass(frozen=True)
class Reader:
    """What one delivery is read with, and what it puts aside."""

    livraison: Livraison
    catalogue: Catalogue
    territories: TerritoryIndex
    rejects: Rejects
    edition: Edition | None = None  # the one that the delivery was received for, where that is known
    # What was read is known from one part of a sheet to the next.
    _cells: dict[tuple[Any, ...], Once] = field(default_factory=dict)
    _numbers: dict[str, NumberColumns] = field(default_factory=dict)

    def once(self, what: tuple[Any, ...], make: Callable[[], Callable[[Any], Any]]) -> Once:
        """Return the reader of something, made the first time that it is asked for."""
        if what not in self._cells:
            self._cells[what] = Once(make())
        return self._cells[what]

    def numbers(self, role: str, column: Column) -> Numbers:
        """Read a column of numbers."""
        if role not in self._numbers:
            self._numbers[role] = NumberColumns(self.livraison, role)
        return self._numbers[role].read(column)

    def settled(self, number: Any, indicator: Any, otherwise: bool) -> Any:
        """Return a number, or the problem of one that is a percentage of an indicator that is none.

        So is one that is counted `otherwise` than others of the indicator.
        """
        if type(number) is not Marked:
            return number
        if otherwise:
            return counted_otherwise(number)
        if number.percentage and not self.is_in_percent(indicator):
            return not_a_percentage(number, self.catalogue.indicateurs[indicator].unite)
        return number.value

    def is_in_percent(self, indicator: Any) -> bool:
        """Tell whether percentages may be numbers of an indicator; of one that is not known, any may."""
        return type(indicator) is not str or self.catalogue.indicateurs[indicator].unite.startswith("%")
