r"""What of DuckDB's language, beside its functions, has a stated counterpart on Spark, and what functions may be given.

A node of a query that is not listed is refused: sqlglot writes it for Spark all the same, and Spark reads some of them
otherwise, without a word: a filter within a list, a descending order within an aggregate, `\` in a LIKE.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from sqlglot import exp

from barometre_pipeline.engines.spark.patterns import is_portable, pattern_of

_STATED = frozenset(
    {
        *(exp.Select, exp.From, exp.Where, exp.Group, exp.GroupingSets, exp.Cube, exp.Rollup, exp.Having, exp.Qualify),
        *(exp.Order, exp.Ordered, exp.Join, exp.Lateral, exp.Subquery, exp.With, exp.CTE, exp.Union, exp.Intersect),
        *(exp.Except, exp.Values, exp.Table, exp.TableAlias, exp.Alias, exp.Column, exp.Identifier, exp.Star, exp.Dot),
        *(exp.Pivot, exp.UnpivotColumns, exp.Distinct, exp.Filter, exp.IgnoreNulls, exp.Window, exp.WindowSpec),
        *(exp.Literal, exp.Boolean, exp.Null, exp.Var, exp.DataType, exp.DataTypeParam, exp.Interval, exp.Paren),
        *(exp.Add, exp.Sub, exp.Mul, exp.Div, exp.IntDiv, exp.Mod, exp.Neg, exp.DPipe, exp.And, exp.Or, exp.Not),
        *(exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE, exp.NullSafeEQ, exp.NullSafeNEQ, exp.Is, exp.Between),
        *(exp.In, exp.Like, exp.ILike, exp.Escape, exp.Exists, exp.Case, exp.If, exp.Cast, exp.TryCast, exp.Tuple),
        *(exp.Struct, exp.PropertyEQ, exp.Array, exp.Bracket, exp.Comprehension, exp.ToMap, exp.PivotAlias),
        # Functions, which are looked at by their names.
        *(exp.Abs, exp.Anonymous, exp.AnyValue, exp.ArgMax, exp.ArgMin, exp.ArrayAgg, exp.ArrayContains),
        *(exp.ArrayToString, exp.Avg, exp.Chr, exp.Coalesce, exp.ConcatWs, exp.Count, exp.CountIf, exp.DateDiff),
        *(exp.DateFromParts, exp.Explode, exp.Floor, exp.Format, exp.Greatest, exp.GroupConcat, exp.Lag, exp.LastDay),
        *(exp.LastValue, exp.Lead, exp.Least, exp.Length, exp.Lower, exp.Max, exp.Median, exp.Min, exp.Mode),
        *(exp.Month, exp.Nullif, exp.Rank, exp.RegexpExtract, exp.RegexpLike, exp.RegexpReplace, exp.Replace),
        *(exp.Round, exp.RowNumber, exp.StartsWith, exp.Sum, exp.TimeToStr, exp.Translate, exp.Trim, exp.Year),
    }
)
DATE_FORMAT = "%d/%m/%Y"  # the one of strftime
HTTP_FORMAT = "%a, %d %b %Y %H:%M:%S GMT"  # the one of try_strptime
_IN_ORDER = ("fsum", "favg")


def is_stated(node: exp.Expr) -> bool:
    """Tell whether a node of a query that was just parsed has a counterpart, with what it is given."""
    check = _GIVEN.get(type(node))
    return type(node) in _STATED and (check is None or check(node))


def _call(node: exp.Expr) -> bool:
    if node.name.lower() in _IN_ORDER:
        return _ordered(node.expressions[0])
    return node.name.lower() != "try_strptime" or node.expressions[1].name == HTTP_FORMAT


def _ordered(given: exp.Expr | None) -> bool:
    """Tell whether what an aggregate gathers comes in one order, from the least, and stands in no window."""
    if not isinstance(given, exp.Order) or any(
        key.args.get("desc") or key.args.get("nulls_first") for key in given.expressions
    ):
        return False
    call = given.parent.parent if given.parent and isinstance(given.parent.parent, exp.Filter) else given.parent
    return not (call and isinstance(call.parent, exp.Window))


def _order(node: exp.Expr) -> bool:
    """Tell whether rows are ordered, or a list or a text of them: elsewhere Spark has no order in a function."""
    gathering = exp.Anonymous | exp.ArrayAgg | exp.GroupConcat
    return not isinstance(node.parent, exp.Func) or isinstance(node.parent, gathering)


def _distinct(node: exp.Expr) -> bool:
    gathers = node.parent.parent if isinstance(node.parent, exp.Order) else node.parent
    once = exp.Select | exp.ArrayAgg | exp.Count | exp.GroupConcat | exp.Max | exp.Min | exp.Sum
    return not node.args.get("on") and isinstance(gathers, once)


def _filter(node: exp.Expr) -> bool:
    """Tell whether a filter can go into its function, which it must in a window: of the greatest by a key it cannot."""
    if not isinstance(node.parent, exp.Window):
        return not isinstance(node.this, exp.IgnoreNulls)
    whole = exp.Count | exp.CountIf | exp.Max | exp.Min | exp.Mode | exp.Sum
    return isinstance(node.this, whole) and not isinstance(node.this.this, exp.Distinct)


def _rows_of_a_list(node: exp.Expr) -> bool:
    return not node.expressions or isinstance(node.this, exp.Array)


def _in(node: exp.Expr) -> bool:
    """Tell whether a list is written, or its query is a condition of rows by itself: elsewhere Spark knows no null."""
    if not node.args.get("query"):
        return True
    parent = node.parent
    while isinstance(parent, exp.And | exp.Not | exp.Paren):
        parent = parent.parent
    return isinstance(parent, exp.Where)


def _like(node: exp.Expr) -> bool:
    pattern = node.expression
    return isinstance(pattern, exp.Literal) and (isinstance(node.parent, exp.Escape) or "\\" not in pattern.name)


def _row(node: exp.Expr) -> bool:
    """Tell whether a row is compared as a whole by nothing but what both engines compare alike."""
    compared = isinstance(node.parent, exp.NullSafeEQ | exp.NullSafeNEQ)
    if compared and not all(isinstance(one, exp.Column) for one in node.expressions):
        return False
    return compared or isinstance(
        node.parent,
        exp.ArgMax
        | exp.ArgMin
        | exp.GroupingSets
        | exp.Group
        | exp.Distinct
        | exp.In
        | exp.Values
        | exp.Cube
        | exp.Rollup,
    )


def _window(node: exp.Expr) -> bool:
    if str(node.args.get("kind") or "").upper() not in ("ROWS", "RANGE"):
        return False
    if not node.args.get("exclude"):
        return True
    call = node.parent.this if node.parent else None
    bounds = [str(node.args.get(name) or "").upper() for name in ("start", "end")]
    whole = bounds == ["UNBOUNDED", "CURRENT ROW"] and node.args["kind"].upper() == "RANGE"
    return (
        whole
        and node.args["exclude"].name.upper() == "GROUP"
        and isinstance(call, exp.Count)
        and (isinstance(call.this, exp.Star))
    )


def _join(node: exp.Expr) -> bool:
    if node.args.get("method") == "POSITIONAL":
        return False
    if str(node.args.get("method") or "").upper() != "ASOF":
        return True
    on = node.args.get("on")
    conditions = list(on.flatten()) if isinstance(on, exp.And) else [on]
    limits = [one for one in conditions if not isinstance(one, exp.EQ)]
    if len(limits) != 1 or not isinstance(limits[0], exp.LTE) or len(conditions) < 2:
        return False
    alias = node.this.alias_or_name
    ours, theirs = ([c.table == alias for c in side.find_all(exp.Column)] for side in (limits[0].left, limits[0].right))
    return bool(ours) and all(ours) and not any(theirs)


def _replacement(node: exp.Expr) -> bool:
    new, flags = node.args.get("replacement"), node.args.get("modifiers")
    plain = isinstance(new, exp.Literal) and not re.search(r"[\\$]", new.name)
    return plain and flags is not None and flags.name == "g" and _pattern(node)


def _pattern(node: exp.Expr) -> bool:
    text = pattern_of(node.expression)
    flags = node.args.get("flag")
    return (
        text is not None
        and is_portable(text)
        and not node.args.get("parameters")
        and (flags is None or flags.name == "i")
    )


def _offset(node: exp.Expr) -> bool:
    return node.args.get("offset") is None or isinstance(node.args["offset"], exp.Literal)


def _digits(node: exp.Expr) -> bool:
    digits = node.args.get("decimals")
    return digits is None or isinstance(digits, exp.Literal)


def _sign(node: exp.Expr) -> bool:
    """Tell whether a sign is written by a number that Spark does not cut to a byte."""
    (number,) = node.expressions
    return isinstance(number, exp.Literal) and number.name.isdecimal() and int(number.name) < 256


def _lateral(node: exp.Expr) -> bool:
    return isinstance(node.this, exp.Subquery) and node.find(exp.Explode) is not None


_GIVEN: dict[type[exp.Expr], Callable[[exp.Expr], bool]] = {
    exp.Anonymous: _call,
    exp.ArgMax: lambda node: not node.args.get("count"),
    exp.ArgMin: lambda node: not node.args.get("count"),
    exp.ArrayAgg: lambda node: _ordered(node.this),
    exp.ArrayContains: lambda node: not isinstance(node.expression, exp.Null),
    exp.Chr: _sign,
    exp.Column: lambda node: node.name.lower() != "rowid",
    exp.Comprehension: lambda node: not node.args.get("condition"),
    exp.Distinct: _distinct,
    exp.Explode: _rows_of_a_list,
    exp.Filter: _filter,
    exp.GroupConcat: lambda node: _ordered(node.this) and node.args.get("separator") is not None,
    exp.ILike: _like,
    exp.In: _in,
    exp.Join: _join,
    exp.Lag: _offset,
    exp.Lateral: _lateral,
    exp.Lead: _offset,
    exp.Like: _like,
    # In a window all its rows would be sorted for each of them: hours, where DuckDB takes a second.
    exp.Median: lambda node: not isinstance(node.parent, exp.Window),
    exp.Order: _order,
    exp.Pivot: lambda node: node.args.get("into") is not None and node.this is not None and node.parent is not None,
    exp.RegexpExtract: _pattern,
    exp.RegexpLike: _pattern,
    exp.RegexpReplace: _replacement,
    exp.Round: _digits,
    exp.TimeToStr: lambda node: str(node.args["format"].name) == DATE_FORMAT,
    exp.ToMap: lambda node: not isinstance(node.this, exp.Bracket),  # sqlglot takes `map {…}[k]` for a map of `{…}[k]`
    exp.Tuple: _row,
    exp.WindowSpec: _window,
}
