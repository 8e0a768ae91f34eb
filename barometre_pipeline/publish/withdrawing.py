"""Withdraws a publication that turns out wrong: the one before it is public again, and says why.

All is in the depot: an annotated tag `retrait/2022-T1.1` with the reason and, where that publication was the public
one, a commit on the branch with the tree of the greatest that is left.
"""

from __future__ import annotations

from dataclasses import dataclass

from barometre_pipeline.builds import SUMS
from barometre_pipeline.depot.changing import Change, DepotChange, Target
from barometre_pipeline.depot.objects import NewCommit, compare
from barometre_pipeline.depot.options import Depot, GitOptions
from barometre_pipeline.depot.remote import Refs
from barometre_pipeline.depot.repository import GitRepository
from barometre_pipeline.depot.tags import WITHDRAWAL, Publication, Publications
from barometre_pipeline.editions import Edition
from barometre_pipeline.errors import PublicationError
from barometre_pipeline.publish.decision import (
    COMPARED,
    NOTHING,
    PUBLISHED,
    branch_to_build_on,
    compared_with,
    last_commit_of,
    our_files,
    public_publication,
)
from barometre_pipeline.publish.site_branch import site_branch
from barometre_pipeline.publish.withdrawals import NEWS, with_withdrawals
from barometre_pipeline.settings import Settings


@dataclass(frozen=True)
class Withdrawn:
    """The publication that was withdrawn, what is public now, and the edition that was compared with it."""

    publication: Publication
    public: Publication
    outdated: Publication | None


def withdraw(settings: Settings, options: GitOptions, edition: Edition, reason: str) -> Withdrawn:
    """Withdraw the last publication of an edition from the depot, and put the clone of the home at what is public.

    PublicationError where the edition is not published, or nothing else is.
    """
    job = _Withdrawal(edition, reason, options)
    places = settings.home.publication, Depot.of(settings)
    return DepotChange(*places, options, job.work, job.at_rest, site_branch(options)).make()


@dataclass(frozen=True)
class _Withdrawal:
    edition: Edition
    reason: str
    options: GitOptions

    def at_rest(self, repository: GitRepository, refs: Refs, target: Target) -> Withdrawn | None:
        """Tell what a command that was stopped has withdrawn already: of this edition, and for this reason."""
        publications = Publications.of(refs.tags)
        public = public_publication(repository, target.base, publications)
        done = max((one for one in publications.withdrawn if one.edition == self.edition), default=None)
        last = publications.last(self.edition)
        if public is None or done is None or (last and last > done):
            return None
        same = repository.tag_message(f"{WITHDRAWAL}{done}") == self.reason
        # A server that was killed may have the tag and still the withdrawn publication on its branch.
        if not same or public in publications.withdrawn:
            return None
        return Withdrawn(done, public, self._outdated(repository, publications, target, done))

    def work(self, repository: GitRepository, refs: Refs, target: Target) -> Change[Withdrawn]:
        """Make the tag in a clone and, where the public publication is withdrawn, the commit."""
        if target.base and (done := self.at_rest(repository, refs, target)):
            return Change(target.base, (), done)
        publications = Publications.of(refs.tags)
        target = branch_to_build_on(target, publications)
        public = public_publication(repository, target.base, publications)
        half = public if public in publications.withdrawn and public and public.edition == self.edition else None
        wrong = half or publications.last(self.edition)
        if wrong is None or public is None or target.base is None:
            raise PublicationError(f"{self.edition} is not published in {repository.depot.url}: nothing is withdrawn.")
        name = f"{WITHDRAWAL}{wrong}"
        if not half:
            repository.write_tag(name, publications.commits[wrong], self.options.auteur, f"{self.reason}\n")
        tags = () if half else (name,)
        left = Publications(publications.commits, publications.withdrawn | {wrong})
        outdated = self._outdated(repository, left, target, wrong)
        if public != wrong:
            return Change(target.base, tags, Withdrawn(wrong, public, outdated))
        if not left.standing:
            raise PublicationError(
                f"{wrong} is the only publication of {repository.depot.url}: nothing could be public in its place. "
                f"Put it right and publish it again: `barometre run {self.edition}`."
            )
        back = left.standing[-1]
        head = self._put_back(repository, left, wrong, back, target.base)
        return Change(head, tags, Withdrawn(wrong, back, outdated))

    def _outdated(
        self, repository: GitRepository, left: Publications, target: Target, wrong: Publication
    ) -> Publication | None:
        """Return the publication after this one, where it was compared with it."""
        after = left.after(wrong.edition)
        compared = compared_with(repository, left, target.base, after) if after else ""
        return after if compared == str(wrong) else None

    def _put_back(
        self, repository: GitRepository, left: Publications, wrong: Publication, back: Publication, base: str
    ) -> str:
        """Commit the tree of a publication, with the news of the withdrawal, and return the commit."""
        source = last_commit_of(repository, left, base, back)
        entries, ours = repository.entries(source), our_files(repository, source)
        tree = {path: entry for path, entry in entries.items() if ours is None or path in ours}
        notices = repository.files(source, [NEWS, SUMS])
        wanted, texts = with_withdrawals(repository, left.in_force(back), tree, notices)
        changes = compare(wanted, repository.entries(base), our_files(repository, base))
        repository.write_blobs(texts.values())
        written = {path: wanted[path] for path in (*changes.added, *changes.modified)}
        compared = compared_with(repository, left, base, back) or NOTHING
        said = f"Retrait de {wrong} : {back} est de nouveau publique\n\n{self.reason}"
        message = f"{said}\n\n{PUBLISHED}: {back}\n{COMPARED}: {compared}\n"
        return repository.write_commit(NewCommit(base, changes.removed, written, self.options.auteur, message))
