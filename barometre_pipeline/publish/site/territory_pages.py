"""The page of each territory: its indicators by sector, what is late, the territories within it; and their list."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from barometre_pipeline.catalogue import Mesure, Secteur, Territoire
from barometre_pipeline.publish.site.beside import FIGURE, Table, figure_cells
from barometre_pipeline.publish.site.data import Row, SiteData
from barometre_pipeline.publish.site.display import STATUTS, Display, Shown
from barometre_pipeline.publish.site.maps import drawn
from barometre_pipeline.publish.site.pages import Page, territory_path
from barometre_pipeline.publish.tree.wording import capitalized

LIST = "territoires.html"
Key = tuple[str, str]


@dataclass(frozen=True)
class InSector:
    """The policies of a sector that have something to show in a territory, each with its indicators' figures."""

    secteur: Secteur
    mesures: Sequence[tuple[Mesure, Sequence[Shown]]]


@dataclass(frozen=True)
class _Around:
    """What the pages look up, found once: there may be 35,000 of them."""

    rollups: Mapping[Key, Row]  # by level and code
    within: Mapping[Key, Sequence[Territoire]]  # by level and parent


def territory_pages(display: Display) -> Iterator[Page]:
    """Yield the list of territories, then the page of each."""
    catalogue, data = display.data.catalogue, display.data
    levels = [(m, catalogue.territoires_of(m.id)) for m in data.levels]
    cartes = [(m, carte) for m, places in levels if (carte := drawn(data.frames.get(m.id), places))]
    yield Page(
        LIST,
        "Les territoires",
        "territoires.html",
        "Territoires",
        "Choisir un territoire pour voir où il en est.",
        values={"niveaux": levels, "cartes": cartes[-1:]},
        mots=tuple(m.libelle_pluriel for m in data.levels),
    )
    around = _around(data)
    for lieu in data.places:
        yield _page(display, lieu, around)


def _around(data: SiteData) -> _Around:
    within: dict[Key, list[Territoire]] = {}
    for t in data.places:
        within.setdefault((t.maille, t.parent or ""), []).append(t)
    return _Around({(r["maille"], r["code"]): r for r in data.territoires}, within)


def _page(display: Display, lieu: Territoire, around: _Around) -> Page:
    data = display.data
    maille = data.catalogue.maille(lieu.maille)
    sectors = list(_sectors(display, lieu))
    shown = [s for sector in sectors for _, figures in sector.mesures for s in figures]
    levels = {m.id for m in data.levels}
    above = [t for t in data.lineage(lieu) if t != lieu and t.maille in levels]
    level = capitalized(maille.libelle)
    below = [m for m in data.levels if m.parent == lieu.maille]
    late = sorted((s for s in shown if s.chiffre.explication), key=lambda s: s.chiffre.date_cible or data.edition.end)
    return Page(
        territory_path(lieu),
        f"{lieu.libelle} ({lieu.code})" if maille.parent else lieu.libelle,
        "territoire.html",
        "Territoires",
        f"{level} : où en est chaque indicateur, ce qui est en retard et ce qui change.",
        au_dessus=territory_path(above[0]) if above else LIST,
        values={
            "lieu": lieu,
            "maille": maille,
            "secteurs": sectors,
            "comptes": status_counts(shown),
            "retards": late,
            "changes": sum(1 for s in shown if s.change),
            "dedans": [(m, places) for m in below if (places := around.within.get((m.id, lieu.code)))],
            "avancement": around.rollups.get((lieu.maille, lieu.code)),
            "question": display.question_about(lieu.libelle),
            "fichiers": data.fichiers.get((lieu.maille, lieu.code), []),
        },
        mots=(lieu.code,),
        genre=level,
        table=Table(
            ("id_indicateur", "indicateur", *FIGURE),
            [
                (
                    s.chiffre.id_indicateur,
                    data.catalogue.indicateurs[s.chiffre.id_indicateur].libelle,
                    *figure_cells(s.chiffre),
                )
                for s in shown
            ],
            {"edition": str(data.edition), "maille": lieu.maille, "code": lieu.code, "territoire": lieu.libelle},
            labels=("indicateur",),
        ),
    )


def status_counts(shown: Sequence[Shown]) -> list[tuple[str, str, int]]:
    """Return how many figures have each status: its word, its class, its number, in the order of the words."""
    found = Counter(s.mot for s in shown)
    return [(mot, classe, found[mot]) for mot, classe in dict.fromkeys(STATUTS.values()) if found[mot]]


# What the data of a page call the number of figures of each status.
STATUS_COLUMNS = (
    *("atteints", "en_bonne_voie", "en_retard", "reculent"),
    *("sans_cible", "non_calculables", "sans_objectif"),
)


def status_cells(shown: Sequence[Shown]) -> tuple[int, ...]:
    """Return how many figures have each status, in the order of STATUS_COLUMNS."""
    found = Counter(s.mot for s in shown)
    return tuple(found[mot] for mot, _ in STATUTS.values())


def _sectors(display: Display, lieu: Territoire) -> Iterator[InSector]:
    for secteur, policies in display.data.catalogue.by_secteur:
        shown = ((m, [s for i in m.indicateurs if (s := display.of(i.id, lieu))]) for m in policies)
        if kept := [one for one in shown if one[1]]:
            yield InSector(secteur, kept)
