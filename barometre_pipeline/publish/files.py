"""Writes an edition's tree: the data files of the plan, then the notices and the checksums.

Into a fresh folder: what replaces what, and when, is not decided here. Neither are the rows' texts (`rows`),
the workbooks (`workbooks`) nor the re-reading of what was written (`verification`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import duckdb

from barometre_pipeline.catalogue import Catalogue
from barometre_pipeline.editions import Edition
from barometre_pipeline.errors import PublicationError
from barometre_pipeline.publish import notices
from barometre_pipeline.publish.layout import PlannedFile, main_files, plan_files
from barometre_pipeline.publish.rows import PublishedRows
from barometre_pipeline.publish.workbooks import Sheet, workbook


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

    `folder` must not exist yet, or be empty. `progress` is told the data files done and their total.
    PublicationError says what cannot be published, or why a file cannot be written.
    """
    plan = plan_files(con, catalogue)
    tree = _Tree(folder)
    with PublishedRows(con) as rows:
        for done, planned in enumerate(plan, 1):
            tree.write(planned.path, _content(planned, rows, edition))
            if progress:
                progress(done, len(plan))
    main = set(main_files(catalogue, "csv"))
    counts = {f.path: f.parts[0][2] for f in plan if f.path in main}
    tree.write(notices.README, notices.readme(catalogue, edition, provenance))
    tree.write(notices.LICENCE, notices.licence(catalogue, edition, provenance))
    tree.write(notices.MANIFEST, notices.manifest(catalogue, edition, provenance, len(plan), counts))
    tree.write(notices.SUMS, notices.checksums(tree.digests))
    return Written(len(tree.digests), counts)


def _content(planned: PlannedFile, rows: PublishedRows, edition: Edition) -> bytes:
    if planned.format == "xlsx":
        sheets = [Sheet(name, rows.table(part), rows.widths(part)) for name, part, _ in planned.parts]
        return workbook(sheets, edition.end)
    (_, part, _), *_ = planned.parts
    return rows.json(part) if planned.format == "json" else rows.csv(part)


class _Tree:
    """The folder being written, and the sha256 of each of its files."""

    def __init__(self, folder: Path):
        if folder.exists() and any(folder.iterdir()):
            raise PublicationError(f"{folder}: the folder is not empty; the files are written into a fresh one.")
        self._folder = folder
        self.digests: dict[str, str] = {}

    def write(self, path: str, content: bytes) -> None:
        target = self._folder / path
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content)
        except OSError as error:
            raise PublicationError(f"{target}: cannot be written ({error.strerror}).") from error
        self.digests[path] = hashlib.sha256(content).hexdigest()
