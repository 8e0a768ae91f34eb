"""What of a query has no counterpart on Spark because of the types that it is about: asked once these are known."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from sqlglot import exp

from barometre_pipeline.engines.spark.templates import has_type

_FLOATS = (exp.DType.DOUBLE, exp.DType.FLOAT)
_TEXTS = tuple(exp.DataType.TEXT_TYPES)
_WHOLES = tuple(exp.DataType.INTEGER_TYPES)
_NUMBERS = (*_WHOLES, *_FLOATS, exp.DType.DECIMAL)
_LISTS = (exp.DType.ARRAY, exp.DType.LIST)
_NESTED = (*_LISTS, exp.DType.STRUCT, exp.DType.MAP)
# What a table may hold: Spark has nothing as large as a HUGEINT, and its intervals cannot be written.
_HELD = re.compile(r"(BIGINT|INTEGER|SMALLINT|DOUBLE|VARCHAR|DATE|BOOLEAN|TIMESTAMP|DECIMAL\(\d+,\d+\))(\[\])?")
_CAST_TO = (
    *(exp.DType.BIGINT, exp.DType.INT, exp.DType.SMALLINT, exp.DType.DOUBLE, exp.DType.DATE, exp.DType.BOOLEAN),
    *(exp.DType.TIMESTAMP, exp.DType.ARRAY, exp.DType.LIST, *_TEXTS),
)


def refused_columns(columns: Mapping[str, str], written: list[str]) -> Iterator[str]:
    """Yield what is wrong with the columns that a query must give; `written` are the names that it says."""
    for name, type_ in columns.items():
        if not _HELD.fullmatch(type_):
            yield f"the type {type_} of the column {name}: cast it, as in ::bigint; it"
    if list(columns) != written:
        unnamed = next((name for name in columns if name not in written), next(iter(columns)))
        yield f"a column without a name of its own ({unnamed})"


def refused(query: exp.Expr) -> Iterator[exp.Expr]:
    """Yield what of a query, with its types, Spark would compute otherwise or refuse."""
    for node in query.walk():
        if _is_refused(node):
            yield node


def _is_refused(node: exp.Expr) -> bool:
    x = node.this
    if isinstance(node, exp.Sum | exp.Avg):  # in no order: the last digits are those of one run
        return has_type(x.this if isinstance(x, exp.Distinct) else x, *_FLOATS) or (
            isinstance(node, exp.Avg) and has_type(x, exp.DType.DECIMAL)
        )
    if isinstance(node, exp.Cast | exp.TryCast):
        return _cast_is_refused(node)
    if isinstance(node, exp.Median):  # the days between two dates have the type of a date for sqlglot
        of_a_date = isinstance(x, exp.Column) and has_type(x, exp.DType.DATE)
        return of_a_date or has_type(x, exp.DType.DECIMAL, exp.DType.TIMESTAMP)
    if isinstance(node, exp.Round):
        return has_type(x, exp.DType.DECIMAL, *_WHOLES)
    if isinstance(node, exp.GroupConcat):
        inner = x.this if isinstance(x, exp.Order) else x
        return has_type(inner.expressions[0] if isinstance(inner, exp.Distinct) else inner, *_FLOATS)
    if isinstance(node, exp.DPipe | exp.ConcatWs):
        return any(
            map(_is_written_otherwise, (node.left, node.right) if isinstance(node, exp.DPipe) else node.expressions)
        )
    if isinstance(node, exp.ArrayToString):
        return has_type(x, *_LISTS) and has_type(next(iter(x.type.expressions), None), *_FLOATS, exp.DType.DECIMAL)
    if isinstance(node, exp.Bracket):
        return has_type(x, *_TEXTS)
    if isinstance(node, exp.Explode):
        return has_type(x, exp.DType.STRUCT)
    if isinstance(node, exp.Div):
        return any(has_type(side, exp.DType.DECIMAL) for side in (node.left, node.right))
    if isinstance(node, exp.IntDiv | exp.Mod):
        return any(has_type(side, *_FLOATS) for side in (node.left, node.right))
    if isinstance(node, exp.EQ | exp.NEQ | exp.NullSafeEQ | exp.NullSafeNEQ):
        sides = (node.left, node.right), (node.right, node.left)
        return any(has_type(a, exp.DType.BOOLEAN) and has_type(b, *_NUMBERS) for a, b in sides)
    return False


def _is_written_otherwise(x: exp.Expr) -> bool:
    """Tell whether the engines write another text: of lists and rows, of 1.50, which is a decimal for DuckDB alone."""
    written = x.unnest()
    return has_type(x, *_NESTED) or (isinstance(written, exp.Literal) and not written.is_string and "." in written.name)


def _cast_is_refused(node: exp.Expr) -> bool:
    source, target = node.this, node.args["to"]
    if target.this in (*_TEXTS, *_LISTS) and not isinstance(source, exp.Array | exp.Null):
        return _is_written_otherwise(source)
    if isinstance(node, exp.TryCast):
        return not (target.this in _WHOLES and target.this in _CAST_TO) or has_type(source, *_FLOATS, exp.DType.DECIMAL)
    if target.this == exp.DType.DECIMAL:
        return has_type(source, *_FLOATS) and [one.name for one in target.expressions] != ["38", "6"]
    if target.this in (exp.DType.BOOLEAN, exp.DType.TIMESTAMP) and has_type(source, *_TEXTS):
        return True
    return target.this not in _CAST_TO
