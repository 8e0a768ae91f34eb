"""Puts rows into the history: those of an edition's build, of a published tree, of the tags, of two editions compared.

An edition's rows replace only themselves. The connection has the file attached as `histoire`.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path

import duckdb
import pyarrow as pa

from barometre_pipeline.documents.sql_errors import FAULTS_OF_THE_TEXT, fault_of
from barometre_pipeline.errors import ModelError
from barometre_pipeline.resources.duckdb_files import literal, load_table
from barometre_pipeline.warehouse.away import (
    fill_empty_build,
    keep_published_causes,
    put_published_alerts,
    set_published_causes,
)
from barometre_pipeline.warehouse.definition import (
    DEPOT_TABLES,
    EMPTY,
    HISTORY,
    Definition,
    kept_columns,
    make_empty_build,
    query_of,
)
from barometre_pipeline.warehouse.examples import EXAMPLES
from barometre_pipeline.warehouse.tables import BY_EDITION, COMPARISONS, EDITIONS, MARTS, PUBLICATIONS, TABLES, Table

_BUILD = "construction"


class Filling:
    """The history being changed, by the definition of its tables."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, definition: Definition) -> None:
        self.connection, self.definition = connection, definition

    def forget(self, edition: str) -> None:
        """Remove every row of an edition."""
        for table in TABLES:
            self._delete(table, f'"{table.edition}" = ?', edition)

    def take_build(self, file: Path) -> list[str]:
        """Put the rows of an edition's build; return the tables that this build, of an earlier program, has not."""
        self.connection.execute(f"attach {literal(file)} as {_BUILD} (read_only)")
        try:
            tables = {t.name: self._is_there(t, _BUILD) for t in (*MARTS, *BY_EDITION)}
            for table in (*MARTS, *BY_EDITION):
                if tables[table.name]:
                    self._insert(table, _BUILD)
            return [name for name, there in tables.items() if not there]
        finally:
            self.connection.execute("use memory")
            self.connection.execute(f"detach {_BUILD}")

    def _is_there(self, table: Table, place: str) -> bool:
        """Tell whether a build has what the rows of a table are made of."""
        self.connection.execute(f"use {place}")
        try:
            self.connection.execute(f"describe {query_of(table, self.definition)}")
        except (duckdb.BinderException, duckdb.CatalogException):
            return False
        return True

    def take_tree(self, edition: str, tables: Mapping[str, pa.Table], catalogue: Mapping[str, pa.Table]) -> None:
        """Put the rows of an edition that was built elsewhere: its published tables, and its catalogue's."""
        if EMPTY not in self._databases():
            make_empty_build(self.connection, self.definition)
        filled = fill_empty_build(self.connection, self.definition, tables, catalogue)
        for table in (*MARTS, *BY_EDITION):
            self._insert(table, EMPTY)
        for name in filled:
            self.connection.execute(f"delete from {EMPTY}.main.{name}")
        put_published_alerts(self.connection, edition, tables)
        keep_published_causes(self.connection, tables)

    def take_publication(self, edition: str, publication: str, tables: Mapping[str, pa.Table]) -> None:
        """Put the rows of a publication that is not in force."""
        self.connection.execute("use memory")
        about = pa.Table.from_pylist([{"edition": edition, "publication": publication}], DEPOT_TABLES["publication"])
        load_table(self.connection, "depot.publication", about)
        for table, name in zip(PUBLICATIONS, ("detail", "synthese"), strict=True):
            if name not in tables:
                continue  # it was told when the tree was read
            load_table(self.connection, f"depot.{name}", tables[name].select(DEPOT_TABLES[name].names))
            self._insert(table, "memory")

    def set_editions(self, publications: pa.Table) -> None:
        """Put what the tags say in the place of what they said."""
        self.connection.execute("use memory")
        load_table(self.connection, "depot.publications", publications)
        self._delete(EDITIONS, "true")
        self._insert(EDITIONS, "memory")

    def compare(self, pairs: Collection[tuple[str, str]], all_pairs: Collection[tuple[str, str]]) -> None:
        """Put the comparisons of these editions, each with the one before it, in the place of theirs.

        Of what is no longer among `all_pairs` nothing is left.
        """
        self.connection.execute("create or replace temp table paires (edition_avant varchar, edition_apres varchar)")
        if pairs:
            self.connection.executemany("insert into paires values (?, ?)", list(pairs))
        kept = [after for pair in all_pairs if pair not in pairs for after in pair[1:]]
        for table in COMPARISONS:
            self._delete(table, f'not list_contains(?::varchar[], "{table.edition}")', kept)
            self._insert(table, HISTORY)
        set_published_causes(self.connection)
        for table in (t for t in MARTS if t.more):
            self._set_evolutions(table)

    def _set_evolutions(self, table: Table) -> None:
        self.connection.execute(f"use {HISTORY}")
        self.connection.execute(f"update {table.name} set {', '.join(f'{c} = null' for c in table.more)}")
        sector = "e.id_secteur = t.id_secteur" if "id_secteur" in table.key else "e.id_secteur is null"
        self.connection.execute(f"""
            update {table.name} as t
            set {", ".join(f"{c} = e.{c}" for c in table.more)}
            from evolutions as e
            where e.edition_apres = t.edition and {sector} and e.maille = t.maille and e.code = t.code
        """)

    def counts(self) -> dict[str, int]:
        """Return the number of rows of each table."""
        names = [*(t.name for t in TABLES), EXAMPLES]
        query = " union all ".join(f"select '{name}', count(*) from {HISTORY}.main.{name}" for name in names)
        return dict(self.connection.execute(query).fetchall())

    def pieces(self) -> dict[str, list[str]]:
        """Return, for each table, the queries of the rows of each edition: in each, rows are as they were put.

        The largest tables first. A table without a row has one query all the same.
        """
        counts = self.counts()
        found = {EXAMPLES: [f"from {HISTORY}.main.{EXAMPLES}"]}
        for table in sorted(TABLES, key=lambda t: (-counts[t.name], t.name)):
            rows, column = f"from {HISTORY}.main.{table.name}", f'"{table.edition}"'
            editions = self.connection.execute(f"select distinct {column} {rows} order by all").fetchall()
            found[table.name] = [f"{rows} where {column} = '{edition}'" for (edition,) in editions] or [rows]
        return found

    def _insert(self, table: Table, place: str) -> None:
        """Insert what the query of a table gives in the attached file `place`."""
        query = query_of(table, self.definition)
        try:
            self.connection.execute(f"use {place}")
            given = [name for name, *_ in self.connection.execute(f"describe {query}").fetchall()]
            wanted = self._columns(table) - table.computed.keys()
            kept = ", ".join(f'"{name}"' for name in kept_columns(table, given) if name in wanted)
            self.connection.execute(f"insert into {HISTORY}.main.{table.name} ({kept}) select {kept} from ({query}\n)")
        except FAULTS_OF_THE_TEXT as error:
            fault = fault_of(error, query)
            raise ModelError(f"The warehouse's table {table.name}, line {fault.line}: {fault.what}.") from error

    def _columns(self, table: Table) -> set[str]:
        return {name for name, *_ in self.connection.execute(f"describe {HISTORY}.main.{table.name}").fetchall()}

    def _delete(self, table: Table, condition: str, *values: object) -> None:
        self.connection.execute(f"delete from {HISTORY}.main.{table.name} where {condition}", values)

    def _databases(self) -> set[str]:
        return {name for (name,) in self.connection.execute("select database_name from duckdb_databases()").fetchall()}
