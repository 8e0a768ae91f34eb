"""The pages of the edition as a whole: home, what is late and why, what changed, earlier editions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import groupby

from barometre_pipeline.catalogue import Maille
from barometre_pipeline.publish.companions.news import compared_sentence
from barometre_pipeline.publish.site.beside import FIGURE, Table, figure_cells
from barometre_pipeline.publish.site.display import Display, Shown
from barometre_pipeline.publish.site.maps import drawn
from barometre_pipeline.publish.site.notice_text import notice
from barometre_pipeline.publish.site.pages import HOME, Page, indicator_path
from barometre_pipeline.publish.site.policy_pages import of_the_whole
from barometre_pipeline.publish.site.territory_pages import STATUS_COLUMNS, status_cells, status_counts

ARCHIVE = "editions.html"
_LATE = ("en retard", "recule")


def edition_pages(display: Display) -> Iterator[Page]:
    """Yield home, the late figures, the news, the archive."""
    yield _home(display)
    yield _late(display)
    yield _news(display)
    data = display.data
    yield Page(
        ARCHIVE,
        "Les éditions",
        "editions.html",
        "L'édition",
        "Cette édition, celles qui l'ont précédée, et comment les retrouver.",
        values={"compare": compared_sentence(data.provenance), "anterieures": data.anterieures},
    )


def _home(display: Display) -> Page:
    data, catalogue = display.data, display.data.catalogue
    sectors = []
    for secteur, policies in catalogue.by_secteur:
        shown = [s for m in policies for s in of_the_whole(display, m)]
        # Those that are followed by the most indicators first.
        largest = sorted(policies, key=lambda m: -len(m.indicateurs))
        sectors.append((secteur, largest, shown, sum(len(m.indicateurs) for m in policies)))
    sectors.sort(key=lambda one: -one[3])
    everything = [s for m in catalogue.mesures_ordonnees for s in of_the_whole(display, m)]
    rows = [("", "", len(catalogue.indicateurs), *status_cells(everything))]
    rows += [(s.id, s.libelle, n, *status_cells(shown)) for s, _, shown, n in sectors]
    places = {m.id: catalogue.territoires_of(m.id) for m in data.levels}
    cartes = [(m, carte) for m in data.levels if (carte := drawn(data.frames.get(m.id), places[m.id]))]
    return Page(
        HOME,
        catalogue.general.titre,
        "accueil.html",
        "L'édition",
        f"Les résultats de l'action publique, édition {data.edition}.",
        au_dessus=None,
        values={
            "secteurs": [(s, largest, status_counts(shown), n) for s, largest, shown, n in sectors],
            "comptes": status_counts(everything),
            "ensemble": catalogue.territoire_racine,
            "cartes": cartes[-1:],
            "question": display.question_about(catalogue.general.titre),
        },
        # The first row, of no sector, is of all of them.
        table=Table(
            ("id_secteur", "secteur", "indicateurs", *STATUS_COLUMNS),
            rows,
            {"edition": str(data.edition), "territoire": catalogue.territoire_racine.libelle},
        ),
    )


def _late(display: Display) -> Page:
    """Return the page of what is late: for the whole, then the due targets that are not met, level by level."""
    data = display.data
    shown = display.everything
    whole = [s for s in shown if s.lieu == data.catalogue.territoire_racine and s.chiffre.statut in _LATE]
    missed = [s for s in shown if s.chiffre.explication]
    levels = [(m, _by_indicator(m, missed)) for m in data.levels]
    late = Counter(s.chiffre.maille for s in shown if s.chiffre.statut in _LATE)
    followed = Counter(s.chiffre.maille for s in shown if s.chiffre.cible is not None)
    columns = (
        "id_indicateur",
        "indicateur",
        "maille",
        "code",
        "territoire",
        *FIGURE,
        "explication",
        "origine",
        "explique_le",
        "lien",
    )
    return Page(
        "retards.html",
        "Ce qui est en retard, et pourquoi",
        "retards.html",
        "L'édition",
        "Les indicateurs en retard, les échéances dépassées, et leurs explications.",
        values={
            "ensemble": whole,
            "niveaux": [(m, groups) for m, groups in levels if groups],
            "bilan": [(m, late[m.id], followed[m.id]) for m in data.levels if followed[m.id]],
        },
        mots=("retard", "échéance", "explication"),
        table=Table(columns, [_explained(display, s) for s in missed], {"edition": str(data.edition)}),
    )


def _by_indicator(maille: Maille, missed: list[Shown]) -> list[tuple[str, list[Shown]]]:
    of_it = [s for s in missed if s.chiffre.maille == maille.id]
    return [(id_, list(group)) for id_, group in groupby(of_it, key=lambda s: s.chiffre.id_indicateur)]


def _explained(display: Display, shown: Shown) -> tuple[object, ...]:
    f = shown.chiffre
    label = display.data.catalogue.indicateurs[f.id_indicateur].libelle
    why = (f.explication, f.explication_origine, f.explication_date, f.explication_lien)
    return (f.id_indicateur, label, f.maille, f.code, shown.lieu.libelle, *figure_cells(f), *why)


def _news(display: Display) -> Page:
    data = display.data
    columns = (
        *("champ", "mouvement", "nature", "id_indicateur", "libelle_indicateur", "maille", "lignes", "territoires"),
        *("premiere_date", "derniere_date", "libelle_territoire", "avant", "apres"),
    )
    links = {id_: indicator_path(id_) for id_ in data.catalogue.indicateurs}
    changes = Counter((s.lieu.maille, s.lieu.code) for s in display.everything if s.change)
    return Page(
        "nouveautes.html",
        "Ce qui change dans cette édition",
        "nouveautes.html",
        "L'édition",
        "Cibles déplacées, chiffres retirés, révisés et ajoutés depuis l'édition précédente.",
        values={
            "texte": notice(data.nouveautes, links | {"REVISIONS.csv": "../REVISIONS.csv"}),
            "niveaux": [
                (
                    m,
                    [
                        (t, changes[t.maille, t.code])
                        for t in data.places
                        if t.maille == m.id and changes[t.maille, t.code]
                    ],
                )
                for m in data.levels
            ],
        },
        mots=("révisions", "nouveautés", "changements"),
        # What the page says, all of it and counted: each change by itself is a line of REVISIONS.csv.
        table=Table(
            (*columns, "causes"),
            [(*(r[c] for c in columns), " ; ".join(r["causes"] or ())) for r in data.changements],
            {"edition": str(data.edition)},
            labels=("libelle_indicateur",),
        ),
    )
