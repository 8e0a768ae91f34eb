"""The map of a level: the outline of each territory, and the class of its figure; None where there are no outlines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from barometre_pipeline.catalogue import Territoire
from barometre_pipeline.publish.site.display import Shown
from barometre_pipeline.publish.site.frames import Frame
from barometre_pipeline.publish.site.scales import BY_RATE, Scale


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
    """A map: its size, its shapes, those that are shown again enlarged, where the outlines come from, its colours."""

    largeur: int
    hauteur: int
    formes: Sequence[Shape]
    loupe: Sequence[Shape]
    source: str
    echelle: Scale


def drawn(
    frame: Frame | None,
    places: Sequence[Territoire],
    figures: Mapping[str, Shown] | None = None,
    scale: Scale = BY_RATE,
) -> Drawn | None:
    """Draw a level, coloured by these figures by code (none: all alike, for a choice of territories)."""
    if frame is None or len(places) < 2:
        return None
    shapes = {t.code: _shape(t, frame.contours[t.code], figures, scale) for t in places if t.code in frame.contours}
    again = (shapes[code] for code in frame.loupe if code in shapes)
    loupe = [Shape(s.lieu, s.d, frame.cadre, s.classe, s.titre) for s in again]
    return Drawn(frame.largeur, frame.hauteur, tuple(shapes.values()), loupe, frame.source, scale)


def _shape(
    lieu: Territoire, outline: tuple[str, str | None], figures: Mapping[str, Shown] | None, scale: Scale
) -> Shape:
    d, cadre = outline
    if figures is None:
        return Shape(lieu, d, cadre, "c2", lieu.libelle)
    shown = figures.get(lieu.code)
    said, classe = (scale.dit(shown), scale.classe(shown)) if shown else ("aucune valeur", "cx")
    return Shape(lieu, d, cadre, classe, f"{lieu.libelle} : {said}")
