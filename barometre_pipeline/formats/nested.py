"""Records whose cells are nested objects: each leaf becomes a column named by its dotted path (`fields.valeur`).

A key that holds a dot literally wins over the path that reads the same. An object stays a cell of its own where, in
another record, the same key holds a plain value: there it is no value, and is seen.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

_DEEPEST = 12


def columns_of_records(records: Sequence[dict[str, Any]], refuse_beyond: Callable[[int], None]) -> dict[str, list[Any]]:
    """Return the columns of these records by heading, in the order in which they are met.

    `refuse_beyond` is given the number of columns each time that there is one more.
    """
    columns: dict[str, list[Any]] = {}
    plain: set[str] = set()  # headings with at least one value that is no object
    for rank, record in enumerate(records):
        cells = record if not any(isinstance(v, dict) and v for v in record.values()) else _flat(record)
        for heading, value in cells.items():
            column = columns.get(heading)
            if column is None:
                column = columns[heading] = [None] * len(records)
                refuse_beyond(len(columns))
            column[rank] = value
            if heading not in plain and value is not None and not (isinstance(value, dict) and value):
                plain.add(heading)
    # An object that is nowhere a plain value is told by its leaves.
    split = {h for h, column in columns.items() if h not in plain and any(v is not None for v in column)}
    return {heading: column for heading, column in columns.items() if heading not in split}


def _flat(record: dict[str, Any]) -> dict[str, Any]:
    cells: dict[str, Any] = {}
    for path, value in _leaves(record, "", 0):
        cells.setdefault(path, value)
    return cells | record


def _leaves(holder: dict[str, Any], before: str, depth: int) -> Iterator[tuple[str, Any]]:
    for key, value in holder.items():
        path = f"{before}{key}"
        yield path, value
        if isinstance(value, dict) and value and depth < _DEEPEST:
            yield from _leaves(value, f"{path}.", depth + 1)


def list_that_holds(records: Sequence[dict[str, Any]], wanted: str) -> str | None:
    """Return the path of a list of objects, within the records, in which a name is to be found, or None."""
    for record in records[:100]:
        for path, value in _leaves(record, "", 0):
            if isinstance(value, list) and value and isinstance(value[0], dict):
                name = wanted.removeprefix(f"{path}.")
                if name in value[0] or any(leaf == name for leaf, _ in _leaves(value[0], "", 0)):
                    return path
    return None
