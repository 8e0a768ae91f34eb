"""The analysts' door: the latest warehouse, to be read only, whatever replaces it meanwhile.

A question reads tables, views and macros; neither files nor the network.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
import pyarrow as pa

from barometre_pipeline.documents.sql_errors import FAULTS_OF_THE_TEXT, fault_of
from barometre_pipeline.errors import UsageError
from barometre_pipeline.resources.duckdb_files import literal, settle
from barometre_pipeline.settings import Settings

if TYPE_CHECKING:
    import pandas as pd  # its import takes a second, which `barometre sql` does without

_NAME = "barometre"
_AT_ONCE = 5_000  # rows
_QUESTIONS = (duckdb.StatementType.SELECT, duckdb.StatementType.EXPLAIN)
_CLOSED = (
    "set temp_directory = ''",
    "set autoinstall_known_extensions = false",
    "set autoload_known_extensions = false",
    "set enable_external_access = false",
    "set lock_configuration = true",
)


@dataclass(frozen=True)
class Found:
    """What a question gives, while it is read: the names of the columns, each once, and the rows, some at a time."""

    columns: list[str]
    batches: Iterator[list[tuple[Any, ...]]]


@dataclass(frozen=True)
class Answer:
    """The rows that a question gives, with the names of their columns, each once."""

    columns: list[str]
    rows: list[tuple[Any, ...]]
    more: bool  # than were asked for


class Warehouse:
    """The latest warehouse: each question is asked of the file in place then, and no connection is left to close."""

    def __init__(self, file: Path) -> None:
        self.file = file

    def sql(self, query: str, parameters: Sequence[object] = ()) -> pd.DataFrame:
        """Return what a query gives, with the types of its columns; UsageError says where it is wrong."""
        with self._opened() as connection, _told_plainly(query):
            _one_question(connection, query)
            return _typed(connection.sql(query, params=list(parameters) or None).to_arrow_table())

    def table(self, name: str) -> pd.DataFrame:
        """Return a whole table or view."""
        if name not in self.tables:
            raise UsageError(f"There is no table {name!r}; there are {', '.join(self.tables)}.")
        return self.sql(f'from "{name}"')

    @property
    def tables(self) -> list[str]:
        """Return the names of the tables and views."""
        with self._opened() as connection:
            return [name for (name,) in connection.execute("show tables").fetchall()]

    def answer(self, query: str, most: int | None = None, seconds: float | None = None) -> Answer:
        """Return the first rows that a query gives, all without `most`; UsageError where it is wrong or too long."""
        with self.asked(query, seconds) as found:
            rows = list(islice(chain.from_iterable(found.batches), None if most is None else most + 1))
        return Answer(found.columns, rows[:most], more=most is not None and len(rows) > most)

    @contextmanager
    def asked(self, query: str, seconds: float | None = None) -> Iterator[Found]:
        """Give what a query finds while the block runs, never whole in memory: forty editions have millions of origins.

        UsageError where it is wrong, or where rows are more than `seconds` in coming; who reads them slowly is not
        stopped.
        """
        with self._opened() as connection, _told_plainly(query):
            _one_question(connection, query)
            with _stopped_after(connection, seconds):
                cursor = connection.execute(query)
            names = _each_once([name for name, *_ in cursor.description or ()])
            yield Found(names, _batches(connection, seconds))

    @contextmanager
    def _opened(self) -> Iterator[duckdb.DuckDBPyConnection]:
        if not self.file.is_file():
            raise UsageError(f"There is no warehouse at {self.file}: publish an edition first (`barometre run`).")
        # Attached, for DuckDB gives a file that is open already in this process again, even where it was replaced.
        with duckdb.connect() as connection:
            settle(connection)
            connection.execute(f"attach {literal(self.file)} as {_NAME} (read_only)")
            connection.execute(f"use {_NAME}")
            for setting in _CLOSED:
                connection.execute(setting)
            yield connection


def open_latest(home: Path | str | None = None) -> Warehouse:
    """Open the warehouse of this home, by default that of the settings (BAROMETRE_HOME), else ./var."""
    return Warehouse(Settings.read({"home": home}).home.warehouse)


def _one_question(connection: duckdb.DuckDBPyConnection, query: str) -> None:
    if any("\ud800" <= character <= "\udfff" for character in query):
        raise UsageError("The query is no UTF-8 text: it holds bytes that this terminal's encoding does not know.")
    statements = connection.extract_statements(query)
    if [one.type for one in statements] == [duckdb.StatementType.MULTI]:
        raise UsageError("A pivot names its columns: pivot … on COLUMN in ('…', '…'); without, it is no single SELECT.")
    if len(statements) != 1 or statements[0].type not in _QUESTIONS:
        raise UsageError("A question is one SELECT (or describe, show, summarize, explain), and nothing else.")


def _batches(connection: duckdb.DuckDBPyConnection, seconds: float | None) -> Iterator[list[tuple[Any, ...]]]:
    while True:
        with _stopped_after(connection, seconds):
            rows = connection.fetchmany(_AT_ONCE)
        if not rows:
            return
        yield rows


@contextmanager
def _told_plainly(query: str) -> Iterator[None]:
    try:
        yield
    except FAULTS_OF_THE_TEXT as error:
        fault = fault_of(error, query)
        place = f"line {fault.line}" + (f", column {fault.column}" if fault.column else "")
        raise UsageError(f"The query is wrong, {place}: {fault.what}.") from None
    except duckdb.OutOfMemoryException:
        raise UsageError("The query needs more memory than it is given: ask for less.") from None


@contextmanager
def _stopped_after(connection: duckdb.DuckDBPyConnection, seconds: float | None) -> Iterator[None]:
    timer = threading.Timer(seconds or 0, connection.interrupt)
    timer.daemon = True
    if seconds:
        timer.start()
    try:
        yield
    except duckdb.InterruptException:
        raise UsageError(f"The query was stopped after {seconds:g} s: ask for less.") from None
    finally:
        timer.cancel()


def _each_once(names: Sequence[str]) -> list[str]:
    found: list[str] = []
    for name in names:
        rank, unique = 1, name
        while unique in found:
            unique, rank = f"{name}_{rank}", rank + 1
        found.append(unique)
    return found


def _typed(table: pa.Table) -> pd.DataFrame:
    """Return a DataFrame whose whole numbers and booleans stay what they are where some are missing.

    A decimal, as any sum of whole numbers is, becomes a number: pandas would make objects of them. A name that comes
    twice is numbered, for `frame[name]` would be a table of both.
    """
    import pandas as pd

    table = table.rename_columns(_each_once(table.column_names))
    for rank, column in enumerate(table.schema):
        if pa.types.is_decimal(column.type):
            table = table.set_column(rank, column.name, _number(table.column(rank)))
    types = {pa.int64(): pd.Int64Dtype(), pa.int32(): pd.Int32Dtype(), pa.bool_(): pd.BooleanDtype()}
    return table.to_pandas(types_mapper=types.get, date_as_object=False)


def _number(decimals: pa.ChunkedArray) -> pa.ChunkedArray:
    """Return decimals as whole numbers where they are and can be, else as doubles."""
    if decimals.type.scale == 0:
        with suppress(pa.ArrowInvalid):  # beyond 64 bits
            return decimals.cast(pa.int64())
    return decimals.cast(pa.float64())
