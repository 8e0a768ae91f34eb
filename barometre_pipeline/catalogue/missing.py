"""Which texts of the documentation are still to be written, or to be validated by those who produce the figures."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from barometre_pipeline.catalogue.commitments import Engagement
from barometre_pipeline.catalogue.model import Catalogue, Indicateur, Mesure

UNKNOWN_MINISTERE = "à préciser"  # no delivery says by its keys that it brings the indicator
_TEXTS = ("description", "production", "precautions")
_OF_A_COMMITMENT = ("axe", "institutions", "enjeux", "objectif", "description")
_METADONNEES = ("frequence", "couverture_temporelle", "couverture_spatiale", "granularite", "nature")


@dataclass(frozen=True)
class MissingText:
    """A text that the catalogue lacks (`etat` is « à écrire ») or that nobody validated (« à valider »)."""

    ministere: str
    mesure: str | None
    indicateur: str | None
    engagement: str | None
    texte: str
    etat: str


def missing_texts(catalogue: Catalogue, producers: Mapping[str, str]) -> list[MissingText]:
    """Return what is to be written, by ministry, then in the order of publication: policies, then commitments.

    `producers` are the ministries of the indicators as an edition knew them; else those that the keys of the
    deliveries tell.
    """
    said = ministries_of(catalogue) | dict(producers)
    found = [one for mesure in catalogue.mesures_ordonnees for one in _of_a_policy(mesure, said)]
    found += [one for engagement in catalogue.engagements for one in _of_a_commitment(engagement)]
    return sorted(found, key=lambda one: one.ministere)


def ministries_of(catalogue: Catalogue) -> dict[str, str]:
    """Return the ministry of each indicator that a delivery of values names by its keys."""
    found: dict[str, set[str]] = {}
    for delivery in catalogue.livraisons:
        if delivery.contenu == "valeurs":
            named = [delivery.indicateur, *(delivery.feuilles_indicateur or {}).values()]
            for id_ in (*named, *delivery.valeurs_indicateur.values()):
                found.setdefault(id_ or "", set()).add(delivery.ministere)
    return {id_: ", ".join(sorted(ministries)) for id_, ministries in found.items() if id_}


def _of_a_policy(mesure: Mesure, producers: Mapping[str, str]) -> Iterator[MissingText]:
    known = dict.fromkeys(producers[i.id] for i in mesure.indicateurs if i.id in producers)
    ministere = next(iter(known), UNKNOWN_MINISTERE)
    for texte, etat in _of_the_description(mesure):
        yield MissingText(ministere, mesure.id, None, None, texte, etat)
    for indicateur in mesure.indicateurs:
        for texte, etat in _of_an_indicator(indicateur):
            yield MissingText(producers.get(indicateur.id, ministere), mesure.id, indicateur.id, None, texte, etat)


def _of_a_commitment(engagement: Engagement) -> Iterator[MissingText]:
    ministere = next(iter(engagement.institutions), UNKNOWN_MINISTERE)
    for key in _OF_A_COMMITMENT:
        if not getattr(engagement, key):
            yield MissingText(ministere, None, None, engagement.id, key, "à écrire")


def _of_the_description(mesure: Mesure) -> Iterator[tuple[str, str]]:
    if mesure.description is None:
        yield "description", "à écrire"
    elif mesure.statut_documentation != "validee":
        yield "statut_documentation", "à valider"


def _of_an_indicator(indicateur: Indicateur) -> Iterator[tuple[str, str]]:
    lacking = [key for key in _TEXTS if getattr(indicateur, key) is None]
    lacking += [f"metadonnees.{k}" for k in _METADONNEES if getattr(indicateur.metadonnees, k, None) is None]
    if indicateur.is_marked and indicateur.note_unite is None:
        lacking.append("note_unite")
    yield from ((key, "à écrire") for key in lacking)
    if indicateur.statut_documentation != "validee" and len(lacking) < len(_TEXTS) + len(_METADONNEES):
        yield "statut_documentation", "à valider"
