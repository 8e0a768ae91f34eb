"""What the files of a catalogue name, and what is said of a name that is in none of them.

Where such names must be is in `rules` and `delivery_rules`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from barometre_pipeline.catalogue.deliveries import Livraison
from barometre_pipeline.catalogue.levels import Maille, Written
from barometre_pipeline.catalogue.model import Mesure, Secteur, Territoire
from barometre_pipeline.documents.sentences import closest_name


@dataclass
class Named:
    """What the files name, valid or not: a reference to a thing that is only ill-written is not another problem."""

    secteurs: set[str] = field(default_factory=set)
    mailles: set[str] = field(default_factory=set)
    niveaux: list[Written] = field(default_factory=list)  # the levels themselves, in their order
    territoires: set[tuple[str, str]] = field(default_factory=set)
    indicateurs: set[str] = field(default_factory=set)
    contenus: set[str] = field(default_factory=set)
    incomplete: set[type] = field(default_factory=set)  # some of these could not be read: any name may be theirs

    def add(self, model: type, data: Any) -> None:
        """Take the names of one object, as it is written in its file."""
        if not isinstance(data, dict):
            self.incomplete.add(model)
        elif model is Secteur:
            self.secteurs.add(str(data.get("id")))
        elif model is Maille:
            self.mailles.add(str(data.get("id")))
            self.niveaux.append(data)
        elif model is Territoire:
            self.territoires.add((str(data.get("maille")), str(data.get("code"))))
        elif model is Livraison:
            self.contenus.add(str(data.get("contenu")))
        elif model is Mesure and isinstance(data.get("indicateurs"), list):
            self.indicateurs |= {str(i.get("id")) for i in data["indicateurs"] if isinstance(i, dict)}

    def lacks(self, model: type, name: Any, names: set[Any]) -> bool:
        """Tell whether a name is surely that of none of these."""
        return name not in names and model not in self.incomplete

    def levels(self, valid: Iterable[Maille]) -> list[str]:
        """Return the ids of the levels: those that are valid in their order, then those that are ill-written."""
        ids = [m.id for m in valid]
        return ids + sorted(self.mailles - set(ids))


def unknown_indicator(name: str, named: Named) -> str:
    """Return the sentence about an id that is no indicator's."""
    return f"{name!r} is not an indicator of mesures/{closest_name(name, named.indicateurs)}."


def unknown_level(name: str, levels: Iterable[str]) -> str:
    """Return the sentence about an id that is no level's."""
    return f"{name!r} is not a level; they are {', '.join(levels)}{closest_name(name, levels)}."
