"""The depot seen from outside, without a clone: its branches and tags, its making, its dead locks.

What tags say is in `tags`; clones are in `repository`.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from pathlib import Path

from barometre_pipeline.depot.command import run_git
from barometre_pipeline.depot.options import Depot
from barometre_pipeline.resources.atomic import discard

_DEAD_LOCK_SECONDS = 2.0


@dataclass(frozen=True)
class Refs:
    """The branches and tags of a depot; `tags` maps each name to the commit it stands for."""

    branches: dict[str, str] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)
    default_branch: str | None = None


def create_depot(depot: Depot, branch: str) -> None:
    """Make a bare repository where a local depot does not exist yet, whole or not at all."""
    path = depot.path
    if path is None or (path.exists() and (not path.is_dir() or any(path.iterdir()))):
        return
    unfinished = path.with_name(f".{path.name}.en-creation")
    discard(unfinished)
    path.parent.mkdir(parents=True, exist_ok=True)
    run_git("init", "--quiet", "--bare", f"--initial-branch={branch}", str(unfinished), umask=depot.umask)
    if path.exists():
        path.rmdir()
    unfinished.rename(path)


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


def remove_dead_locks(depot: Depot) -> bool:
    """Remove the locks that a killed push left in a local depot; say whether there were any.

    Git holds these for milliseconds: one that stays the same for seconds has lost its owner.
    """
    if depot.path is None:
        return False
    git_folder = depot.path / ".git" if (depot.path / ".git").is_dir() else depot.path

    def locks() -> dict[Path, float]:
        return {p: p.stat().st_mtime for p in [*git_folder.glob("*.lock"), *git_folder.glob("refs/**/*.lock")]}

    before = locks()
    if not before:
        return False
    time.sleep(_DEAD_LOCK_SECONDS)
    dead = before.items() & locks().items()
    for lock, _ in dead:
        lock.unlink(missing_ok=True)
    return bool(dead)
