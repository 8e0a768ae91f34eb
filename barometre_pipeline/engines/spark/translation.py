"""A query of DuckDB's written for Spark: the same rows, cell by cell."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sqlglot
from sqlglot import exp
from sqlglot.dialects.dialect import Dialect
from sqlglot.optimizer.annotate_types import annotate_types
from sqlglot.optimizer.qualify import qualify
from sqlglot.schema import MappingSchema

from barometre_pipeline.documents.sql_errors import first_line_of_code
from barometre_pipeline.engines.spark.counterparts import line_of, refusal
from barometre_pipeline.engines.spark.expressions import rewrite_expressions
from barometre_pipeline.engines.spark.queries import after_types, before_types
from barometre_pipeline.engines.spark.typed import refused, refused_columns
from barometre_pipeline.sql_unions import align_unions

_MAIN = "main"  # where DuckDB has the tables that are named without a schema
_KNOWN = Dialect.get_or_raise("duckdb").EXPRESSION_METADATA
# Of these sqlglot knows no type, and what is made of them would be taken as it is. Medians of decimals are refused.
_TYPES: dict[type[exp.Expr], Any] = {
    **_KNOWN,
    exp.ArgMax: _KNOWN[exp.Max],
    exp.ArgMin: _KNOWN[exp.Min],
    exp.Median: {"returns": exp.DType.DOUBLE},
}
Columns = Mapping[str, str]


def spark_name(table: str) -> str:
    """Return the name that a table has on Spark, where views have no schema: `raw__valeurs`."""
    return table.replace(".", "__")


def spark_type(duckdb_type: str) -> str:
    """Return what Spark calls a type of DuckDB's."""
    return exp.DataType.build(duckdb_type, dialect="duckdb").sql("spark")


def translated(sql: str, tables: Mapping[str, Columns], result: Columns | None = None, *, ordered: bool = False) -> str:
    """Write a query for Spark; `tables` are the columns, with DuckDB's types, of those that it reads.

    `result` are the columns that it must give, with their types; its last order is kept where it is `ordered`.
    """
    return _written(_typed(sql, tables), result, ordered=ordered)


def _written(query: exp.Expr, result: Columns | None, *, ordered: bool = False) -> str:
    """Write a query that has its types; nothing of it is left as it was."""
    if not ordered:
        query.set("order", None)
    after_types(query)
    query = rewrite_expressions(query)
    for read in query.find_all(exp.Table):
        if read.db:
            name = spark_name(read.name if read.db == _MAIN else f"{read.db}.{read.name}")
            read.set("this", exp.to_identifier(name))
            read.set("db", None)
    # The dialect of Databricks leaves `qualify` as it is; what sqlglot makes of it for Spark is wrong.
    text = query.sql(dialect="databricks", pretty=True, comments=False)
    if result is None:
        return text
    cells = ", ".join(f"CAST(`{name}` AS {spark_type(type_)}) AS `{name}`" for name, type_ in result.items())
    return f"SELECT {cells}\nFROM (\n{text}\n)"


def unstated_types(file: str, sql: str, tables: Mapping[str, Columns], result: Columns | None = None) -> list[str]:
    """Return a sentence for each thing of a query that has no counterpart because of its types; see `translated`.

    The query has nothing else without a counterpart (see `counterparts.unstated`).
    """
    try:
        query = _typed(sql, tables)
        whats = [(line_of(node, sql), f"« {node.sql('duckdb')} »") for node in refused(query)]
        if result is not None:
            whats += [(first_line_of_code(sql), what) for what in refused_columns(result, _names(query))]
        if not whats:
            _written(query, result)
    except Exception as error:  # of sqlglot's and of our rewrites: whatever it is, nothing has run yet
        whats = [(first_line_of_code(sql), f"this query ({type(error).__name__}: {str(error).partition(chr(10))[0]})")]
    return list(dict.fromkeys(refusal(file, line, what) for line, what in whats))


def _typed(sql: str, tables: Mapping[str, Columns]) -> exp.Expr:
    """Return a query with the table of each column, and the type of each expression as far as it can be known."""
    query = sqlglot.parse_one(sql, dialect="duckdb")
    query = before_types(query)
    ctes = {cte.alias for cte in query.find_all(exp.CTE)}
    schema = MappingSchema(dialect="duckdb")
    for name, columns in tables.items():
        schema.add_table(name if "." in name else f"{_MAIN}.{name}", dict(columns))
    for read in query.find_all(exp.Table):
        if not read.db and read.name not in ctes and read.name:
            read.set("db", exp.to_identifier(_MAIN))
    query = qualify(query, schema=schema, dialect="duckdb", validate_qualify_columns=False, quote_identifiers=False)
    align_unions(query)
    return annotate_types(query, schema=schema, expression_metadata=_TYPES, dialect="duckdb")


def _names(query: exp.Expr) -> list[str]:
    return query.named_selects if isinstance(query, exp.Query) else []
