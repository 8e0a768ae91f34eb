"""The types of Great Expectations and their arguments, read from its source: importing it takes six seconds.

A type is a file of its folder `core`, and a class in it. What the classes inherit is written here, and a test holds
it against the package.
"""

from __future__ import annotations

import ast
import importlib.util
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

_CONDITIONS = ("row_condition", "condition_parser")
# What each base class of great_expectations/expectations/expectation.py adds; those with a star are required.
INHERITED: dict[str, tuple[str, ...]] = {
    "BatchExpectation": (),
    "QueryExpectation": (),
    "ColumnAggregateExpectation": ("column*", *_CONDITIONS),
    "ColumnMapExpectation": ("column*", "mostly", *_CONDITIONS),
    "ColumnPairMapExpectation": ("column_A*", "column_B*", "mostly", *_CONDITIONS),
    "MulticolumnMapExpectation": ("column_list*", "mostly", "ignore_row_if", *_CONDITIONS),
}
_OF_COLUMNS = frozenset({"column", "column_A", "column_B", "column_list"})
# They say which columns there should be.
_OF_OTHER_COLUMNS = ("expect_column_to_exist", "expect_table_columns_to_match_ordered_list")


@dataclass(frozen=True)
class ExpectationType:
    """What a type takes: all its arguments, those it needs, those that name columns of the table."""

    arguments: frozenset[str]
    required: frozenset[str]
    of_columns: frozenset[str]


@cache
def known_types() -> dict[str, Path]:
    """Return the file of every type, by its name."""
    found = importlib.util.find_spec("great_expectations")  # finds it, and does not import it
    if found is None or found.origin is None:
        return {}
    core = Path(found.origin).parent / "expectations" / "core"
    exported = re.findall(
        r"^from \.(expect_\w+) import", (core / "__init__.py").read_text(encoding="utf-8"), re.MULTILINE
    )
    return {name: core / f"{name}.py" for name in exported}


@cache
def expectation_type(name: str) -> ExpectationType | None:
    """Return what a type takes, None where there is no such type."""
    path = known_types().get(name)
    if path is None:
        return None
    wanted = "".join(word.capitalize() for word in name.split("_"))
    # The fields stand between the class's documentation and its first method: parsing the rest is slow.
    until_a_method = rf"^class {wanted}\(.*?(?=^    (?:def |@|class )|\Z)"
    heading = re.search(until_a_method, _without_texts(path), re.DOTALL | re.MULTILINE)
    body = ast.parse(f"{heading[0].rstrip()}\n    pass").body if heading else []
    return next((_described(name, node) for node in body if isinstance(node, ast.ClassDef)), None)


def _without_texts(path: Path) -> str:
    return re.sub(r'""".*?"""', '""', path.read_text(encoding="utf-8"), flags=re.DOTALL)


def _described(name: str, found: ast.ClassDef) -> ExpectationType:
    inherited = [a for base in found.bases if isinstance(base, ast.Name) for a in INHERITED.get(base.id, ())]
    own = dict(_fields(found))
    arguments = {a.rstrip("*") for a in inherited} | own.keys()
    required = {a[:-1] for a in inherited if a.endswith("*") and a[:-1] not in own} | {a for a, r in own.items() if r}
    of_columns = frozenset() if name in _OF_OTHER_COLUMNS else _OF_COLUMNS & arguments
    return ExpectationType(frozenset(arguments), frozenset(required), of_columns)


def _fields(found: ast.ClassDef) -> Iterator[tuple[str, bool]]:
    """Yield each field of a pydantic model, and whether it has no default."""
    for node in found.body:
        if not isinstance(node, ast.AnnAssign) or not isinstance(node.target, ast.Name):
            continue
        annotation = ast.unparse(node.annotation)
        if "ClassVar" not in annotation and node.target.id != "library_metadata":
            yield (
                node.target.id,
                "None" not in annotation and "Optional" not in annotation and _has_no_default(node.value),
            )


def _has_no_default(value: ast.expr | None) -> bool:
    if not isinstance(value, ast.Call):
        return value is None
    return not value.args and not {k.arg for k in value.keywords} & {"default", "default_factory"}
