"""Reads what was published: the depot's branches and tags, and files of the commits that they name.

The clone of the home is a cache: what it holds is taken from it, and it stands for a depot that does not answer. What
it lacks is fetched aside, one commit deep, and not kept.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from barometre_pipeline.depot.command import GitError
from barometre_pipeline.depot.options import Depot
from barometre_pipeline.depot.remote import Refs, remote_refs
from barometre_pipeline.depot.repository import GitRepository

progress = logging.getLogger("barometre.depot")


def known_refs(depot: Depot, clone: Path, offline: bool) -> Refs:
    """Return the depot's branches and tags: asked of it, else as the clone last saw them; GitError where neither can.

    `offline` asks nothing of the network; a depot of this machine is always asked.
    """
    standing = GitRepository(clone, depot)
    if depot.is_gone and not standing.is_of_its_depot():
        return Refs()  # it is made by the first publication
    if offline and depot.path is None:
        if standing.is_of_its_depot():
            return standing.refs()
        raise GitError(f"The depot {depot.url} is not asked without the network, and {clone} is no clone of it.")
    try:
        return remote_refs(depot)
    except GitError as error:
        if not standing.is_of_its_depot():
            raise
        progress.warning("The depot cannot be asked, what %s last saw of it stands for it: %s", clone, error)
        return standing.refs()


@contextmanager
def published_trees(
    depot: Depot, clone: Path, commits: Mapping[str, str], until: str | None = None
) -> Iterator[GitRepository]:
    """Give a repository that has these commits of the depot (by the branch or tag, `refs/…`, that names each).

    `until` is the key of a line of ours: a branch whose last commit is without it, as a colleague's or a merge, is had
    with its history, where one is looked for. GitError where they cannot be had.
    """
    standing = GitRepository(clone, depot)
    if standing.is_of_its_depot() and standing.has(commits.values()):
        yield standing
        return
    with TemporaryDirectory(prefix="barometre-") as folder:
        aside = GitRepository(Path(folder) / "depot", depot)
        aside.fetch_only(commits)
        if until and (others := _branches_without(aside, commits, until)):
            aside.fetch_history(others)
        yield aside


def _branches_without(repository: GitRepository, commits: Mapping[str, str], key: str) -> list[str]:
    branches = {name: commit for name, commit in commits.items() if name.startswith("refs/heads/")}
    return [name for name, commit in branches.items() if not any(repository.lines_of_history(commit, key))]


def paths_of_today(names: Collection[str], paths: Collection[str], prefix: str) -> dict[str, str]:
    """Return, by its name in a published tree, today's path of each of its files: they may begin with another prefix.

    Only those at the root of the tree begin with one; `paths` are those looked for, `prefix` today's. Of several
    prefixes, in a branch that has files of others, it is today's, else that of most files.
    """
    ends = {path.removeprefix(prefix): path for path in paths if path.startswith(prefix)}
    begun = Counter(name.removesuffix(end) for name in names if "/" not in name for end in ends if name.endswith(end))
    then = prefix if prefix in begun else min(begun, key=lambda one: (-begun[one], one), default=prefix)
    moved = {then + end: path for end, path in ends.items()}
    return {name: moved.get(name, name) for name in names if name in moved or name in paths}
