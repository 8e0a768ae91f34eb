"""Publishes a built tree to the git depot: one commit and one tag a change, pushed together, or nothing.

What is true is asked of the depot each time, never of a record of our own: a run killed anywhere is finished by the
next one. The clone under the home is replaced whole once the depot has the commit. Git is driven in `repository`.
"""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from barometre_pipeline.depot.attempts import ATTEMPTS, spaced_attempts
from barometre_pipeline.depot.command import GitError
from barometre_pipeline.depot.locks import lock_is_gone
from barometre_pipeline.depot.objects import Changes, Entry, NewCommit, compare, file_entries
from barometre_pipeline.depot.options import Depot, GitOptions
from barometre_pipeline.depot.remote import (
    TRAILER,
    Refs,
    create_depot,
    is_tag_of,
    last_tag,
    next_tag,
    remote_refs,
)
from barometre_pipeline.depot.repository import GitRepository
from barometre_pipeline.editions import Edition
from barometre_pipeline.errors import PublicationError
from barometre_pipeline.publish.journal import Journal
from barometre_pipeline.resources.atomic import discard, discard_leftovers, replace_folder


@dataclass(frozen=True)
class Published:
    """What a publication did: `commit` and `tag` are None when nothing had to be made; `head` is what is published."""

    head: str
    branch: str
    commit: str | None = None
    tag: str | None = None
    changed_files: int = 0

    @property
    def unchanged(self) -> bool:
        """Say whether the depot was already at this edition."""
        return self.commit is None and self.tag is None


@dataclass(frozen=True)
class _Target:
    """The branch to push, the commit to build on, and the one that the branch now has in the depot."""

    branch: str
    base: str | None
    pushed: str | None


def publish_tree(
    source: Path,
    clone: Path,
    depot: str,
    edition: Edition,
    options: GitOptions,
    entries: Mapping[str, Entry] | None = None,
    figures: Mapping[str, object] | None = None,
    journal: Journal | None = None,
) -> Published:
    """Make the depot's tree equal to the files of `source`, and the folder `clone` a clone at that commit.

    Files of the depot that are not in `source` are removed, but for those whose path begins with a dot (`.github`,
    `.gitlab-ci.yml`…). `entries` are what git calls the files of `source`, where that is already known; `figures`
    more fields for the message, such as the number of values. PublicationError when the depot refuses or keeps moving.
    """
    address = Depot.parse(depot, credentials=options.credentials, secrets=options.secrets, umask=options.umask)
    job = _Job(source, entries or file_entries(source), clone, address, edition, options, figures or {}, journal)
    try:
        job.discard_unfinished()
        create_depot(address, options.branche or "main")
        return job.publish_on_any_clone()
    except OSError as error:
        raise PublicationError(
            f"{error.filename} cannot be read or written ({error.strerror}): check the rights and the room left."
        ) from error


@dataclass(frozen=True)
class _Job:
    source: Path
    wanted: Mapping[str, Entry]
    clone: Path
    depot: Depot
    edition: Edition
    options: GitOptions
    figures: Mapping[str, object]
    journal: Journal | None

    @property
    def standing(self) -> GitRepository:
        """Return the clone that people see."""
        return GitRepository(self.clone, self.depot)

    @property
    def workshop(self) -> GitRepository:
        """Return the clone that is being made beside it, to take its place."""
        return GitRepository(self.clone.with_name(f".{self.clone.name}.en-cours"), self.depot)

    def publish_on_any_clone(self) -> Published:
        """Publish from the standing clone, or from a new one when there is none or it is damaged."""
        if (self.clone / ".git" / "objects").is_dir():
            with suppress(GitError):
                return self.publish(reuse=True)
        return self.publish(reuse=False)

    def publish(self, reuse: bool) -> Published:
        """Publish, beginning again when the depot moves; with `reuse`, on what the standing clone has."""
        for _ in spaced_attempts():
            refs = _reachable_refs(self.depot)
            if reuse and (published := self._nothing_to_do(refs)):
                self._record("push", published)
                return published
            if published := self._publish_on(refs, reuse):
                self._show(published)
                self._record("push", published)
                return published
        raise PublicationError(
            f"The depot {self.depot.url} moved, or was locked, {ATTEMPTS} times while edition {self.edition} was being "
            "pushed: nothing was published. Run again when nobody else is pushing to it."
        )

    def discard_unfinished(self) -> None:
        """Remove what a run that was killed left beside the clone."""
        discard(self.workshop.folder)
        discard_leftovers(self.workshop.folder)
        discard_leftovers(self.standing.folder)

    def _nothing_to_do(self, refs: Refs) -> Published | None:
        known = self.standing.refs()
        if (known.branches, known.tags) != (refs.branches, refs.tags):
            return None
        target = _target(self.standing, refs, self.options)
        if target.base is None or target.base != target.pushed or self._changes(self.standing, target.base):
            return None
        if self._missing_tag(self.standing, target.base, refs) or not self.standing.is_at(target.branch, target.base):
            return None
        return Published(target.base, target.branch)

    def _publish_on(self, asked: Refs, reuse: bool) -> Published | None:
        """Publish on the depot's head; None when the depot moved meanwhile."""
        if reuse and asked.branches:
            self.workshop.rebuild(self.standing.folder)
        else:
            self.workshop.clone()
        fetched = self.workshop.refs()
        default = asked.default_branch if asked.default_branch in fetched.branches else None
        refs = Refs(fetched.branches, fetched.tags, default or (None if fetched.branches else fetched.default_branch))
        target = _target(self.workshop, refs, self.options)
        published = self._prepared(refs, target)
        self._record("commit", published)
        with ThreadPoolExecutor(1) as beside:
            filled = beside.submit(self.workshop.fill_work_tree, published.head)  # to be shown, once it is pushed
            there = (published.unchanged and target.pushed == published.head) or self._pushed(published, target)
            filled.result()
        return published if there else None

    def _prepared(self, refs: Refs, target: _Target) -> Published:
        base = target.base
        changes = self._changes(self.workshop, base)
        if base and not changes:
            tag = self._missing_tag(self.workshop, base, refs)
            if tag:
                self.workshop.write_tag(tag, base, self.options.auteur, f"Publication {tag}")
            return Published(base, target.branch, tag=tag)
        tag = last_tag(self.edition, refs.tags)
        if tag and self._is_unfinished(refs.tags[tag], base):
            return Published(refs.tags[tag], target.branch, refs.tags[tag], tag, len(changes))
        return self._committed(target, changes, next_tag(self.edition, refs.tags))

    def _committed(self, target: _Target, changes: Changes, tag: str) -> Published:
        message = self.options.written_message(
            {
                **self.figures,
                "edition": str(self.edition),
                "etiquette": tag,
                "fichiers": len(self.wanted),
                "ajoutes": len(changes.added),
                "modifies": len(changes.modified),
                "supprimes": len(changes.removed),
            }
        )
        written = {path: self.wanted[path] for path in (*changes.added, *changes.modified)}
        text = f"{message}\n\n{TRAILER}: {tag}\n"
        self.workshop.write_blobs(self.source / path for path in written)
        commit = self.workshop.write_commit(NewCommit(target.base, changes.removed, written, self.options.auteur, text))
        self.workshop.write_tag(tag, commit, self.options.auteur, f"{message}\n")
        return Published(commit, target.branch, commit, tag, len(changes))

    def _pushed(self, published: Published, target: _Target) -> bool:
        """Push; False when the depot moved, or was locked for a while, so that it is worth beginning again."""
        over = target.pushed if target.pushed and target.pushed != target.base else None
        try:
            self.workshop.push(published.head, target.branch, published.tag, replacing=over)
            return True
        except GitError as error:
            now = _reachable_refs(self.depot)
            if now.branches.get(target.branch) == published.head and published.tag in (None, *now.tags):
                return True  # the depot did it, only its answer was lost
            moved = now.branches.get(target.branch) != target.pushed or published.tag in now.tags
            if moved or lock_is_gone(self.depot, error.said):
                return False
            raise PublicationError(str(error)) from error

    def _show(self, published: Published) -> None:
        self.workshop.show_branch(published.branch, published.head)
        replace_folder(self.workshop.folder, self.standing.folder)

    def _record(self, step: str, published: Published) -> None:
        if self.journal:
            # What stands there may have been published, and named, by an earlier run.
            named = published.tag or (self.standing.trailer(published.head, TRAILER) if step == "push" else None)
            self.journal.record(step, depot=self.depot.url, published_as=named or None, **asdict(published))

    def _changes(self, repository: GitRepository, commit: str | None) -> Changes:
        return compare(self.wanted, repository.entries(commit) if commit else {})

    def _missing_tag(self, repository: GitRepository, commit: str, refs: Refs) -> str | None:
        # Git's atomic push locks both references, but a server killed between its two renames keeps only one.
        tag = repository.trailer(commit, TRAILER)
        return tag if tag not in refs.tags and is_tag_of(self.edition, tag) else None

    def _is_unfinished(self, commit: str, base: str | None) -> bool:
        return self.workshop.first_parent(commit) == base and not self._changes(self.workshop, commit)


def _reachable_refs(depot: Depot) -> Refs:
    # An unreachable depot says so at once: making the clone again would not help.
    try:
        return remote_refs(depot)
    except GitError as error:
        raise PublicationError(str(error)) from error


def _target(repository: GitRepository, refs: Refs, options: GitOptions) -> _Target:
    branch = options.branche or refs.default_branch or "main"
    head = refs.branches.get(branch)
    if options.branche_revue is None:
        return _Target(branch, head, head)
    review = refs.branches.get(options.branche_revue)
    if review and (head is None or repository.contains(review, head)):
        head = review
    return _Target(options.branche_revue, head, review)
