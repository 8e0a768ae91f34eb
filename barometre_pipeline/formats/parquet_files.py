"""Parquet; a row's number is the record's, from 1."""

from __future__ import annotations

import io
import math
from typing import Any, cast

import pyarrow as pa
import pyarrow.parquet as pq

from barometre_pipeline.errors import ReadingError
from barometre_pipeline.formats.archives import MAX_UNPACKED
from barometre_pipeline.formats.format import Format, Table
from barometre_pipeline.formats.sheets import MAX_CELLS, Cell, Sheet, records
from barometre_pipeline.formats.signatures import Sample
from barometre_pipeline.formats.sources import FileDescription, Source

_MARK = b"PAR1"


def _read(source: Source) -> list[Sheet]:
    try:
        file = pq.ParquetFile(pa.BufferReader(source.content))
        _refuse_bombs(source, file.metadata)
        table = file.read(use_threads=False)
        return [records(source, table.column_names, [_cells(column) for column in table.columns])]
    except ReadingError:
        raise
    except Exception as error:  # a damaged file makes pyarrow raise what it did not foresee
        source.fail(f"is not a readable Parquet file ({str(error).splitlines()[0] if str(error) else 'damaged'})")


def _refuse_bombs(source: Source, metadata: pq.FileMetaData) -> None:
    unpacked = sum(metadata.row_group(i).total_byte_size for i in range(metadata.num_row_groups))
    if metadata.num_rows * max(metadata.num_columns, 1) > MAX_CELLS:
        source.fail(f"has more than {MAX_CELLS:,} cells: refused")
    if unpacked > MAX_UNPACKED:
        source.fail(f"would unpack to more than {MAX_UNPACKED // 1_000_000} MB: refused")


def _cells(column: pa.ChunkedArray) -> list[Cell]:
    kind = column.type
    if pa.types.is_dictionary(kind):
        column, kind = column.cast(kind.value_type), kind.value_type
    if pa.types.is_timestamp(kind):
        # Nanoseconds would come as pandas' own type; a date needs none.
        column = column.cast(pa.timestamp("us", kind.tz), safe=False)
    cells = column.to_pylist()
    plain = pa.types.is_integer(kind) or pa.types.is_string(kind) or pa.types.is_large_string(kind)
    return cells if plain or pa.types.is_date(kind) else [_cell(c) for c in cells]


def _cell(value: Any) -> Cell:
    if isinstance(value, float) and math.isnan(value):
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    if isinstance(value, (list, dict, tuple)) or not _is_plain(value):
        return str(value)[:500]
    return cast(Cell, value)


def _is_plain(value: Any) -> bool:
    # Decimal, dates and datetimes compare and hash as cells do; anything else is shown as text.
    return value is None or hasattr(value, "is_nan") or hasattr(value, "year") or isinstance(value, (str, int, float))


def _refusal(sample: Sample, described: FileDescription) -> str | None:
    if sample.head.startswith(b"PARE"):
        return "is an encrypted Parquet file: deliver it without a password"
    if not sample.head.startswith(_MARK):
        return f"is {sample.kind} and not a Parquet file"
    if not sample.tail.endswith(_MARK) or len(sample.tail) < 12:
        return "is a truncated Parquet file: its end is missing"
    return None


def _write(tables: list[Table], described: FileDescription, notice: str) -> bytes:
    (table,) = tables
    arrays = [pa.array([row[position] for row in table.rows]) for position in range(len(table.headings))]
    typed = [a.cast(pa.string()) if pa.types.is_null(a.type) else a for a in arrays]
    file = io.BytesIO()
    pq.write_table(pa.table(typed, names=table.headings), file)
    return file.getvalue()


PARQUET = Format("parquet", ("parquet",), _read, _refusal, _write, has_rows=False, typed_dates=True)
