"""The marts' rows as they are published: typed columns in Arrow, and each row's CSV line and JSON record.

DuckDB writes each line once; the rows of a file are then a slice of a sorted table, and its text a slice
of one buffer. Which slices make which files is in `layout`, writing them in `files`.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import accumulate

import duckdb
import pyarrow as pa

from barometre_pipeline.errors import PublicationError
from barometre_pipeline.publish.layout import Part
from barometre_pipeline.publish.schema import Column, public_schema

# What a spreadsheet may run as a formula: the first character, after spaces, or a leading control character.
_FORMULA = r"^([\t\r\n]|\s*[=+@＝＋－＠-])"
_COLUMNS_OF_THE_MARTS = "secteur, code, ordre_mesure, ordre_indicateur"


@dataclass(frozen=True)
class _Sorted:
    """A table and maille in one order: the rows of each key are next to each other, from `bounds[key]` on."""

    columns: pa.Table
    lines: pa.StringArray
    bounds: dict[tuple, tuple[int, int]]


class PublishedRows:
    """The rows of the open edition. A context manager: its temporary tables go with its own cursor."""

    def __init__(self, con: duckdb.DuckDBPyConnection):
        self._schema = public_schema()
        self._cursor = con.cursor()
        self._sorted: dict[tuple, _Sorted] = {}
        self._widths: dict[tuple[str, str], list[int]] = {}

    def __enter__(self) -> PublishedRows:
        for table, maille in self._schema.frames:
            self._build(table, maille)
            self._refuse_unpublishable(table, maille)
            self._widths[table, maille] = self._longest_texts(table, maille)
        return self

    def __exit__(self, *_) -> None:
        self._sorted.clear()
        self._cursor.close()

    def table(self, part: Part) -> pa.Table:
        """Return the rows of a part, with the columns, order and types of publication."""
        ordered, start, stop = self._slice(part)
        return ordered.columns.slice(start, stop - start)

    def csv(self, part: Part) -> bytes:
        """Return the CSV file of a part, header included."""
        ordered, start, stop = self._slice(part)
        header = ",".join(self._schema.header(part.table, part.maille)) + "\n"
        return header.encode() + _text(ordered.lines, start, stop)

    def json(self, part: Part) -> bytes:
        """Return the JSON file of a whole table and maille: an array, one record a line."""
        lines = self._cursor.sql(f"select json from {_name(part)} order by rang").to_arrow_table()["json"]
        return b"[" + b",".join(b"\n" + line.encode() for line in lines.to_pylist()) + b"\n]\n"

    def widths(self, part: Part) -> list[int]:
        """Return, for each column of a part's table and maille, the length of its longest text."""
        return self._widths[part.table, part.maille]

    def _longest_texts(self, table: str, maille: str) -> list[int]:
        columns = self._schema.columns(table, maille)
        longest = ", ".join(f"coalesce(max(length(cast({_quoted(c.nom)} as varchar))), 0)" for c in columns)
        found = self._cursor.execute(f"select {longest} from {_name(Part(table, maille))}").fetchall()[0]
        return [max(len(c.nom), n) for c, n in zip(columns, found, strict=True)]

    def _build(self, table: str, maille: str) -> None:
        columns = self._schema.columns(table, maille)
        order = ", ".join(
            ("ordre_mesure", "mesure", "ordre_indicateur", "id_indicateur", *self._schema.tables[table].ordre)
        )
        typed = ", ".join(f"{_value(c)} as {_quoted(c.nom)}" for c in columns)
        csv = " || ',' || ".join(_csv_cell(c) for c in columns)
        json = " || ', ' || ".join(_json_member(c) for c in columns)
        self._cursor.execute(
            f"create temp table {_name(Part(table, maille))} as with source as ("
            f"select row_number() over (order by {order}) as rang, * from main.{table} where maille = ?), "
            f"typed as (select rang, secteur as _secteur, code as _code, {typed} from source) "
            f"select *, {csv} || chr(10) as csv, '{{' || {json} || '}}' as json from typed",
            [maille],
        )

    def _refuse_unpublishable(self, table: str, maille: str) -> None:
        for column in self._schema.columns(table, maille):
            name, what = _quoted(column.nom), "a spreadsheet would run it as a formula"
            wrong = f"regexp_matches({name}, '{_FORMULA}')"
            if column.type != "texte":
                wrong, what = f"not isfinite({name})", f"it is not a {column.type} that can be published"
            found = self._cursor.execute(
                f"select rang, cast({name} as varchar) from {_name(Part(table, maille))} "
                f"where {wrong} order by rang limit 1"
            ).fetchall()
            for rank, content in found:
                raise PublicationError(
                    f"{table}, maille {maille}, row {rank + 1} of its CSV file, column {column.nom}: "
                    f"{content[:60]!r} is refused, {what}; put it right in the catalogue or in the delivery."
                )

    def _slice(self, part: Part) -> tuple[_Sorted, int, int]:
        by = tuple(c for c, v in (("_secteur", part.secteur), ("_code", part.code)) if v is not None)
        key = tuple(v for v in (part.secteur, part.code) if v is not None)
        order = (part.table, part.maille, by)
        if order not in self._sorted:
            self._sorted[order] = self._sort(part, by)
        found = self._sorted[order]
        return found, *found.bounds.get(key, (0, 0))

    def _sort(self, part: Part, by: tuple[str, ...]) -> _Sorted:
        rows = self._cursor.sql(
            f"select * exclude (json) from {_name(part)} order by {', '.join((*by, 'rang'))}"
        ).to_arrow_table()
        lines = rows["csv"].combine_chunks()
        header = self._schema.header(part.table, part.maille)
        counts = [((), len(lines))]
        if by:
            keys = ", ".join(by)
            counted = f"select {keys}, count(*) from {_name(part)} group by {keys} order by {keys}"
            counts = [(tuple(r[:-1]), r[-1]) for r in self._cursor.execute(counted).fetchall()]
        ends = list(accumulate(n for _, n in counts))
        bounds = {key: (end - n, end) for (key, n), end in zip(counts, ends, strict=True)}
        return _Sorted(rows.select(header).combine_chunks(), lines, bounds)


def _text(lines: pa.StringArray, start: int, stop: int) -> bytes:
    """Join consecutive lines: Arrow keeps them end to end in one buffer."""
    if start == stop:
        return b""
    _, offsets, data = lines.buffers()
    positions = memoryview(offsets).cast("i")
    return data[positions[lines.offset + start] : positions[lines.offset + stop]].to_pybytes()


def _name(part: Part) -> str:
    return f"publie_{part.table}_{part.maille}"


def _quoted(name: str) -> str:
    return f'"{name}"'


def _value(column: Column) -> str:
    if column.constante is not None:
        return f"'{column.constante}'"
    source = _quoted(column.source)
    # An empty text is a missing one, and -0.0 is 0.0, in every format alike.
    return {
        "texte": f"nullif({source}, '')",
        "nombre": f"case when {source} = 0 then 0.0::double else {source} end",
        "date": source,
    }[column.type]


def _csv_cell(column: Column) -> str:
    name = _quoted(column.nom)
    if column.type != "texte":
        return f"coalesce(cast({name} as varchar), '')"
    quoted = f"""'"' || replace({name}, '"', '""') || '"'"""
    return f"""coalesce(case when regexp_matches({name}, '[",\\n\\r]') then {quoted} else {name} end, '')"""


def _json_member(column: Column) -> str:
    name = _quoted(column.nom)
    value = {"texte": f"to_json({name})::varchar", "date": f"""'"' || cast({name} as varchar) || '"'"""}
    return f"""'"{column.nom}": ' || coalesce({value.get(column.type, f"cast({name} as varchar)")}, 'null')"""
