"""What of DuckDB's SQL has a stated counterpart on Spark; everything else is refused, with its file and line.

sqlglot passes on what it does not know without a word, and Spark then refuses it, or computes something else. Adding a
function: here where both engines compute the same, with its rewrite in `expressions` where they do not.
"""

from __future__ import annotations

import sqlglot
from sqlglot import exp
from sqlglot.tokenizer_core import TokenType

from barometre_pipeline.documents.sql_errors import first_line_of_code
from barometre_pipeline.engines.spark.language import is_stated

# The same on both engines, or written by sqlglot as Spark has it.
_SAME = {
    "abs",
    "avg",
    "chr",
    "coalesce",
    "concat_ws",
    "count",
    "count_if",
    "floor",
    "greatest",
    "if",
    "lag",
    "last_day",
    "last_value",
    "lead",
    "least",
    "lower",
    "ltrim",
    "make_date",
    "max",
    "min",
    "month",
    "nullif",
    "rank",
    "replace",
    "row_number",
    "rtrim",
    "starts_with",
    "sum",
    "translate",
    "try_cast",
    "year",
}
# Rewritten in `expressions` and `queries`.
_REWRITTEN = {
    "any_value",
    "arg_max",
    "arg_min",
    "array_to_string",
    "date_diff",
    "datediff",
    "favg",
    "format",
    "fsum",
    "generate_subscripts",
    "len",
    "length",
    "list",
    "list_contains",
    "list_position",
    "max_by",
    "median",
    "mode",
    "regexp_extract",
    "regexp_matches",
    "regexp_replace",
    "round",
    "round_even",
    "strftime",
    "string_agg",
    "strip_accents",
    "try_strptime",
    "unnest",
}
# Words of the language that a bracket may follow.
_SYNTAX = {
    *("all", "and", "any", "as", "between", "by", "case", "cross", "decimal", "distinct", "else", "except", "exclude"),
    *("exists", "filter", "from", "grouping sets", "having", "in", "is", "join", "lateral", "not", "on", "or", "over"),
    *("order", "qualify", "select", "then", "union", "unpivot", "using", "values", "when", "where", "with"),
}
_STATED = _SAME | _REWRITTEN | _SYNTAX
# Of these, what they are first given decides.
_FIRST_ARGUMENTS = {"date_diff": {"month"}, "datediff": {"month"}, "format": {"{:,.9f}", "{:g}"}}


def unstated(file: str, sql: str) -> list[str]:
    """Return a sentence for each thing of a query that has no stated counterpart."""
    found, told = [], set()
    tokens = sqlglot.tokenize(sql, dialect="duckdb")
    for token, bracket, argument in zip(tokens, tokens[1:], tokens[2:], strict=False):
        name = token.text.lower()
        if bracket.token_type != TokenType.L_PAREN or token.token_type == TokenType.STRING or not name[:1].isalpha():
            continue
        what = None
        if name not in _STATED:
            what = f"the function {name}"
        elif name in _FIRST_ARGUMENTS and argument.text not in _FIRST_ARGUMENTS[name]:
            what = f"{name} of '{argument.text}'"
        if what:
            found.append(refusal(file, token.line, what))
            told.add(token.line)
    for node in sqlglot.parse_one(sql, dialect="duckdb").walk():
        if not is_stated(node):
            line = line_of(node, sql)
            if not (isinstance(node, exp.Func) and line in told):  # by its name
                found.append(refusal(file, line, f"« {node.sql('duckdb')} »"))
    return list(dict.fromkeys(found))


def line_of(node: exp.Expr, sql: str) -> int:
    """Return the line of a query on which a node begins, as far as what is within it tells."""
    lines = [one.meta["line"] for one in node.walk() if "line" in one.meta]
    return min(lines, default=first_line_of_code(sql))


def refusal(file: str, line: int, what: str) -> str:
    """Return the sentence that refuses something of a query."""
    return f"{file}, line {line}: {what} has no stated counterpart on Spark (engines/spark/counterparts.py)."
