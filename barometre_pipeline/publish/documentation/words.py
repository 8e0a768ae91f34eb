"""The French words of the documentation's closed vocabularies, for pages and PDF."""

from __future__ import annotations

from collections.abc import Iterator

from barometre_pipeline.catalogue.documentation import Origine
from barometre_pipeline.editions import Edition
from barometre_pipeline.french import day
from barometre_pipeline.publish.documentation.facts import Facts

STATUTS = {
    "non_renseigne": "non renseigné",
    "non_demarre": "non démarré",
    "partiel": "partiel",
    "substantiel": "substantiel",
    "complet": "complet",
}
CALENDRIERS = {"conforme": "conforme", "retarde": "retardé"}
UNSAID = "non déclaré"  # in the place of either
DOCUMENTATION: dict[str | None, str] = {
    "proposee": "proposée, pas encore validée par le producteur des données",
    "validee": "validée par le producteur des données",
}
METADATA = (
    ("Fréquence de mise à jour", "frequence"),
    ("Couverture temporelle", "couverture_temporelle"),
    ("Couverture spatiale", "couverture_spatiale"),
    ("Granularité spatiale", "granularite"),
    ("Nature des données", "nature"),
)
UNSAID_METADATA = "non renseignée"  # in the place of each, which are all feminine


def origin_in_words(origine: Origine | None) -> str:
    """Say who asked for an indicator, where and when, as far as it is known; "" where nothing is."""
    if origine is None:
        return ""
    who = "indicateur demandé par des citoyens" if origine.type == "citoyenne" else origine.type
    return ", ".join(filter(None, (who, origine.demarche, day(origine.date) if origine.date else None)))


def warnings(indicateur: str, edition: Edition, facts: Facts) -> Iterator[str]:
    """Yield what readers of an indicator's figures are warned of: earlier files that stand in, values put right."""
    for s in facts.sources.get(indicateur, ()):
        if s.edition_origine != str(edition):
            yield (
                f"La livraison {s.livraison} n'a pas été reçue pour cette édition : le fichier est celui de "
                f"l'édition {s.edition_origine}."
            )
    for c in facts.corrections.get(indicateur, ()):
        where = c["libelle_territoire"] or "tous les territoires"
        yield f"Valeur corrigée ({where}, {day(c['date'])}) : {c['motif']}"
