"""Rewrites of aggregates and windows: sums in one order, lists, filters, what Spark has no window for."""

from __future__ import annotations

from sqlglot import exp

from barometre_pipeline.engines.spark.templates import Rewrite, built

_KAHAN = """
    AGGREGATE(
        ARRAY_SORT(:list),
        STRUCT(CAST(0 AS DOUBLE) AS s, CAST(0 AS DOUBLE) AS c, CAST(0 AS DOUBLE) AS n),
        (k, t) -> STRUCT(
            k.s + (t._x - k.c) AS s, ((k.s + (t._x - k.c)) - k.s) - (t._x - k.c) AS c, k.n + 1 AS n),
        k -> CASE WHEN k.n > 0 THEN :result END)
"""


def _ordered(argument: exp.Expr) -> tuple[exp.Expr, list[exp.Expr]]:
    """Return what an aggregate takes, and the keys of its order."""
    if isinstance(argument, exp.Order):
        return argument.this, [key.this for key in argument.expressions]
    return argument, []


def _collected(node: exp.Expr, x: exp.Expr, keys: list[exp.Expr], function: str, nulls: bool = False) -> exp.Expr:
    """Return the list of what an aggregate takes, with the keys of its order first; its filter comes inside."""
    fields = []
    for rank, key in enumerate(keys):
        if nulls or not _is_known_with(x, key):  # nulls come last, where Spark puts them first
            fields.append(exp.alias_(built(":k IS NULL", k=key), f"_n{rank}"))
        fields.append(exp.alias_(key.copy(), f"_{rank}"))
    fields.append(exp.alias_(x.copy(), "_x"))
    kept: exp.Expr = exp.true() if nulls else built(":x IS NOT NULL", x=x)
    if isinstance(node.parent, exp.Filter):
        kept = exp.and_(node.parent.expression.this.copy(), kept)
    struct = exp.Struct(expressions=fields)
    return exp.Anonymous(this=function, expressions=[_where(kept, struct)])


def _is_known_with(x: exp.Expr, key: exp.Expr) -> bool:
    """Tell whether the key of an order is never null where what is gathered is not: it is, or is reckoned with."""
    if x == key:
        return True
    reckoned = exp.Add | exp.Sub | exp.Mul | exp.Paren
    return isinstance(x, reckoned) and any(_is_known_with(part, key) for part in x.iter_expressions())


def _elements(node: exp.Expr, nulls: bool = False) -> exp.Expr:
    """Return the list of what an aggregate takes, each once where it says so."""
    x, keys = _ordered(node.this)
    if isinstance(x, exp.Distinct):
        return _collected(node, x.expressions[0], keys, "COLLECT_SET", nulls)
    return _collected(node, x, keys, "COLLECT_LIST", nulls)


def _where(condition: exp.Expr, value: exp.Expr) -> exp.Expr:
    return exp.If(this=condition.copy(), true=value.copy(), false=exp.null())


def exact(result: str) -> Rewrite:
    """Return the rewrite of a Kahan sum: `k` has the sum `s`, what it lacks `c`, the number of its terms `n`."""

    def rewrite(node: exp.Expr) -> exp.Expr:
        x, keys = _ordered(node.expressions[0])
        return built(_KAHAN, list=_collected(node, x, keys, "COLLECT_LIST"), result=result)

    return rewrite


def text_list(node: exp.Expr) -> exp.Expr:
    """Return the texts of a group, joined in their order; an empty text is one."""
    joined = "ARRAY_JOIN(NULLIF(TRANSFORM(ARRAY_SORT(:list), t -> t._x), ARRAY()), :by)"
    return built(joined, list=_elements(node), by=node.args["separator"])


def filtered(node: exp.Expr) -> exp.Expr | None:
    """Take away the filter of an aggregate that has it inside, or that Spark refuses in a window."""
    inner: exp.Expr = node.this
    if isinstance(inner, exp.Paren) or (isinstance(inner, exp.Func) and not isinstance(inner, exp.AggFunc)):
        return inner
    if isinstance(node.parent, exp.Window):
        what = exp.Literal.number(1) if isinstance(inner.this, exp.Star) else inner.this
        inner.set("this", _where(node.expression.this, what))
        return inner
    return None


def median(node: exp.Expr) -> exp.Expr:
    """Return half of the sum of the two in the middle: Spark's own median interpolates, and rounds otherwise."""
    kept = exp.and_(node.parent.expression.this.copy()) if isinstance(node.parent, exp.Filter) else exp.true()
    values = exp.Anonymous(this="COLLECT_LIST", expressions=[_where(kept, node.this)])
    of_two = "(GET(ARRAY_SORT(:l), (SIZE(:l) - 1) DIV 2) + GET(ARRAY_SORT(:l), SIZE(:l) DIV 2)) / 2D"
    return exp.paren(built(of_two, l=values))


def window(node: exp.Expr) -> exp.Expr | None:
    """Rewrite what Spark has no window for."""
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


def by(function: str) -> Rewrite:
    """Return the rewrite of the value that goes with the least or the greatest of another; nulls are left out."""

    def rewrite(node: exp.Expr) -> exp.Expr:
        x, key = node.this, node.expression
        return built(f"{function}(IF(:x IS NULL, NULL, :x), IF(:x IS NULL, NULL, :k))", x=x, k=key)

    return rewrite


def listed(node: exp.Expr) -> exp.Expr:
    """Return the values of a group as a list, in their order."""
    return built("NULLIF(TRANSFORM(ARRAY_SORT(:list), t -> t._x), ARRAY())", list=_elements(node, nulls=True))
