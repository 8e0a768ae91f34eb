"""The pages of policies, sectors and commitments: what each holds, and where it stands for the whole."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from barometre_pipeline.catalogue import Maille, Mesure, Secteur, Territoire
from barometre_pipeline.publish.documentation.dialogue import commitment_link
from barometre_pipeline.publish.documentation.words import CALENDRIERS, DOCUMENTATION, STATUTS
from barometre_pipeline.publish.site.beside import FIGURE, Table, figure_cells
from barometre_pipeline.publish.site.data import Row
from barometre_pipeline.publish.site.display import Display, Shown
from barometre_pipeline.publish.site.pages import Page, commitment_path, policy_path, sector_path
from barometre_pipeline.publish.site.territory_pages import status_counts

COMMITMENTS = "engagements.html"


def policy_pages(display: Display) -> Iterator[Page]:
    """Yield the page of each sector that has policies, then of each policy."""
    catalogue = display.data.catalogue
    for secteur, policies in catalogue.by_secteur:
        yield _sector(display, secteur, policies)
    for mesure in catalogue.mesures_ordonnees:
        yield _policy(display, mesure)


def of_the_whole(display: Display, mesure: Mesure) -> list[Shown]:
    """Return a policy's figures for the whole."""
    whole = display.data.catalogue.territoire_racine
    return [shown for i in mesure.indicateurs if (shown := display.of(i.id, whole))]


def _sector(display: Display, secteur: Secteur, policies: Sequence[Mesure]) -> Page:
    figures = {m.id: of_the_whole(display, m) for m in policies}
    shown = [s for one in figures.values() for s in one]
    return Page(
        sector_path(secteur),
        secteur.libelle,
        "secteur.html",
        "Secteurs et politiques",
        "Les politiques publiques de ce secteur et leurs indicateurs.",
        values={
            "secteur": secteur,
            "mesures": [(m, figures[m.id]) for m in policies],
            "comptes": status_counts(shown),
            "niveaux": list(_by_level(display, secteur, policies)),
            "question": display.question_about(secteur.libelle),
        },
        genre="Secteur",
        table=_table(display, shown, {"id_secteur": secteur.id, "secteur": secteur.libelle}),
    )


def _by_level(
    display: Display, secteur: Secteur, policies: Sequence[Mesure]
) -> Iterator[tuple[Maille, list[tuple[Row, Territoire, bool]]]]:
    """Yield the levels that have rows of a sector, each with them: a département may have the name of its région.

    The page of a territory says nothing of a sector of which it has targets but no value.
    """
    data = display.data
    ids = [i.id for m in policies for i in m.indicateurs]
    of_it = []
    for row in data.secteurs:
        if row["id_secteur"] == secteur.id:
            lieu = data.territory[row["maille"], row["code"]]
            of_it.append((row, lieu, any(display.of(id_, lieu) for id_ in ids)))
    for maille in data.levels:
        if rows := [one for one in of_it if one[1].maille == maille.id]:
            yield maille, rows


def _policy(display: Display, mesure: Mesure) -> Page:
    data = display.data
    secteur = data.catalogue.secteur_of[mesure.id]
    shown = of_the_whole(display, mesure)
    linked = [e for e in data.catalogue.engagements if {i.id for i in mesure.indicateurs} & set(e.indicateurs)]
    return Page(
        policy_path(mesure),
        mesure.libelle,
        "mesure.html",
        "Secteurs et politiques",
        f"{secteur.libelle} : cette politique publique et ses indicateurs.",
        au_dessus=sector_path(secteur),
        values={
            "mesure": mesure,
            "secteur": secteur,
            "chiffres": {s.chiffre.id_indicateur: s for s in shown},
            # Those that have values, were it in no more than one territory.
            "ailleurs": {i.id for i in mesure.indicateurs if any(data.figures_of(i.id, m.id) for m in data.levels)},
            "avancement": next((r for r in data.mesures if r["id_mesure"] == mesure.id), None),
            "documentation": DOCUMENTATION.get(mesure.statut_documentation, "non renseignée"),
            "engagements": linked,
            "question": display.question_about(mesure.libelle),
        },
        mots=(secteur.libelle, mesure.id),
        genre="Politique publique",
        table=_table(display, shown, {"id_mesure": mesure.id, "mesure": mesure.libelle}),
    )


def _table(display: Display, shown: list[Shown], about: Row) -> Table:
    known = display.data.catalogue.indicateurs
    rows = [
        (s.chiffre.id_indicateur, known[s.chiffre.id_indicateur].libelle, known[s.chiffre.id_indicateur].unite)
        + figure_cells(s.chiffre)
        for s in shown
    ]
    whole = display.data.catalogue.territoire_racine.libelle
    about = {"edition": str(display.data.edition), "territoire": whole, **about}
    return Table(("id_indicateur", "indicateur", "unite", *FIGURE), rows, about)


def commitment_pages(display: Display) -> Iterator[Page]:
    """Yield the summary of the commitments, then the page of each; nothing where there is none."""
    data = display.data
    if not data.engagements:
        return
    described = {e.id: e for e in data.catalogue.engagements}
    columns = (
        "id_engagement",
        "libelle",
        "axe",
        "institutions",
        "statut",
        "statut_declare",
        "calendrier",
        "mis_a_jour_le",
    )
    yield Page(
        COMMITMENTS,
        "Les engagements",
        "engagements.html",
        "Engagements",
        "Chaque engagement, ce que ses porteurs en déclarent, et son calendrier.",
        values={"engagements": data.engagements, "statuts": STATUTS, "calendriers": CALENDRIERS},
        table=Table(
            columns, [tuple(row[c] for c in columns) for row in data.engagements], {"edition": str(data.edition)}
        ),
    )
    for row in data.engagements:
        yield Page(
            commitment_path(row["id_engagement"]),
            row["libelle"] or f"Engagement {row['id_engagement']}",
            "engagement.html",
            "Engagements",
            "Un engagement : son statut, son calendrier, ses actions.",
            au_dessus=COMMITMENTS,
            values={
                "ligne": row,
                "engagement": described.get(row["id_engagement"]),
                "actions": data.actions.get(row["id_engagement"], []),
                "statuts": STATUTS,
                "calendriers": CALENDRIERS,
                "question": commitment_link(data.catalogue, data.edition, row["id_engagement"], row["libelle"]),
            },
            mots=(row["institutions"] or "",),
            genre="Engagement",
        )
