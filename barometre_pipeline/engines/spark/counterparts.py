"""What of DuckDB's SQL has a stated counterpart on Spark; everything else is refused, with its file and line.

sqlglot passes on what it does not know without a word, and Spark then refuses it, or computes something else. Adding a
function: here where both engines compute the same, with its rewrite in `expressions` where they do not.
"""

from __future__ import annotations

import sqlglot
from sqlglot import exp
from sqlglot.tokenizer_core import TokenType

from barometre_pipeline.documents.sql_errors import first_line_of_code

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
    "list_contains",
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
DATE_FORMAT = "%d/%m/%Y"  # the one of strftime
_HTTP_FORMAT = "%a, %d %b %Y %H:%M:%S GMT"  # the one of try_strptime
# Of these, what they are first given decides.
_FIRST_ARGUMENTS = {"date_diff": {"month"}, "datediff": {"month"}, "format": {"{:,.9f}", "{:g}"}}
# What of the language itself has no counterpart here: rows by their place, patterns of columns, and the like.
_UNSTATED = (exp.TableSample, exp.Columns, exp.Limit, exp.Offset, exp.Slice, exp.Lambda, exp.Glob)


def unstated(file: str, sql: str) -> list[str]:
    """Return a sentence for each thing of a query that has no stated counterpart."""
    found = []
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
            found.append(_refused(file, token.line, what))
    looked_at = (*_UNSTATED, exp.TimeToStr, exp.Anonymous, exp.Explode)
    for node in sqlglot.parse_one(sql, dialect="duckdb").find_all(*looked_at):
        if not _is_stated(node):
            found.append(_refused(file, first_line_of_code(sql), f"« {node.sql('duckdb')} »"))
    return found


def _is_stated(node: exp.Expr) -> bool:
    """Tell whether what a function is given, beside its first argument, has a counterpart."""
    if isinstance(node, exp.TimeToStr):
        return str(node.args["format"].name) == DATE_FORMAT
    if isinstance(node, exp.Explode):  # rows out of rows: of a list that is written
        return not node.expressions or isinstance(node.this, exp.Array)
    return isinstance(node, exp.Anonymous) and (
        node.name.lower() != "try_strptime" or node.expressions[1].name == _HTTP_FORMAT
    )


def _refused(file: str, line: int, what: str) -> str:
    return f"{file}, line {line}: {what} has no stated counterpart on Spark (engines/spark/counterparts.py)."
