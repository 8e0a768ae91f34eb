"""The shape of the warehouse: the columns and types of its tables, their comments, and the identity of all of it.

Columns are those that the models give on tables without a row: nothing is said twice.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import duckdb
import pyarrow as pa

from barometre_pipeline.quality.alerts import TABLES as RESULTS
from barometre_pipeline.resources.duckdb_files import create_empty_table, literal
from barometre_pipeline.sql_models import OF_THE_HISTORY, SqlModel, column_comments, read_models
from barometre_pipeline.stage import RAW_TABLES
from barometre_pipeline.transform import run_models
from barometre_pipeline.warehouse.examples import COLUMNS as OF_THE_EXAMPLES
from barometre_pipeline.warehouse.examples import COMMENT, EXAMPLES, Example, create_examples, read_examples
from barometre_pipeline.warehouse.tables import EDITIONS, MACROS, TABLES, VIEWS, Macro, Table

HISTORY, EMPTY = "histoire", "vide"  # the names under which the file, and a build without a row, are attached

_TERRITORY = "Clé du territoire en une seule colonne, maille-code. [source: calcul]"
# Computed as it is read: stored, it would be a tenth of the file.
_GENERATED = "territoire varchar generated always as (maille::varchar || '-' || code) virtual"
# The others are counts and ranks, stored as integers: in blocks as small as ours, DuckDB hardly compresses a bigint.
_LARGE = ("octets", "population")
_LEVELS = ("maille", "maille_source", "parent_maille")
_LABELS = ("libelle_", "ordre_")

_KEY = [(c, pa.string()) for c in ("id_indicateur", "maille", "code")]
_PUBLICATION = [(c, pa.string()) for c in ("edition", "publication", "commit", "sha256_catalogue", "en_vigueur")]
_NUMBERS = (
    "valeur_actuelle",
    "valeur_initiale",
    "progression",
    "pourcentage_progression",
    "progression_derniere_maj",
    "pourcentage_progression_derniere_maj",
    "cible",
    "pourcentage_cible",
)
_DATES = ("date_valeur_actuelle", "date_valeur_initiale", "progression_derniere_maj_date", "date_cible")

# What is read of the depot, which models of the history read in the schema `depot`.
DEPOT_TABLES = {
    "publications": pa.schema(
        [*_PUBLICATION, ("debut", pa.date32()), ("fin", pa.date32())]
        + [(c, pa.int64()) for c in ("correction", "correction_en_vigueur")]
        + [("retiree", pa.bool_()), ("publique", pa.bool_()), ("provenance", pa.string()), ("empreinte", pa.string())]
    ),
    "publication": pa.schema([("edition", pa.string()), ("publication", pa.string())]),
    "detail": pa.schema([*_KEY, ("date", pa.date32()), ("valeur", pa.float64())]),
    "synthese": pa.schema([*_KEY, *[(c, pa.float64()) for c in _NUMBERS], *[(c, pa.date32()) for c in _DATES]]),
}


@dataclass(frozen=True)
class Definition:
    """The models that the warehouse is made of, and the questions that it answers."""

    of_an_edition: tuple[SqlModel, ...]
    of_the_history: dict[str, SqlModel]
    examples: tuple[Example, ...] = ()

    @classmethod
    def read(cls, of_an_edition: Sequence[SqlModel] | None = None) -> Definition:
        """Read the models, those of an edition where they are not given; EditedFileError where one is ill written."""
        of_the_history = {m.name: m for m in read_models(layers=OF_THE_HISTORY)}
        return cls(tuple(of_an_edition or read_models()), of_the_history, tuple(read_examples()))

    @cached_property
    def identity(self) -> str:
        """Return the sha256 of all that says what the file holds: a file of another one is made anew."""
        texts = sorted((m.name, m.sql) for m in (*self.of_an_edition, *self.of_the_history.values()))
        said = repr((TABLES, VIEWS, MACROS, texts, DEPOT_TABLES, self.examples))
        return hashlib.sha256(said.encode()).hexdigest()

    @cached_property
    def comments(self) -> dict[str, dict[str, str]]:
        """Return the comment of each column, by table or view."""
        ordered = [*self.of_an_edition, *self.of_the_history.values()]
        said = column_comments(ordered)
        for table in TABLES:
            said[table.name].update({name: said["evolutions"][name] for name in table.more})
        return {name: {"territoire": _TERRITORY, **columns} for name, columns in said.items()}


def query_of(table: Table, definition: Definition) -> str:
    """Return the SELECT that gives the rows of a table, in their order, as its model says."""
    if table.origin != "mart":
        return definition.of_the_history[table.name].sql
    return f"from {table.name}" + (f" order by {', '.join(table.order)}" if table.order else "")


def kept_columns(table: Table, given: Iterable[str]) -> list[str]:
    """Return the columns that a table has of those that its query gives."""
    return [name for name in given if not (table.leaves_labels and name.startswith(_LABELS))]


def create_tables(connection: duckdb.DuckDBPyConnection, definition: Definition, mailles: Sequence[str]) -> None:
    """Make every table in the attached file `histoire`, without a row; `mailles` go from the whole to the parts."""
    make_empty_build(connection, definition)
    prepare_history(connection, mailles)
    connection.execute("begin")  # each statement would be written to the disk else
    for table in TABLES:
        place = {"mart": EMPTY, "edition": EMPTY, "histoire": HISTORY}.get(table.origin, "memory")
        connection.execute(f"use {place}")
        given = connection.execute(f"describe {query_of(table, definition)}").fetchall()
        create_table(connection, table, {name: type_ for name, type_, *_ in given})
        _comment(connection, "table", table.name, f"{table.comment} {table.source}", definition.comments[table.name])
    create_examples(connection)
    _comment(connection, "table", EXAMPLES, COMMENT, OF_THE_EXAMPLES)
    connection.execute("commit")


def prepare_history(connection: duckdb.DuckDBPyConnection, mailles: Sequence[str]) -> None:
    """Make what the tables of the attached file `histoire` are made with: its levels, no publication, no pair."""
    levels = ", ".join(literal(maille) for maille in mailles)
    connection.execute(f"use {HISTORY}")
    connection.execute(f"create type maille as enum ({levels})")
    make_empty_depot(connection)
    connection.execute("create or replace temp table paires (edition_avant varchar, edition_apres varchar)")


def create_table(connection: duckdb.DuckDBPyConnection, table: Table, given: Mapping[str, str]) -> None:
    """Make a table in the attached file `histoire`, of the columns that its query gives, each with its type."""
    columns = []
    for name in kept_columns(table, given):
        formula = f" generated always as ({table.computed[name]}) virtual" if name in table.computed else ""
        columns.append(f'"{name}" {_type(name, given[name])}{formula}')
        if name == "code" and table.origin == "mart" and "territoire" not in given:
            columns.append(_GENERATED)
    columns += [f"{name} double" for name in table.more]
    key = [f"primary key ({', '.join(table.key)})"] if table.keyed else []
    connection.execute(f"use {HISTORY}")
    connection.execute(f"create table {table.name} ({', '.join(columns + key)})")


def _type(name: str, given: str) -> str:
    if name in _LEVELS:
        return "maille"
    return "integer" if given == "BIGINT" and name not in _LARGE else given


def make_empty_build(connection: duckdb.DuckDBPyConnection, definition: Definition) -> None:
    """Attach, as `vide`, what an edition's build would be without a row."""
    connection.execute(f"attach ':memory:' as {EMPTY}")
    connection.execute(f"use {EMPTY}")
    for name, columns in {**{n: t.columns for n, t in RAW_TABLES.items()}, **RESULTS}.items():
        create_empty_table(connection, name, columns)
    for _ in run_models(connection, list(definition.of_an_edition)):
        pass


def make_empty_depot(connection: duckdb.DuckDBPyConnection) -> None:
    """Make the tables of the schema `depot`, without a row."""
    connection.execute("use memory")
    for name, columns in DEPOT_TABLES.items():
        create_empty_table(connection, f"depot.{name}", columns)


def make_views(connection: duckdb.DuckDBPyConnection, definition: Definition) -> None:
    """Make the views and macros, with their comments: the `…_derniere` views are of the edition that is public."""
    connection.execute(f"use {HISTORY}")
    connection.execute("begin")
    for table in TABLES:
        name = make_latest_view(connection, table)
        told = f"{table.comment} Édition publique seulement. {table.source}"
        _comment(connection, "view", name, told, definition.comments[table.name])
    for name, comment in VIEWS.items():
        connection.execute(f"create view {name} as {definition.of_the_history[name].sql}")
        _comment(connection, "view", name, comment, definition.comments[name])
    for macro in MACROS:
        make_macro(connection, macro)
        connection.execute(f"comment on macro table {macro.name} is {literal(macro.comment)}")
    connection.execute("commit")


def make_latest_view(connection: duckdb.DuckDBPyConnection, table: Table) -> str:
    """Make the view of a table's rows of the public edition, in the database in use; return its name."""
    rows = "publique" if table == EDITIONS else f"{table.edition} = (select edition from editions where publique)"
    name = f"{table.name}_derniere"
    connection.execute(f"create view {name} as select * from {table.name} where {rows}")
    return name


def make_macro(connection: duckdb.DuckDBPyConnection, macro: Macro) -> None:
    """Make a macro in the database in use."""
    connection.execute(f"create macro {macro.name}({macro.parameters}) as table {macro.query}")


def _comment(
    connection: duckdb.DuckDBPyConnection, kind: str, name: str, comment: str, columns: dict[str, str]
) -> None:
    there = [column for column, *_ in connection.execute(f"describe {name}").fetchall()]
    told = [f'column {name}."{column}" is {literal(columns[column])}' for column in there if column in columns]
    statements = [f"comment on {one}" for one in (f"{kind} {name} is {literal(comment)}", *told)]
    connection.execute("; ".join(statements))  # one by one, they would take a fifth more
