"""The outlines of the levels, as they are drawn: where each territory is on a map, whatever it shows.

They are the catalogue's own (`carte/`), else the French ones (`outlines.json`) where the level's territories are
theirs, nearly all of them.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from barometre_pipeline.catalogue import Catalogue
from barometre_pipeline.catalogue.maps import Outlines
from barometre_pipeline.publish.site.outlines import french_outlines, path_on_grid

_MOST_OF_IT = 0.9  # of the outlines: elsewhere a région may well have a code of ours
_WIDTH, _TALLEST, _MARGIN = 1000, 1400, 10
_LEAST_WIDE = 0.05  # cosine below which a degree of longitude is not made narrower: near a pole


@dataclass(frozen=True)
class Frame:
    """The outlines of a level: by code a path and where it is moved; those of `loupe` are shown again in `cadre`."""

    largeur: int
    hauteur: int
    contours: Mapping[str, tuple[str, str | None]]
    source: str
    loupe: Sequence[str] = ()
    cadre: str | None = None


def frames(catalogue: Catalogue) -> dict[str, Frame]:
    """Return the outlines of each level that has some."""
    found = {maille: projected(outlines) for maille, outlines in catalogue.cartes.items() if outlines}
    for maille in catalogue.mailles:
        if maille.id not in found and (frame := _french(catalogue, maille.id)):
            found[maille.id] = frame
    return found


def _french(catalogue: Catalogue, maille: str) -> Frame | None:
    outlines = french_outlines()
    known = outlines.get(maille, {})
    codes = [t.code for t in catalogue.territoires_of(maille)]
    if len(codes) < _MOST_OF_IT * max(len(known), 1) or not all(code in known for code in codes):
        return None
    again = [code for code in outlines["loupe"]["codes"] if code in codes and maille == "departementale"]
    contours = {code: (known[code][0], known[code][1]) for code in codes}
    frame = outlines["loupe"]["cadre"]
    return Frame(outlines["largeur"], outlines["hauteur"], contours, outlines["source"], again, frame)


def projected(outlines: Outlines) -> Frame:
    """Return outlines in degrees as they are drawn: a degree is as wide as it is at the middle of the whole."""
    points = [point for rings in outlines.values() for ring in rings for point in ring]
    (west, east), (south, north) = ((min(of), max(of)) for of in zip(*points, strict=True))
    narrow = max(math.cos(math.radians((south + north) / 2)), _LEAST_WIDE)
    across, down = ((east - west) * narrow or 1e-6), (north - south) or 1e-6
    scale = min((_WIDTH - 2 * _MARGIN) / across, (_TALLEST - 2 * _MARGIN) / down)

    def path(code: str) -> str:
        rings = [
            [(_MARGIN + (x - west) * narrow * scale, _MARGIN + (north - y) * scale) for x, y in ring]
            for ring in outlines[code]
        ]
        return path_on_grid(rings, 1)

    contours = {code: (path(code), None) for code in outlines}
    return Frame(round(across * scale) + 2 * _MARGIN, round(down * scale) + 2 * _MARGIN, contours, "")
