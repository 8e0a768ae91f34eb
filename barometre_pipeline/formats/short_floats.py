"""Numbers of 16 or 32 bits as people see them: 0.1, and not the nearest to it that so few bits can hold."""

from __future__ import annotations

import math
import struct

import pyarrow as pa

_DIGITS = 5  # that tell each number of 16 bits from the others


def as_they_are_shown(cells: pa.Array) -> pa.Array:
    """Return numbers of 64 bits that have the fewest digits that these need at their own width."""
    if cells.type == pa.float32():
        return cells.cast(pa.string()).cast(pa.float64())
    # Arrow writes numbers of 16 bits with the digits of 32; they are 65,536 at most.
    encoded = cells.cast(pa.float32()).dictionary_encode()
    return pa.array(map(_half, encoded.dictionary.to_pylist()), pa.float64()).take(encoded.indices)


def _half(number: float) -> float:
    # A whole number is seen whole: 65,504, of which 65,500 would be enough.
    if not math.isfinite(number) or number.is_integer():
        return number
    stored = struct.pack("e", number)
    written = (float(f"{number:.{digits}g}") for digits in range(1, _DIGITS + 1))
    return next((short for short in written if struct.pack("e", short) == stored), number)
