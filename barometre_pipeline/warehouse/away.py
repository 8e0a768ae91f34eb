"""The rows of an edition that was built away, read again in its published tree: into an empty build, into the history.

What is published of an edition is its marts, the rows of its alerts, and the causes of what changed in it; what was
delivered to it is not known here.
"""

from __future__ import annotations

from collections.abc import Mapping

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from barometre_pipeline.quality.suites import read_suites
from barometre_pipeline.stage.loading import load_catalogue_tables
from barometre_pipeline.warehouse.definition import EMPTY, HISTORY, Definition
from barometre_pipeline.warehouse.tables import MARTS

Tables = Mapping[str, pa.Table]

_CAUSES = "memory.causes_publiees"
# What the published rows of an edition do not say, by the aliases of the query that puts them.
_OF_THE_CATALOGUE = ("id_secteur", "id_mesure", "unite", "ordre_mesure", "ordre_indicateur")
_COMPUTED = (
    "case when a.methode is null then 'livree' when a.methode = 'recopie' then 'recopiee' else 'agregee' end origine",
    "a.maille_source",
    "a.enfants",
    "a.enfants_attendus",
)


def fill_empty_build(
    connection: duckdb.DuckDBPyConnection, definition: Definition, tables: Tables, catalogue: Tables
) -> list[str]:
    """Put the published tables of an edition, and its catalogue's, into the empty build; return the marts with rows."""
    connection.execute(f"use {EMPTY}")
    load_catalogue_tables(connection, {**catalogue, "indicateurs": _of_the_edition(tables, catalogue["indicateurs"])})
    filled = [t.name for t in MARTS if t.name in tables]
    for name in filled:
        _replace(connection, name, tables)
    filled.append("int_valeurs")
    connection.execute(
        f"insert into int_valeurs by name select {_shared(connection, 'int_valeurs', 'detail')} from detail"
    )
    computed = ["int_frequences", "couverture"]
    if "indicateurs" not in tables:  # a tree of before they were published
        computed.append("indicateurs")
    if "progression" in tables:
        computed += ["cibles_manquees", "classement", "int_taux"]
    return [*filled, *(_computed(connection, definition, name) for name in computed)]


def _of_the_edition(tables: Tables, indicators: pa.Table) -> pa.Table:
    """Return the catalogue's indicators that the edition had: today's catalogue may have others."""
    if "indicateurs" not in tables:
        return indicators
    return indicators.filter(pc.is_in(indicators["id_indicateur"], tables["indicateurs"]["id_indicateur"]))


def _shared(connection: duckdb.DuckDBPyConnection, table: str, other: str) -> str:
    return ", ".join(sorted(_columns(connection, table) & _columns(connection, other)))


def _computed(connection: duckdb.DuckDBPyConnection, definition: Definition, name: str) -> str:
    """Put what a model gives from what is there, and return its name."""
    model = next(m for m in definition.of_an_edition if m.name == name)
    connection.execute(f"insert into {name} by name {model.sql}")
    return name


def _replace(connection: duckdb.DuckDBPyConnection, name: str, tables: Tables) -> None:
    """Put published rows into a mart, with what the catalogue says of their indicators where they do not."""
    rows = _known_columns(connection, name, tables[name])
    missing = _columns(connection, name) - set(rows.column_names)
    said, more = ["e.edition"], ""
    if "territoire" in missing:
        said.append("r.maille || '-' || r.code as territoire")
    if "id_indicateur" in rows.column_names:
        said += [f"i.{c}" for c in _OF_THE_CATALOGUE if c in missing]
        more = "left join catalogue.indicateurs as i using (id_indicateur)"
    if name == "detail" and "agregations" in tables:
        connection.register("agregees", tables["agregations"])
        said += _COMPUTED
        more += " left join agregees as a using (id_indicateur, maille, code, date)"
    connection.register("publiees", rows)
    connection.execute(f"""
        insert into {name} by name
        select r.*, {", ".join(said)}
        from publiees as r
        {more}
        cross join catalogue.edition as e
    """)


def _columns(connection: duckdb.DuckDBPyConnection, table: str) -> set[str]:
    return {name for name, *_ in connection.execute(f"describe {table}").fetchall()}


def _known_columns(connection: duckdb.DuckDBPyConnection, table: str, rows: pa.Table) -> pa.Table:
    """Return what a table has of the columns of these rows: a later program may publish more of them."""
    known = _columns(connection, table)
    return rows.select([c for c in rows.column_names if c in known])


def put_published_alerts(connection: duckdb.DuckDBPyConnection, edition: str, tables: Tables) -> None:
    """Put the published rows of the alerts into the history; their sentence begins with the title of the rule.

    A title may hold a colon too: the longest of today's rules that the sentence begins with is it.
    """
    if "anomalies" not in tables:
        return
    titles = pa.table({"titre": sorted({e.title for suite in read_suites() for e in suite.attentes})})
    connection.register("titres", titles)
    connection.register("publiees", _known_columns(connection, f"{HISTORY}.main.alertes", tables["anomalies"]))
    connection.execute(
        f"""
        insert into {HISTORY}.main.alertes by name
        select
            p.* replace (
                coalesce(
                    (select arg_max(titre, length(titre)) from titres where starts_with(p.phrase, titre || ' : ')),
                    split_part(p.phrase, ' : ', 1)
                ) as phrase
            ),
            ? as edition
        from publiees as p
        """,
        [edition],
    )


def keep_published_causes(connection: duckdb.DuckDBPyConnection, tables: Tables) -> None:
    """Keep what is published of the causes of the changes of an edition, until it is compared."""
    if "changements" in tables:
        changes = _known_columns(connection, f"{HISTORY}.main.revisions", tables["changements"])
        connection.register("publiees", changes)
        connection.execute(f"create table if not exists {_CAUSES} as from publiees with no data")
        connection.execute(f"insert into {_CAUSES} by name from publiees where cause != 'inconnue'")


def set_published_causes(connection: duckdb.DuckDBPyConnection) -> None:
    """Give the changes of which nothing else is known the causes that were kept."""
    if not connection.execute("select 1 from duckdb_tables() where table_name = 'causes_publiees'").fetchall():
        return
    key = ("edition_avant", "edition_apres", '"table"', "champ", "id_indicateur", "maille", "code", "date")
    same = " and ".join(f"r.{name} is not distinct from c.{name}" for name in key)
    connection.execute(f"""
        update {HISTORY}.main.revisions as r set cause = c.cause
        from {_CAUSES} as c
        where r.cause = 'inconnue' and {same}
    """)
