"""The marts' rows as they are published: typed columns, each row's CSV line, each row's JSON record.

DuckDB writes each line once; a file is then a choice of rows, its text the lines end to end. Which rows
make which file is in `layout`, how a cell is written in `cells`, writing the files in `writing`.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TypeVar

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from barometre_pipeline.errors import PublicationError
from barometre_pipeline.publish.tree.cells import csv_cell, first_refused, json_member, literal, quoted, value_of
from barometre_pipeline.publish.tree.counting import Part
from barometre_pipeline.publish.tree.schema import Column, Schema

_AT_ONCE = 1 << 17  # rows
_MOST_IN_ONE = 1 << 30  # bytes of texts in one array, from which rows are taken a hundred times as fast
_Rows = TypeVar("_Rows", pa.Table, pa.ChunkedArray)


@dataclass(frozen=True)
class PublishedRows:
    """The rows of a table at a level, in the order of publication; its parts are files and sheets.

    Texts are in dictionaries, where each distinct one is once: a million rows have some thousands.
    """

    columns: pa.Table
    lines: pa.ChunkedArray
    positions: dict[Part, pa.Array]

    def typed(self, part: Part) -> pa.Table:
        """Return the rows of a part, with the columns and types of publication."""
        return _plain(self._of(part, self.columns))

    def csv(self, part: Part) -> list[bytes]:
        """Return the CSV file of a part, header included, in pieces."""
        return [self._header, *map(_end_to_end, self._of(part, self.lines).chunks)]

    @cached_property
    def _header(self) -> bytes:
        line = io.StringIO()
        csv.writer(line, lineterminator="\n").writerow(self.columns.column_names)
        return line.getvalue().encode()

    @cached_property
    def widths(self) -> list[int]:
        """Return the length of the longest text of each column, its heading included."""
        distinct = (_distinct(column).cast(pa.string()) for column in self.columns.columns)
        longest = (pc.max(pc.utf8_length(texts)).as_py() or 0 for texts in distinct)
        return [max(len(name), length) for name, length in zip(self.columns.column_names, longest, strict=True)]

    def _of(self, part: Part, rows: _Rows) -> _Rows:
        if part not in self.positions:
            return rows if part.secteur is None and part.code is None else rows.slice(0, 0)
        positions = self.positions[part]
        return rows if len(positions) == len(rows) else rows.take(positions)


def read_rows(con: duckdb.DuckDBPyConnection, schema: Schema, table: str, maille: str | None) -> PublishedRows:
    """Read the rows of a mart at a level (None: all); PublicationError tells a cell that may not be published."""
    columns = schema.columns(table, maille)
    line = f"concat_ws(',', {', '.join(csv_cell(c.type, c.nom) for c in columns)}) || chr(10)"
    names = [c.nom for c in columns]
    dividing = ["_secteur", "_code"] if maille else []
    what = ", ".join([*map(quoted, names), *dividing, f"{line} as _line"])
    found = _in_dictionaries(_ordered(con, schema, table, maille, what), but="_line")
    typed = found.select(names)
    _refuse_unpublishable(typed, columns, f"{table}, maille {maille}" if maille else table)
    return PublishedRows(typed, found["_line"], _positions(schema, table, maille, found))


def read_json(con: duckdb.DuckDBPyConnection, schema: Schema, table: str, maille: str | None) -> Iterator[bytes]:
    """Yield the pieces of the JSON file of a mart at a level: an array, one record a line."""
    members = ", ".join(json_member(c.type, c.nom) for c in schema.columns(table, maille))
    record = f"',' || chr(10) || '{{' || concat_ws(', ', {members}) || '}}'"
    pieces = (_end_to_end(batch.column(0)) for batch in _ordered(con, schema, table, maille, f"{record} as _record"))
    yield b"[\n" + next(pieces, b"").removeprefix(b",\n")
    yield from pieces
    yield b"\n]\n"


def published_rows(
    mart: str, columns: tuple[Column, ...], ordre: tuple[str, ...], where: str = "", what: str = "", *more: str
) -> str:
    """Return the query of this of a mart's rows (else all that is published of them), in the order of publication.

    `more` are further columns of the mart, which `what` may name.
    """
    values = [
        f"{literal(c.constante) if c.constante is not None else value_of(c.type, c.mart_column)} as {quoted(c.nom)}"
        for c in columns
    ]
    keys = [f"{quoted(key)} as _key_{rank}" for rank, key in enumerate(ordre)]
    what = what or ", ".join(quoted(c.nom) for c in columns)
    return f"""
        select {what}
        from (select {", ".join([*values, *more, *keys])} from main.{quoted(mart)} {where})
        order by {", ".join(f"_key_{rank}" for rank in range(len(ordre)))}
    """


def _ordered(
    con: duckdb.DuckDBPyConnection, schema: Schema, table: str, maille: str | None, what: str
) -> pa.RecordBatchReader:
    """Read, in order, this of the rows; at a level, `_secteur` and `_code` too."""
    dividing = ["id_secteur as _secteur", "code as _code"] if maille else []
    where, parameters = ("where maille = ?", [maille]) if maille else ("", [])
    columns, ordre = schema.columns(table, maille), schema.tables[table].ordre
    query = published_rows(table, columns, ordre, where, what, *dividing)
    return con.sql(query, params=parameters).to_arrow_reader(_AT_ONCE)


def _positions(schema: Schema, table: str, maille: str | None, rows: pa.Table) -> dict[Part, pa.Array]:
    """Return the ranks of the rows of each published part: of a sector, and of a territory where it has files."""
    if maille is None:
        return {}
    level = schema.mailles[maille]
    divisions = [["_secteur"]]
    if level.territoires:
        divisions += [["_secteur", "_code"], *([["_code"]] if level.a_la_racine else [])]
    ranked = rows.select(["_secteur", "_code"]).append_column("rank", pa.array(range(rows.num_rows), pa.int32()))
    found: dict[Part, pa.Array] = {}
    for keys in divisions:
        # One thread: then the ranks of each group are in order.
        groups = ranked.group_by(keys, use_threads=False).aggregate([("rank", "list")]).to_batches()
        for batch in groups:
            ranks = batch.column("rank_list")
            for nth, key in enumerate(batch.select(keys).to_pylist()):
                found[Part(table, maille, key.get("_secteur"), key.get("_code"))] = ranks[nth].values
    return found


def _refuse_unpublishable(rows: pa.Table, columns: tuple[Column, ...], where: str) -> None:
    for column in columns:
        refused = first_refused(column.type, rows[column.nom])
        if refused:
            rank, why = refused
            raise PublicationError(
                f"{where}, row {rank + 2} of its CSV file, column {column.nom}: "
                f"{str(rows[column.nom][rank])[:60]!r} is refused, {why}; put it right in the catalogue or in the "
                "delivery."
            )


def _in_dictionaries(batches: pa.RecordBatchReader, but: str) -> pa.Table:
    """Return rows whose texts, but for those of a column, are ranks in a dictionary: a batch at a time is texts."""
    kept = [_encoded(batch, but) for batch in batches]
    if not kept:
        return batches.read_all()
    rows = pa.Table.from_batches(kept).unify_dictionaries()
    del kept
    texts = rows[but]
    if texts.nbytes < _MOST_IN_ONE:
        texts = pa.chunked_array([texts.combine_chunks()])
    return rows.drop_columns([but]).combine_chunks().append_column(but, texts)


def _encoded(batch: pa.RecordBatch, but: str) -> pa.RecordBatch:
    return pa.record_batch(
        {
            name: column.dictionary_encode() if name != but and pa.types.is_string(column.type) else column
            for name, column in zip(batch.schema.names, batch.columns, strict=True)
        }
    )


def _plain(rows: pa.Table) -> pa.Table:
    """Return rows whose texts are texts."""
    texts = [pa.string() if pa.types.is_dictionary(field.type) else field.type for field in rows.schema]
    return rows.cast(pa.schema([field.with_type(type_) for field, type_ in zip(rows.schema, texts, strict=True)]))


def _distinct(column: pa.ChunkedArray) -> pa.Array:
    array = _one_array(column)
    return array.dictionary if pa.types.is_dictionary(array.type) else array


def _one_array(column: pa.ChunkedArray) -> pa.Array:
    return column.chunk(0) if column.num_chunks else pa.array([], column.type)


def _end_to_end(lines: pa.Array) -> bytes:
    """Join lines: Arrow already keeps them end to end in one buffer."""
    if not len(lines):
        return b""
    _, offsets, data = lines.buffers()
    positions = memoryview(offsets).cast("i")
    joined: bytes = data[positions[lines.offset] : positions[lines.offset + len(lines)]].to_pybytes()
    return joined
