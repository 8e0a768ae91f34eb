"""Publishes a built tree to the git depot: one commit and one tag a change, pushed together, or nothing.

What is true is asked of the depot each time, never of a record of our own: a run killed anywhere is finished by the
next one. What is to be committed, and where, is decided in `decision`; the depot is changed by `depot.changing`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from barometre_pipeline.builds import SUMS
from barometre_pipeline.depot.changing import Change, DepotChange, Target
from barometre_pipeline.depot.objects import Entry, NewCommit, file_entries
from barometre_pipeline.depot.options import Depot, GitOptions
from barometre_pipeline.depot.remote import Refs
from barometre_pipeline.depot.repository import GitRepository
from barometre_pipeline.depot.tags import Publications
from barometre_pipeline.editions import Edition
from barometre_pipeline.publish.companions.news import as_message
from barometre_pipeline.publish.decision import (
    COMPARED,
    NO_WISHES,
    NOTHING,
    PUBLISHED,
    Decision,
    Wishes,
    branch_to_build_on,
    compared_with,
    decide,
    first_names,
    outdated_sentence,
)
from barometre_pipeline.publish.journal import Journal
from barometre_pipeline.publish.site_branch import site_branch
from barometre_pipeline.publish.withdrawals import NEWS


@dataclass(frozen=True)
class Published:
    """What a publication did: `commit` and `tag` are None when nothing had to be made.

    `head` is the commit of the branch, whose publication is the `public` one; `publication` is the edition's own;
    `outdated` says which one compares with a publication that this one replaces; `replaced` are the files of others,
    which the history keeps, in whose place ours are.
    """

    head: str
    branch: str
    publication: str
    public: str
    commit: str | None = None
    tag: str | None = None
    changed_files: int = 0
    replaced: tuple[str, ...] = ()
    outdated: str | None = None

    @property
    def unchanged(self) -> bool:
        """Say whether the depot had this edition already."""
        return self.commit is None and self.tag is None


def publish_tree(
    source: Path,
    clone: Path,
    depot: str,
    edition: Edition,
    options: GitOptions,
    entries: Mapping[str, Entry] | None = None,
    figures: Mapping[str, object] | None = None,
    journal: Journal | None = None,
    wishes: Wishes = NO_WISHES,
    compared_with: str | None = None,
    compared_here: Callable[[Edition], str | None] = lambda edition: None,
    before_push: Callable[[], None] = lambda: None,
) -> Published:
    """Give the depot the edition whose files are in `source`, and make the folder `clone` one of its public edition.

    `entries` are what git calls the files of `source`, where that is already known; `figures` more fields for the
    message, such as the number of values; `compared_with` the tag of the publication that the edition was compared
    with; `compared_here` tells the same of the build that the home has of another edition; `before_push` raises where
    nothing may be pushed any more. PublicationError when the depot refuses, keeps moving, or has files that are not
    ours.
    """
    address = Depot.parse(depot, credentials=options.credentials, secrets=options.secrets, umask=options.umask)
    wanted = entries or file_entries(source)
    job = _Job(source, wanted, edition, options, figures or {}, journal, wishes, compared_with, compared_here)
    beside = site_branch(options, wishes.adopt)
    published = DepotChange(clone, address, options, job.work, job.at_rest, beside, before_push).make()
    job.record("push", address, published)
    return published


@dataclass(frozen=True)
class _Job:
    source: Path
    entries: Mapping[str, Entry]
    edition: Edition
    options: GitOptions
    figures: Mapping[str, object]
    journal: Journal | None
    wishes: Wishes
    compared_with: str | None
    compared_here: Callable[[Edition], str | None]

    def at_rest(self, repository: GitRepository, refs: Refs, target: Target) -> Published | None:
        """Tell what the depot has where it has the edition, None where there is something to do."""
        decision = self._decision(repository, refs, target)
        if decision.commits or decision.tag or target.base is None or decision.head(target.base) != target.base:
            return None
        return self._published(repository, refs, target, decision, target.base)

    def work(self, repository: GitRepository, refs: Refs, target: Target) -> Change[Published]:
        """Make the commit and the tag in a clone."""
        target = branch_to_build_on(target, Publications.of(refs.tags))
        decision = self._decision(repository, refs, target)
        made = self._commit(repository, decision) if decision.commits else decision.exists or target.base or ""
        if decision.tag:
            repository.write_tag(decision.tag, made, self.options.auteur, f"{self._message(decision)}\n")
        head = made if decision.moves else target.base or made
        published = self._published(repository, refs, target, decision, made)
        self.record("commit", repository.depot, published)
        return Change(head, (decision.tag,) if decision.tag else (), published)

    def record(self, step: str, depot: Depot, published: Published) -> None:
        """Write down what was done."""
        if self.journal:
            self.journal.record(step, depot=depot.url, published_as=published.publication, **asdict(published))

    def _decision(self, repository: GitRepository, refs: Refs, target: Target) -> Decision:
        notices = {name: (self.source / name).read_bytes() for name in (NEWS, SUMS) if name in self.entries}
        algorithm = repository.object_format()
        entries = self.entries if algorithm == "sha1" else file_entries(self.source, algorithm)
        return decide(repository, refs, target, self.edition, (entries, notices), self.wishes)

    def _commit(self, repository: GitRepository, decision: Decision) -> str:
        changes = decision.changes
        written = {path: decision.wanted[path] for path in (*changes.added, *changes.modified)}
        repository.write_blobs(decision.texts.get(path, self.source / path) for path in written)
        trailers = f"{PUBLISHED}: {decision.publication}\n{COMPARED}: {self.compared_with or NOTHING}\n"
        text = f"{self._message(decision)}{_told_in_french(decision.replaced)}\n\n{trailers}"
        return repository.write_commit(NewCommit(decision.parent, changes.removed, written, self.options.auteur, text))

    def _message(self, decision: Decision) -> str:
        news = self.source / NEWS
        told = as_message(news.read_text("utf-8")) if NEWS in self.entries else ""
        return "\n\n".join(filter(None, (self._title(decision), told)))

    def _title(self, decision: Decision) -> str:
        changes = decision.changes
        return self.options.written_message(
            {
                **self.figures,
                "edition": str(self.edition),
                "etiquette": str(decision.publication),
                "fichiers": len(self.entries),
                "ajoutes": len(changes.added),
                "modifies": len(changes.modified),
                "supprimes": len(changes.removed),
            }
        )

    def _published(
        self, repository: GitRepository, refs: Refs, target: Target, decision: Decision, made: str
    ) -> Published:
        return Published(
            head=made if decision.moves else target.base or made,
            branch=target.branch,
            publication=str(decision.publication),
            public=str(decision.public),
            commit=made if decision.commits or decision.exists not in (None, target.base) else None,
            tag=decision.tag,
            changed_files=len(decision.changes),
            replaced=decision.replaced if decision.commits else (),
            outdated=self._outdated(repository, refs, target, decision),
        )

    def _outdated(self, repository: GitRepository, refs: Refs, target: Target, decision: Decision) -> str | None:
        """Say which publication was compared with another one than this, which is now before it."""
        publications, one = Publications.of(refs.tags), str(decision.publication)
        after = publications.after(self.edition)
        if after is None or (after != decision.public and self.compared_here(after.edition) == one):
            return None  # of one that is not public, a new comparison publishes nothing
        compared = compared_with(repository, publications, target.base, after)
        return outdated_sentence(after, compared) if compared not in ("", one) else None


def _told_in_french(replaced: Sequence[str]) -> str:
    """Return the paragraph of a commit's message about the files of others in whose place it puts ours."""
    if not replaced:
        return ""
    one = "un fichier qui n'était pas du baromètre (l'historique le garde)"
    several = f"{len(replaced)} fichiers qui n'étaient pas du baromètre (l'historique les garde)"
    return f"\n\nRemplace {one if len(replaced) == 1 else several} : {first_names(replaced)}"
