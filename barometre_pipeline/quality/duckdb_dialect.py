"""The door by which SQLAlchemy, hence Great Expectations, reads a DuckDB file where it is.

The smallest dialect that serves reading, as the published one (duckdb-engine 0.17) cannot reflect tables
of DuckDB 2.0 and loses results when a connection goes back to its pool: to be removed once it can.
Nothing here writes. SQLAlchemy imports this module when such a file is opened, by the name that `gx_import` gives it:
it would be a twentieth of what loading the pipeline takes.
"""

from __future__ import annotations

from typing import Any

import duckdb
from sqlalchemy import URL, Connection, pool, types
from sqlalchemy.engine import default
from sqlalchemy.exc import NoSuchTableError

from barometre_pipeline.resources.duckdb_files import opened_read_only

_TYPES: dict[str, type[types.TypeEngine[Any]]] = {
    "BIGINT": types.BIGINT,
    "INTEGER": types.INTEGER,
    "HUGEINT": types.BIGINT,
    "DOUBLE": types.DOUBLE,
    "VARCHAR": types.VARCHAR,
    "DATE": types.DATE,
    "BOOLEAN": types.BOOLEAN,
    "DECIMAL": types.DECIMAL,
}


class _Connection:
    """What SQLAlchemy pools. Each execution has a cursor of its own, so that no rollback empties its result."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._connection = connection

    def cursor(self) -> duckdb.DuckDBPyConnection:
        return self._connection.cursor()

    def commit(self) -> None:
        """Do nothing: reading has nothing to keep."""

    def rollback(self) -> None:
        """Do nothing: reading has nothing to undo."""

    def close(self) -> None:
        self._connection.close()


class _Dbapi:
    """The module that SQLAlchemy expects of a driver."""

    paramstyle, apilevel, threadsafety = "qmark", "2.0", 1
    Error, Warning = duckdb.Error, duckdb.Warning
    InterfaceError, DatabaseError = duckdb.Error, duckdb.DatabaseError
    DataError, OperationalError, IntegrityError = duckdb.DataError, duckdb.OperationalError, duckdb.IntegrityError
    InternalError, ProgrammingError = duckdb.InternalError, duckdb.ProgrammingError
    NotSupportedError = duckdb.NotSupportedError

    @staticmethod
    def connect(database: str) -> _Connection:
        return _Connection(opened_read_only(database))


class ReadOnlyDuckDB(default.DefaultDialect):
    """DuckDB as SQLAlchemy sees it: tables of the schema main, read only."""

    name, driver = "duckdb", "barometre"
    supports_statement_cache = True
    supports_native_boolean = True
    default_paramstyle = "qmark"

    @classmethod
    def import_dbapi(cls) -> Any:
        """Return the driver."""
        return _Dbapi

    @classmethod
    def get_pool_class(cls, url: URL) -> type[pool.Pool]:
        """Keep one connection a file."""
        return pool.StaticPool

    def create_connect_args(self, url: URL) -> Any:
        """Return what the driver connects with: the file's path."""
        return [url.database], {}

    def get_default_isolation_level(self, dbapi_conn: Any) -> Any:
        """Return a level that SQLAlchemy knows: nothing is written, nothing is to be isolated."""
        return "AUTOCOMMIT"

    def do_ping(self, dbapi_connection: Any) -> bool:
        """Tell that a file which is open stays so."""
        return True

    def _get_server_version_info(self, connection: Connection) -> tuple[int, int]:
        return (2, 0)

    def _get_default_schema_name(self, connection: Connection) -> str:
        return "main"

    def get_table_names(self, connection: Connection, schema: str | None = None, **kw: Any) -> list[str]:
        """Return the tables of a schema."""
        query = "select table_name from duckdb_tables() where schema_name = ? order by table_name"
        return [row[0] for row in connection.exec_driver_sql(query, (schema or "main",))]

    def has_table(self, connection: Connection, table_name: str, schema: str | None = None, **kw: Any) -> bool:
        """Tell whether a schema has this table."""
        return table_name in self.get_table_names(connection, schema)

    def get_columns(self, connection: Connection, table_name: str, schema: str | None = None, **kw: Any) -> Any:
        """Return the columns of a table, in their order."""
        query = """
            select column_name, data_type, is_nullable, column_default
            from duckdb_columns()
            where database_name = current_database() and schema_name = ? and table_name = ?
            order by column_index
        """
        rows = connection.exec_driver_sql(query, (schema or "main", table_name)).fetchall()
        if not rows:
            raise NoSuchTableError(table_name)
        return [
            {"name": n, "type": _TYPES.get(t.split("(")[0], types.NullType)(), "nullable": nullable, "default": value}
            for n, t, nullable, value in rows
        ]

    def get_pk_constraint(self, connection: Connection, table_name: str, schema: str | None = None, **kw: Any) -> Any:
        """Return that a table has no primary key: the models' tables have none."""
        return {"constrained_columns": [], "name": None}
