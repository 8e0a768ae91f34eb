"""The marts' rows as they are published: typed columns, each row's CSV line, each row's JSON record.

DuckDB writes each line once; a file is then a choice of rows, its text the lines end to end. Which rows
make which file is in `layout`, how a cell is written in `cells`, writing the files in `writing`.
"""

from __future__ import annotations

import csv
import io
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

_Rows = TypeVar("_Rows", pa.Table, pa.StringArray)


@dataclass(frozen=True)
class PublishedRows:
    """The rows of a table at a level, in the order of publication; its parts are files and sheets."""

    columns: pa.Table
    lines: pa.StringArray
    positions: dict[Part, pa.Array]

    def typed(self, part: Part) -> pa.Table:
        """Return the rows of a part, with the columns and types of publication."""
        return self._of(part, self.columns)

    def csv(self, part: Part) -> bytes:
        """Return the CSV file of a part, header included."""
        return self._header + _end_to_end(self._of(part, self.lines))

    @cached_property
    def _header(self) -> bytes:
        line = io.StringIO()
        csv.writer(line, lineterminator="\n").writerow(self.columns.column_names)
        return line.getvalue().encode()

    @cached_property
    def widths(self) -> list[int]:
        """Return the length of the longest text of each column, its heading included."""
        texts = {
            n: pc.max(pc.utf8_length(self.columns[n].cast(pa.string()))).as_py() for n in self.columns.column_names
        }
        return [max(len(name), longest or 0) for name, longest in texts.items()]

    def _of(self, part: Part, rows: _Rows) -> _Rows:
        if part in self.positions:
            return rows.take(self.positions[part])
        return rows if part.secteur is None and part.code is None else rows.slice(0, 0)


def read_rows(con: duckdb.DuckDBPyConnection, schema: Schema, table: str, maille: str | None) -> PublishedRows:
    """Read the rows of a mart at a level (None: all); PublicationError tells a cell that may not be published."""
    columns = schema.columns(table, maille)
    line = f"concat_ws(',', {', '.join(csv_cell(c.type, c.nom) for c in columns)}) || chr(10)"
    found = _ordered(con, schema, table, maille, f"*, {line} as _line")
    typed = found.select([c.nom for c in columns])
    _refuse_unpublishable(typed, columns, f"{table}, maille {maille}" if maille else table)
    return PublishedRows(typed, _one_array(found["_line"]), _positions(schema, table, maille, found))


def read_json(con: duckdb.DuckDBPyConnection, schema: Schema, table: str, maille: str | None) -> bytes:
    """Return the JSON file of a mart at a level: an array, one record a line."""
    members = ", ".join(json_member(c.type, c.nom) for c in schema.columns(table, maille))
    record = f"'{{' || concat_ws(', ', {members}) || '}},' || chr(10)"
    records = _ordered(con, schema, table, maille, f"{record} as _record")
    return b"[\n" + _end_to_end(_one_array(records["_record"])).removesuffix(b",\n") + b"\n]\n"


def select_rows(mart: str, columns: tuple[Column, ...], ordre: tuple[str, ...], where: str = "", *more: str) -> str:
    """Return the query of a mart's rows in the order of publication, as `_rank`, with what is published of them."""
    values = [
        f"{literal(c.constante) if c.constante is not None else value_of(c.type, c.mart_column)} as {quoted(c.nom)}"
        for c in columns
    ]
    order = ", ".join(map(quoted, ordre))
    return f"""
        select {", ".join([*values, *more, f"row_number() over (order by {order}) as _rank"])}
        from main.{quoted(mart)}
        {where}
    """


def _ordered(con: duckdb.DuckDBPyConnection, schema: Schema, table: str, maille: str | None, what: str) -> pa.Table:
    """Read, in order, this of the rows: columns and `_rank`; at a level, `_secteur` and `_code` too."""
    dividing = ["id_secteur as _secteur", "code as _code"] if maille else []
    where, parameters = ("where maille = ?", [maille]) if maille else ("", [])
    rows = select_rows(table, schema.columns(table, maille), schema.tables[table].ordre, where, *dividing)
    query = f"select {what} from ({rows}) order by _rank"
    return con.sql(query, params=parameters).to_arrow_table().combine_chunks()


def _positions(schema: Schema, table: str, maille: str | None, rows: pa.Table) -> dict[Part, pa.Array]:
    """Return the ranks of the rows of each published part: of a sector, and of a territory where it has files."""
    if maille is None:
        return {}
    level = schema.mailles[maille]
    divisions = [["_secteur"]]
    if level.territoires:
        divisions += [["_secteur", "_code"], *([["_code"]] if level.a_la_racine else [])]
    ranked = rows.select(["_secteur", "_code"]).append_column("rank", pc.subtract(rows["_rank"], 1))
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


def _one_array(column: pa.ChunkedArray) -> pa.StringArray:
    return column.chunk(0) if column.num_chunks else pa.array([], pa.string())


def _end_to_end(lines: pa.StringArray) -> bytes:
    """Join lines: Arrow already keeps them end to end in one buffer."""
    if not len(lines):
        return b""
    _, offsets, data = lines.buffers()
    positions = memoryview(offsets).cast("i")
    joined: bytes = data[positions[lines.offset] : positions[lines.offset + len(lines)]].to_pybytes()
    return joined
