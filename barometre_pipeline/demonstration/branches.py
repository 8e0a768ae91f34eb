"""How the territories of a catalogue are made of one another, where levels make a tree: EPCI beside départements.

From the whole down, the trunk follows the first level below each in mailles.yaml: what a territory is worth is the sum
of its parts there. The territories of the other branches share out what the territory above them is worth.
"""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Sequence

from barometre_pipeline.catalogue import Catalogue

Key = tuple[str, str]  # maille, code


class Branches:
    """The territories of some levels (and of all those above them), by the level that they are in."""

    def __init__(self, catalogue: Catalogue, wanted: set[str]) -> None:
        levels = [m for m in catalogue.mailles if m.id in wanted or _is_above(catalogue, m.id, wanted)]
        self._below: dict[Key, list[Key]] = defaultdict(list)  # along the trunk
        self.trunk = [levels[0].id]
        for level in levels:
            if level.parent == self.trunk[-1]:
                self.trunk.append(level.id)
                for t in catalogue.territoires_of(level.id):
                    self._below[level.parent, t.parent or ""].append((t.maille, t.code))
        self.keys = {m.id: [(t.maille, t.code) for t in catalogue.territoires_of(m.id)] for m in levels}
        # Beside the trunk, the levels after those above them: a territory → those that share out its worth.
        self.beside: list[dict[Key, list[Key]]] = []
        for level in levels:
            if level.id not in self.trunk:
                sharing = defaultdict(list)
                for t in catalogue.territoires_of(level.id):
                    sharing[level.parent or "", t.parent or ""].append((t.maille, t.code))
                self.beside.append(sharing)

    def leaves(self, key: Key) -> list[Key]:
        """Return the lowest territories of the trunk that a territory is made of: itself where it has no parts."""
        below = self._below.get(key)
        return [leaf for child in below for leaf in self.leaves(child)] if below else [key]


def _is_above(catalogue: Catalogue, maille: str, levels: set[str]) -> bool:
    return any(maille in catalogue.levels_above(level) for level in levels)


def split(total: float, weights: Sequence[float]) -> list[float]:
    """Share out a whole number in proportion to these weights, into whole numbers that add up to it exactly."""
    reached = list(itertools.accumulate(weights))
    marks = [0, *(round(total * r / reached[-1]) for r in reached)]
    return [float(high - low) for low, high in itertools.pairwise(marks)]
