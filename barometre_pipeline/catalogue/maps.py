"""The outlines that a catalogue gives of its territories: `carte/{maille}.geojson`, features with a property `code`.

Only polygons; what their coordinates are projected to is the business of those who draw.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

# The rings of a territory, each a list of longitudes and latitudes.
Rings = tuple[tuple[tuple[float, float], ...], ...]
Outlines = Mapping[str, Rings]  # by code

FOLDER = "carte"
_LEAST = 2  # points: fewer are no outline
_KINDS = "a Polygon or a MultiPolygon"


def read_outlines(text: str, name: str) -> tuple[Outlines, list[str]]:
    """Read the outlines of a GeoJSON file by code, and what is wrong in it, each problem with its feature's rank."""
    try:
        features = json.loads(text)["features"]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        return {}, [f"{name}: is not a FeatureCollection of GeoJSON ({error})."]
    if not isinstance(features, list) or not features:
        return {}, [f"{name}: features: a list with a feature for each territory is needed."]
    found: dict[str, Rings] = {}
    problems = []
    for rank, feature in enumerate(features, 1):
        place = f"{name}: feature {rank}"
        code = _code(feature)
        if not isinstance(code, str):
            problems.append(f"{place}: a property code is needed, the territory's code as text.")
        elif code in found:
            problems.append(f"{place}: the code {code!r} is already that of another feature.")
        elif rings := _rings(feature.get("geometry")):
            found[code] = rings
        else:
            problems.append(f"{place} ({code}): {_KINDS} is needed, with coordinates in degrees.")
    return found, problems


def _code(feature: Any) -> Any:
    try:
        return feature["properties"]["code"]
    except (KeyError, TypeError, IndexError):
        return None


def outline_problems(outlines: Mapping[str, Outlines], territories: Mapping[str, set[str]]) -> Iterator[str]:
    """Yield what does not go with the territories, which are codes by level."""
    for maille, found in outlines.items():
        name = f"{FOLDER}/{maille}.geojson"
        if maille not in territories:
            yield f"{name}: {maille!r} is not the id of a level; they are {', '.join(territories)}."
        else:
            for code in sorted(found.keys() - territories[maille]):
                yield f"{name}: {code!r} is the code of no territory of the level {maille!r}."


def _rings(geometry: Any) -> Rings | None:
    """Return the rings of a geometry, None where it is no polygon or has a coordinate that is none."""
    try:
        kind, coordinates = geometry["type"], geometry["coordinates"]
        polygons = {"Polygon": [coordinates], "MultiPolygon": coordinates}[kind]
        rings = tuple(tuple((float(x), float(y)) for x, y, *_ in ring) for polygon in polygons for ring in polygon)
    except (KeyError, TypeError, ValueError):
        return None
    drawn = bool(rings) and all(len(ring) > _LEAST for ring in rings)
    right = drawn and all(abs(x) <= 180 and abs(y) <= 90 for ring in rings for x, y in ring)
    return rings if right else None
