"""What would be right, by the rule that a row breaks: a sentence for the ministry that is asked to put it right."""

from __future__ import annotations

_REMEDIES = {
    "valeur_illisible": "Un nombre, ou une cellule vide s'il n'y a pas de valeur.",
    "date_illisible": "Une date écrite comme dans les autres lignes.",
    "territoire_inconnu": "Le code ou le nom officiel du territoire.",
    "valeurs_contradictoires": "Une seule valeur pour cet indicateur, ce territoire et cette date.",
    "doublon_identique": "Une seule fois cette ligne.",
    "indicateur_hors_catalogue": "Le nom d'un indicateur suivi, ou pas de ligne.",
    "comptage_negatif": "Un nombre positif ou nul, ou la confirmation de celui-ci.",
    "pourcentages_melanges": "La même écriture dans toute la colonne : 12,5 % ou 12,5.",
    "serie_trouee": "Les valeurs qui manquent, ou la confirmation qu'il n'y en a pas.",
    "source_en_retard": "Des valeurs plus récentes.",
    "couverture_en_baisse": "Les valeurs des territoires qui manquent.",
    "territoire_disparu": "Les valeurs de ce territoire, ou la confirmation qu'il n'en a plus.",
    "somme_incoherente": "Un total égal à la somme de ses parties, ou ce qui explique l'écart.",
    "cible_du_mauvais_cote": "Une cible qui va dans le sens du progrès, ou le bon point de départ.",
    "cumul_decroissant": "Un cumul qui ne diminue pas, ou ce qui explique qu'il ait été révisé.",
    "valeur_remplacee": "Rien, si le fichier le plus récent a raison ; sinon, la bonne valeur.",
    "libelle_et_unite": "Un libellé et une unité qui parlent tous deux d'un nombre, ou tous deux d'une part.",
    "territoire_en_retrait": "Rien, si les chiffres sont justes : c'est un fait à connaître. Sinon, les bons chiffres.",
    "engagement_contredit": "Un statut que les indicateurs confirment, ou ce qui explique l'écart.",
    "action_sans_engagement": "Le numéro de l'engagement dont cette action fait partie.",
    "explication_sans_objet": "L'explication d'une cible échue et non atteinte, ou pas de ligne.",
}
_REMEDY = "À vérifier : la bonne valeur, ou la confirmation de celle-ci."


def remedy(rule: str) -> str:
    """Say what would be right of a row that breaks this rule."""
    return _REMEDIES.get(rule, _REMEDY)
