"""Rewrites of what computes with numbers and dates, or writes them as texts, to the last digit of DuckDB's."""

from __future__ import annotations

from sqlglot import exp

from barometre_pipeline.engines.spark.templates import built, has_type

_DOUBLES = (exp.DType.DOUBLE, exp.DType.FLOAT)
_TEXTS = exp.DataType.TEXT_TYPES

# In three parts, of what is above 2^64, above 2^32 and below: beyond 9.2e12, millionths overflow a BIGINT, and Spark's
# own cast reads the shortest digits. Without the sign: less than 2^64 below it, a small number would lose its digits.
_MILLIONTHS = "ABS(ROUND(:x * 1E6D, 0))"
_HIGH = f"FLOOR({_MILLIONTHS} / 18446744073709551616D)"
_REST = f"({_MILLIONTHS} - {_HIGH} * 18446744073709551616D)"
_MIDDLE = f"FLOOR({_REST} / 4294967296D)"
_DECIMAL = f"""
    CAST((CAST({_HIGH} AS DECIMAL(19, 0)) * 18446744073709551616
        + CAST({_MIDDLE} AS DECIMAL(10, 0)) * 4294967296
        + CAST(CAST({_REST} - {_MIDDLE} * 4294967296D AS BIGINT) AS DECIMAL(10, 0)))
        * IF(:x < 0, -0.000001, 0.000001) AS DECIMAL(38, 6))
"""
# The shortest digits of what a BIGINT holds: the fewest of fifteen, sixteen and seventeen that are no other double's.
_UNIT = "CASE WHEN ABS(:x) < 1E17D THEN {n} WHEN ABS(:x) < 1E18D THEN {n}0 ELSE {n}00 END"  # of the last digit
_OF_17, _OF_16, _OF_15 = (
    f"(CAST(ABS(:x) AS BIGINT) + {unit} DIV 2) DIV {unit} * {unit}"
    for unit in (_UNIT.format(n=1), _UNIT.format(n=10), _UNIT.format(n=100))
)
_SHORTEST = f"""
    CASE WHEN DOUBLE({_OF_15}) = ABS(:x) THEN {_OF_15} WHEN DOUBLE({_OF_16}) = ABS(:x) THEN {_OF_16} ELSE {_OF_17} END
"""
# Zero keeps its sign; digits from 1e-4 to 1e16, powers of ten elsewhere, where Java 17 may write a digit too many.
_TEXT = f"""
    CASE
        WHEN :x IS NULL THEN NULL
        WHEN :x = 0 THEN CAST(:x AS STRING)
        WHEN ABS(:x) >= 1E-4D AND ABS(:x) < 1E16D
            THEN REGEXP_REPLACE(CAST(CAST(:x AS DECIMAL(38, 21)) AS STRING), '([.][0-9]+?)0+$', '$1')
        WHEN ABS(:x) >= 1E16D AND ABS(:x) < 9.2E18D
            THEN CONCAT(IF(:x < 0, '-', ''),
                REGEXP_REPLACE(REGEXP_REPLACE(CAST({_SHORTEST} AS STRING), '^(.)(.*?)0*$', '$1.$2'), '[.]$', ''),
                CASE WHEN ABS(:x) < 1E17D THEN 'e+16' WHEN ABS(:x) < 1E18D THEN 'e+17' ELSE 'e+18' END)
        WHEN ISNAN(:x) OR ABS(:x) = DOUBLE('Infinity') THEN REPLACE(LOWER(CAST(:x AS STRING)), 'infinity', 'inf')
        ELSE REGEXP_REPLACE(REGEXP_REPLACE(REGEXP_REPLACE(
            CASE
                WHEN DOUBLE(PRINTF('%.14E', :x)) = :x THEN PRINTF('%.14E', :x)
                WHEN DOUBLE(PRINTF('%.15E', :x)) = :x THEN PRINTF('%.15E', :x)
                WHEN DOUBLE(PRINTF('%.16E', :x)) = :x THEN PRINTF('%.16E', :x)
                ELSE CAST(:x AS STRING)
            END, '[.]?0*E', 'e'), 'e([0-9])', 'e+$1'), '(e[+-])([0-9])$', '$10$2')
    END
"""
# A whole number that is written in tens, in twos (0b11) or in sixteens (0x1F), with a line between digits (1_000).
_WHOLE = r"""
    CASE
        WHEN :x RLIKE '^\\s*0[xX][0-9a-fA-F]{1,15}\\s*$'
            THEN TRY_CAST(CONV(REGEXP_EXTRACT(:x, '0[xX]([0-9a-fA-F]+)', 1), 16, 10) AS INT)
        WHEN :x RLIKE '^\\s*0[bB][01]{1,63}\\s*$'
            THEN TRY_CAST(CONV(REGEXP_EXTRACT(:x, '0[bB]([01]+)', 1), 2, 10) AS INT)
        ELSE TRY_CAST(ROUND(TRY_CAST(REGEXP_REPLACE(:x, '(?<=[0-9])_(?=[0-9])', '') AS DECIMAL(38, 18)), 0) AS INT)
    END
"""


def text_of(double: exp.Expr) -> exp.Expr:
    """Return a double as DuckDB writes it."""
    return built(_TEXT, x=double)


def as_text(node: exp.Expr) -> exp.Expr:
    """Return a value as DuckDB writes it where a text is wanted."""
    return text_of(node) if has_type(node, *_DOUBLES) else node


def cast(node: exp.Expr) -> exp.Expr | None:
    """Rewrite a cast, or one that gives null where it fails, from or to a number."""
    source, target = node.this, node.args["to"]
    if target.this in _TEXTS and has_type(source, *_DOUBLES):
        return as_text(source)
    if target.this == exp.DType.DECIMAL and has_type(source, *_DOUBLES):
        return built(_DECIMAL, x=source)
    if target.this in exp.DataType.INTEGER_TYPES and has_type(source, *_DOUBLES):
        return built(f"CAST(RINT(:x) AS {target.sql('spark')})", x=source)
    if target.this in exp.DataType.INTEGER_TYPES and has_type(source, exp.DType.DECIMAL):
        return built(f"CAST(ROUND(:x, 0) AS {target.sql('spark')})", x=source)
    if isinstance(node, exp.TryCast) and target.this in exp.DataType.INTEGER_TYPES:
        return built(_WHOLE.replace("INT)", f"{target.sql('spark')})"), x=source)
    return None


def divide(node: exp.Expr) -> exp.Expr | None:
    """Divide as DuckDB: by zero, an infinity or what is no number."""
    below = node.expression.unnest()
    if isinstance(below, exp.Nullif) or (isinstance(below, exp.Literal) and float(below.this) != 0):
        return None
    infinity = "DOUBLE(IF(CAST(:b AS STRING) = '-0.0', '-Infinity', 'Infinity'))"
    return built(f"IF(:b = 0, :a * {infinity}, :a / :b)", a=node.this, b=node.expression)


def subtract(node: exp.Expr) -> exp.Expr | None:
    """Return the days between two dates."""
    if has_type(node.this, exp.DType.DATE) and has_type(node.expression, exp.DType.DATE):
        return built("CAST(DATEDIFF(:a, :b) AS BIGINT)", a=node.this, b=node.expression)
    return None


def join_texts(node: exp.Expr) -> exp.Expr | None:
    """Write the numbers that are joined to a text as DuckDB does."""
    for side in ("this", "expression"):
        node.set(side, as_text(node.args[side]))
    return None


def concat_ws(node: exp.Expr) -> exp.Expr | None:
    """Likewise in a list of texts."""
    node.set("expressions", [as_text(one) for one in node.expressions])
    return None


def months_between(node: exp.Expr) -> exp.Expr:
    """Return the months from a date to another, whatever their days."""
    months = "(YEAR(:b) - YEAR(:a)) * 12 + MONTH(:b) - MONTH(:a)"
    return exp.paren(built(f"CAST({months} AS BIGINT)", b=node.this, a=node.expression))


def round_half_away(node: exp.Expr) -> exp.Expr | None:
    """Round to a number of digits, halves away from zero; what is rounded to zero keeps its sign."""
    rounded = "ROUND(:x * POWER(10D, :n), 0) / POWER(10D, :n)"
    if not isinstance(node.parent, exp.Cast):
        rounded = f"IF(ABS(:x) * POWER(10D, :n) < 0.5, :x * 0D, {rounded})"
    return exp.paren(built(rounded, x=node.this, n=node.args.get("decimals") or exp.Literal.number(0)))


def floor(node: exp.Expr) -> exp.Expr | None:
    """Return the whole number below a double, as a double: Spark gives a BIGINT, which ends at 9.2e18."""
    if not has_type(node.this, *_DOUBLES):
        return None
    return built("IF(:x = 0 OR ABS(:x) >= 4503599627370496D, :x, DOUBLE(FLOOR(:x)))", x=node.this)


def round_even(node: exp.Expr) -> exp.Expr:
    """Round to a number of digits, halves to the even one."""
    x, n = node.expressions
    return exp.paren(built("RINT(:x * POWER(10D, :n)) / POWER(10D, :n)", x=x, n=n))
