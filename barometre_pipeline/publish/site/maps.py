"""The map of a level: the outline of each territory, and the class of its value; None where there are no outlines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from barometre_pipeline.catalogue import Territoire
from barometre_pipeline.french import NO_BREAK_SPACE
from barometre_pipeline.publish.site.display import Shown
from barometre_pipeline.publish.site.frames import Frame

# The classes of a rate, in %. That a target is met is its status: a rate is rounded, and 100 may be a bit less.
_BOUNDS = (25, 50, 75)
_MET = f"c{len(_BOUNDS) + 1}"


@dataclass(frozen=True)
class Shape:
    """The outline of a territory, its place where it is moved, its class, and what it says."""

    lieu: Territoire
    d: str
    cadre: str | None
    classe: str
    titre: str


@dataclass(frozen=True)
class Drawn:
    """A map: its size, its shapes, those that are shown again enlarged, where the outlines come from."""

    largeur: int
    hauteur: int
    formes: Sequence[Shape]
    loupe: Sequence[Shape]
    source: str


LEGEND = (
    ("c0", f"moins de 25{NO_BREAK_SPACE}% du chemin"),
    ("c1", f"de 25 à 49{NO_BREAK_SPACE}%"),
    ("c2", f"de 50 à 74{NO_BREAK_SPACE}%"),
    ("c3", f"75{NO_BREAK_SPACE}% et plus, cible non atteinte"),
    (_MET, "cible atteinte"),
    ("cx", "sans taux"),
)


def drawn(
    frame: Frame | None, places: Sequence[Territoire], figures: Mapping[str, Shown] | None = None
) -> Drawn | None:
    """Draw a level, coloured by the rates of these figures by code (none: all alike, for a choice of territories)."""
    if frame is None or len(places) < 2:
        return None
    shapes = {t.code: _shape(t, frame.contours[t.code], figures) for t in places if t.code in frame.contours}
    again = (shapes[code] for code in frame.loupe if code in shapes)
    loupe = [Shape(s.lieu, s.d, frame.cadre, s.classe, s.titre) for s in again]
    return Drawn(frame.largeur, frame.hauteur, tuple(shapes.values()), loupe, frame.source)


def _shape(lieu: Territoire, outline: tuple[str, str | None], figures: Mapping[str, Shown] | None) -> Shape:
    d, cadre = outline
    if figures is None:
        return Shape(lieu, d, cadre, "c2", lieu.libelle)
    shown = figures.get(lieu.code)
    said = f"{shown.taux}, {shown.mot}" if shown and shown.taux else shown.mot if shown else "aucune valeur"
    return Shape(lieu, d, cadre, _class(shown), f"{lieu.libelle} : {said}")


def _class(shown: Shown | None) -> str:
    if shown and shown.chiffre.statut == "atteint":
        return _MET
    rate = shown.chiffre.pourcentage_cible if shown else None
    return "cx" if rate is None else f"c{sum(rate >= bound for bound in _BOUNDS)}"
