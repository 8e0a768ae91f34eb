"""Verifies a written tree: nothing missing, nothing more, nothing damaged, every file with the rows of its plan.

Each failure is a PublicationError that names the file. How each format is read again is in `rereading`; nothing is
written or repaired here.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

from barometre_pipeline.builds import SUMS
from barometre_pipeline.errors import PublicationError
from barometre_pipeline.publish.tree.layout import Plan, PlannedFile
from barometre_pipeline.publish.tree.manifest import NOTICES
from barometre_pipeline.publish.tree.rereading import Reread, reread_csv, reread_csvs, reread_json, reread_workbook
from barometre_pipeline.publish.tree.schema import Frame, Schema
from barometre_pipeline.resources.deliveries import sha256_of

T = TypeVar("T")

_WORKERS = 2
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
            self._wait((part.table, part.maille), planned, _content(self._folder, planned.path, digest))
            return
        _refuse_damaged(planned.path, sha256_of(file), digest)
        columns = self._schema.columns(part.table, part.maille)
        match planned.format:
            case "json":
                reread_json(planned, file, columns)
            case "xlsx":
                reread_workbook(planned, file)
            case _:
                reread_csv(planned, file, columns)

    def finish(self, plan: Plan) -> None:
        """Verify what waits, and that the tree has the files of its plan, its notices and their sums, and no other."""
        self._reread_waiting()
        expected = {f.path for f in plan.files} | set(NOTICES)
        _same_names(self._folder, expected)
        sums = _listed_sums(self._folder)
        if sums.keys() != expected - {SUMS}:
            raise PublicationError(f"{SUMS}: it does not list each file of {self._folder}, and no other.")
        for notice in sorted(set(NOTICES) - {SUMS}):
            _content(self._folder, notice, sums[notice])

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


def verify_sums(folder: Path, made_of: Callable[[bytes], T]) -> dict[str, T]:
    """Check a tree against its own SHA256SUMS, where its marts are no longer at hand.

    Return, by path, what `made_of` makes of the content of each file: it is read once.
    """
    sums = _listed_sums(folder)
    _same_names(folder, {*sums, SUMS})
    with ThreadPoolExecutor(_WORKERS) as pool:  # reading and hashing leave Python free
        made = pool.map(lambda path: made_of(_content(folder, path, sums[path])), sums)
        found = dict(zip(sums, made, strict=True))
    return {**found, SUMS: made_of((folder / SUMS).read_bytes())}


def _same_names(folder: Path, expected: set[str]) -> None:
    found = {p.relative_to(folder).as_posix() for p in folder.rglob("*") if not p.is_dir()}
    for path in sorted(expected - found):
        raise PublicationError(f"{path}: this file of the plan was not written in {folder}.")
    for path in sorted(found - expected):
        raise PublicationError(f"{path}: this file of {folder} is not in the plan; nothing stale may be published.")


def _listed_sums(folder: Path) -> dict[str, str]:
    try:
        lines = (folder / SUMS).read_text(encoding="utf-8").splitlines()
        return {path: digest for digest, path in (line.split("  ", 1) for line in lines)}
    except (OSError, ValueError) as error:
        raise PublicationError(f"{SUMS}: cannot be read in {folder} ({error}).") from error


def _content(folder: Path, path: str, digest: str) -> bytes:
    content = (folder / path).read_bytes()
    _refuse_damaged(path, hashlib.sha256(content).hexdigest(), digest)
    return content


def _refuse_damaged(path: str, found: str, digest: str) -> None:
    if found != digest:
        raise PublicationError(f"{path}: the file is damaged, its sha256 is not that of {SUMS}.")
