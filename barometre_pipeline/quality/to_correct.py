"""What each ministry is asked to put right: every reject and every row of every alert, with its place, in its own file.

The page counts them by indicator; the file has a row each, for a spreadsheet, with what would be right.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby
from pathlib import Path
from typing import Any

import duckdb

from barometre_pipeline.catalogue import Catalogue
from barometre_pipeline.french import counted, day, number
from barometre_pipeline.quality.spreadsheet_csv import write_spreadsheet_csv
from barometre_pipeline.quality.wording import Names, precision
from barometre_pipeline.resources.duckdb_files import rows_of
from barometre_pipeline.slugs import slug

FOLDER = "a-corriger"
HEADINGS = (
    *("Indicateur", "Territoire", "Date", "Ce qui ne va pas", "Ce qui est livré", "Ce qui serait juste"),
    *("Livraison", "Fichier", "Feuille", "Ligne", "Colonne"),
)

# What would be right, by the rule that a row breaks.
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
}
_REMEDY = "À vérifier : la bonne valeur, ou la confirmation de celle-ci."
_NOBODY = "Sans ministère désigné"

_ROWS = """
    with titles as (select regle, min(titre) as titre from qualite.controles group by regle),

    of_the_rejects as (select regle from qualite.controles where table_controlee = 'stg_rejets'),

    producers as (
        select distinct v.id_indicateur, l.ministere
        from (select distinct id_indicateur, livraison from raw.valeurs) as v
        join raw.livraisons as l on l.livraison = v.livraison
    ),

    asked as (
        select
            l.ministere, r.regle, r.motif as precision, r.contenu, null as valeur,
            r.id_indicateur, r.maille, r.code, r.date, r.livraison, r.fichier, r.feuille, r.ligne, r.colonne
        from stg_rejets as r
        left join raw.livraisons as l on l.livraison = r.livraison
        union all
        -- Of a computed value, all those who deliver what it is made of.
        select
            coalesce(l.ministere, p.ministere), a.regle, a.detail, a.contenu, a.valeur,
            a.id_indicateur, a.maille, a.code, a.date, a.livraison, a.fichier, a.feuille, a.ligne, a.colonne
        from qualite.alertes as a
        left join raw.livraisons as l on l.livraison = a.livraison
        left join producers as p on l.livraison is null and p.id_indicateur = a.id_indicateur
        anti join of_the_rejects as o on o.regle = a.regle
    )

    select a.*, coalesce(t.titre, a.regle) as titre
    from asked as a
    left join titles as t on t.regle = a.regle
    order by a.ministere nulls last, a.id_indicateur nulls last, titre, a.livraison, a.fichier, a.feuille, a.ligne,
        a.maille, a.code, a.date, a.colonne, a.contenu, a.valeur, a.precision
"""

Row = dict[str, Any]


def write_files_to_correct(connection: duckdb.DuckDBPyConnection, catalogue: Catalogue, report: Path) -> list[Row]:
    """Write a file a ministry beside the report; return what its page says of each, in the order of their names."""
    names = Names(catalogue)
    rows = map(names.added_to, rows_of(connection, _ROWS))
    (report / FOLDER).mkdir()
    told = []
    for ministere, group in groupby(rows, lambda row: row["ministere"]):
        mine = list(group)
        file = f"{FOLDER}/{slug(ministere or _NOBODY)}.csv"
        write_spreadsheet_csv(report / file, HEADINGS, map(_cells, mine))
        told.append(
            {
                "ministere": ministere or _NOBODY,
                "fichier": file,
                "lignes": len(mine),
                "groupes": list(_groups(mine, catalogue)),
            }
        )
    return told


def _cells(row: Row) -> Iterable[Any]:
    delivered = row["contenu"] or (number(row["valeur"]) if row["valeur"] is not None else "")
    wrong = f"{row['titre']} : {precision(row['precision'])}" if row["precision"] else row["titre"]
    about = (
        row.get("libelle_indicateur") or row["id_indicateur"],
        row.get("lieu"),
        day(row["date"]) if row["date"] else "",
    )
    place = (row["livraison"], row["fichier"], row["feuille"], row["ligne"], row["colonne"])
    return (*about, wrong, delivered, _REMEDIES.get(row["regle"], _REMEDY), *place)


def _groups(rows: list[Row], catalogue: Catalogue) -> Iterator[Row]:
    """Yield what is wrong of each indicator, once for all the rows that a rule found."""
    for (id_, title), group in groupby(rows, lambda row: (row["id_indicateur"], row["titre"])):
        found = list(group)
        yield {
            "indicateur": found[0].get("libelle_indicateur") or id_ or "Toutes les lignes",
            "probleme": title,
            "lignes": len(found),
            "ou": _where(found, catalogue),
            "remede": _REMEDIES.get(found[0]["regle"], _REMEDY),
        }


def _where(rows: list[Row], catalogue: Catalogue) -> str:
    """Say « 26 départements, 31/03/2021 »."""
    places: list[str] = []
    for maille in catalogue.mailles:
        codes = {row["code"] for row in rows if row["maille"] == maille.id and row["code"]}
        one = next((row.get("lieu") for row in rows if row["maille"] == maille.id), None)
        if codes:
            places.append(counted(len(codes), maille.libelle, maille.libelle_pluriel) if len(codes) > 1 else one or "")
    dates = sorted({row["date"] for row in rows if row["date"]})
    if len(dates) == 1:
        places.append(day(dates[0]))
    elif dates:
        places.append(f"{number(len(dates))} dates, du {day(dates[0])} au {day(dates[-1])}")
    return ", ".join(places)
