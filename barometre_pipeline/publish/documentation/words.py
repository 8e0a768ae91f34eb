"""The French words of the documentation's closed vocabularies, for pages and PDF."""

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
