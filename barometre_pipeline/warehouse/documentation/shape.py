"""What the file of the warehouse has, by subject, with its comments: read in a file without a row."""

from __future__ import annotations

import re
from dataclasses import dataclass

import duckdb

from barometre_pipeline.catalogue import default_levels
from barometre_pipeline.warehouse.definition import HISTORY, Definition, create_tables, make_views
from barometre_pipeline.warehouse.tables import TABLES, VIEWS

SUBJECTS = {
    "Ce dont on parle": ("editions", "secteurs", "mesures", "indicateurs", "territoires"),
    "Ce qui est publié": ("detail", "synthese", "etapes", "couverture"),
    "Où l’on en est": ("progression", "cibles_manquees", "explications", "classement"),
    "Avancement": ("taux_indicateurs", "avancement_mesures", "avancement_secteurs", "avancement_territoires"),
    "Ce qui change d’une édition à l’autre": ("revisions", "evolutions", "palmares"),
    "Ce que l’on savait, et quand": (
        "detail_publications",
        "synthese_publications",
        "detail_par_publication",
        "synthese_par_publication",
        "detail_vintages",
    ),
    "D’où viennent les chiffres": ("origines", "livraisons", "rejets", "corrections"),
    "Contrôles, et questions": ("controles", "alertes", "exemples"),
}
_OTHERS = "Autres"
_ABOUT = re.compile(r"\s*\[(unité|source): ([^\]]+)\]")
_TABLES = f"""
    select table_name, comment from duckdb_tables() where database_name = '{HISTORY}'
    union all
    select view_name, comment from duckdb_views()
    where database_name = '{HISTORY}' and not internal and not ends_with(view_name, '_derniere')
    order by all
"""
_COLUMNS = f"""
    select table_name, column_name, if(data_type like 'ENUM%', 'maille', lower(data_type)), comment
    from duckdb_columns()
    where database_name = '{HISTORY}'
    order by table_name, column_index
"""
_MACROS = f"""
    select function_name || '(' || array_to_string(parameters, ', ') || ')', comment
    from duckdb_functions()
    where database_name = '{HISTORY}' and not internal
    order by all
"""


@dataclass(frozen=True)
class Column:
    """A column: its name, its type, what it means, its unit and its source."""

    name: str
    type: str
    meaning: str
    unit: str
    source: str


@dataclass(frozen=True)
class Shown:
    """A table or a view, with the columns that identify its rows (none are known of a view)."""

    name: str
    comment: str
    is_view: bool
    key: tuple[str, ...]
    columns: tuple[Column, ...]


@dataclass(frozen=True)
class Shape:
    """The tables and views by subject; the macros, each as it is called, with its comment."""

    subjects: dict[str, list[Shown]]
    macros: list[tuple[str, str]]


def shape_of(definition: Definition) -> Shape:
    """Return what a file of this definition has, at the levels of the package."""
    with duckdb.connect() as connection:
        connection.execute(f"attach ':memory:' as {HISTORY}")
        create_tables(connection, definition, [maille.id for maille in default_levels()])
        make_views(connection, definition)
        columns: dict[str, list[Column]] = {}
        for table, *about in connection.execute(_COLUMNS).fetchall():
            columns.setdefault(table, []).append(_column(*about))
        keys = {table.name: table.key for table in TABLES}
        found = {
            name: Shown(name, comment, name in VIEWS, keys.get(name, ()), tuple(columns[name]))
            for name, comment in connection.execute(_TABLES).fetchall()
        }
        macros = [(call, _ABOUT.sub("", comment)) for call, comment in connection.execute(_MACROS).fetchall()]
    subjects = {subject: [found.pop(name) for name in names] for subject, names in SUBJECTS.items()}
    return Shape(subjects | ({_OTHERS: list(found.values())} if found else {}), macros)


def _column(name: str, type_: str, comment: str) -> Column:
    about = dict(_ABOUT.findall(comment))
    return Column(name, type_, _ABOUT.sub("", comment), about.get("unité", ""), about.get("source", ""))
