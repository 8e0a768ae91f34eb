"""Changes the depot: on a clone made aside, pushed whole or not at all, begun again where the depot moved meanwhile.

The clone that people see is replaced once the depot has the change. What the change is, is decided in `publish`.
"""

from __future__ import annotations

import logging
import shlex
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, Protocol, TypeVar

from barometre_pipeline.depot.attempts import ATTEMPTS, spaced_attempts
from barometre_pipeline.depot.command import GitError
from barometre_pipeline.depot.locks import lock_is_gone
from barometre_pipeline.depot.options import Depot, GitOptions
from barometre_pipeline.depot.remote import Refs, create_depot, remote_refs
from barometre_pipeline.depot.repository import GitRepository
from barometre_pipeline.errors import PublicationError
from barometre_pipeline.resources.atomic import discard, discard_leftovers, replace_folder

progress = logging.getLogger("barometre.depot")

Done = TypeVar("Done")


@dataclass(frozen=True)
class Target:
    """The branch to push, the commit to build on, and the one that the branch now has in the depot.

    `main` is the commit of the main branch, which is another one where a review branch is pushed.
    """

    branch: str
    base: str | None
    pushed: str | None
    main: str | None


@dataclass(frozen=True)
class Change(Generic[Done]):
    """What to push: `head`, which the branch is to be at, and new `tags`; `told` is for whoever asked for it."""

    head: str
    tags: tuple[str, ...]
    told: Done


class Beside(Protocol):
    """Another branch that follows what is pushed, in the same push."""

    def is_due(self, repository: GitRepository, refs: Refs, target: Target, head: str) -> bool:
        """Tell whether the other branch may have to move, where the target is at `head`."""

    def made(self, repository: GitRepository, refs: Refs, target: Target, head: str) -> Mapping[str, str]:
        """Write the commit that the other branch is to be at, and return it by the branch; none: it stays."""


@dataclass(frozen=True)
class DepotChange(Generic[Done]):
    """One change of a depot, and of the clone of it in the folder `clone`.

    `work` makes the commits and tags in the clone aside. `at_rest` tells, on the clone that stands at the depot's own
    state, that there is nothing to do. `beside` is pushed with the change.
    """

    clone: Path
    depot: Depot
    options: GitOptions
    work: Callable[[GitRepository, Refs, Target], Change[Done]]
    at_rest: Callable[[GitRepository, Refs, Target], Done | None]
    beside: Beside | None = None
    before_push: Callable[[], None] = lambda: None

    def make(self) -> Done:
        """Make the change; PublicationError where the depot refuses it, or keeps moving."""
        try:
            self._discard_unfinished()
            self._refuse_another_beginning()
            create_depot(self.depot, self.options.branche or "main")
            if (self.clone / ".git" / "objects").is_dir():
                with suppress(GitError):
                    return self._attempts(reuse=True)
            return self._attempts(reuse=False)
        except OSError as error:
            raise PublicationError(
                f"{error.filename} cannot be read or written ({error.strerror}): check the rights and the room left."
            ) from error

    @property
    def _standing(self) -> GitRepository:
        """Return the clone that people see."""
        return GitRepository(self.clone, self.depot)

    @property
    def _workshop(self) -> GitRepository:
        """Return the clone that is being made beside it, to take its place."""
        return GitRepository(self.clone.with_name(f".{self.clone.name}.en-cours"), self.depot)

    def _refuse_another_beginning(self) -> None:
        # Made anew, it would forget tags, withdrawals and what others have of it, and say that all is published.
        if not self.depot.is_gone or not self._standing.is_of_its_depot() or not self._standing.refs().tags:
            return
        raise PublicationError(
            f"The depot {self.depot.url} is gone: put it back, or give another with --depot. Nothing was published. "
            f"What {self.clone} last saw of it makes it again: "
            f"`git clone --bare {shlex.quote(str(self.clone))} {shlex.quote(str(self.depot.path))}`."
        )

    def _discard_unfinished(self) -> None:
        discard(self._workshop.folder)
        discard_leftovers(self._workshop.folder)
        discard_leftovers(self._standing.folder)

    def _attempts(self, reuse: bool) -> Done:
        """Begin again while the depot moves; with `reuse`, on what the standing clone has."""
        for _ in spaced_attempts():
            refs = reachable_refs(self.depot)
            if reuse and (done := self._done_already(refs)):
                return done
            if change := self._changed(refs, reuse):
                return change.told
        raise PublicationError(
            f"The depot {self.depot.url} moved, or was locked, {ATTEMPTS} times while it was being pushed to: nothing "
            "was published. Run again when nobody else is pushing to it."
        )

    def _done_already(self, refs: Refs) -> Done | None:
        known = self._standing.refs()
        if (known.branches, known.tags) != (refs.branches, refs.tags):
            return None
        target = target_of(self._standing, refs, self.options)
        if target.base is None or target.base != target.pushed or not self._standing.is_at(target.branch, target.base):
            return None
        if self.beside and self.beside.is_due(self._standing, refs, target, target.base):
            return None
        return self.at_rest(self._standing, refs, target)

    def _changed(self, asked: Refs, reuse: bool) -> Change[Done] | None:
        """Make the change on the depot's head; None when the depot moved meanwhile."""
        if reuse and asked.branches:
            self._workshop.rebuild(self._standing.folder)
        else:
            self._workshop.clone()
        fetched = self._workshop.refs()
        default = asked.default_branch if asked.default_branch in fetched.branches else None
        refs = Refs(fetched.branches, fetched.tags, default or (None if fetched.branches else fetched.default_branch))
        target = target_of(self._workshop, refs, self.options)
        change = self.work(self._workshop, refs, target)
        beside = self.beside.made(self._workshop, refs, target, change.head) if self.beside else {}
        with ThreadPoolExecutor(1) as pool:
            filled = pool.submit(self._workshop.fill_work_tree, change.head)  # to be shown, once it is pushed
            there = self._pushed(change, target, beside)
            filled.result()
        if not there:
            return None
        for name, commit in beside.items():
            progress.info("the branch %s is at commit %s", name, commit[:10])
        self._workshop.show_branch(target.branch, change.head)
        replace_folder(self._workshop.folder, self._standing.folder)
        return change

    def _pushed(self, change: Change[Done], target: Target, beside: Mapping[str, str]) -> bool:
        """Push; False when the depot moved, or was locked for a while, so that it is worth beginning again."""
        branch = None if change.head in (target.pushed, target.main) else target.branch
        if branch is None and not change.tags and not beside:
            return True
        self.before_push()
        over = target.pushed if branch and target.pushed and target.pushed != target.base else None
        try:
            self._workshop.push(change.head, branch, change.tags, replacing=over, beside=beside)
            return True
        except GitError as error:
            now = reachable_refs(self.depot)
            heads = {target.branch: change.head, **beside}
            if now.branches.items() >= heads.items() and now.tags.keys() >= set(change.tags):
                return True  # the depot did it, only its answer was lost
            before = self._workshop.refs().branches
            known = {target.branch: target.pushed} | {name: before.get(name) for name in beside}
            moved = any(now.branches.get(name) != commit for name, commit in known.items())
            if moved or now.tags.keys() & set(change.tags) or lock_is_gone(self.depot, error.said):
                return False
            raise PublicationError(str(error)) from error


def reachable_refs(depot: Depot) -> Refs:
    """Return the depot's branches and tags; PublicationError where it cannot be asked: a new clone would not help."""
    try:
        return remote_refs(depot)
    except GitError as error:
        raise PublicationError(str(error)) from error


def main_branch(refs: Refs, options: GitOptions) -> str:
    """Return the branch that readers see, where no review is asked for."""
    return options.branche or refs.default_branch or "main"


def published_branch(refs: Refs, options: GitOptions) -> str:
    """Return the branch that has what was last published: that of the review, where there is one, else the main one."""
    review = options.branche_revue
    return review if review is not None and review in refs.branches else main_branch(refs, options)


def target_of(repository: GitRepository, refs: Refs, options: GitOptions) -> Target:
    """Return the branch to publish to."""
    branch = main_branch(refs, options)
    main = head = refs.branches.get(branch)
    if options.branche_revue is None:
        return Target(branch, head, head, head)
    review = refs.branches.get(options.branche_revue)
    if review and (head is None or repository.contains(review, head)):
        head = review
    return Target(options.branche_revue, head, review, main)
