"""The types of published columns: how the cells of each are made from a mart's column, written, and refused.

A type is one entry of TYPES. Which columns there are is in `schema`, which rows in `rows`.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

import pyarrow as pa
import pyarrow.compute as pc

from barometre_pipeline.resources.duckdb_files import literal

# What a spreadsheet may run as a formula: the first character that is seen, or a leading control character.
_FORMULA = r"^([\t\r\n]|[\s\p{Z}\p{C}]*[=+@＝＋－＠-])"
# Spreadsheets have no day before 1900, ISO dates none of five figures.
_FIRST_DAY, _LAST_DAY = date(1900, 1, 1), date(9999, 12, 31)

_INTEGERS = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT")
_CSV_TEXT = """case when regexp_matches({}, '[",\\n\\r]') then '"' || replace({}, '"', '""') || '"' else {} end"""
_JSON_TEXT = "to_json({})::varchar"


def _none(cells: pa.Array) -> pa.Array:
    return pa.nulls(len(cells), pa.bool_())


@dataclass(frozen=True)
class CellType:
    """One type: SQL in which `{}` is the column, null where there is no value.

    `value` makes the published value of the mart's column, of one of the DuckDB types `marts`; `csv` and `json` write
    it. `refused` marks the cells that may not be published, `why` says why.
    """

    arrow: pa.DataType
    marts: tuple[str, ...]
    value: str
    csv: str = "{}::varchar"
    json: str = "{}::varchar"
    refused: Callable[[pa.Array], pa.Array] = _none
    why: str = ""


TYPES = {
    # An empty text is a missing one.
    "texte": CellType(
        arrow=pa.string(),
        marts=("VARCHAR", "ENUM"),
        value="nullif({}::varchar, '')",
        csv=_CSV_TEXT,
        json=_JSON_TEXT,
        refused=lambda cells: pc.match_substring_regex(cells, _FORMULA),
        why="a spreadsheet would run it as a formula",
    ),
    # What others wrote, shown as they did and never run: what could be a formula has an apostrophe before it.
    "citation": CellType(
        arrow=pa.string(),
        marts=("VARCHAR", "ENUM"),
        value=f"""case when regexp_matches({{}}, {literal(_FORMULA)}) and try_cast({{}} as double) is null
            then chr(39) || {{}} else nullif({{}}::varchar, '') end""",
        csv=_CSV_TEXT,
        json=_JSON_TEXT,
    ),
    # -0.0 is 0.0.
    "nombre": CellType(
        arrow=pa.float64(),
        marts=("DOUBLE", "FLOAT", "DECIMAL", *_INTEGERS),
        value="case when {} = 0 then 0.0::double else {}::double end",
        refused=lambda cells: pc.invert(pc.is_finite(cells)),
        why="it is not a number",
    ),
    "entier": CellType(arrow=pa.int64(), marts=_INTEGERS, value="{}::bigint"),
    "date": CellType(
        arrow=pa.date32(),
        marts=("DATE",),
        value="{}::date",
        json="""'"' || {}::varchar || '"'""",
        refused=lambda cells: pc.or_(pc.less(cells, _FIRST_DAY), pc.greater(cells, _LAST_DAY)),
        why="a date is between 1900 and 9999",
    ),
    "booleen": CellType(
        arrow=pa.bool_(), marts=("BOOLEAN",), value="{}", csv="case {} when true then 'vrai' when false then 'faux' end"
    ),
}


def quoted(name: str) -> str:
    """Write the name of a column in SQL."""
    return '"' + name.replace('"', '""') + '"'


def value_of(type_: str, mart_column: str) -> str:
    """Return the SQL of a mart's column as it is published."""
    return TYPES[type_].value.replace("{}", quoted(mart_column))


def csv_cell(type_: str, name: str) -> str:
    """Return the SQL of the CSV cell of a published column, empty where there is no value."""
    return f"coalesce({TYPES[type_].csv.replace('{}', quoted(name))}, '')"


def json_member(type_: str, name: str) -> str:
    """Return the SQL of the member of a JSON record that holds a published column."""
    key = literal(json.dumps(name, ensure_ascii=False) + ": ")
    return f"{key} || coalesce({TYPES[type_].json.replace('{}', quoted(name))}, 'null')"


def first_refused(type_: str, cells: pa.Array) -> tuple[int, str] | None:
    """Return the rank of the first cell that may not be published, and why; None where all may."""
    if pa.types.is_dictionary(cells.type):
        refused = TYPES[type_].refused(cells.dictionary).take(cells.indices)
    else:
        refused = TYPES[type_].refused(cells)
    rank = pc.index(refused, True).as_py()
    return (rank, TYPES[type_].why) if rank >= 0 else None
