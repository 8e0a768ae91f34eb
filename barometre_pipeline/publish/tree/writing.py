"""Writes an edition's tree: the data files of the plan, each verified, then the notices and the checksums.

Into a fresh folder: what replaces what, and when, is not decided here. Neither are the rows' texts (`rows`),
the workbooks (`workbooks`) nor what makes a written file right (`verification`).
"""

from __future__ import annotations

import hashlib
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import duckdb

from barometre_pipeline.catalogue import Catalogue
from barometre_pipeline.editions import Edition
from barometre_pipeline.errors import PublicationError
from barometre_pipeline.publish.tree import notices
from barometre_pipeline.publish.tree.layout import PlannedFile, main_files, plan_files
from barometre_pipeline.publish.tree.rows import PublishedRows, read_json, read_rows
from barometre_pipeline.publish.tree.schema import public_schema
from barometre_pipeline.publish.tree.verification import Verification
from barometre_pipeline.publish.tree.workbooks import Sheet, workbook

Rows = dict[tuple[str, str], PublishedRows]  # by table and maille

# One thread beside the texts': the writer holds the interpreter's lock for a third of its time, so that a second one
# gained nothing, and held 120 MB more.
_WORKERS = 1


@dataclass(frozen=True)
class Written:
    """What was written: all files, notices included, and the rows of each main CSV file by its path."""

    files: int
    rows: dict[str, int]


def write_files(
    con: duckdb.DuckDBPyConnection,
    catalogue: Catalogue,
    edition: Edition,
    folder: Path,
    provenance: notices.Provenance,
    progress: Callable[[int, int], None] | None = None,
) -> Written:
    """Write the whole tree of the edition in the marts `main.detail` and `main.synthese` of this connection.

    Each data file is read again as soon as it is written. `folder` must not exist yet, or be empty. `progress` is
    told the data files done and their total. PublicationError says what cannot be published, why a file cannot be
    written, or what is wrong in one that was.
    """
    plan = plan_files(con, catalogue)
    rows = {frame: read_rows(con, *frame) for frame in public_schema().frames}
    tree, verification = _Tree(folder), Verification(folder)
    for done, (planned, content) in enumerate(_contents(con, plan, rows, edition), 1):
        verification.verify(planned, tree.write(planned.path, content))
        if progress:
            progress(done, len(plan))
    main = set(main_files(catalogue, "csv"))
    counts = {f.path: f.rows for f in plan if f.path in main}
    tree.write(notices.README, notices.readme(catalogue, edition, provenance))
    tree.write(notices.LICENCE, notices.licence(catalogue, edition, provenance))
    tree.write(notices.MANIFEST, notices.manifest(catalogue, edition, provenance, len(plan), counts))
    tree.write(notices.SUMS, notices.checksums(tree.digests))
    verification.finish(plan)
    return Written(len(tree.digests), counts)


def _contents(
    con: duckdb.DuckDBPyConnection, plan: list[PlannedFile], rows: Rows, edition: Edition
) -> Iterator[tuple[PlannedFile, bytes]]:
    """Make every file's bytes: the workbooks in the background, the largest first, while the texts are made here."""
    workbooks = sorted((f for f in plan if f.format == "xlsx"), key=lambda f: (-f.rows, f.path))
    with ThreadPoolExecutor(_WORKERS) as pool:
        under_way = deque((f, pool.submit(_workbook, f, rows, edition)) for f in workbooks)
        try:
            for planned in plan:
                (_, part, _), *_ = planned.parts
                if planned.format == "csv":
                    yield planned, rows[part.table, part.maille].csv(part)
                elif planned.format == "json":
                    yield planned, read_json(con, part.table, part.maille)
            while under_way:  # each let go of once it is written
                planned, made = under_way.popleft()
                yield planned, made.result()
        finally:
            pool.shutdown(cancel_futures=True)


def _workbook(planned: PlannedFile, rows: Rows, edition: Edition) -> bytes:
    frames = [(name, part, rows[part.table, part.maille]) for name, part, _ in planned.parts]
    return workbook([Sheet(name, frame.typed(part), frame.widths) for name, part, frame in frames], edition.end)


class _Tree:
    """The folder being written, and the sha256 of each of its files."""

    def __init__(self, folder: Path):
        if folder.exists() and any(folder.iterdir()):
            raise PublicationError(f"{folder}: the folder is not empty; the files are written into a fresh one.")
        self._folder = folder
        self._made: set[Path] = set()
        self.digests: dict[str, str] = {}

    def write(self, path: str, content: bytes) -> str:
        """Write a file, and return its sha256."""
        target = self._folder / path
        try:
            if target.parent not in self._made:
                target.parent.mkdir(parents=True, exist_ok=True)
                self._made.add(target.parent)
            target.write_bytes(content)
        except OSError as error:
            raise PublicationError(f"{target}: cannot be written ({error.strerror}).") from error
        self.digests[path] = hashlib.sha256(content).hexdigest()
        return self.digests[path]
