"""Reads what was published: the depot's branches and tags, and files of the commits that they name.

The clone of the home is a cache: what it holds is taken from it, and it stands for a depot that does not answer. What
it lacks is fetched aside, one commit deep, and not kept.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from barometre_pipeline.depot.command import GitError
from barometre_pipeline.depot.options import Depot
from barometre_pipeline.depot.remote import Refs, remote_refs
from barometre_pipeline.depot.repository import GitRepository
from barometre_pipeline.resources.atomic import discard


def known_refs(depot: Depot, clone: Path, offline: bool) -> Refs:
    """Return the depot's branches and tags: asked of it, else as the clone last saw them; GitError where neither can.

    `offline` asks nothing of the network; a depot of this machine is always asked.
    """
    if depot.path is not None and not depot.path.exists():
        return Refs()
    standing = GitRepository(clone, depot)
    if offline and depot.path is None:
        if standing.is_of_its_depot():
            return standing.refs()
        raise GitError(f"The depot {depot.url} is not asked without the network, and {clone} is no clone of it.")
    try:
        return remote_refs(depot)
    except GitError:
        if standing.is_of_its_depot():
            return standing.refs()
        raise


@contextmanager
def published_trees(depot: Depot, clone: Path, commits: Mapping[str, str]) -> Iterator[GitRepository]:
    """Give a repository that has these commits of the depot (by the branch or tag, `refs/…`, that names each).

    GitError where they cannot be had.
    """
    standing = GitRepository(clone, depot)
    if standing.is_of_its_depot() and standing.has(commits.values()):
        yield standing
        return
    aside = GitRepository(clone.with_name(f".{clone.name}.lue"), depot)
    try:
        aside.fetch_only(commits)
        yield aside
    finally:
        discard(aside.folder)
