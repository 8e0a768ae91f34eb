"""The rules that hold between the files of a catalogue: references, unique keys.

Each problem is a sentence with its file and key. The shape of each file is in `model`.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from barometre_pipeline.catalogue.deliveries import Livraison
from barometre_pipeline.catalogue.model import Catalogue, Mesure, Secteur, Territoire

_PARENT_MAILLE = {"departementale": "regionale", "regionale": "nationale"}


@dataclass
class Named:
    """What the files name, valid or not: a reference to a thing that is only ill-written is not another problem."""

    secteurs: set[str] = field(default_factory=set)
    territoires: set[tuple[str, str]] = field(default_factory=set)
    indicateurs: set[str] = field(default_factory=set)
    contenus: set[str] = field(default_factory=set)

    def add(self, model: type, data: Any) -> None:
        """Take the names of one object, as it is written in its file."""
        if not isinstance(data, dict):
            return
        if model is Secteur:
            self.secteurs.add(str(data.get("id")))
        elif model is Territoire:
            self.territoires.add((str(data.get("maille")), str(data.get("code"))))
        elif model is Livraison:
            self.contenus.add(str(data.get("contenu")))
        elif model is Mesure and isinstance(data.get("indicateurs"), list):
            self.indicateurs |= {str(i.get("id")) for i in data["indicateurs"] if isinstance(i, dict)}


def cross_file_problems(catalogue: Catalogue, named: Named, where: dict[int, str]) -> list[str]:
    """Return every broken rule; `where` tells the file and key of each object by its id()."""
    return [
        *_unique_keys(catalogue, where),
        *_territories(catalogue, named, where),
        *_indicators(catalogue, named, where),
        *_deliveries(catalogue, named, where),
        *_deviations(catalogue, named, where),
    ]


def _twice(objects: Iterable, key, what: str, where: dict[int, str]) -> Iterator[str]:
    first: dict = {}
    for one in objects:
        k = key(one)
        if k is not None and k in first:
            yield f"{where[id(one)]}: {what} {k!r} is already used in {where[id(first[k])]}."
        first.setdefault(k, one)


def _unique_keys(c: Catalogue, where) -> Iterator[str]:
    yield from _twice(c.secteurs, lambda s: s.id, "the id", where)
    yield from _twice(c.secteurs, lambda s: s.dossier, "the dossier", where)
    yield from _twice(c.secteurs, lambda s: s.prefixe, "the prefixe", where)
    yield from _twice(c.territoires, lambda t: f"{t.maille} {t.code}", "the territory", where)
    yield from _twice(c.territoires, lambda t: t.zone_id, "the zone_id", where)
    yield from _twice(c.mesures, lambda m: m.id, "the id", where)
    # Assets and folders are named by the delivery: ids that differ only by case or by a dash would meet.
    yield from _twice(c.livraisons, lambda d: d.id.lower().replace("-", "_").replace(".", "_"), "the id", where)
    owner: dict[str, str] = {}
    for m in c.mesures:
        for i in m.indicateurs:
            if i.id in owner:
                yield f"{where[id(m)]}: indicateurs: {i.id!r} is already used in {owner[i.id]} (identifiant_partage)."
            owner.setdefault(i.id, where[id(m)])


def _territories(c: Catalogue, named: Named, where) -> Iterator[str]:
    if not any(maille == "nationale" for maille, _ in named.territoires):
        yield "territoires.csv: maille: one territory must be nationale."
    for t in c.territoires:
        parent_maille = _PARENT_MAILLE.get(t.maille)
        if parent_maille and (parent_maille, t.parent) not in named.territoires:
            yield f"{where[id(t)]}: parent: {t.parent!r} is not the code of a {parent_maille} territory."


def _indicators(c: Catalogue, named: Named, where) -> Iterator[str]:
    for m in c.mesures:
        if m.secteur not in named.secteurs:
            yield f"{where[id(m)]}: secteur: {m.secteur!r} is not in secteurs.csv{_closest(m.secteur, named.secteurs)}."
        for i in m.indicateurs:
            if i.poids and i.poids not in named.indicateurs:
                yield f"{where[id(m)]}: {i.id}: poids: {_unknown(i.poids, named)}"


def _deliveries(c: Catalogue, named: Named, where) -> Iterator[str]:
    for d in c.livraisons:
        indicators = ([d.indicateur] if d.indicateur else []) + list((d.feuilles_indicateur or {}).values())
        for name in indicators:
            if name not in named.indicateurs:
                yield f"{where[id(d)]}: indicateur: {_unknown(name, named)}"
    if "valeurs" not in named.contenus:
        yield "livraisons/: no delivery has contenu: valeurs."


def _deviations(c: Catalogue, named: Named, where) -> Iterator[str]:
    codes = {code for _, code in named.territoires}
    for one in (*c.exceptions, *c.corrections):
        if one.indicateur not in named.indicateurs:
            yield f"{where[id(one)]}: indicateur: {_unknown(one.indicateur, named)}"
        known = (one.maille, one.territoire) in named.territoires if one.maille else one.territoire in codes
        if one.territoire is not None and not known:
            yield f"{where[id(one)]}: territoire: {one.territoire!r} is not in territoires.csv."


def _unknown(name: str, named: Named) -> str:
    return f"{name!r} is not an indicator of mesures/{_closest(name, named.indicateurs)}."


def _closest(name: str, known: Iterable[str]) -> str:
    near = difflib.get_close_matches(name, sorted(known), n=1)
    return f"; the closest is {near[0]!r}" if near else ""
