"""Finds the constants of an SQL text that are no value of their type, such as the 30th of February.

DuckDB converts them only once there are rows, so that a table made without one does not tell them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import duckdb

from barometre_pipeline.documents.sql_errors import Fault, fault_of, first_line_of_code

_A_PLAIN_TYPE = re.compile(r"[A-Za-z_][A-Za-z0-9_ ]*")  # those with arguments (decimal(3, 1)) are left to the run


def impossible_constants(connection: duckdb.DuckDBPyConnection, sql: str) -> Iterator[Fault]:
    """Yield a fault for each text that the query converts to a type and that is none of its values.

    The query is one that DuckDB takes; what it only tries to convert (try_cast) may fail.
    """
    tree = connection.execute("select json_serialize_sql(?)", [sql]).fetchall()[0][0]
    try:
        casts = list(_casts(json.loads(tree)))
    except RecursionError:
        return  # a sum of hundreds of terms is right: the run tells of its constants
    for cast in casts:
        literal, type_ = cast["child"].get("literal", {}), cast["type_expr"]
        if cast["try_cast"] or literal.get("kind") != "STRING" or type_["children"]:
            continue
        if not _A_PLAIN_TYPE.fullmatch(type_["type_name"]):
            continue
        try:
            connection.execute(f"select cast(? as {type_['type_name']})", [literal["text"]])
        except duckdb.ConversionException as error:
            yield Fault(_line(sql, cast["query_location"]), fault_of(error, sql).what)
        except duckdb.Error:
            continue  # a type that is named another way here: the run tells


def _casts(tree: Any) -> Iterator[dict[str, Any]]:
    waiting = [tree]
    while waiting:
        node = waiting.pop()
        if isinstance(node, dict):
            if node.get("class") == "CAST":
                yield node
            node = list(node.values())
        if isinstance(node, list):
            waiting += reversed(node)


def _line(sql: str, location: int) -> int:
    """Return the line of a place that DuckDB gives in bytes; that of the first code where it gives none."""
    text = sql.encode()
    return text[:location].count(b"\n") + 1 if location < len(text) else first_line_of_code(sql)
