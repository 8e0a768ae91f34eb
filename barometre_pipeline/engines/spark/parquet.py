"""Tables as folders of Parquet: how Spark gets DuckDB's, and DuckDB Spark's."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from barometre_pipeline.engines.spark.exchange import Exchange
from barometre_pipeline.resources.duckdb_files import literal
from barometre_pipeline.sql_models import SqlModel

LEVEL, DELIVERY = "maille", "livraison"  # what tables are partitioned by
_ROWS_AT_ONCE = 250_000
RANK = "_rang"  # the place of a row among all those of its table
_COLUMNS = """
    select if(schema_name = 'main', '', schema_name || '.') || table_name, column_name, data_type
    from duckdb_columns() where not internal order by table_oid, column_index
"""


def columns_in(connection: duckdb.DuckDBPyConnection) -> dict[str, dict[str, str]]:
    """Return the columns of every table, with their types, by the names that models have for them."""
    tables: dict[str, dict[str, str]] = {}
    for table, column, type_ in connection.execute(_COLUMNS).fetchall():
        tables.setdefault(table, {})[column] = type_
    return tables


def write_tables(connection: duckdb.DuckDBPyConnection, names: Iterable[str], exchange: Exchange) -> None:
    """Write tables of a DuckDB file, each as a folder of the name that it has on Spark."""
    for name in names:
        file = exchange.new_part(name)
        with exchange.read_by(connection):
            connection.execute(f"copy (select * from {name}) to {literal(file)} (format parquet)")


def write_part(exchange: Exchange, table: str, livraison: str, rows: pa.Table) -> None:
    """Write the rows that a delivery has in a raw table, as a partition of their own."""
    kept = rows.drop_columns([DELIVERY])
    # Texts that are read in dictionaries are written out: Arrow writes none that has a null among its words.
    plain = pa.schema([(f.name, f.type.value_type if pa.types.is_dictionary(f.type) else f.type) for f in kept.schema])
    file = exchange.new_part(table, f"{DELIVERY}={livraison}")
    with exchange.writing(file) as target, pq.ParquetWriter(target, plain) as written:
        for batch in kept.to_batches(max_chunksize=_ROWS_AT_ONCE):  # the whole may be larger than what memory holds
            written.write_table(pa.table(batch).cast(plain), _ROWS_AT_ONCE)


def partitioned_by(model: SqlModel, columns: Iterable[str]) -> str | None:
    """Return the column that a model's table is partitioned by: a mart that has levels, by level."""
    return LEVEL if model.layer == "marts" and LEVEL in columns else None


def rows_in(exchange: Exchange, name: str, columns: Mapping[str, str], partition: str | None = None) -> str:
    """Return the query of the rows of a table in the exchange, in the order that Spark wrote them.

    That of a table with partitions is in its column RANK, which is left out.
    """
    names = ", ".join(f'"{column}"' for column in columns)
    files = exchange.parts(name)
    if not files:  # a table with partitions that has no row
        typed = ", ".join(f'null::{type_} as "{column}"' for column, type_ in columns.items())
        return f"select {typed} limit 0"
    listed = f"[{', '.join(map(literal, files))}]"
    if partition is None:
        return f"select {names} from read_parquet({listed}, hive_partitioning = false)"
    hive = f"hive_partitioning = true, hive_types = {{'{partition}': {columns[partition]}}}"
    return f"select {names} from read_parquet({listed}, {hive}) order by {RANK}"
