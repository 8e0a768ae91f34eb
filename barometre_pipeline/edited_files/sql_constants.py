"""Finds the constants of an SQL text that are no value of their type, such as the 30th of February.

DuckDB converts them only once there are rows, so that a table made without one does not tell them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import duckdb

from barometre_pipeline.documents.sql_errors import Fault, fault_of, first_line_of_code

_A_PLAIN_TYPE = re.compile(r"[A-Za-z_][A-Za-z0-9_ ]*")  # those with arguments (decimal(3, 1)) are left to the run


def impossible_constants(connection: duckdb.DuckDBPyConnection, sql: str) -> Iterator[Fault]:
    """Yield a fault for each text that the query converts to a type and that is none of its values.

    The query is one that DuckDB takes; what it only tries to convert (try_cast) may fail. A text is converted where it
    is written so, and where it is compared with a column of another type: date > '2021-02-30'.
    """
    told: list[Fault] = []
    for text, type_, location in [*_written_casts(connection, sql), *_planned_casts(connection, sql)]:
        try:
            connection.execute(f"select cast(? as {type_})", [text])
        except duckdb.ConversionException as error:
            fault = Fault(_line(sql, location, text), fault_of(error, sql).what)
            if fault not in told:
                told.append(fault)
                yield fault
        except duckdb.Error:
            continue  # a type that is named another way here: the run tells


_Cast = tuple[str, str, int]  # a text, the type that it is converted to, where it stands in the query


def _written_casts(connection: duckdb.DuckDBPyConnection, sql: str) -> Iterator[_Cast]:
    """Yield the conversions that the query's text says."""
    for cast in _nodes(connection, "json_serialize_sql", sql, "class", "CAST"):
        literal, type_ = cast["child"].get("literal", {}), cast["type_expr"]
        plain = not type_["children"] and _A_PLAIN_TYPE.fullmatch(type_["type_name"])
        if plain and literal.get("kind") == "STRING" and not cast["try_cast"]:
            yield literal["text"], type_["type_name"], cast["query_location"]


def _planned_casts(connection: duckdb.DuckDBPyConnection, sql: str) -> Iterator[_Cast]:
    """Yield those that DuckDB adds by itself, and those that were written where the query uses them."""
    for cast in _nodes(connection, "json_serialize_plan", sql, "type", "OPERATOR_CAST"):
        type_, constant = cast["return_type"], cast["children"][0]
        value = constant.get("value") or {}
        of_a_text = constant["type"] == "VALUE_CONSTANT" and value["type"]["id"] == "VARCHAR" and not value["is_null"]
        if of_a_text and type_["type_info"] is None and not cast["function_data"].get("try_cast"):
            yield value["value"], type_["id"], constant["query_location"]


def _nodes(
    connection: duckdb.DuckDBPyConnection, function: str, sql: str, key: str, wanted: str
) -> list[dict[str, Any]]:
    """Return the parts of a kind of a query's tree, or of its plan, each after those that it holds."""
    tree = connection.execute(f"select {function}(?)", [sql]).fetchall()[0][0]
    found = []

    def look(node: dict[str, Any]) -> dict[str, Any]:
        if node.get(key) == wanted:
            found.append(node)
        return node

    with suppress(RecursionError):  # a sum of hundreds of terms is right: the run tells of its constants
        json.loads(tree, object_hook=look)
    return found


def _line(sql: str, location: int, constant: str) -> int:
    """Return the line of a place that DuckDB gives in bytes; where it gives none, that of the constant."""
    text = sql.encode()
    if location < len(text):
        return text[:location].count(b"\n") + 1
    where = sql.find(f"'{constant}'")
    return sql[:where].count("\n") + 1 if where >= 0 else first_line_of_code(sql)
