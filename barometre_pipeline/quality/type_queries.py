"""The types of Great Expectations that suites use, as queries of their faulty rows: one path for all rules.

A query runs wherever the tables are. What it finds is what Great Expectations would (a test holds it); another type, or
an argument that is not said here, is left to it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from barometre_pipeline.quality.suites import literal

_Arguments = Mapping[str, Any]


def query_of_type(table: str, type_: str, arguments: _Arguments, index: Sequence[str]) -> str | None:
    """Return the query of a table's faulty rows, with these of its columns; None where no query says this type."""
    taken, faulty = _TYPES.get(type_, (frozenset(), None))
    bounds = (arguments.get(bound) for bound in ("min_value", "max_value"))
    if faulty is None or not arguments.keys() <= taken or any(isinstance(bound, str) for bound in bounds):
        return None
    if type_ == _ROW_COUNT:
        return faulty(table, arguments)
    columns = ", ".join(f"f.{_name(c)}" for c in index)
    return f"select {columns} from {table} as f {faulty(table, arguments)}" if index else None


def _name(column: str) -> str:
    return '"' + column.replace('"', '""') + '"'


def _null(_: str, arguments: _Arguments) -> str:
    return f"where f.{_name(arguments['column'])} is null"


def _repeated(table: str, arguments: _Arguments) -> str:
    """Rows whose columns have the values of another's; no row where one of them is null."""
    columns = [_name(c) for c in arguments.get("column_list") or [arguments["column"]]]
    key = ", ".join(columns)
    same = " and ".join(f"r.{c} = f.{c}" for c in columns)
    return f"join (select {key} from {table} group by {key} having count(*) > 1) as r on {same}"


def _outside(_: str, arguments: _Arguments) -> str:
    column = f"f.{_name(arguments['column'])}"
    return f"where not ({_within(column, arguments)})"


def _within(what: str, arguments: _Arguments) -> str:
    bounds = (("min_value", "strict_min", ">"), ("max_value", "strict_max", "<"))
    said = [
        f"{what} {sign}{'' if arguments.get(strict) else '='} {literal(arguments[bound])}"
        for bound, strict, sign in bounds
        if arguments.get(bound) is not None
    ]
    return " and ".join(said) or "true"


def _not_greater(_: str, arguments: _Arguments) -> str:
    sign = ">=" if arguments.get("or_equal") else ">"
    return f"where not (f.{_name(arguments['column_A'])} {sign} f.{_name(arguments['column_B'])})"


def _other_count(table: str, arguments: _Arguments) -> str:
    told = "'valeur observée : ' || count(*) as detail"
    return f"select {told} from {table} having not ({_within('count(*)', arguments)})"


_ROW_COUNT = "expect_table_row_count_to_be_between"
_BOUNDS = frozenset({"min_value", "max_value", "strict_min", "strict_max"})
# The arguments that a query says, and what follows the table in it.
_TYPES: dict[str, tuple[frozenset[str], Callable[[str, _Arguments], str]]] = {
    "expect_column_values_to_not_be_null": (frozenset({"column"}), _null),
    "expect_column_values_to_be_unique": (frozenset({"column"}), _repeated),
    "expect_compound_columns_to_be_unique": (frozenset({"column_list"}), _repeated),
    "expect_column_values_to_be_between": (_BOUNDS | {"column"}, _outside),
    "expect_column_pair_values_a_to_be_greater_than_b": (frozenset({"column_A", "column_B", "or_equal"}), _not_greater),
    _ROW_COUNT: (_BOUNDS, _other_count),
}
