"""The depot seen from outside, without a clone: its branches and tags, its making.

What tags say is in `tags`; clones are in `repository`.
"""

from __future__ import annotations

import fcntl
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

from barometre_pipeline.depot.command import run_git
from barometre_pipeline.depot.options import Depot
from barometre_pipeline.resources.atomic import discard


@dataclass(frozen=True)
class Refs:
    """The branches and tags of a depot; `tags` maps each name to the commit it stands for."""

    branches: dict[str, str] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)
    default_branch: str | None = None


def create_depot(depot: Depot, branch: str) -> None:
    """Make a bare repository where a local depot does not exist yet, whole or not at all."""
    path = depot.path
    if path is None or _is_there(path):
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    with _alone_in(path.parent):
        if _is_there(path):
            return
        unfinished = path.with_name(f".{path.name}.en-creation")
        discard(unfinished)
        run_git("init", "--quiet", "--bare", f"--initial-branch={branch}", str(unfinished), umask=depot.umask)
        if path.exists():
            path.rmdir()
        unfinished.rename(path)


def _is_there(path: Path) -> bool:
    return path.exists() and (not path.is_dir() or any(path.iterdir()))


@contextmanager
def _alone_in(folder: Path) -> Iterator[None]:
    """Let no other run make a depot there meanwhile; a run that is killed lets go."""
    opened = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(opened, fcntl.LOCK_EX)
        yield
    finally:
        os.close(opened)


def remote_refs(depot: Depot) -> Refs:
    """Ask the depot for its branches and tags."""
    branches: dict[str, str] = {}
    tags: dict[str, str] = {}
    default = None
    for line in run_git("ls-remote", "--symref", "--", depot.url, depot=depot).decode().splitlines():
        value, name = line.split("\t")
        if value.startswith("ref: refs/heads/") and name == "HEAD":
            default = value.removeprefix("ref: refs/heads/")
        elif name.startswith("refs/heads/"):
            branches[name.removeprefix("refs/heads/")] = value
        elif name.startswith("refs/tags/"):
            tags[name.removeprefix("refs/tags/").removesuffix("^{}")] = value  # the peeled line comes second
    return Refs(branches, tags, default)


def object_format(depot: Depot) -> str:
    """Ask the depot by which algorithm it names its objects: sha1 or sha256."""
    # No command prints it where there is no commit yet: it is in what the depot answers.
    with TemporaryDirectory() as folder:
        packets = Path(folder) / "packets"
        run_git("ls-remote", "--", depot.url, depot=depot, variables={"GIT_TRACE_PACKET": str(packets)})
        found = re.search(r"ls-remote< .*\bobject-format=(\w+)", packets.read_text(errors="replace"))
    return found[1] if found else "sha1"
