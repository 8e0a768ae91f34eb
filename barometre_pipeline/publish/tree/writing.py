"""Writes an edition's tree: the data files of the plan, each verified, then the notices and the checksums.

The tree goes into a fresh folder: what replaces what, and when, is not decided here. Neither are the rows' texts
(`rows`), the workbooks (`workbooks`) nor what makes a written file right (`verification`).
"""

from __future__ import annotations

import hashlib
import io
from collections import deque
from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from itertools import chain, count
from pathlib import Path
from typing import BinaryIO

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from barometre_pipeline.builds import MANIFEST, SUMS
from barometre_pipeline.catalogue import Catalogue
from barometre_pipeline.editions import Edition
from barometre_pipeline.errors import PublicationError
from barometre_pipeline.publish.companions.contents import Companions, Contents
from barometre_pipeline.publish.tree import manifest, notices
from barometre_pipeline.publish.tree.counting import Part, published_schema
from barometre_pipeline.publish.tree.layout import Plan, PlannedFile, main_files, plan_files
from barometre_pipeline.publish.tree.lines import AT_ONCE
from barometre_pipeline.publish.tree.manifest import Provenance
from barometre_pipeline.publish.tree.queries import published_rows, read_json
from barometre_pipeline.publish.tree.rows import PublishedRows, write_rows
from barometre_pipeline.publish.tree.schema import Frame, Schema
from barometre_pipeline.publish.tree.verification import Verification
from barometre_pipeline.publish.tree.workbooks import Properties, Sheet, properties_of, workbook
from barometre_pipeline.resources.atomic import write_file

Content = bytes | memoryview
Write = Callable[[PlannedFile, Iterable[Content]], Path]
Rows = dict[Frame, PublishedRows]

NO_COMPANIONS = Companions()

# One thread beside the texts': the writer holds the interpreter's lock for a third of its time, so that a second one
# gained nothing, and held 120 MB more.
_WORKERS = 1
_ROW_GROUP = 1 << 20  # rows of a Parquet file, as its writer cuts them


@dataclass(frozen=True)
class Written:
    """What was written: all files, notices included, and the rows of each main CSV file by its path."""

    files: int
    rows: dict[str, int]


def write_files(
    con: duckdb.DuckDBPyConnection,
    catalogue: Catalogue,
    schema: Schema,
    edition: Edition,
    folder: Path,
    provenance: Provenance,
    progress: Callable[[int, int], None] | None = None,
    companions: Companions = NO_COMPANIONS,
) -> Written:
    """Write the whole tree of the edition in the marts of this connection, in its schema `main`.

    Each data file is read again as soon as it is written. `folder` must not exist yet, or be empty. `progress` is
    told the data files done and their total; `companions` are what else comes with the data. PublicationError says what
    cannot be published, why a file cannot be written, or what is wrong in one that was.
    """
    schema = published_schema(con, schema)
    plan = plan_files(con, catalogue, schema)
    tree, verification = _Tree(folder), Verification(folder, schema)
    done = count(1)

    def write(planned: PlannedFile, pieces: Iterable[Content]) -> Path:
        verification.verify(planned, tree.write(planned.path, pieces))
        if progress:
            progress(next(done), len(plan.files))
        return folder / planned.path

    contents = Contents(con, catalogue, schema, edition, provenance, plan, folder, tree.digests)
    begun = [begin(contents) for begin in companions.begun]
    rows = _write_whole(con, schema, plan, write)
    for planned in (f for f in plan.files if f.format == "parquet"):
        ((_, part, _),) = planned.parts
        write(planned, [_parquet(con, schema, part.table)])
    _write_parts(con, schema, plan, rows, properties_of(catalogue, edition, provenance.demonstration), write)
    of_each_kind = chain((kind(contents) for kind in companions.kinds), (files() for files in begun))
    for path, content in chain.from_iterable(of_each_kind):
        tree.write(path, [content])
    main = {f.path for f in main_files(catalogue, schema, "csv")}
    counts = {f.path: f.rows for f in plan.files if f.path in main}
    tree.write(
        manifest.README,
        [notices.readme(catalogue, schema, edition, provenance, plan.left_out, companions.chapters(contents))],
    )
    tree.write(manifest.LICENCE, [notices.licence(catalogue, edition, provenance)])
    facts = manifest.manifest(catalogue, edition, provenance, schema.version, len(plan.files), counts)
    tree.write(MANIFEST, [facts])
    tree.write(SUMS, [manifest.checksums(tree.digests)])
    verification.finish(plan, tree.digests)
    return Written(len(tree.digests), counts)


def write_parquet(con: duckdb.DuckDBPyConnection, schema: Schema, folder: Path) -> None:
    """Write the Parquet files that go to the portal, in the order of publication, each replaced whole."""
    for mart, table in schema.parquet.items():
        columns = tuple(c for c in table.colonnes if not isinstance(c, str))
        rows = con.sql(published_rows(mart, columns, table.ordre)).to_arrow_reader(AT_ONCE)
        write_file(folder / (table.chemin or ""), partial(_write_row_groups, rows))


def _parquet(con: duckdb.DuckDBPyConnection, schema: Schema, table: str) -> memoryview:
    """Return the Parquet file of a table that is published whole."""
    content = io.BytesIO()
    query = published_rows(table, schema.columns(table, None), schema.tables[table].ordre)
    _write_row_groups(con.sql(query).to_arrow_reader(AT_ONCE), content)
    return content.getbuffer()


def _write_row_groups(rows: pa.RecordBatchReader, file: BinaryIO) -> None:
    """Write a Parquet file, the bytes of `pq.write_table`: only the rows of one group are held."""
    with pq.ParquetWriter(file, rows.schema, compression="zstd") as writer:
        group = rows.schema.empty_table()
        for batch in rows:
            group = pa.concat_tables([group, pa.Table.from_batches([batch])])
            if len(group) >= _ROW_GROUP:
                writer.write_table(group.slice(0, _ROW_GROUP))
                group = group.slice(_ROW_GROUP)
        writer.write_table(group)


def _write_whole(con: duckdb.DuckDBPyConnection, schema: Schema, plan: Plan, write: Write) -> Rows:
    """Write the CSV file of all the rows of each table at each level, and return them."""
    files = {part: f for f in plan.files if f.format == "csv" for _, part, _ in f.parts}
    with_sheets = {(part.table, part.maille) for f in plan.files if f.format == "xlsx" for _, part, _ in f.parts}
    return {
        frame: write_rows(con, schema, *frame, partial(write, files[Part(*frame)]), with_cells=frame in with_sheets)
        for frame in schema.frames
    }


def _write_parts(
    con: duckdb.DuckDBPyConnection, schema: Schema, plan: Plan, rows: Rows, properties: Properties, write: Write
) -> None:
    """Write every other file: the workbooks are made in the background, the largest first, the texts here meanwhile."""
    workbooks = sorted((f for f in plan.files if f.format == "xlsx"), key=lambda f: (-f.rows, f.path))
    with ThreadPoolExecutor(_WORKERS) as pool:
        under_way = deque((f, pool.submit(_workbook, f, rows, properties)) for f in workbooks)
        try:
            for planned in plan.files:
                (_, part, _), *_ = planned.parts
                if planned.format == "json":
                    write(planned, read_json(con, schema, part.table, part.maille))
                elif planned.format == "csv" and (part.secteur, part.code) != (None, None):
                    write(planned, rows[part.table, part.maille].csv(part))
                while under_way and under_way[0][1].done():  # each let go of once it is written
                    _write_made(under_way, write)
            while under_way:
                _write_made(under_way, write)
        finally:
            pool.shutdown(cancel_futures=True)


def _write_made(under_way: deque[tuple[PlannedFile, Future[Content]]], write: Write) -> None:
    planned, made = under_way.popleft()
    write(planned, [made.result()])


def _workbook(planned: PlannedFile, rows: Rows, properties: Properties) -> Content:
    sheets = [
        Sheet(name, partial(rows[part.table, part.maille].typed, part), rows[part.table, part.maille].widths)
        for name, part, _ in planned.parts
    ]
    return workbook(sheets, planned.rows, properties)


class _Tree:
    """The folder being written, and the sha256 of each of its files."""

    def __init__(self, folder: Path) -> None:
        if folder.exists() and any(folder.iterdir()):
            raise PublicationError(f"{folder}: the folder is not empty; the files are written into a fresh one.")
        self._folder = folder
        self._made: set[Path] = set()
        self.digests: dict[str, str] = {}

    def write(self, path: str, pieces: Iterable[Content]) -> str:
        """Write a file, and return its sha256."""
        target, digest = self._folder / path, hashlib.sha256()
        try:
            if target.parent not in self._made:
                target.parent.mkdir(parents=True, exist_ok=True)
                self._made.add(target.parent)
            with target.open("wb") as file:
                for piece in pieces:
                    file.write(piece)
                    digest.update(piece)
        except OSError as error:
            raise PublicationError(f"{target}: cannot be written ({error.strerror}).") from error
        self.digests[path] = digest.hexdigest()
        return self.digests[path]
