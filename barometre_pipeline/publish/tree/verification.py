"""Verifies a written tree: nothing missing, nothing more, nothing damaged, every file with the rows of its plan.

Each failure is a PublicationError that names the file. How each format is read again is in `rereading`, what needs no
plan in `trees`; nothing is written or repaired here.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

from barometre_pipeline.builds import SUMS
from barometre_pipeline.errors import PublicationError
from barometre_pipeline.publish.tree.layout import Plan, PlannedFile
from barometre_pipeline.publish.tree.manifest import NOTICES
from barometre_pipeline.publish.tree.rereading import (
    Reread,
    reread_csv,
    reread_csvs,
    reread_json,
    reread_parquet,
    reread_workbook,
)
from barometre_pipeline.publish.tree.schema import Frame, Schema
from barometre_pipeline.resources.deliveries import sha256_of
from barometre_pipeline.trees import content_of, listed_sums, refuse_damaged, refuse_other_files

_TOGETHER = 4 << 20  # bytes of CSV files that wait to be parsed


class Verification:
    """The verification of a tree that is being written: each file, then the whole."""

    def __init__(self, folder: Path, schema: Schema) -> None:
        self._folder, self._schema = folder, schema
        self._waiting: dict[Frame, list[Reread]] = defaultdict(list)
        self._waiting_bytes = 0

    def verify(self, planned: PlannedFile, digest: str) -> None:
        """Re-read a data file just written: it has the sha256 of what was written, and the rows of its plan.

        Small CSV files wait until there are enough of them to parse those of the same columns together, or for
        `finish`; no other file is held whole.
        """
        (_, part, _), *_ = planned.parts
        file = self._folder / planned.path
        if planned.format == "csv" and file.stat().st_size < _TOGETHER:
            self._wait((part.table, part.maille), planned, content_of(self._folder, planned.path, digest))
            return
        refuse_damaged(planned.path, sha256_of(file), digest)
        columns = self._schema.columns(part.table, part.maille)
        match planned.format:
            case "json":
                reread_json(planned, file, columns)
            case "xlsx":
                reread_workbook(planned, file)
            case "parquet":
                reread_parquet(planned, file, columns)
            case _:
                reread_csv(planned, file, columns)

    def finish(self, plan: Plan, others: Iterable[str] = ()) -> None:
        """Verify what waits, and that the tree has the files of its plan, its notices and their sums, and no other.

        `others` are the paths of what else was written.
        """
        self._reread_waiting()
        planned = {f.path for f in plan.files}
        expected = planned | set(NOTICES) | set(others)
        refuse_other_files(self._folder, expected)
        sums = listed_sums(self._folder)
        if sums.keys() != expected - {SUMS}:
            raise PublicationError(f"{SUMS}: it does not list each file of {self._folder}, and no other.")
        for notice in sorted(expected - planned - {SUMS}):
            content_of(self._folder, notice, sums[notice])

    def _wait(self, frame: Frame, planned: PlannedFile, content: bytes) -> None:
        self._waiting[frame].append((planned, content))
        self._waiting_bytes += len(content)
        if self._waiting_bytes > _TOGETHER:
            self._reread_waiting()

    def _reread_waiting(self) -> None:
        for frame, files in self._waiting.items():
            reread_csvs(files, self._schema.columns(*frame))
        self._waiting.clear()
        self._waiting_bytes = 0
