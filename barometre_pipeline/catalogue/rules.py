"""The rules that hold between the files of a catalogue: references, unique keys.

Each problem is a sentence with its file, line and key. The shape of each file is in `model`; what deliveries say of
levels and indicators is in `delivery_rules`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from barometre_pipeline.catalogue.delivery_rules import delivery_problems
from barometre_pipeline.catalogue.levels import Maille, level_problems
from barometre_pipeline.catalogue.model import (
    Catalogue,
    Correction,
    Exception_,
    Explication,
    Mesure,
    Secteur,
    Territoire,
)
from barometre_pipeline.catalogue.named import Named, unknown_indicator, unknown_level
from barometre_pipeline.documents.places import Place
from barometre_pipeline.documents.sentences import closest_name
from barometre_pipeline.slugs import portable

Places = dict[int, Place]  # of each object, by its id(); of an ill-written one, by that of what its file holds


def cross_file_problems(catalogue: Catalogue, named: Named, where: Places) -> list[str]:
    """Return every broken rule; `where` tells the place of each object by its id()."""
    return [
        *_unique_keys(catalogue, where),
        *_levels(catalogue, named, where),
        *_territories(catalogue, named, where),
        *_indicators(catalogue, named, where),
        *delivery_problems(catalogue, named, where),
        *_deviations(catalogue, named, where),
        *_commitments(catalogue, named, where),
    ]


def _twice(objects: Iterable[Any], key: Callable[[Any], Any], name: str, what: str, where: Places) -> Iterator[str]:
    first: dict[Any, Any] = {}
    for one in objects:
        k = key(one)
        if k is not None and k in first:
            yield f"{where[id(one)].at(name)}: {what} {k!r} is already used in {where[id(first[k])].at(name)}."
        first.setdefault(k, one)


def _unique_keys(c: Catalogue, where: Places) -> Iterator[str]:
    yield from _twice(c.secteurs, lambda s: s.id, "id", "the id", where)
    yield from _twice(c.territoires, lambda t: f"{t.maille} {t.code}", "code", "the territory", where)
    yield from _twice(c.territoires, lambda t: t.zone_id, "zone_id", "the zone_id", where)
    # Folders, files and pages are named by these, on disks that do not tell cases apart.
    yield from _twice(c.secteurs, lambda s: s.dossier.lower(), "dossier", "the dossier", where)
    yield from _twice(c.secteurs, lambda s: s.prefixe.lower(), "prefixe", "the prefixe", where)
    yield from _twice(c.mesures, lambda m: portable(m.id).lower(), "id", "the id", where)
    yield from _twice(c.engagements, lambda e: portable(e.id).lower(), "id", "the id", where)
    # Assets and folders are named by the delivery: ids that differ only by case or by a dash would meet.
    yield from _twice(c.livraisons, lambda d: d.id.lower().replace("-", "_").replace(".", "_"), "id", "the id", where)
    owner: dict[str, str] = {}
    pages: dict[str, str] = {}
    for m in c.mesures:
        for rank, i in enumerate(m.indicateurs):
            place = where[id(m)].at("indicateurs", rank, "id")
            if i.id in owner:
                yield f"{place}: {i.id!r} is already used in {owner[i.id]} (identifiant_partage)."
            else:
                yield from _same_page(pages, portable(i.id).lower(), i.id, place)
            owner.setdefault(i.id, place)
    yield from _pages_of_territories(c, where)


def _pages_of_territories(c: Catalogue, where: Places) -> Iterator[str]:
    with_pages = {m.id for m in c.mailles if m.parent is None or m.territoires}
    pages: dict[str, str] = {}
    # Each once: a territory that is there twice is told already.
    for (maille, code), t in {(t.maille, t.code): t for t in c.territoires}.items():
        if maille in with_pages:
            page = f"{portable(maille)}/{portable(code)}".lower()
            yield from _same_page(pages, page, code, where[id(t)].at("code"))


def _same_page(pages: dict[str, str], page: str, name: str, place: str) -> Iterator[str]:
    if page in pages:
        yield f"{place}: {name!r} gives its page the name of that of {pages[page]}."
    pages.setdefault(page, f"{name!r} ({place})")


def _levels(c: Catalogue, named: Named, where: Places) -> Iterator[str]:
    if Maille in named.incomplete or (c.mailles and not named.niveaux):
        return  # any level may be missing, or they are the default ones
    for level, problem in level_problems(named.niveaux):
        key, _, what = problem.partition(": ")
        yield f"{where[id(level)].at(key)}: {what}" if level is not None else f"mailles.yaml: {problem}"


def _territories(c: Catalogue, named: Named, where: Places) -> Iterator[str]:
    levels = {m.id: m for m in c.mailles}
    # With none or several, which is the whole is not known; that is told of the levels, not of each territory.
    roots = [m for m in c.mailles if m.parent is None]
    whole = roots[0] if len(roots) == 1 else None
    for m in c.mailles:
        count = sum(maille == m.id for maille, _ in named.territoires)
        if m is whole and count != 1 and Territoire not in named.incomplete:
            of_it = [where[id(t)] for t in c.territoires if t.maille == m.id]
            place = of_it[1].at("maille") if len(of_it) > 1 else "territoires.csv: maille"
            yield f"{place}: the whole ({m.id}) has one territory; there are {count}."
        elif m.colonnes.constante and count > 1:
            yield (
                f"{where[id(m)].at('colonnes', 'constante')}: the level has {count} territories, which a "
                "constant does not tell apart; give code and libelle (two headings)."
            )
    unknown: set[str] = set(named.mailles)  # a level that is only ill-written is told already
    for t in c.territoires:
        level = levels.get(t.maille)
        if level is None:
            if named.lacks(Maille, t.maille, unknown):
                yield f"{where[id(t)].at('maille')}: {unknown_level(t.maille, named.levels(c.mailles))}"
            unknown.add(t.maille)  # told once, were it that of 35,000 rows
        elif level is whole and t.parent:
            yield f"{where[id(t)].at('parent')}: the whole ({level.id}) has none; here: {t.parent!r}."
        elif level.parent and named.lacks(Territoire, (level.parent, t.parent), named.territoires):
            yield f"{where[id(t)].at('parent')}: {t.parent!r} is not the code of a {level.parent} territory."


def _indicators(c: Catalogue, named: Named, where: Places) -> Iterator[str]:
    levels = named.levels(c.mailles)
    for m in c.mesures:
        if named.lacks(Secteur, m.secteur, named.secteurs):
            near = closest_name(m.secteur, named.secteurs)
            yield f"{where[id(m)].at('secteur')}: {m.secteur!r} is not in secteurs.csv{near}."
        for rank, i in enumerate(m.indicateurs):
            if i.poids and named.lacks(Mesure, i.poids, named.indicateurs):
                yield f"{where[id(m)].at('indicateurs', rank, 'poids')}: {unknown_indicator(i.poids, named)}"
            for n, maille in enumerate(i.mailles or ()):
                if named.lacks(Maille, maille, set(levels)):
                    yield f"{where[id(m)].at('indicateurs', rank, 'mailles', n)}: {unknown_level(maille, levels)}"
            for maille in i.poids_avancement if isinstance(i.poids_avancement, dict) else ():
                if named.lacks(Maille, maille, set(levels)):
                    place = where[id(m)].at("indicateurs", rank, "poids_avancement", maille)
                    yield f"{place}: {unknown_level(maille, levels)}"
            for n, one in enumerate(i.territoires_non_concernes):
                if named.lacks(Territoire, tuple(one.split("/")), named.territoires):
                    place = where[id(m)].at("indicateurs", rank, "territoires_non_concernes", n)
                    yield f"{place}: {one!r} is no maille/code of territoires.csv."


def _deviations(c: Catalogue, named: Named, where: Places) -> Iterator[str]:
    codes = {code for _, code in named.territoires}
    levels = named.levels(c.mailles)
    for said in c.explications:
        if said.territoire is None and named.lacks(Maille, said.maille, set(levels)):
            yield f"{where[id(said)].at('maille')}: {unknown_level(said.maille, levels)}"
    deviations: list[Exception_ | Correction | Explication] = [*c.exceptions, *c.corrections, *c.explications]
    for one in deviations:
        if named.lacks(Mesure, one.indicateur, named.indicateurs):
            yield f"{where[id(one)].at('indicateur')}: {unknown_indicator(one.indicateur, named)}"
        key, known = ((one.maille, one.territoire), named.territoires) if one.maille else (one.territoire, codes)
        if one.territoire is not None and named.lacks(Territoire, key, known):
            yield f"{where[id(one)].at('territoire')}: {one.territoire!r} is not in territoires.csv."


def _commitments(c: Catalogue, named: Named, where: Places) -> Iterator[str]:
    for engagement in c.engagements:
        for n, id_ in enumerate(engagement.indicateurs):
            if named.lacks(Mesure, id_, named.indicateurs):
                yield f"{where[id(engagement)].at('indicateurs', n)}: {unknown_indicator(id_, named)}"
        known: set[str] = set()
        for n, action in enumerate(engagement.actions):
            if action.libelle in known:
                yield f"{where[id(engagement)].at('actions', n, 'libelle')}: {action.libelle!r} is there twice."
            known.add(action.libelle)
