"""Commitments that are followed by what their bearers declare: `engagements/*.yaml`, and the words of their deliveries.

Statuses and calendars are closed vocabularies, compared without case and accents; what was declared is kept as it was.
Nothing here is computed from numbers.
"""

from __future__ import annotations

import datetime as dt
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator

from barometre_pipeline.catalogue.documentation import Lien
from barometre_pipeline.documents.prose import Prose
from barometre_pipeline.fields import Name, Strict, Text, as_text
from barometre_pipeline.slugs import slug

STATUTS = ("non_demarre", "partiel", "substantiel", "complet")
STATUTS_D_ACTION = ("non_renseigne", *STATUTS)
CALENDRIERS = ("conforme", "retarde")


def closed_word(declared: str, words: tuple[str, ...]) -> str | None:
    """Return the word of a closed vocabulary that this one is, but for case and accents; None where it is none."""
    plain = slug(declared, join="_")
    return plain if plain in words else None


def _one_of(words: tuple[str, ...]) -> AfterValidator:
    def check(declared: str) -> str:
        if closed_word(declared, words) is None:
            raise ValueError(f"must be {', '.join(words)}")
        return declared

    return AfterValidator(check)


# As declared: `closed_word` is what is computed with.
StatutDeclare = Annotated[Text, _one_of(STATUTS)]
StatutDAction = Annotated[Text, _one_of(STATUTS_D_ACTION)]
CalendrierDeclare = Annotated[Text, _one_of(CALENDRIERS)]


class Action(Strict):
    """One action of a commitment: what was done, what comes next."""

    libelle: Text
    resultats: Prose | None = None
    prochaines_etapes: Prose | None = None
    statut: StatutDAction | None = None
    echeance: dt.date | None = None


class Engagement(Strict):
    """One commitment; `indicateurs` are the ids of those that illustrate it."""

    id: Annotated[Name, BeforeValidator(as_text)]
    libelle: Text
    axe: Text | None = None
    objectif: Prose | None = None
    description: Prose | None = None
    enjeux: Prose | None = None
    institutions: tuple[Text, ...] = ()
    mis_a_jour_le: dt.date | None = None
    calendrier: CalendrierDeclare | None = None
    statut: StatutDeclare | None = None
    exemples: tuple[Prose, ...] = ()
    contributions: tuple[Prose, ...] = ()
    liens: tuple[Lien, ...] = ()
    indicateurs: tuple[Name, ...] = ()
    actions: tuple[Action, ...] = ()
