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
from barometre_pipeline.formats.format import Format, Table
from barometre_pipeline.formats.sheets import MAX_CELLS, Cell, Sheet, Unusable, clean, records
from barometre_pipeline.formats.signatures import Sample
from barometre_pipeline.formats.sources import FileDescription, Source

_MARK = b"PAR1"
_ROWS_AT_ONCE = 4096
_DICTIONARIES = {"PLAIN", "PLAIN_DICTIONARY", "RLE_DICTIONARY", "RLE", "BIT_PACKED"}  # encodings
_TEXTS = ("STRING", "ENUM", "JSON", "NONE")
_OF_A_TEXT = 120  # bytes that Python takes for a text beside its characters, and to know it again
_LIST = Unusable("[…]", "est une liste, et non une valeur")


def _read(source: Source) -> list[Sheet]:
    try:
        file = pq.ParquetFile(pa.BufferReader(source.content))
        _refuse_bombs(source, file.metadata)
        return [_sheet(source, pq.ParquetFile(pa.BufferReader(source.content), read_dictionary=_texts(file)))]
    except ReadingError:
        raise
    except Exception as error:  # a damaged file makes pyarrow raise what it did not foresee
        source.fail(f"is not a readable Parquet file ({str(error).splitlines()[0] if str(error) else 'damaged'})")


def _refuse_bombs(source: Source, metadata: pq.FileMetaData) -> None:
    """Look at what the file says of itself, before anything is unpacked; `_Columns` counts what it holds."""
    groups = [metadata.row_group(i) for i in range(metadata.num_row_groups)]
    rows = max(metadata.num_rows, sum(group.num_rows for group in groups))
    if rows * max(metadata.num_columns, 1) > MAX_CELLS:
        source.fail(f"has more than {MAX_CELLS:,} cells: refused")
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
    leaves = (leaf for leaf in _leaves(file) if leaf.physical_type == "BYTE_ARRAY" and leaf.path not in others)
    return [leaf.path for leaf in leaves if leaf.logical_type.type in _TEXTS]


def _sheet(source: Source, file: pq.ParquetFile) -> Sheet:
    lists = list(_lists(file.schema_arrow, ""))
    wanted = {clean(name) for name in source.described.column_names}
    if used := next((path for path in lists if clean(path) in wanted), None):
        source.fail(f"the column {used!r} holds lists: one value a row is expected")
    paths = [leaf.path for leaf in _leaves(file)]
    columns = _Columns(source, _flat(file.read_row_groups([], columns=paths)))
    for batch in file.iter_batches(_ROWS_AT_ONCE, columns=paths, use_threads=False):
        columns.extend(batch)
    of_lists = [[cast(Cell, _LIST)] * file.metadata.num_rows for _ in lists]
    return records(source, [*columns.headings, *lists], [*columns.cells, *of_lists])


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


class _Columns:
    """The cells that were read, within the memory that is allowed: a file may lie about what it unpacks to."""

    def __init__(self, source: Source, leaves: list[tuple[str, Any]]) -> None:
        self._source = source
        self._taken = 0
        self._before = pa.total_allocated_bytes()
        self.headings = [path for path, _ in leaves]
        self.cells: list[list[Cell]] = [[] for _ in leaves]
        self._texts: list[dict[Cell, Cell]] = [{} for _ in leaves]

    def extend(self, batch: pa.RecordBatch) -> None:
        for rank, (_, column) in enumerate(_flat(batch)):
            if pa.types.is_dictionary(column.type):
                self.cells[rank] += self._shared(column, self._texts[rank])
            else:
                self.cells[rank] += _cells(column)
                self._taken += column.nbytes
            self._refuse_too_large()

    def _shared(self, column: pa.DictionaryArray, known: dict[Cell, Cell]) -> Iterator[Cell]:
        """Yield the cells of a dictionary: each distinct text is one object, however often it is there."""
        self._refuse_too_large()
        used = pc.unique(column.indices)
        values = _cells(column.dictionary.take(used))
        self._taken += 8 * len(column)
        for value in values:
            if value not in known:
                known[value] = value
                self._taken += len(str(value)) + _OF_A_TEXT
        by_index = dict(zip(used.to_pylist(), map(known.__getitem__, values), strict=True))
        return map(by_index.__getitem__, column.indices.to_pylist())

    def _refuse_too_large(self) -> None:
        _refuse_beyond_memory(self._source, max(self._taken, pa.total_allocated_bytes() - self._before))


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
