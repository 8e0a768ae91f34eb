"""The rows of a table at a level, and the parts of them that make files and sheets.

DuckDB writes each line once: the file of all is written as they come, a part's is a choice of its lines. What is kept
in memory are their ranks and, for the sheets of workbooks, their cells. How rows are asked for is in `queries`, which
part makes which file in `layout`.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from barometre_pipeline.errors import PublicationError
from barometre_pipeline.publish.tree.cells import first_refused
from barometre_pipeline.publish.tree.counting import Part
from barometre_pipeline.publish.tree.lines import AT_ONCE, WrittenLines, end_to_end
from barometre_pipeline.publish.tree.queries import CODE, LINE, SECTEUR, rows_with_lines
from barometre_pipeline.publish.tree.schema import Column, Schema


@dataclass(frozen=True)
class PublishedRows:
    """The rows of a table at a level, in the order of publication.

    `cells` are those of its sheets (no column where it has none), their texts in dictionaries, where each distinct one
    is once; `ranks` those of each part that is not the whole.
    """

    lines: WrittenLines
    cells: pa.Table
    ranks: dict[Part, pa.Array]

    def csv(self, part: Part) -> Iterator[bytes]:
        """Yield the CSV file of a part, header included, in pieces."""
        return self.lines.chosen(self._ranks_of(part))

    def typed(self, part: Part) -> pa.RecordBatchReader:
        """Return the rows of a part, with the columns and types of publication, made as they are read."""
        schema = pa.schema([(field.name, _plain(field.type)) for field in self.cells.schema])
        ranks = self._ranks_of(part)
        pieces = (ranks.slice(first, AT_ONCE) for first in range(0, len(ranks), AT_ONCE))
        taken = (batch for piece in pieces for batch in self.cells.take(piece).cast(schema).to_batches())
        return pa.RecordBatchReader.from_batches(schema, taken)

    @cached_property
    def widths(self) -> list[int]:
        """Return the length of the longest text of each column, its heading included."""
        longest = [len(name) for name in self.cells.column_names]
        for batch in self.cells.to_batches(AT_ONCE):
            found = (pc.max(pc.utf8_length(_distinct(column).cast(pa.string()))).as_py() for column in batch.columns)
            longest = [max(known, length or 0) for known, length in zip(longest, found, strict=True)]
        return longest

    def _ranks_of(self, part: Part) -> pa.Array:
        if part.secteur is None and part.code is None:
            return pa.arange(0, len(self.lines))
        return self.ranks[part] if part in self.ranks else pa.nulls(0, pa.int32())


def write_rows(
    con: duckdb.DuckDBPyConnection,
    schema: Schema,
    table: str,
    maille: str | None,
    write: Callable[[Iterable[bytes]], Path],
    *,
    with_cells: bool,
) -> PublishedRows:
    """Write the CSV file of all the rows of a mart at a level (None: all), and return them.

    `write` is given its content in pieces, and returns where it stands. PublicationError tells a cell that may not be
    published.
    """
    columns, batches = schema.columns(table, maille), rows_with_lines(con, schema, table, maille)
    names = [c.nom for c in columns if with_cells]
    dividing = [SECTEUR, CODE] if maille else []
    seen = _Seen(columns, f"{table}, maille {maille}" if maille else table, {n: [] for n in (*names, *dividing)})
    file = write(seen.lines_of(batches))
    cells, keys = seen.taken(names, batches.schema), seen.taken(dividing, batches.schema)
    return PublishedRows(
        WrittenLines(file, seen.header, seen.lengths), cells, _ranks(schema, table, maille, keys) if maille else {}
    )


@dataclass
class _Seen:
    """What is kept of rows that go by, some of their columns and the length of each line in bytes."""

    columns: tuple[Column, ...]
    where: str
    kept: dict[str, list[pa.Array]]
    lengths: list[pa.Array] = field(default_factory=list)

    @cached_property
    def header(self) -> bytes:
        line = io.StringIO()
        csv.writer(line, lineterminator="\n").writerow([c.nom for c in self.columns])
        return line.getvalue().encode()

    def lines_of(self, batches: pa.RecordBatchReader) -> Iterator[bytes]:
        """Yield the CSV file of rows, header included, in pieces."""
        yield self.header
        before = 0
        for batch in map(_in_dictionaries, batches):
            _refuse_unpublishable(batch, self.columns, self.where, before)
            before += len(batch)
            self.lengths.append(pc.binary_length(batch[LINE]).cast(pa.int64()))
            for name, arrays in self.kept.items():
                arrays.append(batch[name])
            yield end_to_end(batch[LINE])

    def taken(self, names: list[str], types: pa.Schema) -> pa.Table:
        """Let go of columns, each as one array: rows are taken from one a hundred times as fast as from several."""
        found = {}
        for name in names:
            arrays = self.kept.pop(name)
            together = pa.chunked_array(arrays, None if arrays else types.field(name).type)
            found[name] = together.unify_dictionaries().combine_chunks()
        return pa.table(found)


def _ranks(schema: Schema, table: str, maille: str, keys: pa.Table) -> dict[Part, pa.Array]:
    """Return the ranks of the rows of each published part: of a sector, and of a territory where it has files."""
    level = schema.mailles[maille]
    divisions = [[SECTEUR]]
    if level.territoires:
        divisions += [[SECTEUR, CODE], *([[CODE]] if level.a_la_racine else [])]
    ranked = keys.append_column("rank", pa.arange(0, len(keys)).cast(pa.int32()))
    found: dict[Part, pa.Array] = {}
    for division in divisions:
        # One thread: then the ranks of each group are in order.
        groups = ranked.group_by(division, use_threads=False).aggregate([("rank", "list")]).to_batches()
        for batch in groups:
            ranks = batch.column("rank_list")
            for nth, key in enumerate(batch.select(division).to_pylist()):
                found[Part(table, maille, key.get(SECTEUR), key.get(CODE))] = ranks[nth].values
    return found


def _refuse_unpublishable(rows: pa.RecordBatch, columns: tuple[Column, ...], where: str, before: int) -> None:
    """Refuse a cell that may not be published; `before` are the rows that came before these."""
    for column in columns:
        refused = first_refused(column.type, rows[column.nom])
        if refused:
            rank, why = refused
            raise PublicationError(
                f"{where}, row {before + rank + 2} of its CSV file, column {column.nom}: "
                f"{str(rows[column.nom][rank])[:60]!r} is refused, {why}; put it right in the catalogue or in the "
                "delivery."
            )


def _in_dictionaries(batch: pa.RecordBatch) -> pa.RecordBatch:
    """Return rows whose texts, but for their lines, are ranks in a dictionary: a million rows have some thousands."""
    return pa.record_batch(
        {
            name: column.dictionary_encode() if name != LINE and pa.types.is_string(column.type) else column
            for name, column in zip(batch.schema.names, batch.columns, strict=True)
        }
    )


def _distinct(column: pa.Array) -> pa.Array:
    return column.dictionary if pa.types.is_dictionary(column.type) else column


def _plain(type_: pa.DataType) -> pa.DataType:
    return type_.value_type if pa.types.is_dictionary(type_) else type_
