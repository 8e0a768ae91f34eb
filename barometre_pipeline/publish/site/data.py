"""What the site is made of: an edition's facts as plain data, which a process of its own is given whole."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from barometre_pipeline.catalogue import Catalogue, Maille, Territoire
from barometre_pipeline.editions import Edition
from barometre_pipeline.publish.site.frames import Frame, frames
from barometre_pipeline.publish.tree.manifest import Provenance

Row = Mapping[str, Any]
Key = tuple[str, str, str]  # indicateur, maille, code


@dataclass(frozen=True, slots=True)
class Figure:
    """Where an indicator stands in a territory: its row of the synthèse, what is computed from it, its series.

    Where no objective was delivered (`suivi` is false), only the current value and the series are known. `explication`
    has its origin (declaree or avis), day and link; `ajoutees`, `revisees` and `retirees` count the values that changed
    since the edition before, `cible_avant` is the target that it had, `echeance_avant` the day of a target that moved.
    """

    id_indicateur: str
    maille: str
    code: str
    suivi: bool
    valeur_actuelle: float | None
    date_valeur_actuelle: dt.date | None
    valeur_initiale: float | None
    date_valeur_initiale: dt.date | None
    progression: float | None
    pourcentage_progression: float | None
    progression_derniere_maj: float | None
    pourcentage_progression_derniere_maj: float | None
    progression_derniere_maj_date: dt.date | None
    cible: float | None
    pourcentage_cible: float | None
    date_cible: dt.date | None
    statut: str | None
    retard: str | None
    echeance: str | None
    fraicheur: str | None
    rang: int | None
    ex_aequo: bool | None
    n: int | None
    dates: Sequence[dt.date]
    valeurs: Sequence[float]
    explication: str | None
    explication_origine: str | None
    explication_date: dt.date | None
    explication_lien: str | None
    cible_avant: str | None
    cible_changee: bool | None
    echeance_avant: dt.date | None
    depart_change: bool | None
    ajoutees: int
    revisees: int
    retirees: int

    @property
    def key(self) -> Key:
        """Return what tells it from the others."""
        return self.id_indicateur, self.maille, self.code


def levels_with_pages(catalogue: Catalogue) -> tuple[Maille, ...]:
    """Return the level of the whole, and those with files by territory."""
    return tuple(m for m in catalogue.mailles if m.parent is None or m.territoires)


def levels_read(catalogue: Catalogue) -> tuple[Maille, ...]:
    """Return the levels with pages, and those above them, whose figures stand in the feeds for those that lack."""
    shown = [m.id for m in levels_with_pages(catalogue)]
    read = {*shown, *(above for id_ in shown for above in catalogue.levels_above(id_))}
    return tuple(m for m in catalogue.mailles if m.id in read)


@dataclass(frozen=True)
class SiteData:
    """An edition, whole; `figures` are those of the levels read, more than those that have pages.

    `anterieures` are the editions before it that are published, the last one first, each with the tag of its last
    publication; `avertissements` are what readers of each indicator are warned of; `paths` are the data files of the
    publication, with their numbers of rows, `fichiers` the CSV of all sectors of each territory; `nouveautes` and
    `methode` the notices of these names, in Markdown. `changements` are all that changed since the edition before,
    counted; `revisions` the first of them one by one, by indicator, `en_tout` how many there are of it.
    """

    catalogue: Catalogue
    edition: Edition
    provenance: Provenance
    figures: Sequence[Figure]
    indicateurs: Mapping[str, Row]
    sources: Mapping[str, Sequence[Any]]
    avertissements: Mapping[str, Sequence[str]]
    secteurs: Sequence[Row]
    territoires: Sequence[Row]
    mesures: Sequence[Row]
    nouveautes: str
    methode: str
    changements: Sequence[Row]
    revisions: Sequence[Row]
    alertes: Sequence[Row]
    controles: Sequence[Row]
    engagements: Sequence[Row]
    actions: Mapping[str, Sequence[Row]]
    anterieures: Sequence[tuple[Edition, str]]
    paths: Mapping[str, int]
    fichiers: Mapping[tuple[str, str], Sequence[str]]
    tables: Sequence[tuple[str, str, str]] = field(default=())  # title, description, path of each published table

    @cached_property
    def by_key(self) -> Mapping[Key, Figure]:
        """Return the figures by indicator, level and code."""
        return {f.key: f for f in self.figures}

    @cached_property
    def levels(self) -> tuple[Maille, ...]:
        """Return the levels whose territories have pages and feeds: the whole, and those with files by territory."""
        return levels_with_pages(self.catalogue)

    @cached_property
    def frames(self) -> Mapping[str, Frame]:
        """Return the outlines of each level that has some."""
        return frames(self.catalogue)

    @cached_property
    def places(self) -> tuple[Territoire, ...]:
        """Return the territories that have a page, level by level, in the order of territoires.csv."""
        return tuple(t for m in self.levels for t in self.catalogue.territoires_of(m.id))

    @cached_property
    def territory(self) -> Mapping[tuple[str, str], Territoire]:
        """Return the territories by level and code."""
        return {(t.maille, t.code): t for t in self.catalogue.territoires}

    def lineage(self, territoire: Territoire) -> Iterator[Territoire]:
        """Yield a territory, then those that hold it, the nearest first."""
        yield territoire
        for level in self.catalogue.levels_above(territoire.maille):
            territoire = self.territory[level, territoire.parent or ""]
            yield territoire

    def figure(self, indicateur: str, territoire: Territoire) -> Figure | None:
        """Return what is known of an indicator in a territory."""
        return self.by_key.get((indicateur, territoire.maille, territoire.code))

    def figures_of(self, indicateur: str, maille: str) -> list[Figure]:
        """Return an indicator's figures at a level, in the order of the codes."""
        return self._by_level.get((indicateur, maille), [])

    def revisions_of(self, indicateur: str) -> Sequence[Row]:
        """Return an indicator's revisions that are told one by one, its targets first."""
        return self._revisions.get(indicateur, [])

    @cached_property
    def _revisions(self) -> Mapping[str, list[Row]]:
        found: dict[str, list[Row]] = {}
        for row in self.revisions:
            found.setdefault(row["id_indicateur"], []).append(row)
        return found

    @cached_property
    def _by_level(self) -> Mapping[tuple[str, str], list[Figure]]:
        found: dict[tuple[str, str], list[Figure]] = {}
        for f in self.figures:
            found.setdefault((f.id_indicateur, f.maille), []).append(f)
        return found
