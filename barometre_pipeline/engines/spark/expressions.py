"""The rewrites of expressions, each from what DuckDB computes to what gives the same on Spark.

Queries are rewritten in `queries`. Expressions arrive qualified, with their types. Those of numbers are in `numbers`,
those of groups in `aggregates`; here are those of texts, lists and rows.
"""

from __future__ import annotations

import unicodedata

from sqlglot import exp

from barometre_pipeline.engines.spark import aggregates, numbers
from barometre_pipeline.engines.spark.patterns import for_java
from barometre_pipeline.engines.spark.templates import Rewrite, built, has_type

_WITH_ACCENTS = (
    *range(0xC0, 0x300),
    *range(0x370, 0x483),
    *range(0x48A, 0x530),
    *range(0x1E00, 0x2000),
    *range(0x2100, 0x2300),
)
_SPACES = (0x20, 0xA0, 0x1680, *range(0x2000, 0x200B), 0x202F, 0x205F, 0x3000)


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


def _length(node: exp.Expr) -> exp.Expr | None:
    return built("SIZE(:x)", x=node.this) if has_type(node.this, exp.DType.ARRAY, exp.DType.LIST) else None


def _lower(node: exp.Expr) -> exp.Expr:
    """Write a text in small letters, each by itself: Java has two for İ, and another σ at a word's end."""
    return built("LOWER(TRANSLATE(:x, 'İΣ', 'iσ'))", x=node.this)


def _trim(node: exp.Expr) -> exp.Expr | None:
    """Take away the spaces at an end, of every width."""
    if node.args.get("expression") is not None:
        return None
    spaces = exp.Literal.string("".join(chr(n) for n in _SPACES))
    return exp.Trim(this=node.this, expression=spaces, position=node.args.get("position"))


def _groups(node: exp.Expr) -> exp.Expr | None:
    group = node.args.get("group")
    names = group.expressions if isinstance(group, exp.Array) else None
    call, pattern = "REGEXP_EXTRACT(:x, :p, {})", for_java(node.expression)
    if names is None:
        return built(call.format(group.sql() if group else 0), x=node.this, p=pattern)
    found = (exp.alias_(built(call.format(n), x=node.this, p=pattern), one.name) for n, one in enumerate(names, 1))
    return exp.Struct(expressions=list(found))


def _replaced(node: exp.Expr) -> exp.Expr:
    pattern = for_java(node.expression)
    return exp.Anonymous(this="REGEXP_REPLACE", expressions=[node.this, pattern, node.args["replacement"]])


def _matches(node: exp.Expr) -> exp.Expr:
    flag = node.args.get("flag")
    return exp.RegexpLike(this=node.this, expression=for_java(node.expression, ignores_case=flag is not None))


def _format(node: exp.Expr) -> exp.Expr:
    (x,) = node.expressions
    if node.this.name == "{:,.9f}":
        return built("FORMAT_NUMBER(:x, 9)", x=x)
    # {:g}: six digits at most, none that says nothing, and powers of ten from the seventh.
    x = built("CAST(:x AS DOUBLE)", x=x)
    rounded = built("IF(:x IS NULL, NULL, DOUBLE(PRINTF('%.5e', :x)))", x=x)
    return built(
        """
        CASE WHEN ABS(:rounded) >= 1E6D AND ABS(:rounded) < 1E16D
            THEN REGEXP_REPLACE(PRINTF('%.5e', :x), '[.]?0*e', 'e')
            ELSE REGEXP_REPLACE(:text, '[.]0$', '')
        END
        """,
        x=x,
        rounded=rounded,
        text=numbers.text_of(rounded),
    )


def _without_accents(node: exp.Expr) -> exp.Expr:
    """Take the accents from the letters of the Latin, Greek and Cyrillic alphabets, and from signs."""
    letters = ((letter, unicodedata.normalize("NFD", letter)[0]) for letter in map(chr, _WITH_ACCENTS))
    simple = [(letter, plain) for letter, plain in letters if letter != plain]
    marks = "".join(chr(n) for n in range(0x300, 0x370))
    return built(
        "TRANSLATE(:x, :accented, :plain)",
        x=node.expressions[0],
        accented=exp.Literal.string("".join(letter for letter, _ in simple) + marks),
        plain=exp.Literal.string("".join(plain for _, plain in simple)),
    )


def _element(node: exp.Expr) -> exp.Expr:
    """Return the element of a list, from 1 or, below 0, from its end, or of a map; null where there is none."""
    (index,) = node.expressions
    if has_type(node.this, exp.DType.MAP):
        return exp.Anonymous(this="TRY_ELEMENT_AT", expressions=[node.this, index])
    # sqlglot counts from 0 what is written as a number, and leaves the rest.
    if isinstance(index, exp.Literal):
        rank: exp.Expr = index
    elif isinstance(index, exp.Neg) and isinstance(index.this, exp.Literal):
        rank = built("SIZE(:list) + :n + 1", n=index, list=node.this)
    else:
        rank = built("CAST(IF(:n < 0, SIZE(:list) + :n, :n - 1) AS INT)", n=index, list=node.this)
    return exp.Anonymous(this="GET", expressions=[node.this, rank])


def _position(node: exp.Expr) -> exp.Expr:
    values, x = node.expressions
    return built("NULLIF(ARRAY_POSITION(:list, :x), 0)", list=values, x=x)


def _row(node: exp.Expr) -> exp.Expr | None:
    grouping = node.find_ancestor(exp.GroupingSets, exp.Select)
    return None if isinstance(grouping, exp.GroupingSets) else exp.Struct(expressions=node.expressions)


def _each(node: exp.Expr) -> exp.Expr | None:
    """Return the list of what is computed of each element of another."""
    of = node.expressions[0] if len(node.expressions) == 1 else None
    if not isinstance(of, exp.Comprehension):
        return None
    return exp.Anonymous(
        this="TRANSFORM", expressions=[of.args["iterator"], exp.Lambda(this=of.this, expressions=[of.expression])]
    )


def _http_time(node: exp.Expr) -> exp.Expr:
    """Return the instant of a header such as Last-Modified: Spark reads no day of the week."""
    text = built("REGEXP_EXTRACT(:x, '^(?i)(?:mon|tue|wed|thu|fri|sat|sun), (.*) gmt$', 1)", x=node.expressions[0])
    return built("CAST(TRY_TO_TIMESTAMP(:text, 'd MMM yyyy H:m:s') AS TIMESTAMP_NTZ)", text=text)


def _map(node: exp.Expr) -> exp.Expr:
    pairs = [part for one in node.this.expressions for part in (one.this, one.expression)]
    keys = [exp.Literal.string(one.name) if isinstance(one, exp.Identifier) else one for one in pairs]
    return exp.Anonymous(this="MAP", expressions=keys)


_REWRITES: dict[type[exp.Expr], Rewrite] = {
    exp.AnyValue: lambda node: exp.Anonymous(this="ANY_VALUE", expressions=[node.this, exp.true()]),
    exp.ArgMax: aggregates.by("MAX_BY"),
    exp.ArgMin: aggregates.by("MIN_BY"),
    exp.Array: _each,
    exp.ArrayAgg: aggregates.listed,
    # Where a list that has a null lacks the value, Spark knows nothing.
    exp.ArrayContains: lambda node: built(
        "IF(:list IS NULL OR :x IS NULL, NULL, COALESCE(ARRAY_CONTAINS(:list, :x), FALSE))",
        list=node.this,
        x=node.expression,
    ),
    exp.ArrayToString: lambda node: built("ARRAY_JOIN(:x, :by)", x=node.this, by=node.expression),
    exp.Bracket: _element,
    exp.Cast: numbers.cast,
    exp.ConcatWs: numbers.concat_ws,
    exp.DPipe: numbers.join_texts,
    exp.DateDiff: numbers.months_between,
    exp.Div: numbers.divide,
    exp.Filter: aggregates.filtered,
    exp.Floor: numbers.floor,
    exp.Format: _format,
    exp.GroupConcat: aggregates.text_list,
    exp.Length: _length,
    exp.Lower: _lower,
    exp.Median: aggregates.median,
    exp.Mode: lambda node: built("MODE(:x, TRUE)", x=node.this),
    exp.RegexpExtract: _groups,
    exp.RegexpLike: _matches,
    exp.RegexpReplace: _replaced,
    exp.Round: numbers.round_half_away,
    exp.Sub: numbers.subtract,
    exp.TimeToStr: lambda node: built("DATE_FORMAT(:x, 'dd/MM/yyyy')", x=node.this.unnest()),
    exp.ToMap: _map,
    exp.Trim: _trim,
    exp.TryCast: numbers.cast,
    exp.Tuple: _row,
    exp.Window: aggregates.window,
}
_CALLS: dict[str, Rewrite] = {
    "favg": aggregates.exact("k.s / k.n - k.c / k.n"),
    "fsum": aggregates.exact("k.s"),
    "list_position": _position,
    "round_even": numbers.round_even,
    "strip_accents": _without_accents,
    "try_strptime": _http_time,
}
