"""What the PDF holds, as plain data: its layout, in `documentation.typ`, only has to walk through it.

Numbers and dates are texts here, as French readers write them.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from barometre_pipeline.catalogue import Catalogue, Indicateur, Mesure
from barometre_pipeline.documents.prose import Block, Span, blocks, spans
from barometre_pipeline.editions import Edition
from barometre_pipeline.french import day, number
from barometre_pipeline.publish.documentation.chart import small_chart
from barometre_pipeline.publish.documentation.commitments import by_institution, counts, lateness, movement
from barometre_pipeline.publish.documentation.dialogue import commitment_link, discussion_link, question_link
from barometre_pipeline.publish.documentation.facts import Facts
from barometre_pipeline.publish.documentation.figures import Figures, shown_levels_in_words
from barometre_pipeline.publish.documentation.words import (
    CALENDRIERS,
    DOCUMENTATION,
    METADATA,
    STATUTS,
    UNSAID,
    UNSAID_METADATA,
    origin_in_words,
    warnings,
)
from barometre_pipeline.slugs import portable

Data = dict[str, Any]
_NOTHING = "Non renseigné."


def book(
    catalogue: Catalogue, edition: Edition, facts: Facts, figures: Mapping[str, Sequence[Figures]], demonstration: bool
) -> Data:
    """Return the whole book of an edition."""
    general = catalogue.general
    return {
        "titre": f"{general.titre} : documentation",
        "producteur": general.producteur,
        "licence": general.licence.libelle,
        "edition": str(edition),
        "date": {"year": edition.end.year, "month": edition.end.month, "day": edition.end.day},
        "arrete": day(edition.end),
        "demonstration": demonstration,
        "presentation": rich(general.presentation),
        "sans_chiffre": f"La synthèse n'a aucune ligne de cet indicateur {shown_levels_in_words(catalogue)}.",
        "engagements": [_commitment(row, catalogue, edition, facts) for row in facts.engagements],
        "discussion": discussion_link(catalogue),
        "bilan": _summary(facts.engagements),
        "secteurs": [
            {"libelle": s.libelle, "mesures": [_policy(m, catalogue, edition, facts, figures) for m in policies]}
            for s, policies in catalogue.by_secteur
        ],
        "lexique": [{"terme": term, "line": _line(text)} for term, text in _lexicon(catalogue)],
    }


def _policy(
    mesure: Mesure, catalogue: Catalogue, edition: Edition, facts: Facts, figures: Mapping[str, Sequence[Figures]]
) -> Data:
    return {
        "libelle": mesure.libelle,
        "description": rich(mesure.description, "La description de cette politique reste à écrire."),
        "documentation": DOCUMENTATION.get(mesure.statut_documentation, "non renseignée"),
        "rendez_vous": [f"{day(r.date)}, {r.lieu}" for r in mesure.rendez_vous],
        "indicateurs": [_indicator(i, catalogue, edition, facts, figures.get(i.id, ())) for i in mesure.indicateurs],
    }


def _indicator(i: Indicateur, catalogue: Catalogue, edition: Edition, facts: Facts, figures: Sequence[Figures]) -> Data:
    contact = catalogue.contact_of(i.id)
    metadata = [(label, getattr(i.metadonnees, key, None) or UNSAID_METADATA) for label, key in METADATA]
    return {
        "id": i.id,
        "libelle": i.libelle,
        "unite": i.unite,
        "sens": i.sens,
        "documentation": DOCUMENTATION.get(i.statut_documentation, "non renseignée"),
        "origine": origin_in_words(i.origine),
        "description": rich(i.description, "La description de cet indicateur reste à écrire."),
        "production": rich(i.production, _NOTHING),
        "question": rich(i.question),
        "perimetre": list(i.perimetre),
        "metadonnees": metadata,
        "methode": facts.indicateurs.get(i.id, {}).get("methode") or "Aucune valeur n'est publiée.",
        "sources": [
            f"{s.ministere}, livraison {s.livraison} : {name}, reçu le {day(received)}"
            for s in facts.sources.get(i.id, ())
            for name, received, _ in s.fichiers
        ],
        "precautions": rich(i.precautions, _NOTHING),
        "note_unite": i.note,
        "avertissements": list(warnings(i.id, edition, facts)),
        "contact": contact.nom,
        "question_chiffre": question_link(catalogue, edition, i.id),
        "chiffres": [_row(i.libelle, one, question_link(catalogue, edition, i.id, one.territoire)) for one in figures],
    }


def _row(indicateur: str, one: Figures, question: str | None) -> Data:
    return {
        "territoire": one.territoire,
        "question": question,
        "initiale": _dated(one.valeur_initiale, one.date_valeur_initiale),
        "actuelle": _dated(one.valeur_actuelle, one.date_valeur_actuelle),
        "cible": _dated(one.cible, one.date_cible),
        "taux": "—" if one.pourcentage_cible is None else f"{number(one.pourcentage_cible)} %",
        "courbe": small_chart(one.valeurs),
        "alt": f"Évolution : {indicateur}, {one.territoire}, de {number(one.valeurs[0])} à {number(one.valeurs[-1])}"
        if one.valeurs
        else "",
    }


def _dated(value: float | None, date: dt.date | None) -> list[str]:
    return [number(value), day(date) if date and value is not None else ""]


def _commitment(row: Mapping[str, Any], catalogue: Catalogue, edition: Edition, facts: Facts) -> Data:
    id_ = row["id_engagement"]
    said = next((e for e in catalogue.engagements if e.id == id_), None)
    return {
        "id": id_,
        "libelle": row["libelle"],
        "statut": STATUTS.get(row["statut"], UNSAID),
        "calendrier": CALENDRIERS.get(row["calendrier"], UNSAID),
        "declare": row["statut_declare"] or "—",
        "mis_a_jour": day(row["mis_a_jour_le"]),
        "institutions": row["institutions"] or "",
        "textes": [
            {"titre": "Enjeux", "texte": as_written(row["enjeux"])},
            {"titre": "Objectif", "texte": rich(said.objectif if said else None)},
            {"titre": "Description", "texte": rich(said.description if said else None)},
        ],
        "actions": [_action(a) for a in facts.actions.get(id_, ())],
        "indicateurs": [catalogue.indicateurs[i].libelle for i in said.indicateurs] if said else [],
        "exemples": [rich(text) for text in said.exemples] if said else [],
        "contributions": [rich(text) for text in said.contributions] if said else [],
        "liens": [{"titre": one.titre, "lien": one.lien} for one in said.liens] if said else [],
        "question": commitment_link(catalogue, edition, id_, row["libelle"]),
    }


def _action(action: Mapping[str, Any]) -> Data:
    return {
        "libelle": action["libelle"],
        "statut": STATUTS[action["statut"]],
        "echeance": _deadline(action),
        "resultats": as_written(action["resultats"]),
        "prochaines_etapes": as_written(action["prochaines_etapes"]),
    }


def _summary(rows: Sequence[Mapping[str, Any]]) -> Data:
    """Return what is told of all commitments together: counts, and lists of (title, lines)."""
    told = []
    for what, key, words in (("Statuts", "statut", STATUTS), ("Calendriers", "calendrier", CALENDRIERS)):
        each = [f"{words.get(word or '', UNSAID)} {n}" for word, n in counts(rows, key, words)]
        told.append(f"{what} : {', '.join(each)}.")
    named = [(f"{row['id_engagement']}. {row['libelle']}", row) for row in rows]
    lists = [
        ("En retard", [f"{name} : {said}" for name, row in named if (said := lateness(row))]),
        ("Ce qui a changé", [f"{name} : {said}" for name, row in named if (said := movement(row))]),
        (
            "Par institution",
            [f"{i} : {', '.join(r['id_engagement'] for r in mine)}" for i, mine in by_institution(rows)],
        ),
    ]
    return {"comptes": told, "listes": [{"titre": title, "lignes": lines} for title, lines in lists if lines]}


def _deadline(action: Mapping[str, Any]) -> str:
    if not action["echeance"]:
        return ""
    return f"échéance : {day(action['echeance'])}{', dépassée' if action['en_retard'] else ''}"


def _lexicon(catalogue: Catalogue) -> list[tuple[str, str]]:
    # As the Markdown pages have it: « Écart » stands among the E.
    return sorted(catalogue.definitions, key=lambda pair: portable(pair[0]).lower())


def rich(text: str | None, otherwise: str = "") -> list[Data]:
    """Return a text as a tree: paragraphs and lists, whose items may hold lists, each line in pieces."""
    return _tree(list(blocks(text or otherwise)), 0)


def as_written(text: str | None) -> list[Data]:
    """Return a declared text as such a tree, its lines as they are: what others wrote marks and links nothing."""
    return _tree(list(blocks(text or "")), 0, lambda line: [asdict(Span("plain", line))])


def _line(text: str) -> list[Data]:
    return [asdict(span) for span in spans(" ".join(text.split()))]


def _tree(found: Sequence[Block], depth: int, pieces: Callable[[str], list[Data]] = _line) -> list[Data]:
    tree: list[Data] = []
    at = 0
    while at < len(found):
        block = found[at]
        below = next((n for n in range(at + 1, len(found)) if found[n].depth <= depth), len(found))
        line = pieces(block.text)
        if block.kind == "paragraph":
            tree.append({"kind": "paragraph", "line": line})
            below = at + 1
        else:
            item = {"line": line, "children": _tree(found[at + 1 : below], depth + 1, pieces)}
            if tree and tree[-1]["kind"] == block.kind:
                tree[-1]["items"].append(item)
            else:
                tree.append({"kind": block.kind, "items": [item]})
        at = below
    return tree
