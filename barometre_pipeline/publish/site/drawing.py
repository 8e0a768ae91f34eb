"""Small drawings as paths of SVG: the line of a series, the bar of a rate; the templates put them in place."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from barometre_pipeline.publish.site.moves import as_commands

_SMALL = (80, 18)
_SMALL_POINTS = 16
_LARGE = (640, 220)
_MARGIN = 3
_LEFT, _BOTTOM = 8, 8


def small_line(values: Sequence[float]) -> str:
    """Return the path of a series in a frame of 80 by 18; "" where it has fewer than two values."""
    kept = _thinned([v for v in values if math.isfinite(v)], _SMALL_POINTS)
    if len(kept) < 2:
        return ""
    low, high = min(kept), max(kept)
    width, height = _SMALL[0] - 2 * _MARGIN, _SMALL[1] - 2 * _MARGIN
    scale = height / (high - low) if high > low else 0
    step = width / (len(kept) - 1)
    # Rounded to the pixel, and relative from one point to the next: half as long.
    points = [(_MARGIN + round(n * step), _SMALL[1] - _MARGIN - round((v - low) * scale)) for n, v in enumerate(kept)]
    moves = ((x - a, y - b) for (a, b), (x, y) in pairwise(points))
    return f"M{points[0][0]} {points[0][1]}{as_commands(moves)}"


@dataclass(frozen=True)
class Chart:
    """A series over time: its line, the height of its target, its first and last dates, its extremes."""

    line: str
    target: int | None
    first: dt.date
    last: dt.date
    low: float
    high: float


def chart(dates: Sequence[dt.date], values: Sequence[float], target: float | None) -> Chart | None:
    """Return the chart of a series in a frame of 640 by 220; None where it has fewer than two values."""
    known = [(d, v) for d, v in zip(dates, values, strict=True) if math.isfinite(v)]
    if len(known) < 2:
        return None
    shown = [v for _, v in known] + ([target] if target is not None else [])
    low, high = min(shown), max(shown)
    days = (known[-1][0] - known[0][0]).days or 1
    width, height = _LARGE[0] - 2 * _LEFT, _LARGE[1] - 2 * _BOTTOM
    scale = height / (high - low) if high > low else 0

    def up(value: float) -> int:
        return _LARGE[1] - _BOTTOM - round((value - low) * scale)

    points = " ".join(f"{_LEFT + round((d - known[0][0]).days / days * width)} {up(v)}" for d, v in known)
    return Chart(f"M{points}", up(target) if target is not None else None, known[0][0], known[-1][0], low, high)


def _thinned(values: Sequence[float], most: int) -> Sequence[float]:
    """Return at most so many values, evenly taken, the last one among them."""
    if len(values) <= most:
        return values
    step = (len(values) - 1) / (most - 1)
    return [values[round(n * step)] for n in range(most)]
