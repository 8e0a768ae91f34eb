"""The page of each indicator: map, ranking, history, all its territories, method, sources, what was revised."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain
from typing import Any

from barometre_pipeline.catalogue import Indicateur, Maille
from barometre_pipeline.publish.documentation.dialogue import question_link
from barometre_pipeline.publish.documentation.words import DOCUMENTATION, METADATA, UNSAID_METADATA
from barometre_pipeline.publish.site.beside import FIGURE, Table, figure_cells
from barometre_pipeline.publish.site.display import Display, Shown
from barometre_pipeline.publish.site.drawing import Chart, chart
from barometre_pipeline.publish.site.maps import Drawn, drawn
from barometre_pipeline.publish.site.notice_text import notice
from barometre_pipeline.publish.site.pages import Page, indicator_path, policy_path
from barometre_pipeline.publish.site.scales import BY_RATE, by_value

LIST = "indicateurs.html"
_FIRST = 5  # of a ranking, and as many last ones

Level = tuple[Maille, Sequence[Shown]]


def indicator_pages(display: Display) -> Iterator[Page]:
    """Yield the list of indicators, by sector and policy, then the page of each."""
    catalogue = display.data.catalogue
    whole = catalogue.territoire_racine
    yield Page(
        LIST,
        "Les indicateurs",
        "indicateurs.html",
        "Indicateurs",
        "Tous les indicateurs suivis, par secteur et par politique publique.",
        values={
            "secteurs": catalogue.by_secteur,
            "ensemble": whole,
            "chiffres": {id_: display.of(id_, whole) for id_ in catalogue.indicateurs},
        },
    )
    for indicateur in catalogue.indicateurs.values():
        yield _page(display, indicateur)


def _page(display: Display, indicateur: Indicateur) -> Page:
    data = display.data
    catalogue = data.catalogue
    mesure = catalogue.mesure_of[indicateur.id]
    secteur = catalogue.secteur_of[mesure.id]
    levels = [(m, shown) for m in data.levels if (shown := _shown(display, indicateur, m))]
    whole = display.of(indicateur.id, catalogue.territoire_racine)
    return Page(
        indicator_path(indicateur),
        indicateur.libelle,
        "indicateur.html",
        "Indicateurs",
        f"{mesure.libelle} : carte, classement, historique et méthode.",
        au_dessus=policy_path(mesure),
        values={
            "indicateur": indicateur,
            "mesure": mesure,
            "secteur": secteur,
            "ensemble": whole,
            "courbe": _history(whole) if whole else None,
            "niveaux": levels,
            "carte": _map(display, indicateur, levels),
            "classements": [(m, *ends(ranked), len(ranked)) for m, ranked in _ranked(levels)],
            "faits": data.indicateurs.get(indicateur.id, {}),
            "sources": data.sources.get(indicateur.id, ()),
            "avertissements": data.avertissements[indicateur.id],
            "metadonnees": _metadata(indicateur),
            "documentation": DOCUMENTATION.get(indicateur.statut_documentation, "non renseignée"),
            "nouveautes": notice(
                "\n".join(line for line in data.nouveautes.splitlines() if f"(`{indicateur.id}`)" in line)
            ),
            "revisions": data.revisions_of(indicateur.id),
            "contact": catalogue.contact_of(indicateur.id),
            "question": question_link(catalogue, data.edition, indicateur.id),
        },
        mots=(mesure.libelle, secteur.libelle, indicateur.id, *indicateur.mots_cles, *(indicateur.lexique or {})),
        genre="Indicateur",
        table=_table(display, indicateur, levels),
    )


def _shown(display: Display, indicateur: Indicateur, maille: Maille) -> list[Shown]:
    places = display.data.catalogue.territoires_of(maille.id)
    return [shown for lieu in places if (shown := display.of(indicateur.id, lieu))]


def _history(whole: Shown) -> Chart | None:
    """Return the chart of the series; no target where it is one of the year, and the series of its months."""
    return chart(whole.chiffre.dates, whole.chiffre.valeurs, None if whole.pas else whole.chiffre.cible)


def _map(display: Display, indicateur: Indicateur, levels: Sequence[Level]) -> tuple[Maille, Drawn] | None:
    """Return the map of the finest level that has outlines and rates, else outlines and values; None without any."""
    rated = ((m, shown, BY_RATE if sum(bool(s.taux) for s in shown) > 1 else None) for m, shown in reversed(levels))
    valued = ((m, shown, by_value(shown, indicateur.unite)) for m, shown in reversed(levels))
    for maille, shown, scale in chain(rated, valued):
        places = display.data.catalogue.territoires_of(maille.id)
        figures = {s.lieu.code: s for s in shown}
        if scale and (carte := drawn(display.data.frames.get(maille.id), places, figures, scale)):
            return maille, carte
    return None


def _ranked(levels: Sequence[Level]) -> Iterator[tuple[Maille, list[Shown]]]:
    for maille, shown in levels:
        ranked = sorted((s for s in shown if s.chiffre.rang), key=lambda s: (s.chiffre.rang, s.lieu.code))
        if len(ranked) > _FIRST:
            yield maille, ranked


def ends(ranked: Sequence[Any]) -> tuple[Sequence[Any], Sequence[Any]]:
    """Return the first ones of a ranking and the last ones; none is both."""
    return ranked[:_FIRST], ranked[_FIRST:][-_FIRST:]


def _metadata(indicateur: Indicateur) -> list[tuple[str, str]]:
    return [(label, getattr(indicateur.metadonnees, key, None) or UNSAID_METADATA) for label, key in METADATA]


def _table(display: Display, indicateur: Indicateur, levels: Sequence[Level]) -> Table:
    about = {"edition": str(display.data.edition), "id_indicateur": indicateur.id}
    return Table(
        ("maille", "code", "territoire", *FIGURE),
        [(m.id, s.lieu.code, s.lieu.libelle, *figure_cells(s.chiffre)) for m, shown in levels for s in shown],
        {**about, "indicateur": indicateur.libelle, "unite": indicateur.unite},
        labels=("territoire",),
    )
