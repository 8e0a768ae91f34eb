"""The door by which SQLAlchemy, hence Great Expectations, reads a DuckDB file where it is.

The smallest dialect that serves reading, as the published one (duckdb-engine 0.17) cannot reflect tables
of DuckDB 2.0 and loses results when a connection goes back to its pool: to be removed once it can.
Nothing here writes.
"""

from __future__ import annotations

import duckdb
from sqlalchemy import pool, types
from sqlalchemy.dialects import registry
from sqlalchemy.engine import default
from sqlalchemy.exc import NoSuchTableError

_TYPES = {
    "BIGINT": types.BIGINT,
    "INTEGER": types.INTEGER,
    "HUGEINT": types.BIGINT,
    "DOUBLE": types.DOUBLE,
    "VARCHAR": types.VARCHAR,
    "DATE": types.DATE,
    "BOOLEAN": types.BOOLEAN,
    "DECIMAL": types.DECIMAL,
}


def read_only_url(path) -> str:
    """Return the address of a DuckDB file for SQLAlchemy; it is opened read-only."""
    return f"duckdb+barometre:///{path}"


class _Connection:
    """What SQLAlchemy pools. Each execution has a cursor of its own, so that no rollback empties its result."""

    def __init__(self, connection: duckdb.DuckDBPyConnection):
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
        return _Connection(duckdb.connect(database, read_only=True))


class ReadOnlyDuckDB(default.DefaultDialect):
    """DuckDB as SQLAlchemy sees it: tables of the schema main, read only."""

    name, driver = "duckdb", "barometre"
    supports_statement_cache = True
    supports_native_boolean = True
    default_paramstyle = "qmark"

    @classmethod
    def import_dbapi(cls):
        return _Dbapi

    @classmethod
    def get_pool_class(cls, url):
        return pool.StaticPool

    def create_connect_args(self, url):
        return [url.database], {}

    def get_default_isolation_level(self, dbapi_conn):
        return "AUTOCOMMIT"

    def do_ping(self, dbapi_connection):
        return True

    def _get_server_version_info(self, connection):
        return (2, 0)

    def _get_default_schema_name(self, connection):
        return "main"

    def get_table_names(self, connection, schema=None, **kw):
        query = "select table_name from duckdb_tables() where schema_name = ? order by table_name"
        return [row[0] for row in connection.exec_driver_sql(query, (schema or "main",))]

    def has_table(self, connection, table_name, schema=None, **kw):
        return table_name in self.get_table_names(connection, schema)

    def get_columns(self, connection, table_name, schema=None, **kw):
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

    def get_pk_constraint(self, connection, table_name, schema=None, **kw):
        return {"constrained_columns": [], "name": None}


registry.register("duckdb.barometre", __name__, "ReadOnlyDuckDB")
