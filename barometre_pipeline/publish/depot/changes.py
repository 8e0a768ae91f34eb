"""Compares the files of an edition with those of a commit, by git's own digests.

Reading a commit is in `resources.git_repository`; what to do of the changes is in `depot`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from barometre_pipeline.errors import PublicationError
from barometre_pipeline.publish.depot.fast_import import REGULAR, Entry


@dataclass(frozen=True)
class Changes:
    """The paths that a commit must add, modify and remove; its length is their number."""

    added: list[str]
    modified: list[str]
    removed: list[str]

    def __len__(self) -> int:
        return len(self.added) + len(self.modified) + len(self.removed)


def file_entries(source: Path) -> dict[str, Entry]:
    """Return what git calls each file of a folder: path → (mode, blob); PublicationError when it has none."""
    files = {p.relative_to(source).as_posix(): p for p in sorted(source.rglob("*")) if p.is_file()}
    if not files:
        raise PublicationError(f"{source} has no files: build the edition before publishing it.")
    return {path: entry(file.read_bytes()) for path, file in files.items()}


def entry(content: bytes) -> Entry:
    """Return what git calls a file of this content: a regular one, and its digest."""
    return REGULAR, hashlib.sha1(b"blob %d\0%s" % (len(content), content)).hexdigest()


def compare(wanted: Mapping[str, Entry], there: Mapping[str, Entry]) -> Changes:
    """Return what turns the files of a commit into those wanted.

    What begins with a dot at the root (`.github`, `.gitlab-ci.yml`…) belongs to the depot and stays, unless wanted.
    """
    ours = {path.split("/")[0] for path in wanted}
    there = {path: e for path, e in there.items() if not path.startswith(".") or path.split("/")[0] in ours}
    return Changes(
        added=sorted(wanted.keys() - there.keys()),
        modified=sorted(path for path in wanted.keys() & there.keys() if wanted[path] != there[path]),
        removed=sorted(there.keys() - wanted.keys()),
    )
