"""The analysts' file put in place: made aside, synced, opened again and counted, then renamed; and its Parquet files.

What is in it is not known here. Those who read the file that is replaced keep it until they open it again.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from barometre_pipeline.errors import MachineError
from barometre_pipeline.resources.atomic import discard, discard_leftovers, flush, replace_folder
from barometre_pipeline.resources.duckdb_files import literal, settle
from barometre_pipeline.resources.modes import make_public, public_folder

# What today's clients open: those of the 1.x series refuse the storage of 2.0.
_STORAGE = "v1.2.0"
_FORM = f"storage_version '{_STORAGE}', row_group_size 491520"
# Bytes. Thirty tables, each of blocks of its own, waste less in small ones; a large file takes less room in those that
# DuckDB takes by itself, where it compresses numbers better.
_SMALL_BLOCK, _LARGE_BLOCK = 32_768, 262_144
_LARGE_FILE = 50_000_000
# Parts of a file, which is written again beyond: nearly always a small one, which is quick, hardly ever a large one.
_MOST_HOLES, _MOST_HOLES_OF_LARGE = 0.02, 0.08
_READ_ONLY = 0o444
_WRITERS = 2
_MEMORY = 800  # MB that DuckDB may take here, beside the Parquet writers: ten times France stays under 1.5 GB
_ROW_GROUP = 122_880  # rows


def working_file(snapshot: Path) -> Path:
    """Return where the next file is made."""
    return snapshot.with_name(f".{snapshot.name}.partiel")


@contextmanager
def opened_work(snapshot: Path, name: str, afresh: bool) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open a copy of the snapshot, or a new file, to write in it: attached as `name` to a database in memory."""
    work = working_file(snapshot)
    public_folder(snapshot.parent)
    _remove(work)
    if not afresh:
        shutil.copyfile(snapshot, work)
        work.chmod(0o600)
    with duckdb.connect() as connection:
        settle(connection, _MEMORY)
        connection.execute(f"set temp_directory = {literal(f'{work}.tmp')}")
        # Written once, at the end: each writing leaves holes in the file.
        connection.execute("set checkpoint_threshold = '100 GB'")
        block = f", block_size {_SMALL_BLOCK}" if afresh else ""  # else as it is
        connection.execute(f"attach {literal(work)} as {name} ({_FORM}{block})")
        yield connection
        connection.execute("use memory")
        connection.execute(f"checkpoint {name}")
        _compact(connection, name, work)
        connection.execute(f"detach {name}")


def _compact(connection: duckdb.DuckDBPyConnection, name: str, work: Path) -> None:
    """Write the attached file again where too much of it is what was removed, or where it outgrew its blocks."""
    query = "select block_size, total_blocks, used_blocks from pragma_database_size() where database_name = ?"
    ((block, total, used),) = connection.execute(query, [name]).fetchall()
    wanted = _LARGE_BLOCK if used * block > _LARGE_FILE else block
    most = _MOST_HOLES_OF_LARGE if block == _LARGE_BLOCK else _MOST_HOLES
    if wanted == block and 1 - used / total + _removed(connection, name) <= most:
        return
    compact = work.with_name(f"{work.name}.compact")
    connection.execute(f"attach {literal(compact)} as compact ({_FORM}, block_size {wanted})")
    connection.execute(f"copy from database {name} to compact")
    connection.execute("detach compact")
    connection.execute(f"detach {name}")
    compact.replace(work)
    connection.execute(f"attach {literal(work)} as {name} (read_only)")


def _removed(connection: duckdb.DuckDBPyConnection, name: str) -> float:
    """Return the part of the rows of a file that were removed, and stand there all the same."""
    query = "select table_name, estimated_size from duckdb_tables() where database_name = ?"
    stored = dict(connection.execute(query, [name]).fetchall())
    counts = " union all ".join(f"select count(*) as n from {name}.main.{table}" for table in stored)
    ((rows,),) = connection.execute(f"select sum(n) from ({counts})").fetchall()
    return 1 - int(rows) / max(1, sum(stored.values()))


def put_in_place(snapshot: Path, counts: Mapping[str, int], label: str | None) -> None:
    """Put the working file in the place of the snapshot, for all to read; MachineError where it lacks rows.

    `label` is in the name of its second link, for file systems where an open file is not replaced.
    """
    work = working_file(snapshot)
    flush(work)
    found = _counted(work, list(counts))
    if found != counts:
        wrong = next(name for name in counts if found.get(name) != counts[name])
        raise MachineError(f"{work}: {wrong} has {found.get(wrong)} rows of {counts[wrong]}: the disk may be failing.")
    work.chmod(_READ_ONLY)
    links = {p for p in snapshot.parent.glob(f"{snapshot.stem}-*{snapshot.suffix}") if not p.is_symlink()}
    link = snapshot.with_name(f"{snapshot.stem}-{label}{snapshot.suffix}")
    # The journal of a stranger who wrote there, under either name, would be replayed into the next file.
    for name in {snapshot, link, *links}:
        name.with_name(f"{name.name}.wal").unlink(missing_ok=True)
    work.replace(snapshot)
    flush(snapshot.parent)
    for old in links:
        with suppress(OSError):
            old.unlink()
    if label:
        with suppress(OSError):  # a file system without links has one name for it
            os.link(snapshot, link)


def write_parquet(connection: duckdb.DuckDBPyConnection, pieces: Mapping[str, Sequence[str]], folder: Path) -> None:
    """Replace the folder by one Parquet file a table, of the same bytes each time: the rows of its queries, in turn."""
    discard_leftovers(folder)
    fresh = folder.with_name(f".{folder.name}.nouveau")
    discard(fresh)
    fresh.mkdir(parents=True)
    with ThreadPoolExecutor(_WRITERS) as pool:
        under_way = [
            pool.submit(_write_one, connection.cursor(), queries, fresh / f"{name}.parquet")
            for name, queries in pieces.items()
        ]
        for one in under_way:
            one.result()
    make_public(fresh)
    replace_folder(fresh, folder)


def _write_one(connection: duckdb.DuckDBPyConnection, queries: Sequence[str], file: Path) -> None:
    schema = connection.sql(f"{queries[0]} limit 0").to_arrow_table().schema
    told = [name for name in schema.names if name.startswith("edition")]  # by which readers skip rows: they go by it
    # Of numbers and dates, dictionaries take a third more room.
    words = [f.name for f in schema if pa.types.is_string(f.type) or pa.types.is_dictionary(f.type)]
    with (
        connection,
        pq.ParquetWriter(file, schema, compression="zstd", write_statistics=told, use_dictionary=words) as writer,
    ):
        for query in queries:
            for batch in connection.sql(query).to_arrow_reader(_ROW_GROUP):
                writer.write_batch(batch)


def _counted(file: Path, tables: Sequence[str]) -> dict[str, int]:
    with duckdb.connect() as connection:
        settle(connection)
        connection.execute(f"attach {literal(file)} as relu (read_only)")
        rows = " union all ".join(f"select '{t}', count(*) from relu.main.{t}" for t in tables)
        return dict(connection.execute(rows).fetchall())


def _remove(work: Path) -> None:
    for path in work.parent.glob(f"{work.name}*"):
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink()
