"""The outlines of the French départements and régions, as `outlines.json` has them, and the script that makes it.

They are those of the map of the npm package `@gouvfr/dsfr-chart` (MIT licence, © DINUM), where each is a path of SVG.
To make the file again: `npm pack @gouvfr/dsfr-chart`, unpack it, then
`python -m barometre_pipeline.publish.site.outlines FOLDER/package`.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

from barometre_pipeline.publish.site.moves import as_commands
from barometre_pipeline.publish.site.simplifying import simplified

FILE = Path(__file__).with_name("outlines.json")
SOURCE = "Contours : paquet npm @gouvfr/dsfr-chart {version}, licence MIT, © DINUM."

_MAP = Path("dist") / "MapChart" / "MapChart.js"
_PATH = re.compile(r'class: "FR-(?P<code>\w+)",(?:\s*style: [^\n]*,)?\s*d: "(?P<d>[^"]+)"')
# The régions by the letters of the package, and by Insee's codes; those overseas have a département's outline.
_REGIONS = {
    **{"ARA": "84", "BFC": "27", "BRE": "53", "CVL": "24", "20R": "94", "GES": "44", "HDF": "32", "IDF": "11"},
    **{"NOR": "28", "NAQ": "75", "OCC": "76", "PDL": "52", "PAC": "93"},
}
_OVERSEAS = {"971": "01", "972": "02", "973": "03", "974": "04", "976": "06"}
# Points are put on a grid, the same for two neighbours, and those that hardly bend a line left out: a third as long,
# and no gap between them. What is drawn is counted in the meshes of the grid, whose numbers are shorter.
_GRID, _FINE = 3, 1  # the second of those that are shown larger, all of whose points are kept
_WIDTH, _HEIGHT = 337, 374
_BELOW = 337  # where the territories overseas begin, one beside the other
_PARIS = ("75", "92", "93", "94")
_PARIS_FRAME = "translate(-535 -360.67) scale(1.6667)"  # shown again, five times as large, in the upper right corner
_FINE_FRAME = "scale(.33333)"
_COMMANDS = {"m": 2, "l": 2, "h": 1, "v": 1, "c": 6, "s": 4, "a": 7, "z": 0}
_TOKENS = re.compile(r"[a-zA-Z]|-?(?:\d*\.\d+|\d+)")
Point = tuple[float, float]


def frame_of(code: str) -> str | None:
    """Return what puts the outline of a territory in its place, as a transform of SVG; None where it is there."""
    if code in _OVERSEAS:
        return f"translate({20 + 66 * list(_OVERSEAS).index(code)} {_BELOW}) scale(.66667)"
    return _FINE_FRAME if code in _PARIS else None


def _level(found: Mapping[str, str], large: Collection[str]) -> dict[str, tuple[str, str | None]]:
    coarse = {code: [_snapped(ring, _GRID) for ring in rings(d)] for code, d in found.items()}
    beside_large = {point for code in large for ring in coarse[code] for point in ring}
    light = simplified({code: coarse[code] for code in found if code not in large}, _GRID, beside_large)
    return {
        code: (on_grid(d, _FINE) if code in large else in_meshes(light[code], _GRID), frame_of(code))
        for code, d in sorted(found.items())
    }


def _snapped(ring: Sequence[Point], grid: float) -> list[Point]:
    points = [(round(x / grid) * grid, round(y / grid) * grid) for x, y in ring]
    return [p for n, p in enumerate(points) if p != points[n - 1]] or points[:1]


def rings(d: str) -> Iterator[list[Point]]:
    """Yield the rings of a path of SVG, as points; a curve is only its end."""
    tokens = _TOKENS.findall(d)
    x = y = 0.0
    command, at, ring = "m", 0, list[Point]()
    while at < len(tokens):
        if tokens[at].isalpha():
            command, at = tokens[at], at + 1
        kind = command.lower()
        given = [float(token) for token in tokens[at : at + _COMMANDS[kind]]]
        at += len(given)
        if kind in "mz" and ring:
            yield ring
            (x, y), ring = (ring[0] if kind == "z" else (x, y)), []
        if kind == "z":
            continue
        ends = {"h": (given[0], None), "v": (None, given[0])}.get(
            kind, (given[-2], given[-1]) if len(given) > 1 else (0, 0)
        )
        origin = (x, y) if command == kind else (0.0, 0.0)
        x, y = (now if end is None else end + start for end, start, now in zip(ends, origin, (x, y), strict=True))
        ring.append((x, y))
        command = {"m": "l", "M": "L"}.get(command, command)
    if ring:
        yield ring


def on_grid(d: str, grid: float) -> str:
    """Return a path with its points on a grid."""
    return path_on_grid(rings(d), grid)


def path_on_grid(found: Iterable[Sequence[Point]], grid: float) -> str:
    """Return rings as a path of SVG whose points are on a grid; what is smaller than its mesh is left out."""
    return "".join(_ring([(round(x / grid), round(y / grid)) for x, y in ring], grid) for ring in found)


def in_meshes(found: Iterable[Sequence[Point]], grid: float) -> str:
    """Return rings as `path_on_grid` does, counted in the meshes of the grid."""
    return path_on_grid([[(x / grid, y / grid) for x, y in ring] for ring in found], 1)


def _ring(points: list[tuple[int, int]], grid: float) -> str:
    kept = [p for n, p in enumerate(points) if n == 0 or p != points[n - 1]]
    if len(kept) < 3:
        return ""
    moves = (((x - a) * grid, (y - b) * grid) for (a, b), (x, y) in pairwise(kept))
    return f"M{kept[0][0] * grid:g} {kept[0][1] * grid:g}{as_commands(moves)}z"


def outlines_of(package: Path) -> dict[str, Any]:
    """Return the outlines of a package that was unpacked: by level and code, its path, its transform if it has one."""
    version = json.loads((package / "package.json").read_text("utf-8"))["version"]
    found = {m["code"]: m["d"] for m in _PATH.finditer((package / _MAP).read_text("utf-8"))}
    departements = {code: d for code, d in found.items() if code[0].isdigit() and code not in _REGIONS}
    regions = _level({insee: found[letters] for letters, insee in _REGIONS.items()}, ())
    overseas = {insee: (on_grid(found[code], _FINE), frame_of(code)) for code, insee in _OVERSEAS.items()}
    return {
        "source": SOURCE.format(version=version),
        "largeur": _WIDTH,
        "hauteur": _HEIGHT,
        "loupe": {"codes": _PARIS, "cadre": _PARIS_FRAME},
        "departementale": _level(departements, (*_OVERSEAS, *_PARIS)),
        "regionale": {**regions, **overseas},
    }


@cache
def french_outlines() -> dict[str, Any]:
    """Return what `outlines.json` holds."""
    found: dict[str, Any] = json.loads(FILE.read_text("utf-8"))
    return found


if __name__ == "__main__":
    made = outlines_of(Path(sys.argv[1]))
    FILE.write_text(json.dumps(made, ensure_ascii=False, indent=0) + "\n", encoding="utf-8")
