"""What each ministry is asked to put right: every reject and every row of every alert, with its place, in its own file.

The page counts them by indicator; the file has a row each, for a spreadsheet, with what would be right.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path
from typing import Any

import duckdb

from barometre_pipeline.catalogue import Catalogue
from barometre_pipeline.french import counted, day, number
from barometre_pipeline.quality.remedies import remedy
from barometre_pipeline.quality.spreadsheet_csv import write_spreadsheet_csv
from barometre_pipeline.quality.wording import Names, precision
from barometre_pipeline.resources.duckdb_files import rows_of
from barometre_pipeline.slugs import slug

FOLDER = "a-corriger"
HEADINGS = (
    *("Indicateur", "Territoire", "Date", "Ce qui ne va pas", "Ce qui est livré", "Ce qui en est calculé"),
    "Ce qui serait juste",
    *("Livraison", "Fichier", "Feuille", "Ligne", "Colonne"),
)

_NOBODY = "Sans ministère désigné"
_A_DOUBLE = re.compile(r"-?\d+\.\d+")
_OF_THE_REJECTS = "stg_rejets"  # the table of the rules whose rows are rejects

# What was delivered is not what is published where the series is a running sum, a difference or a multiple of it.
_ROWS = f"""
    with delivered as (
        select
            livraison, fichier, feuille, ligne, colonne, id_indicateur, maille, code, date, min(valeur) as valeur
        from raw.valeurs
        semi join qualite.alertes using (livraison, id_indicateur, maille, code, date)
        group by all
    ),

    producers as (
        select distinct v.id_indicateur, l.ministere
        from (select distinct id_indicateur, livraison from raw.valeurs) as v
        join raw.livraisons as l on l.livraison = v.livraison
    ),

    asked as (
        select
            l.ministere, '{_OF_THE_REJECTS}' as table_controlee, r.regle, r.motif as precision, r.contenu,
            null as livree, null as valeur,
            r.id_indicateur, r.maille, r.code, r.date, r.livraison, r.fichier, r.feuille, r.ligne, r.colonne
        from stg_rejets as r
        left join raw.livraisons as l on l.livraison = r.livraison
        union all
        -- Of a computed value, all those who deliver what it is made of.
        select
            coalesce(l.ministere, p.ministere), a.table_controlee, a.regle, a.detail, a.contenu,
            -- An objective is used as it is delivered.
            if(a.date is null and a.livraison is not null, a.valeur, d.valeur), a.valeur,
            a.id_indicateur, a.maille, a.code, a.date, a.livraison, a.fichier, a.feuille, a.ligne, a.colonne
        from qualite.alertes as a
        left join raw.livraisons as l on l.livraison = a.livraison
        left join producers as p on l.livraison is null and p.id_indicateur = a.id_indicateur
        left join delivered as d
            on d.livraison = a.livraison and d.fichier is not distinct from a.fichier
            and d.feuille is not distinct from a.feuille and d.ligne is not distinct from a.ligne
            and d.colonne is not distinct from a.colonne and d.id_indicateur = a.id_indicateur
            and d.maille = a.maille and d.code = a.code and d.date = a.date
        where a.table_controlee != '{_OF_THE_REJECTS}'
    )

    select a.*, coalesce(c.titre, a.regle) as titre
    from asked as a
    left join qualite.controles as c on c.table_controlee = a.table_controlee and c.regle = a.regle
    order by a.ministere nulls last, a.id_indicateur nulls last, titre, a.livraison, a.fichier, a.feuille, a.ligne,
        a.maille, a.code, a.date, a.colonne, a.contenu, a.valeur, a.precision
"""

Row = dict[str, Any]


def write_files_to_correct(connection: duckdb.DuckDBPyConnection, catalogue: Catalogue, report: Path) -> list[Row]:
    """Write a file a ministry beside the report; return what its page says of each, in the order of their names."""
    names = Names(catalogue)
    rows = map(names.added_to, rows_of(connection, _ROWS))
    (report / FOLDER).mkdir()
    told: list[Row] = []
    for ministere, group in itertools.groupby(rows, lambda row: row["ministere"]):
        mine = list(group)
        file = _new_file(ministere or _NOBODY, {one["fichier"] for one in told})
        write_spreadsheet_csv(report / file, HEADINGS, map(_cells, mine))
        told.append(
            {
                "ministere": ministere or _NOBODY,
                "designe": ministere is not None,
                "fichier": file,
                "lignes": len(mine),
                "groupes": list(_groups(mine, catalogue)),
            }
        )
    return told


def _new_file(ministere: str, taken: Collection[str]) -> str:
    """Return the file of a ministry: two of them may have one slug, a name in another alphabet has none."""
    name = slug(ministere) or "ministere"
    names = itertools.chain([name], (f"{name}-{n}" for n in itertools.count(2)))
    return next(file for file in (f"{FOLDER}/{one}.csv" for one in names) if file not in taken)


def _cells(row: Row) -> Iterable[Any]:
    delivered = _shown(row["contenu"]) or (number(row["livree"]) if row["livree"] is not None else "")
    made = number(row["valeur"]) if row["valeur"] is not None and row["valeur"] != row["livree"] else ""
    wrong = f"{row['titre']} : {precision(row['precision'])}" if row["precision"] else row["titre"]
    about = (
        row.get("libelle_indicateur") or row["id_indicateur"],
        row.get("lieu"),
        day(row["date"]) if row["date"] else "",
    )
    place = (row["livraison"], row["fichier"], row["feuille"], row["ligne"], row["colonne"])
    return (*about, wrong, delivered, made, remedy(row["regle"]), *place)


def _shown(content: str | None) -> str:
    """Return what a cell holds; a number that was kept as programs write it (41743.0), as people do."""
    return number(float(content)) if content and _A_DOUBLE.fullmatch(content) else content or ""


def _groups(rows: list[Row], catalogue: Catalogue) -> Iterator[Row]:
    """Yield what is wrong of each indicator, once for all the rows that a rule found."""
    for (id_, title), group in itertools.groupby(rows, lambda row: (row["id_indicateur"], row["titre"])):
        found = list(group)
        yield {
            "indicateur": found[0].get("libelle_indicateur") or id_ or "Toutes les lignes",
            "probleme": title,
            "lignes": len(found),
            "ou": _where(found, catalogue),
            "remede": remedy(found[0]["regle"]),
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
