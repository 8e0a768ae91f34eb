"""The marts' rows as they are published: typed columns, each row's CSV line, each row's JSON record.

DuckDB writes each line once; a file is then a choice of rows, its text the lines end to end. Which rows
make which file is in `layout`, writing them in `files`.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from functools import cached_property

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from barometre_pipeline.errors import PublicationError
from barometre_pipeline.publish.tree.layout import Part
from barometre_pipeline.publish.tree.schema import Column, public_schema

# What a spreadsheet may run as a formula: the first character, after spaces, or a leading control character.
_FORMULA = r"^([\t\r\n]|\s*[=+@＝＋－＠-])"
# Spreadsheets have no day before 1900, ISO dates none of five figures.
_FIRST_DAY, _LAST_DAY = pa.scalar(date(1900, 1, 1)), pa.scalar(date(9999, 12, 31))


@dataclass(frozen=True)
class PublishedRows:
    """The rows of a table at a maille, in the order of publication; its parts are files and sheets."""

    table: str
    maille: str
    columns: pa.Table
    lines: pa.StringArray
    positions: dict[Part, pa.Array]

    def typed(self, part: Part) -> pa.Table:
        """Return the rows of a part, with the columns and types of publication."""
        return self._of(part, self.columns)

    def csv(self, part: Part) -> bytes:
        """Return the CSV file of a part, header included."""
        return (",".join(self.columns.column_names) + "\n").encode() + _end_to_end(self._of(part, self.lines))

    @cached_property
    def widths(self) -> list[int]:
        """Return the length of the longest text of each column, its heading included."""
        texts = {
            n: pc.max(pc.utf8_length(self.columns[n].cast(pa.string()))).as_py() for n in self.columns.column_names
        }
        return [max(len(name), longest or 0) for name, longest in texts.items()]

    def _of(self, part: Part, rows):
        if part in self.positions:
            return rows.take(self.positions[part])
        return rows if part.secteur is None and part.code is None else rows.slice(0, 0)


def read_rows(con: duckdb.DuckDBPyConnection, table: str, maille: str) -> PublishedRows:
    """Read the rows of a mart at a maille; PublicationError tells a text or a number that may not be published."""
    columns = public_schema().columns(table, maille)
    found = con.sql(_query(table, columns, "_line"), params=[maille]).to_arrow_table().combine_chunks()
    typed = found.select([c.nom for c in columns])
    _refuse_unpublishable(typed, columns, f"{table}, maille {maille}")
    positions = _positions(table, maille, found["_secteur"].to_pylist(), found["_code"].to_pylist())
    return PublishedRows(table, maille, typed, _one_array(found["_line"]), positions)


def _positions(table: str, maille: str, secteurs: list[str], codes: list[str]) -> dict[Part, pa.Array]:
    """Return the ranks of the rows of each sector, of each territory, and of each territory in each sector."""
    together: dict[tuple[str, str], list[int]] = defaultdict(list)
    for row, key in enumerate(zip(secteurs, codes, strict=True)):
        together[key].append(row)
    found: dict[Part, list[int]] = defaultdict(list)
    for (secteur, code), rows in together.items():
        for part in (Part(table, maille, secteur), Part(table, maille, None, code), Part(table, maille, secteur, code)):
            found[part] += rows
    return {part: pa.array(sorted(rows), pa.int64()) for part, rows in found.items()}


def read_json(con: duckdb.DuckDBPyConnection, table: str, maille: str) -> bytes:
    """Return the JSON file of a mart at a maille: an array, one record a line."""
    query = _query(table, public_schema().columns(table, maille), "_record")
    records = con.sql(f"select _record from ({query})", params=[maille]).to_arrow_table().combine_chunks()
    return b"[\n" + _end_to_end(_one_array(records["_record"])).removesuffix(b",\n") + b"\n]\n"


def _query(table: str, columns: tuple[Column, ...], text: str) -> str:
    """Select the rows in the order of publication, with their text: the CSV `_line` or the JSON `_record`."""
    order = ["ordre_mesure", "mesure", "ordre_indicateur", "id_indicateur", *public_schema().tables[table].ordre]
    names = ", ".join(_quoted(c.nom) for c in columns)
    texts = {
        "_line": f"concat_ws(',', {', '.join(map(_csv_cell, columns))}) || chr(10)",
        "_record": f"'{{' || concat_ws(', ', {', '.join(map(_json_member, columns))}) || '}},' || chr(10)",
    }
    return f"""
        with typed as (
            select secteur as _secteur, code as _code, row_number() over (order by {", ".join(order)}) as _rank,
                {", ".join(f"{_value(c)} as {_quoted(c.nom)}" for c in columns)}
            from main.{table}
            where maille = ?
        )
        select _secteur, _code, {names}, {texts[text]} as {text}
        from typed
        order by _rank
    """


def _refuse_unpublishable(rows: pa.Table, columns: tuple[Column, ...], where: str) -> None:
    for column in columns:
        cells = rows[column.nom]
        wrong, why = _unpublishable(column.type, cells)
        first = pc.index(wrong, True).as_py()
        if first >= 0:
            raise PublicationError(
                f"{where}, row {first + 2} of its CSV file, column {column.nom}: {str(cells[first])[:60]!r} "
                f"is refused, {why}; put it right in the catalogue or in the delivery."
            )


def _unpublishable(type_: str, cells: pa.ChunkedArray) -> tuple[pa.ChunkedArray, str]:
    """Mark the cells that may not be published, and say why."""
    match type_:
        case "texte":
            return pc.match_substring_regex(cells, _FORMULA), "a spreadsheet would run it as a formula"
        case "nombre":
            return pc.invert(pc.is_finite(cells)), "it is not a number"
        case _:
            early, late = pc.less(cells, _FIRST_DAY), pc.greater(cells, _LAST_DAY)
            return pc.or_(early, late), "a date is between 1900 and 9999"


def _one_array(column: pa.ChunkedArray) -> pa.StringArray:
    return column.chunk(0) if column.num_chunks else pa.array([], pa.string())


def _end_to_end(lines: pa.StringArray) -> bytes:
    """Join lines: Arrow already keeps them end to end in one buffer."""
    if not len(lines):
        return b""
    _, offsets, data = lines.buffers()
    positions = memoryview(offsets).cast("i")
    return data[positions[lines.offset] : positions[lines.offset + len(lines)]].to_pybytes()


def _quoted(name: str) -> str:
    return f'"{name}"'


def _value(column: Column) -> str:
    """Write a column of the marts as it is published: an empty text is a missing one, and -0.0 is 0.0."""
    if column.constante is not None:
        return f"'{column.constante}'"
    source = _quoted(column.source)
    match column.type:
        case "texte":
            return f"nullif({source}, '')"
        case "nombre":
            return f"case when {source} = 0 then 0.0::double else {source}::double end"
        case _:
            return f"{source}::date"


def _csv_cell(column: Column) -> str:
    name = _quoted(column.nom)
    if column.type != "texte":
        return f"coalesce({name}::varchar, '')"
    quoted = f"""'"' || replace({name}, '"', '""') || '"'"""
    return f"""coalesce(case when regexp_matches({name}, '[",\\n\\r]') then {quoted} else {name} end, '')"""


def _json_member(column: Column) -> str:
    name = _quoted(column.nom)
    value = {"texte": f"to_json({name})::varchar", "date": f"""'"' || {name}::varchar || '"'"""}
    return f"""'"{column.nom}": ' || coalesce({value.get(column.type, f"{name}::varchar")}, 'null')"""
