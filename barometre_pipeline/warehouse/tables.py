"""What is in the analysts' warehouse: each table, view and macro, and where its rows come from.

A mart becomes a table of the warehouse by its line in `MARTS`. Columns and comments are those of the models.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

# From where the rows come: a table of the edition's build; a model of dbt_like_sql/warehouse/ run on that build, on a
# tree of the depot, on all its tags, or on the history itself.
Origin = Literal["mart", "edition", "arbre", "etiquettes", "histoire"]
_SOURCES: dict[Origin, str] = {
    "mart": "calcul de chaque édition",
    "edition": "calcul de chaque édition",
    "arbre": "publications du dépôt",
    "etiquettes": "étiquettes du dépôt",
    "histoire": "comparaison des éditions",
}


@dataclass(frozen=True)
class Table:
    """A table; `key` identifies its rows, and is declared where `keyed`; `edition` is the column that rows go by.

    `more` are the columns that the model `evolutions` adds, once the edition is compared with the one before it.
    `order` is that of the rows where another than the model's takes less room; `computed` are the columns that are
    computed from the others as they are read, for the same reason.
    """

    name: str
    comment: str
    key: tuple[str, ...]
    origin: Origin = "mart"
    keyed: bool = False
    edition: str = "edition"
    more: tuple[str, ...] = ()
    order: tuple[str, ...] = ()
    computed: Mapping[str, str] = field(default_factory=dict, hash=False)

    @property
    def source(self) -> str:
        """Return where its rows come from, as its comment says it."""
        return f"[source: {_SOURCES[self.origin]}]"

    @property
    def leaves_labels(self) -> bool:
        """Tell whether labels and ranks are left to the tables that describe indicators and territories."""
        return self.origin == "mart" and not self.keyed


_PLACE = ("maille", "code")
_SERIES = ("edition", "id_indicateur", *_PLACE)
# What the history adds to a mart: the columns of `evolutions`.
_EVOLUTION = ("evolution_constante", "effet_perimetre")
# As the model computes them, from the columns beside them: a test compares both.
_PACE = {
    "rythme": "case when phi > 0 then tau / phi end",
    "ecart_points": "100 * (tau - phi)",
    "valeur_attendue": "valeur_initiale + (cible - valeur_initiale) * phi",
}

MARTS = (
    Table(
        "indicateurs",
        "Indicateurs : ce que chacun mesure et comment ses chiffres sont calculés.",
        ("edition", "id_indicateur"),
        keyed=True,
    ),
    Table(
        "detail",
        "Séries publiées, dans la dernière publication de chaque édition.",
        (*_SERIES, "date"),
        order=("id_indicateur", "date", "maille", "code"),
    ),
    Table(
        "synthese",
        "Où en est chaque indicateur dans chaque territoire : valeurs initiale et actuelle, cible, avancement.",
        _SERIES,
    ),
    Table("etapes", "Cibles successives de chaque objectif.", (*_SERIES, "date_cible")),
    Table(
        "progression",
        "Où en est chaque indicateur sur le chemin de sa cible : statut, dates prévues, calendrier. La valeur "
        "comparable vc est la dernière valeur, ou d’un compte annuel les douze derniers mois, sinon la dernière année "
        "complète, jamais l’année en cours. Le statut se lit sur les valeurs, jamais sur un taux arrondi, à la date de "
        "la valeur. Date prévue : date_valeur_initiale + (dvc - date_valeur_initiale) / tau, à la fin du mois.",
        _SERIES,
        computed=_PACE,
    ),
    Table(
        "cibles_manquees",
        "Cibles échues et non atteintes, autant qu’on le sache : date_cible au plus tard à la fin de l’édition, et "
        "statut autre qu’atteint.",
        _SERIES,
    ),
    Table(
        "explications",
        "Pourquoi une cible échue n’est pas atteinte ; sinon un avis, qui le dit ou que le résultat reste à constater.",
        _SERIES,
    ),
    Table(
        "avancement_mesures",
        "Avancement de chaque politique dans chaque territoire : moyenne des taux de ses indicateurs, pondérée par le "
        "catalogue. Un taux va de 0 à 100 ; une cible sans valeur compte dans attendus et rend taux vide.",
        ("edition", "id_mesure", *_PLACE),
    ),
    Table(
        "avancement_secteurs",
        "Avancement de chaque secteur dans chaque territoire : moyenne des taux connus de ses politiques ; les comptes "
        "sont ceux des statuts. De l’édition d’avant à celle-ci, le taux change de evolution_constante "
        "+ effet_perimetre.",
        ("edition", "id_secteur", *_PLACE),
        more=_EVOLUTION,
    ),
    Table(
        "avancement_territoires",
        "Avancement de chaque territoire, tous secteurs ensemble, comme celui de ses secteurs. Pour comparer des "
        "territoires : taux_commun, sur les mêmes indicateurs.",
        ("edition", *_PLACE),
        more=_EVOLUTION,
    ),
    Table(
        "classement",
        "Rang des territoires d’une maille par un indicateur, à une même date à une période près ; rien de ce qui est "
        "recopié d’une maille supérieure.",
        _SERIES,
    ),
    Table(
        "couverture",
        "Où chaque indicateur est publié, sans valeur, ou non concerné (le catalogue dit où il n’a pas lieu d’être).",
        _SERIES,
    ),
    Table(
        "engagements",
        "Engagements suivis : leur statut et leur calendrier, tels que les déclarent les institutions qui les portent.",
        ("edition", "id_engagement"),
    ),
    Table(
        "actions",
        "Actions des engagements, telles que les déclarent les institutions qui les portent.",
        ("edition", "id_engagement", "rang"),
    ),
    Table(
        "origines",
        "D’où vient chaque valeur publiée : livraison, fichier, feuille, ligne, colonne. Une somme a une ligne par "
        "territoire qu’elle additionne.",
        (*_SERIES, "date", "maille_source", "code_source"),
        order=("id_indicateur", "date", "maille_source", "code_source", "maille", "code"),
    ),
)
BY_EDITION = (
    Table("secteurs", "Secteurs de l’action publique.", ("edition", "id_secteur"), "edition", keyed=True),
    Table("mesures", "Politiques publiques suivies.", ("edition", "id_mesure"), "edition", keyed=True),
    Table("territoires", "Territoires et ce qui les contient.", ("edition", "maille", "code"), "edition", keyed=True),
    Table(
        "livraisons",
        "Livraisons dont une édition est faite : ce qui a été reçu, ce qui y a été lu.",
        ("edition", "livraison"),
        "edition",
        keyed=True,
    ),
    Table(
        "taux_indicateurs",
        "Taux de chaque indicateur dans chaque territoire, et son poids dans l’avancement.",
        _SERIES,
        "edition",
    ),
    Table(
        "corrections",
        "Valeurs livrées que l’on sait fausses, et ce qui vaut à leur place.",
        (*_SERIES, "date", "attendu"),
        "edition",
    ),
    Table(
        "rejets",
        "Ce qui a été livré et mis de côté, avec sa place et son motif.",
        ("edition", "livraison", "fichier", "feuille", "ligne", "colonne", "regle"),
        "edition",
    ),
    Table(
        "controles",
        "Ce que chaque règle de qualité a trouvé.",
        ("edition", "table_controlee", "regle"),
        "edition",
        keyed=True,
    ),
    Table(
        "alertes",
        "Toutes les lignes de toutes les alertes, avec leur place dans ce qui a été livré.",
        ("edition", "regle", "id_indicateur", "maille", "code", "date"),
        "edition",
    ),
)
PUBLICATIONS = (
    Table(
        "detail_publications",
        "Séries des publications remplacées ou retirées.",
        ("publication", *_SERIES[1:], "date"),
        "arbre",
    ),
    Table(
        "synthese_publications",
        "Synthèses des publications remplacées ou retirées.",
        ("publication", *_SERIES[1:]),
        "arbre",
    ),
)
EDITIONS = Table(
    "editions",
    "Publications : pour chaque édition, celle en vigueur n’est ni remplacée ni retirée.",
    ("publication",),
    "etiquettes",
    keyed=True,
)
_BEFORE, _AFTER = (
    f"case when champ not in ('libelle', 'unite') then try_cast({c} as double) end" for c in ("avant", "apres")
)
_DIFFERENCES = {
    "ecart": f"{_AFTER} - {_BEFORE}",
    "ecart_pct": f"100 * ({_AFTER} - {_BEFORE}) / nullif(abs({_BEFORE}), 0)",
}
COMPARISONS = (
    Table(
        "revisions",
        "Ce qui change d’une édition publiée à la suivante, dans les séries, la synthèse et les indicateurs, avec la "
        "nature et la cause.",
        ("edition_avant", "edition_apres", "table", "champ", *_SERIES[1:], "date"),
        "histoire",
        edition="edition_apres",
        computed=_DIFFERENCES,
    ),
    Table(
        "evolutions",
        "Évolution de l’avancement d’une édition à la suivante, à périmètre constant et par effet de périmètre.",
        ("edition_avant", "edition_apres", "id_secteur", *_PLACE),
        "histoire",
        edition="edition_apres",
    ),
    Table(
        "evolutions_engagements",
        "Statuts et calendriers d’engagements qui changent d’une édition à la suivante.",
        ("edition_avant", "edition_apres", "id_engagement", "champ"),
        "histoire",
        edition="edition_apres",
    ),
    Table(
        "palmares",
        "Plus grands mouvements d’une édition à la suivante, dans chaque maille.",
        ("edition_avant", "edition_apres", *_SERIES[1:]),
        "histoire",
        edition="edition_apres",
    ),
)
TABLES = (EDITIONS, *MARTS, *BY_EDITION, *PUBLICATIONS, *COMPARISONS)

# Models of dbt_like_sql/warehouse/ that are views of the tables.
_DEPOT = "[source: publications du dépôt]"
VIEWS = {
    "detail_par_publication": f"Séries de toutes les publications, remplacées et retirées comprises. {_DEPOT}",
    "synthese_par_publication": f"Synthèses de toutes les publications, remplacées et retirées comprises. {_DEPOT}",
    "detail_vintages": f"Chaque valeur, et de quelle publication à quelle autre elle était celle connue. {_DEPOT}",
}


@dataclass(frozen=True)
class Macro:
    """A table macro: what it is called with, its query, what it is for."""

    name: str
    parameters: str
    query: str
    comment: str


# DuckDB binds the names in a macro where it is called, hence `base`: the name under which the file is attached.
_KNOWN = """
    select p.* exclude (en_vigueur)
    from query_table(base || '.{0}_par_publication') as p
    where (p.edition = publication and p.en_vigueur)
        or (p.publication = publication and p.publication != p.edition)
        or (p.edition || '.0' = publication and p.publication = p.edition)
"""
_KNOWN_COMMENT = (
    "{0} connaissait à une publication : 2021-T4.1, 2021-T4 pour la dernière publication de l’édition, "
    "2021-T4.0 pour la première. Fichier attaché sous un autre nom h : h.{1}('2021-T4', base := 'h'). "
    "[source: publications du dépôt]"
)
MACROS = tuple(
    Macro(name, "publication, base := 'main'", _KNOWN.format(table), _KNOWN_COMMENT.format(what, name))
    for name, table, what in (
        ("detail_connu", "detail", "Le détail comme on le"),
        ("synthese_connue", "synthese", "La synthèse comme on la"),
    )
)
