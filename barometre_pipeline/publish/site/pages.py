"""A page of the site, and where pages are; navigation, plan du site, sitemap and search come from the list of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from barometre_pipeline.catalogue import Engagement, Indicateur, Mesure, Secteur, Territoire
from barometre_pipeline.publish.site.beside import Table
from barometre_pipeline.slugs import portable

HOME = "index.html"

# The pages that every other leads to, in the order of the navigation.
NAVIGATION = {
    "index.html": "Accueil",
    "territoires.html": "Territoires",
    "indicateurs.html": "Indicateurs",
    "retards.html": "Retards",
    "nouveautes.html": "Ce qui change",
    "donnees.html": "Données",
    "methode.html": "Méthode",
}


@dataclass(frozen=True)
class Page:
    """One page: its path in the site, its title, its template with the values that are its own.

    `rubrique` is what the plan du site puts it under, `au_dessus` the path of the page above it, `mots` more words that
    it is found by, `table` what stands beside it as CSV and JSON.
    """

    path: str
    titre: str
    gabarit: str
    rubrique: str
    resume: str = ""
    au_dessus: str | None = HOME
    values: Mapping[str, Any] = field(default_factory=dict)
    mots: tuple[str, ...] = ()
    genre: str = ""
    table: Table | None = None

    @property
    def racine(self) -> str:
        """Return what leads from the page back to the site's own folder: "", "../" or "../../"."""
        return "../" * self.path.count("/")


def territory_path(lieu: Territoire) -> str:
    """Return the path of a territory's page."""
    return f"territoires/{portable(lieu.maille)}/{portable(lieu.code)}.html"


def indicator_path(indicateur: Indicateur | str) -> str:
    """Return the path of an indicator's page."""
    return f"indicateurs/{portable(indicateur if isinstance(indicateur, str) else indicateur.id)}.html"


def policy_path(mesure: Mesure) -> str:
    """Return the path of a policy's page."""
    return f"mesures/{portable(mesure.id)}.html"


def sector_path(secteur: Secteur) -> str:
    """Return the path of a sector's page."""
    return f"secteurs/{secteur.dossier}.html"


def commitment_path(engagement: Engagement | str) -> str:
    """Return the path of a commitment's page."""
    return f"engagements/{portable(engagement if isinstance(engagement, str) else engagement.id)}.html"
