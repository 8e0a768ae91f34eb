"""A built tree of files held against its SHA256SUMS: nothing missing, nothing more, nothing damaged.

Each failure is a PublicationError that names the file. Which files an edition must have is not known here.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from pathlib import Path

from barometre_pipeline.builds import SUMS, read_sums
from barometre_pipeline.depot.objects import Entry, entry
from barometre_pipeline.errors import PublicationError

_WORKERS = 2
_Touched = tuple[str, int, int, int, int]  # a file as the system tells it: it changes with whatever is done to it


def verified_entries(tree: Path) -> Mapping[str, Entry]:
    """Return what git calls each file of a tree, which has those of its SHA256SUMS as they were, and no other.

    A process reads them once: when it asks again, only a tree that was touched since.
    """
    return _verified(tree, frozenset(_touched(tree)))


@lru_cache(maxsize=1)
def _verified(tree: Path, _: frozenset[_Touched]) -> Mapping[str, Entry]:
    sums = listed_sums(tree)
    refuse_other_files(tree, {*sums, SUMS})

    def entries_of(paths: list[str]) -> dict[str, Entry]:
        return {path: entry(content_of(tree, path, sums[path])) for path in paths}

    with ThreadPoolExecutor(_WORKERS) as pool:  # reading and hashing leave Python free
        found = pool.map(entries_of, (list(sums)[rank::_WORKERS] for rank in range(_WORKERS)))
        return {path: one for some in found for path, one in some.items()} | {SUMS: entry((tree / SUMS).read_bytes())}


def refuse_other_files(tree: Path, expected: set[str]) -> None:
    """Refuse a tree that has not these files, by their paths, or has others."""
    found = set(_files(tree))
    for path in sorted(expected - found):
        raise PublicationError(f"{path}: this file of the plan was not written in {tree}.")
    for path in sorted(found - expected):
        raise PublicationError(f"{path}: this file of {tree} is not in the plan; nothing stale may be published.")


def listed_sums(tree: Path) -> dict[str, str]:
    """Return the sha256 that the tree's SHA256SUMS has for each path."""
    try:
        return read_sums((tree / SUMS).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise PublicationError(f"{SUMS}: cannot be read in {tree} ({error}).") from error


def content_of(tree: Path, path: str, digest: str) -> bytes:
    """Return what a file holds, which has this sha256."""
    content = (tree / path).read_bytes()
    refuse_damaged(path, hashlib.sha256(content).hexdigest(), digest)
    return content


def refuse_damaged(path: str, found: str, digest: str) -> None:
    """Refuse a file whose sha256 is not this one."""
    if found != digest:
        raise PublicationError(f"{path}: the file is damaged, its sha256 is not that of {SUMS}.")


def _files(tree: Path) -> Iterator[str]:
    # Not Path.rglob: on three thousand files it takes as long as hashing them.
    for folder, _, names in os.walk(tree):
        below = folder[len(str(tree)) + 1 :]
        yield from (f"{below}/{name}" if below else name for name in names)


def _touched(tree: Path) -> Iterator[_Touched]:
    for path in _files(tree):
        found = os.lstat(f"{tree}/{path}")
        yield path, found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns
