"""The pages about the barometer itself: what it is, its method, its data, their quality, who uses it, the notices."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from barometre_pipeline.catalogue import Indicateur
from barometre_pipeline.publish.companions.news import compared_sentence
from barometre_pipeline.publish.documentation.dialogue import discussion_link, mail_link, suggestion_link
from barometre_pipeline.publish.site.beside import Table
from barometre_pipeline.publish.site.display import Display
from barometre_pipeline.publish.site.notice_text import notice
from barometre_pipeline.publish.site.pages import Page
from barometre_pipeline.slugs import slug

_SIZES = 5
_WORDS = 60  # of the labels, at most, on the page of words
_LEAST = 5  # letters of a word that says something by itself
# Words of labels that say nothing by themselves.
_EMPTY = {
    *("nombre", "taux", "moyenne", "total", "ayant", "cadre", "place", "ensemble", "avant", "aux", "leurs", "leur"),
    *("atteinte", "objectif", "national", "local", "place", "bénéficiant", "bénéficié", "dispositif", "mise", "mettre"),
    *(
        "dans",
        "pour",
        "avec",
        "sans",
        "respectant",
        "réalisés",
        "réalisé",
        "moins",
        "jour",
        "tous",
        "peuvent",
        "prévus",
        "année",
        "charge",
        "commun",
        "délivrées",
        "demandes",
        "public",
        "publics",
        "reste",
        "vendus",
    ),
}


def about_pages(display: Display) -> Iterator[Page]:
    """Yield the pages about the barometer, in the order of the plan du site."""
    data, general = display.data, display.data.catalogue.general
    contact = mail_link(general.contact.courriel, general.titre)
    yield _about(
        "demarche",
        "La démarche",
        "Ce qu'est ce baromètre et comment il est fait.",
        contact=contact,
        demander=any(shown.question for shown in display.everything),
    )
    yield _about(
        "methode",
        "La méthode",
        "Comment se calcule chaque colonne, avec un exemple de cette édition.",
        texte=notice(data.methode, {path: f"../{path}" for _, _, path in data.tables}),
        lexique=sorted(data.catalogue.definitions, key=lambda pair: slug(pair[0])),
    )
    yield _data_page(display)
    yield _about(
        "qualite",
        "La qualité des données",
        "Les contrôles faits, et ce qui est publié avec une réserve.",
        alertes=data.alertes,
        controles=data.controles,
        compare=compared_sentence(data.provenance),
        table=Table(
            ("regle", "titre", "severite", "lignes"),
            [tuple(c[name] for name in ("regle", "titre", "severite", "nombre")) for c in data.controles],
            {"edition": str(data.edition)},
        ),
    )
    yield _about(
        "indicateurs-citoyens",
        "Les indicateurs des citoyens",
        "Les indicateurs demandés par des citoyens, et comment en proposer un.",
        indicateurs=data.catalogue.indicateurs_citoyens,
        suggestion=suggestion_link(data.catalogue),
    )
    yield _about(
        "reutilisations",
        "Les réutilisations",
        "Ce que d'autres ont fait de ces données, et comment les reprendre.",
        discussion=discussion_link(data.catalogue),
    )
    yield _about(
        "mots-cles", "Les mots-clés", "Les sujets suivis, par nombre d'indicateurs.", mots_cles=_words(display)
    )
    yield _about(
        "mentions-legales",
        "Mentions légales",
        "Qui publie ce site, sous quelle licence, et ce qu'il ne fait pas.",
        contact=contact,
        contours=" ".join(dict.fromkeys(frame.source for frame in data.frames.values() if frame.source)),
    )
    yield _about(
        "accessibilite",
        "Accessibilité",
        "Ce qui a été vérifié, ce qui ne l'a pas été, et à qui le dire.",
        contact=mail_link(general.contact.courriel, f"Accessibilité – {general.titre}"),
    )


def _about(name: str, titre: str, resume: str, table: Table | None = None, **values: object) -> Page:
    return Page(f"{name}.html", titre, f"{name}.html", "Le baromètre", resume, values=values, table=table)


def _data_page(display: Display) -> Page:
    data = display.data
    whole = [p for p in data.paths if "/" not in p]
    sectors = [
        (s, [p for p in data.paths if p.startswith(f"secteur-action-publique/{s.dossier}/") and p.count("/") == 2])
        for s in data.catalogue.secteurs
    ]
    rows = [(path, data.paths[path]) for path in (*whole, *(p for _, _, p in data.tables if p in data.paths))]
    return Page(
        "donnees.html",
        "Les données",
        "donnees.html",
        "Le baromètre",
        "Tous les fichiers, leur dictionnaire et leurs schémas.",
        values={
            "fichiers": whole,
            "tables": [(t, d, p) for t, d, p in data.tables if p in data.paths],
            "secteurs": [one for one in sectors if one[1]],
            "documentation": f"documentation/{data.catalogue.general.prefixe}-documentation.pdf",
            "flux": [f"flux/territoire-{m.nom}-global-light.json" for m in data.levels],
            "lignes": data.paths,
        },
        mots=("téléchargement", "open data", "csv", "json", "schéma", "dictionnaire"),
        table=Table(("fichier", "lignes"), rows, {"edition": str(data.edition)}),
    )


def _words(display: Display) -> list[tuple[str, int, Sequence[Indicateur]]]:
    """Return each word with its size, 1 to 5, and its indicators: those declared, then those that labels share."""
    found: dict[str, list[Indicateur]] = defaultdict(list)
    for i in display.data.catalogue.indicateurs.values():
        for word in dict.fromkeys((*i.mots_cles, *_of_label(i.libelle))):
            found[word].append(i)
    declared = {w for i in display.data.catalogue.indicateurs.values() for w in i.mots_cles}
    kept = {w: of for w, of in found.items() if w in declared or len(of) > 1}
    most = sorted(kept, key=lambda w: (w not in declared, -len(kept[w]), slug(w)))[:_WORDS]
    greatest = max((len(kept[w]) for w in most), default=1)
    return [(w, _size(len(kept[w]), greatest), kept[w]) for w in sorted(most, key=slug)]


def _size(count: int, greatest: int) -> int:
    return 1 + (count * (_SIZES - 1)) // greatest


def _of_label(label: str) -> Iterator[str]:
    for word in re.findall(r"[^\W\d_]+", label.lower()):
        if len(word) >= _LEAST and word not in _EMPTY:
            yield word


def plan_page(pages: Sequence[Page]) -> Page:
    """Return the plan du site: every page, by heading."""
    rubriques: Mapping[str, list[Page]] = defaultdict(list)
    for page in pages:
        rubriques[page.rubrique].append(page)
    own = _about("plan-du-site", "Plan du site", "Toutes les pages.", rubriques=list(rubriques.items()))
    rubriques[own.rubrique].append(own)
    return own
