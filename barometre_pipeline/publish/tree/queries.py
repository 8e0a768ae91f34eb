"""The marts' rows as DuckDB gives them, in the order of publication, a batch at a time: typed, as CSV lines, as JSON.

How a cell is written is in `cells`; what is kept of the rows, and which make which file, is in `rows`.
"""

from __future__ import annotations

from collections.abc import Iterator

import duckdb
import pyarrow as pa

from barometre_pipeline.publish.tree.cells import csv_cell, json_member, quoted, value_of
from barometre_pipeline.publish.tree.lines import AT_ONCE, end_to_end
from barometre_pipeline.publish.tree.schema import Column, Schema
from barometre_pipeline.resources.duckdb_files import literal

LINE = "_line"  # the column of the CSV lines
SECTEUR, CODE = "_secteur", "_code"  # those that divide a level into parts


def rows_with_lines(
    con: duckdb.DuckDBPyConnection, schema: Schema, table: str, maille: str | None
) -> pa.RecordBatchReader:
    """Read a mart's rows at a level (None: all): the published columns, what divides them, and each row's CSV line."""
    columns = schema.columns(table, maille)
    line = f"concat_ws(',', {', '.join(csv_cell(c.type, c.nom) for c in columns)}) || chr(10) as {LINE}"
    dividing = [SECTEUR, CODE] if maille else []
    return _ordered(con, schema, table, maille, ", ".join([*(quoted(c.nom) for c in columns), *dividing, line]))


def read_json(con: duckdb.DuckDBPyConnection, schema: Schema, table: str, maille: str | None) -> Iterator[bytes]:
    """Yield the pieces of the JSON file of a mart at a level: an array, one record a line."""
    members = ", ".join(json_member(c.type, c.nom) for c in schema.columns(table, maille))
    record = f"',' || chr(10) || '{{' || concat_ws(', ', {members}) || '}}' as _record"
    pieces = (end_to_end(batch.column(0)) for batch in _ordered(con, schema, table, maille, record))
    yield b"[\n" + next(pieces, b"").removeprefix(b",\n")
    yield from pieces
    yield b"\n]\n"


def published_rows(
    mart: str, columns: tuple[Column, ...], ordre: tuple[str, ...], where: str = "", more: tuple[str, ...] = ()
) -> str:
    """Return the query of all that is published of a mart's rows, and of more columns, in the order of publication."""
    values = [
        f"{literal(c.constante) if c.constante is not None else value_of(c.type, c.mart_column)} as {quoted(c.nom)}"
        for c in columns
    ]
    # The mart's own columns: a published one may have the name of a key.
    keys = ", ".join(f"mart.{quoted(key)}" for key in ordre)
    return f"select {', '.join([*values, *more])} from main.{quoted(mart)} as mart {where} order by {keys}"


def _ordered(
    con: duckdb.DuckDBPyConnection, schema: Schema, table: str, maille: str | None, what: str
) -> pa.RecordBatchReader:
    """Read, in order, this of the rows; at a level, it may name what divides them."""
    where, parameters = ("where maille = ?", [maille]) if maille else ("", [])
    dividing = (f"id_secteur as {SECTEUR}", f"code as {CODE}") if maille else ()
    query = published_rows(table, schema.columns(table, maille), schema.tables[table].ordre, where, dividing)
    # Texts are made of rows already in order: they are not what is sorted.
    return con.sql(f"select {what} from ({query})", params=parameters).to_arrow_reader(AT_ONCE)
