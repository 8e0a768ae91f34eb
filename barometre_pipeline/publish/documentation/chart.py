"""A series as a small SVG chart: a line, and a dot at its last value."""

from __future__ import annotations

import math
from collections.abc import Sequence

_WIDTH, _HEIGHT, _MARGIN = 80.0, 16.0, 2.0
_MOST_POINTS = 60


def small_chart(values: Sequence[float]) -> str | None:
    """Return the SVG of a series; None where it has fewer than two values."""
    kept = [v for v in _thinned(values) if math.isfinite(v)]
    if len(kept) < 2:
        return None
    low, high = min(kept), max(kept)
    step, scale = (_WIDTH - 2 * _MARGIN) / (len(kept) - 1), (_HEIGHT - 2 * _MARGIN) / ((high - low) or 1)
    points = [(_MARGIN + step * n, _HEIGHT - _MARGIN - scale * (v - low)) for n, v in enumerate(kept)]
    line = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    (x, y) = points[-1]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH:g} {_HEIGHT:g}">'
        f'<polyline points="{line}" fill="none" stroke="#000091" stroke-width="1.2"/>'
        f'<circle cx="{x:.1f}" cy="{y:.1f}" r="1.8" fill="#000091"/></svg>'
    )


def _thinned(values: Sequence[float]) -> Sequence[float]:
    """Return at most so many values, evenly taken, the last one among them."""
    if len(values) <= _MOST_POINTS:
        return values
    step = (len(values) - 1) / (_MOST_POINTS - 1)
    return [values[round(n * step)] for n in range(_MOST_POINTS)]
