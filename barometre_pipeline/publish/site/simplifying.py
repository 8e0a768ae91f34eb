"""Makes outlines lighter: points that hardly bend a line are left out, the same ones of two neighbours.

Where three lines meet, a point stays; between two such points a line is one, whichever outlines it is of, so that no
gap opens between them (the method of Douglas and Peucker, on lines rather than on rings).
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from itertools import pairwise

Point = tuple[float, float]
Ring = Sequence[Point]


def simplified(
    outlines: Mapping[str, Sequence[Ring]], most: float, kept: AbstractSet[Point] = frozenset()
) -> dict[str, list[list[Point]]]:
    """Return rings by code without the points that are at most so far from the line, but those that are `kept`."""
    beside: dict[Point, set[Point]] = defaultdict(set)
    for ring in (ring for rings in outlines.values() for ring in rings):
        for before, point in zip([ring[-1], *ring], ring, strict=False):
            beside[point].add(before)
            beside[before].add(point)
    knots = {point for point, others in beside.items() if len(others) > 2 or point in kept}
    return {code: [_ring(ring, knots, most) for ring in rings] for code, rings in outlines.items()}


def _ring(ring: Ring, knots: set[Point], most: float) -> list[Point]:
    # An island, or what one knot holds, is cut where it is farthest from its own first corner.
    ends = [p for p in ring if p in knots] or [min(ring)]
    if len(ends) == 1:
        ends.append(max(ring, key=lambda p: (math.dist(p, ends[0]), p)))
    begin = ring.index(ends[0])
    turned = [*ring[begin:], *ring[:begin], ends[0]]
    cuts = [n for n, p in enumerate(turned) if p in ends]
    lines = (_line(turned[a : b + 1], most) for a, b in pairwise(cuts))
    return [point for line in lines for point in line[:-1]]


def _line(line: Sequence[Point], most: float) -> Sequence[Point]:
    """Return a line without what hardly bends it, the same one from either end."""
    if line[0] > line[-1]:
        return _line(line[::-1], most)[::-1]
    away = [_distance(p, line[0], line[-1]) for p in line]
    farthest = max(range(len(line)), key=away.__getitem__)
    if away[farthest] <= most:
        return [line[0], line[-1]]
    return [*_line(line[: farthest + 1], most)[:-1], *_line(line[farthest:], most)]


def _distance(point: Point, a: Point, b: Point) -> float:
    """Return how far a point is from a segment."""
    (x, y), along = (point[0] - a[0], point[1] - a[1]), (b[0] - a[0], b[1] - a[1])
    length = along[0] ** 2 + along[1] ** 2
    part = min(1.0, max(0.0, (x * along[0] + y * along[1]) / length)) if length else 0.0
    return math.hypot(x - part * along[0], y - part * along[1])
