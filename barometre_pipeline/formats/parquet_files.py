"""Parquet; a row's number is the record's, from 1. Structs are columns by dotted paths (`fields.valeur`).

Texts stay dictionaries until they are cells: a file of 31 kB may hold one long text ten million times. Lists are
never read.
"""

from __future__ import annotations

import io
import math
from collections.abc import Iterable, Iterator
from typing import Any, cast

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from barometre_pipeline.errors import ReadingError
from barometre_pipeline.formats.archives import MAX_UNPACKED
from barometre_pipeline.formats.cells import Cell, Unusable, clean
from barometre_pipeline.formats.columns import Column
from barometre_pipeline.formats.format import Format, Table
from barometre_pipeline.formats.sheets import MAX_CELLS_IN_PARTS, ROWS_AT_ONCE, Sheet, records
from barometre_pipeline.formats.short_floats import as_they_are_shown
from barometre_pipeline.formats.signatures import Sample
from barometre_pipeline.formats.sources import FileDescription, Source

_MARK = b"PAR1"
_DICTIONARIES = {"PLAIN", "PLAIN_DICTIONARY", "RLE_DICTIONARY", "RLE", "BIT_PACKED"}  # encodings
_TEXTS = ("STRING", "ENUM", "JSON", "NONE")
_AS_THEY_ARE = (pa.string(), pa.int64(), pa.date32())
_DESCRIBED = 40  # times the size of a file's description of itself, to understand it
_INSTANT = pa.timestamp("ns", "UTC")  # as Spark writes each time, whatever the zone of its session
_LIST = Unusable("[…]", "est une liste, et non une valeur")


def _read(source: Source) -> Iterator[Sheet]:
    try:
        # Each part of each column is described at the end of the file, before any bound can be looked at.
        _refuse_beyond_memory(source, int.from_bytes(source.content[-8:-4], "little") * _DESCRIBED)
        file = pq.ParquetFile(pa.BufferReader(source.content))
        _refuse_bombs(source, file.metadata)
        yield from _parts(source, pq.ParquetFile(pa.BufferReader(source.content), read_dictionary=_texts(file)))
    except (ReadingError, GeneratorExit):
        raise
    except Exception as error:  # a damaged file makes pyarrow raise what it did not foresee
        source.fail(f"is not a readable Parquet file ({str(error).splitlines()[0] if str(error) else 'damaged'})")


def _refuse_bombs(source: Source, metadata: pq.FileMetaData) -> None:
    """Look at what the file says of itself, before anything is unpacked; what it holds is looked at part by part."""
    groups = [metadata.row_group(i) for i in range(metadata.num_row_groups)]
    rows = max(metadata.num_rows, sum(group.num_rows for group in groups))
    if rows * max(metadata.num_columns, 1) > MAX_CELLS_IN_PARTS:
        source.fail(f"has more than {MAX_CELLS_IN_PARTS:,} cells: refused")
    unpacked = sum(group.total_byte_size for group in groups)
    if unpacked > MAX_UNPACKED:
        source.fail(f"would unpack to more than {MAX_UNPACKED // 1_000_000} MB: refused")
    _refuse_beyond_memory(source, unpacked)


def _refuse_beyond_memory(source: Source, taken: int) -> None:
    most = source.described.memoire_maximale
    if taken > most * 1_000_000:
        source.fail(f"needs more than {most} MB of memory to be read: refused; `memoire_maximale` raises this limit")


def _leaves(file: pq.ParquetFile) -> list[pq.ColumnSchema]:
    """Return the leaves that hold one value a row at most."""
    leaves = (file.schema.column(i) for i in range(len(file.schema)))
    return [leaf for leaf in leaves if leaf.max_repetition_level == 0]


def _texts(file: pq.ParquetFile) -> list[str]:
    """Return the paths of the texts that can be read as dictionaries, whatever the row group."""
    others = {
        group.column(c).path_in_schema
        for group in map(file.metadata.row_group, range(file.metadata.num_row_groups))
        for c in range(group.num_columns)
        if not _DICTIONARIES.issuperset(group.column(c).encodings)
    }
    # Arrow reads no struct whose fields are dictionaries once it has several pieces.
    names = set(file.schema_arrow.names)  # made anew each time that it is asked for
    others |= {leaf.path for leaf in _leaves(file) if leaf.path not in names}
    leaves = (leaf for leaf in _leaves(file) if leaf.physical_type == "BYTE_ARRAY" and leaf.path not in others)
    return [leaf.path for leaf in leaves if leaf.logical_type.type in _TEXTS]


def _parts(source: Source, file: pq.ParquetFile) -> Iterator[Sheet]:
    lists = list(_lists(file.schema_arrow, ""))
    wanted = {clean(name) for name in source.described.column_names}
    if used := next((path for path in lists if clean(path) in wanted), None):
        source.fail(f"the column {used!r} holds lists: one value a row is expected")
    leaves = list(_leaves(file))
    paths = [leaf.path for leaf in leaves]
    instants = {leaf.path for leaf in leaves if leaf.physical_type == "INT96"}
    headings = [*(path for path, _ in _flat(file.read_row_groups([], columns=paths))), *lists]
    before, rows = pa.total_allocated_bytes(), 0
    for batch in file.iter_batches(ROWS_AT_ONCE, columns=paths, use_threads=False):
        _refuse_beyond_memory(source, pa.total_allocated_bytes() - before)
        columns = [_column(leaf.cast(_INSTANT) if path in instants else leaf) for path, leaf in _flat(batch)]
        part = records(source, headings, [*columns, *(Column.repeated(_LIST, len(batch)) for _ in lists)], rows)
        rows += len(batch)
        yield part
    if not rows:
        yield records(source, headings, [Column.of([]) for _ in headings])


def _lists(fields: Iterable[pa.Field], before: str) -> Iterator[str]:
    """Yield the path of each list, and of each map."""
    for field in fields:
        if pa.types.is_struct(field.type):
            yield from _lists(field.type, f"{before}{field.name}.")
        elif pa.types.is_nested(field.type):
            yield f"{before}{field.name}"


def _flat(rows: pa.Table | pa.RecordBatch) -> list[tuple[str, Any]]:
    """Return (path, column) for each leaf; a name that holds a dot wins over the path that reads the same."""
    names = set(rows.schema.names)
    found = []
    for name, column in zip(rows.schema.names, rows.columns, strict=True):
        leaves = _struct_leaves(name, column) if pa.types.is_struct(column.type) else [(name, column)]
        found += [(path, leaf) for path, leaf in leaves if path == name or path not in names]
    return found


def _struct_leaves(path: str, column: Any) -> Iterator[tuple[str, Any]]:
    if not pa.types.is_struct(column.type):
        yield path, column
        return
    for field, child in zip(column.type, column.flatten(), strict=True):
        yield from _struct_leaves(f"{path}.{field.name}", child)


def _column(cells: pa.Array) -> Column:
    """Make a column of an Arrow array; only the cells that it uses of a dictionary are looked at."""
    kind = cells.type
    if pa.types.is_dictionary(kind):
        used = pc.unique(cells.indices)
        known = _cells(cells.dictionary.take(used.drop_null()))
        return Column(pc.fill_null(pc.index_in(cells.indices, used.drop_null()), len(known)), [*known, None])
    if kind in (pa.float16(), pa.float32()):
        cells = as_they_are_shown(cells)
        kind = pa.float64()
    if kind == pa.float64():
        return Column(pc.if_else(pc.is_nan(cells), None, cells) if len(cells) else cells)
    if kind in _AS_THEY_ARE:
        return Column(cells)
    if pa.types.is_integer(kind) and kind != pa.uint64():
        return Column(cells.cast(pa.int64()))
    return Column.of(_cells(cells))


def _cells(column: pa.Array) -> list[Cell]:
    kind = column.type
    if pa.types.is_timestamp(kind) and kind.unit == "ns":
        # Nanoseconds would come as pandas' own type; a date needs none.
        column = column.cast(pa.timestamp("us", kind.tz), safe=False)
    try:
        cells = column.to_pylist()
    except (ValueError, OverflowError):
        cells = [_one(scalar) for scalar in column]
    plain = pa.types.is_integer(kind) or pa.types.is_string(kind) or pa.types.is_large_string(kind)
    return cells if plain or pa.types.is_date(kind) else [_cell(c) for c in cells]


def _one(scalar: pa.Scalar) -> Any:
    try:
        return scalar.as_py()
    except (ValueError, OverflowError):
        return Unusable(_shown(scalar), "n'est pas lisible")


def _shown(scalar: pa.Scalar) -> str:
    held = getattr(scalar, "value", None)
    return str(held) if isinstance(held, int) else f"({scalar.type})"


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
    return (
        value is None
        or isinstance(value, Unusable)
        or hasattr(value, "is_nan")
        or hasattr(value, "year")
        or isinstance(value, (str, int, float))
    )


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
