"""What the UI shows of a table: its columns and where they come from; how many rows, and the first ones."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import duckdb
from dagster import (
    AssetKey,
    MetadataValue,
    TableColumn,
    TableColumnDep,
    TableColumnLineage,
    TableMetadataValue,
    TableRecord,
    TableSchema,
)

from barometre_pipeline.editions import Edition
from barometre_pipeline.home import Home
from barometre_pipeline.resources.duckdb_files import read_warehouse, row_counts, rows_of
from barometre_pipeline.runs.names import own_key
from barometre_pipeline.sql_lineage import Lineage

_SHOWN = 10  # rows
_CELL = (str, int, float, bool, type(None))  # what a cell of Dagster's tables may be


def key_of(table: str) -> AssetKey:
    """Return the asset of a table, by the name that SQL has for it."""
    return AssetKey(table.split("."))


def columns_shown(columns: Mapping[str, str], comments: Mapping[str, str]) -> TableSchema:
    """Return the columns of a table, by their types, with what is said of them."""
    return TableSchema([TableColumn(name, type_, comments.get(name)) for name, type_ in columns.items()])


def lineage_shown(lineage: Lineage, nom: str | None = None) -> TableColumnLineage:
    """Return from which columns of which tables, of the barometer of this name, each column comes."""
    return TableColumnLineage(
        {
            column: [
                TableColumnDep(own_key(nom, key_of(table)), name)
                for table, _, name in (one.rpartition(".") for one in read)
            ]
            for column, read in lineage.items()
        }
    )


def first_rows(connection: duckdb.DuckDBPyConnection, table: str) -> TableMetadataValue:
    """Return the first rows of a table, in its order."""
    rows = rows_of(connection, f"from {table} limit {_SHOWN}")
    records = [TableRecord({n: v if isinstance(v, _CELL) else str(v) for n, v in row.items()}) for row in rows]
    names = [one[0] for one in connection.execute(f"describe {table}").fetchall()]
    return MetadataValue.table(records, TableSchema([TableColumn(name) for name in names]))


def rows_version(connection: duckdb.DuckDBPyConnection, table: str) -> str:
    """Return what the same rows, in whatever order, always give with the same DuckDB."""
    # A sum and no exclusive or, by which two equal rows would count for none.
    query = f"select count(*), coalesce(sum(hash(rangee)::hugeint), 0) from {table} as rangee"
    ((rows, digest),) = connection.execute(query).fetchall()
    return f"{rows}-{digest:x}"


@dataclass(frozen=True)
class CountsBefore:
    """The rows of each table of the last edition built here before this one."""

    edition: Edition | None = None
    counts: Mapping[str, int] = field(default_factory=dict)

    @classmethod
    def of(cls, home: Home, edition: Edition) -> CountsBefore:
        """Read them in that edition's build; nothing where none is there, or is sound."""
        for earlier in home.editions_before(edition):
            file = home.build(earlier).warehouse
            if file.is_file():
                try:
                    with read_warehouse(file) as connection:
                        return cls(earlier, row_counts(connection))
                except duckdb.Error:
                    return cls()
        return cls()

    def told(self, table: str, rows: int) -> dict[str, Any]:
        """Return what is told of a table: its rows, and how many more or fewer than in the edition before."""
        about: dict[str, Any] = {"dagster/row_count": rows}
        if self.edition and table in self.counts:
            about["evolution"] = f"{rows - self.counts[table]:+d} lignes depuis {self.edition}"
        return about
