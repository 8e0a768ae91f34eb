"""The rewrites of expressions, each from what DuckDB computes to what gives the same on Spark.

Queries are rewritten in `queries`. Expressions arrive qualified, with their types. A double becomes a decimal, or a
text, as DuckDB does it, to the last digit; a division by zero gives an infinity.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable

import sqlglot
from sqlglot import exp

Rewrite = Callable[[exp.Expr], exp.Expr | None]

_DOUBLES = (exp.DType.DOUBLE, exp.DType.FLOAT)
_TEXTS = exp.DataType.TEXT_TYPES

# In two halves of 32 bits: beyond 9.2e12, millionths overflow a BIGINT, and Spark's own cast reads the shortest digits.
_DECIMAL = """
    CAST((CAST(FLOOR(ROUND(:x * 1E6D, 0) / 4294967296D) AS DECIMAL(19, 0)) * 4294967296
        + CAST(CAST(ROUND(:x * 1E6D, 0) - FLOOR(ROUND(:x * 1E6D, 0) / 4294967296D) * 4294967296D AS BIGINT)
            AS DECIMAL(10, 0))) * 0.000001 AS DECIMAL(38, 6))
"""
# Zero keeps its sign; digits from 1e-4 to 1e16, powers of ten elsewhere.
_TEXT = """
    CASE
        WHEN :x = 0 THEN CAST(:x AS STRING)
        WHEN ABS(:x) >= 1E-4D AND ABS(:x) < 1E16D
            THEN REGEXP_REPLACE(CAST(CAST(:x AS DECIMAL(38, 21)) AS STRING), '([.][0-9]+?)0+$', '$1')
        WHEN ISNAN(:x) OR ABS(:x) = DOUBLE('Infinity') THEN REPLACE(LOWER(CAST(:x AS STRING)), 'infinity', 'inf')
        ELSE REGEXP_REPLACE(REGEXP_REPLACE(REGEXP_REPLACE(REGEXP_REPLACE(
            CAST(:x AS STRING), '[.]0E', 'e'), 'E', 'e'), 'e([0-9])', 'e+$1'), '(e[+-])([0-9])$', '$10$2')
    END
"""
_KAHAN = """
    AGGREGATE(
        ARRAY_SORT(:list),
        STRUCT(CAST(0 AS DOUBLE) AS s, CAST(0 AS DOUBLE) AS c, CAST(0 AS DOUBLE) AS n),
        (k, t) -> STRUCT(
            k.s + (t._x - k.c) AS s, ((k.s + (t._x - k.c)) - k.s) - (t._x - k.c) AS c, k.n + 1 AS n),
        k -> CASE WHEN k.n > 0 THEN :result END)
"""


def built(template: str, **parts: exp.Expr | str) -> exp.Expr:
    """Return an expression of Spark's SQL, with each `:name` of it replaced by a part."""
    # sqlglot reads Spark's CAST as it was before ANSI: null where it fails.
    tree = sqlglot.parse_one(template, dialect="spark").transform(
        lambda node: exp.Cast(this=node.this, to=node.args["to"]) if isinstance(node, exp.TryCast) else node
    )
    for place in list(tree.find_all(exp.Placeholder)):
        part = parts[place.name]
        place.replace(sqlglot.parse_one(part, dialect="spark") if isinstance(part, str) else _bracketed(part))
    return tree


def rewrite_expressions(query: exp.Expr) -> exp.Expr:
    """Rewrite every expression of a query, the innermost first, and return it."""
    for node in reversed(list(query.dfs())):
        rewrite = _REWRITES.get(type(node)) or _CALLS.get(node.name.lower() if isinstance(node, exp.Anonymous) else "")
        if rewrite and (new := rewrite(node)) is not None:
            new.type = node.type
            if node is query:
                return new
            node.replace(new)
    return query


def _bracketed(part: exp.Expr) -> exp.Expr:
    return exp.paren(part.copy()) if isinstance(part, exp.Binary | exp.Unary) else part.copy()


def _is(node: exp.Expr | None, *types: exp.DType) -> bool:
    return node is not None and node.type is not None and node.type.this in types


def _as_text(node: exp.Expr) -> exp.Expr:
    return built(_TEXT, x=node) if _is(node, *_DOUBLES) else node


def _cast(node: exp.Expr) -> exp.Expr | None:
    source, target = node.this, node.args["to"]
    if target.this in _TEXTS and _is(source, *_DOUBLES):
        return _as_text(source)
    if target.this == exp.DType.DECIMAL and _is(source, *_DOUBLES):
        return built(_DECIMAL, x=source)
    if target.this in exp.DataType.INTEGER_TYPES and _is(source, *_DOUBLES):
        return built(f"CAST(RINT(:x) AS {target.sql('spark')})", x=source)
    if isinstance(node, exp.TryCast) and target.this in exp.DataType.INTEGER_TYPES:
        digits = exp.TryCast(this=source.copy(), to=exp.DataType.build("decimal(38, 18)"))
        return exp.TryCast(this=built("ROUND(:x, 0)", x=digits), to=target)
    return None


def _divide(node: exp.Expr) -> exp.Expr | None:
    below = node.expression.unnest()
    if isinstance(below, exp.Nullif) or (isinstance(below, exp.Literal) and float(below.this) != 0):
        return None
    return built("IF(:b = 0, :a * DOUBLE('Infinity'), :a / :b)", a=node.this, b=node.expression)


def _subtract(node: exp.Expr) -> exp.Expr | None:
    if _is(node.this, exp.DType.DATE) and _is(node.expression, exp.DType.DATE):
        return built("CAST(DATEDIFF(:a, :b) AS BIGINT)", a=node.this, b=node.expression)
    return None


def _join_texts(node: exp.Expr) -> exp.Expr | None:
    for side in ("this", "expression"):
        node.set(side, _as_text(node.args[side]))
    return None


def _concat_ws(node: exp.Expr) -> exp.Expr | None:
    node.set("expressions", [_as_text(one) for one in node.expressions])
    return None


def _months_between(node: exp.Expr) -> exp.Expr:
    months = "(YEAR(:b) - YEAR(:a)) * 12 + MONTH(:b) - MONTH(:a)"
    return exp.paren(built(f"CAST({months} AS BIGINT)", b=node.this, a=node.expression))


def _round(node: exp.Expr) -> exp.Expr | None:
    return built("ROUND(:x * POWER(10D, :n), 0) / POWER(10D, :n)", x=node.this, n=node.args["decimals"])


def _round_even(node: exp.Expr) -> exp.Expr:
    x, n = node.expressions
    return exp.paren(built("RINT(:x * POWER(10D, :n)) / POWER(10D, :n)", x=x, n=n))


def _ordered(argument: exp.Expr) -> tuple[exp.Expr, list[exp.Expr]]:
    """Return what an aggregate takes, and the keys of its order."""
    if isinstance(argument, exp.Order):
        return argument.this, [key.this for key in argument.expressions]
    return argument, []


def _collected(node: exp.Expr, x: exp.Expr, keys: list[exp.Expr], function: str, nulls: bool = False) -> exp.Expr:
    """Return the list of what an aggregate takes, with the keys of its order first; its filter comes inside."""
    fields = [exp.alias_(key.copy(), f"_{rank}") for rank, key in enumerate(keys)] + [exp.alias_(x.copy(), "_x")]
    kept: exp.Expr = exp.true() if nulls else built(":x IS NOT NULL", x=x)
    if isinstance(node.parent, exp.Filter):
        kept = exp.and_(node.parent.expression.this.copy(), kept)
    struct = exp.Struct(expressions=fields)
    return exp.Anonymous(this=function, expressions=[_where(kept, struct)])


def _where(condition: exp.Expr, value: exp.Expr) -> exp.Expr:
    return exp.If(this=condition.copy(), true=value.copy(), false=exp.null())


def _exact(result: str) -> Rewrite:
    def rewrite(node: exp.Expr) -> exp.Expr:
        x, keys = _ordered(node.expressions[0])
        return built(_KAHAN, list=_collected(node, x, keys, "COLLECT_LIST"), result=result)

    return rewrite


def _text_list(node: exp.Expr) -> exp.Expr:
    order = node.this
    x, keys = _ordered(order)
    function = "COLLECT_LIST"
    if isinstance(x, exp.Distinct):
        x, function = x.expressions[0], "COLLECT_SET"
    listed = _collected(node, x, keys, function)
    joined = "NULLIF(ARRAY_JOIN(TRANSFORM(ARRAY_SORT(:list), t -> t._x), :by), '')"
    return built(joined, list=listed, by=node.args["separator"])


def _filtered(node: exp.Expr) -> exp.Expr | None:
    """Take away the filter of an aggregate that has it inside, or that Spark refuses in a window."""
    inner: exp.Expr = node.this
    if isinstance(inner, exp.Func) and not isinstance(inner, exp.AggFunc):
        return inner
    if isinstance(node.parent, exp.Window):
        what = exp.Literal.number(1) if isinstance(inner.this, exp.Star) else inner.this
        inner.set("this", _where(node.expression.this, what))
        return inner
    return None


def _window(node: exp.Expr) -> exp.Expr | None:
    inner, spec = node.this, node.args.get("spec")
    if isinstance(inner, exp.Count) and isinstance(inner.this, exp.Distinct):
        values = inner.this.expressions
        inside = values[0] if len(values) == 1 else exp.Struct(expressions=values)
        node.set("this", exp.Anonymous(this="COLLECT_SET", expressions=[inside]))
        return exp.Anonymous(this="SIZE", expressions=[node.copy()])
    if isinstance(inner, exp.Count) and spec is not None and spec.args.get("exclude"):
        # How many come before, without those beside: one less than the rank.
        rank = node.copy()
        rank.set("this", exp.Anonymous(this="RANK"))
        rank.set("spec", None)
        return exp.paren(exp.Sub(this=rank, expression=exp.Literal.number(1)))
    return None


def _by(function: str) -> Rewrite:
    def rewrite(node: exp.Expr) -> exp.Expr:
        x, key = node.this, node.expression
        return built(f"{function}(IF(:x IS NULL, NULL, :x), IF(:x IS NULL, NULL, :k))", x=x, k=key)

    return rewrite


def _length(node: exp.Expr) -> exp.Expr | None:
    return built("SIZE(:x)", x=node.this) if _is(node.this, exp.DType.ARRAY, exp.DType.LIST) else None


def _groups(node: exp.Expr) -> exp.Expr | None:
    group = node.args.get("group")
    names = group.expressions if isinstance(group, exp.Array) else None
    call = "REGEXP_EXTRACT(:x, :p, {})"
    if names is None:
        return built(call.format(group.sql() if group else 0), x=node.this, p=node.expression)
    found = (
        exp.alias_(built(call.format(n), x=node.this, p=node.expression), one.name) for n, one in enumerate(names, 1)
    )
    return exp.Struct(expressions=list(found))


def _replaced(node: exp.Expr) -> exp.Expr:
    return exp.Anonymous(this="REGEXP_REPLACE", expressions=[node.this, node.expression, node.args["replacement"]])


def _matches(node: exp.Expr) -> exp.Expr:
    flag = node.args.get("flag")
    pattern = exp.Literal.string(("(?i)" if flag is not None and flag.name == "i" else "") + node.expression.name)
    return exp.RegexpLike(this=node.this, expression=pattern)


def _format(node: exp.Expr) -> exp.Expr:
    (x,) = node.expressions
    if node.this.name == "{:,.9f}":
        return built("FORMAT_NUMBER(:x, 9)", x=x)
    # {:g}: six digits at most, and none that says nothing.
    return built("REGEXP_REPLACE(:text, '[.]0$', '')", text=built(_TEXT, x=built("DOUBLE(PRINTF('%.5e', :x))", x=x)))


def _without_accents(node: exp.Expr) -> exp.Expr:
    letters = [(chr(n), unicodedata.normalize("NFD", chr(n))) for n in (*range(0xC0, 0x250), *range(0x1E00, 0x1F00))]
    simple = [(letter, parts[0]) for letter, parts in letters if len(parts) > 1]
    marks = "".join(chr(n) for n in range(0x300, 0x370))
    return built(
        "TRANSLATE(:x, :accented, :plain)",
        x=node.expressions[0],
        accented=exp.Literal.string("".join(letter for letter, _ in simple) + marks),
        plain=exp.Literal.string("".join(plain for _, plain in simple)),
    )


def _element(node: exp.Expr) -> exp.Expr:
    """Return the element of a list, from 1, or of a map; null where there is none."""
    (index,) = node.expressions
    if _is(node.this, exp.DType.MAP):
        return exp.Anonymous(this="TRY_ELEMENT_AT", expressions=[node.this, index])
    # sqlglot counts from 0 what is written as a number, and leaves the rest.
    rank = index if isinstance(index, exp.Literal) else built("CAST(:n AS INT) - 1", n=index)
    return exp.Anonymous(this="GET", expressions=[node.this, rank])


def _row(node: exp.Expr) -> exp.Expr | None:
    grouping = node.find_ancestor(exp.GroupingSets, exp.Select)
    return None if isinstance(grouping, exp.GroupingSets) else exp.Struct(expressions=node.expressions)


def _list(node: exp.Expr) -> exp.Expr:
    x, keys = _ordered(node.this)
    function = "COLLECT_LIST"
    if isinstance(x, exp.Distinct):
        x, function = x.expressions[0], "COLLECT_SET"
    listed = _collected(node, x, keys, function, nulls=True)
    return built("NULLIF(TRANSFORM(ARRAY_SORT(:list), t -> t._x), ARRAY())", list=listed)


def _map(node: exp.Expr) -> exp.Expr:
    pairs = [part for one in node.this.expressions for part in (one.this, one.expression)]
    keys = [exp.Literal.string(one.name) if isinstance(one, exp.Identifier) else one for one in pairs]
    return exp.Anonymous(this="MAP", expressions=keys)


def _call(template: str) -> Rewrite:
    return lambda node: built(template, **{f"_{n}": one for n, one in enumerate(node.expressions)})


_REWRITES: dict[type[exp.Expr], Rewrite] = {
    exp.AnyValue: lambda node: exp.Anonymous(this="ANY_VALUE", expressions=[node.this, exp.true()]),
    exp.ArgMax: _by("MAX_BY"),
    exp.ArgMin: _by("MIN_BY"),
    exp.ArrayAgg: _list,
    exp.ArrayToString: lambda node: built("ARRAY_JOIN(:x, :by)", x=node.this, by=node.expression),
    exp.Bracket: _element,
    exp.Cast: _cast,
    exp.ConcatWs: _concat_ws,
    exp.DPipe: _join_texts,
    exp.DateDiff: _months_between,
    exp.Div: _divide,
    exp.Filter: _filtered,
    exp.Format: _format,
    exp.GroupConcat: _text_list,
    exp.Length: _length,
    exp.Mode: lambda node: built("MODE(:x, TRUE)", x=node.this),
    exp.RegexpExtract: _groups,
    exp.RegexpLike: _matches,
    exp.RegexpReplace: _replaced,
    exp.Round: _round,
    exp.Sub: _subtract,
    exp.ToMap: _map,
    exp.TryCast: _cast,
    exp.Tuple: _row,
    exp.Window: _window,
}
_CALLS: dict[str, Rewrite] = {
    "favg": _exact("k.s / k.n - k.c / k.n"),
    "fsum": _exact("k.s"),
    "list_position": _call("NULLIF(ARRAY_POSITION(:_0, :_1), 0)"),
    "round_even": _round_even,
    "strip_accents": _without_accents,
}
