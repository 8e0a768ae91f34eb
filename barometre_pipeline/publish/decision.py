"""What publishing a tree makes of a depot: on which commit, on the branch or beside it, under which tag, or nothing.

The greatest edition is the public one, whatever started the run: an older one gets its own commit and tag, and moves
nothing. A tag speaks of data: notices alone make a commit, the manifest alone makes nothing. Nothing is written here.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from barometre_pipeline.builds import MANIFEST, SUMS, read_sums
from barometre_pipeline.depot.changing import Target
from barometre_pipeline.depot.objects import Changes, Entry, compare
from barometre_pipeline.depot.remote import Refs
from barometre_pipeline.depot.repository import GitRepository
from barometre_pipeline.depot.tags import Publication, Publications
from barometre_pipeline.editions import Edition
from barometre_pipeline.errors import PublicationError, UsageError
from barometre_pipeline.publish.tree.manifest import is_data
from barometre_pipeline.publish.withdrawals import with_withdrawals

# The lines that end a commit's message: the publication, and the one that it was compared with.
PUBLISHED, COMPARED = "Publication", "Comparaison"
_NAMES_SHOWN = 3
NOTHING = "aucune"  # what an edition is compared with where there is none before it


@dataclass(frozen=True)
class Wishes:
    """What somebody asks knowingly: to go back to an older edition, to publish among files that are not ours."""

    replace: bool = False
    adopt: bool = False


NO_WISHES = Wishes()


@dataclass(frozen=True)
class Decision:
    """A commit to make on `parent`, or one to push that `exists`; `tag` is a new one, on that commit or on its parent.

    `publication` is what the commit's tree is, `public` what the branch is at afterwards: the same where it `moves`.
    `texts` are the contents that are in no file of the tree: the notices of withdrawals. `replaced` are the files of
    others that stand where ours are to be.
    """

    publication: Publication
    public: Publication
    parent: str | None
    moves: bool
    changes: Changes = field(default_factory=lambda: Changes([], [], []))
    wanted: Mapping[str, Entry] = field(default_factory=dict)
    texts: Mapping[str, bytes] = field(default_factory=dict)
    replaced: tuple[str, ...] = ()
    exists: str | None = None
    commits: bool = True
    tag: str | None = None

    def head(self, base: str) -> str:
        """Return what the branch is at where nothing is committed."""
        return self.exists or base if self.moves else base


def public_publication(repository: GitRepository, head: str | None, publications: Publications) -> Publication | None:
    """Return the publication that a branch is at: the one that the last commit of ours in its history names.

    Where the tree is of another edition, as after a merge that lost our line, the last publication of that edition.
    """
    _, found = _last_of_ours(repository, head)
    edition = _edition_of(repository, head) if head and found else None
    return publications.last(edition) or found if edition and found and edition != found.edition else found


def last_commit_of(repository: GitRepository, publications: Publications, head: str | None, one: Publication) -> str:
    """Return the last commit of a branch that is this publication, whose notices are the latest; else its tag's."""
    of_ours = repository.lines_of_history(head, PUBLISHED) if head else iter(())
    there = (commit for commit, value in of_ours if Publication.parse(value) == one)
    return next(there, publications.commits[one])


def _last_of_ours(repository: GitRepository, head: str | None) -> tuple[str | None, Publication | None]:
    for commit, value in repository.lines_of_history(head, PUBLISHED) if head else ():
        if found := Publication.parse(value):
            return commit, found
    return None, None


def _edition_of(repository: GitRepository, commit: str) -> Edition | None:
    """Return the edition that the manifest of a commit names, None where it has none that can be read."""
    try:
        return Edition.parse(json.loads(repository.files(commit, [MANIFEST])[MANIFEST])["edition"])
    except (KeyError, ValueError, TypeError, AttributeError, UsageError):
        return None


def branch_to_build_on(target: Target, publications: Publications) -> Target:
    """Return the target, at the greatest publication where the depot has lost its branch, or has none of this name."""
    standing = publications.standing
    if target.base is not None or not standing:
        return target
    return replace(target, base=publications.commits[standing[-1]])


def compared_with(repository: GitRepository, publications: Publications, head: str | None, one: Publication) -> str:
    """Return what a publication says that it was compared with; '' where it is of an earlier version of the program."""
    commit = last_commit_of(repository, publications, head, one)
    found = next(repository.lines_of_history(commit, COMPARED), None)
    return found[1] if found and found[0] == commit else ""


def outdated_sentence(one: Publication, compared: str) -> str:
    """Say that a publication is to be made again, since it was compared with another than the one before it."""
    return f"{one} was compared with {'nothing' if compared == NOTHING else compared}: run it again."


def decide(
    repository: GitRepository,
    refs: Refs,
    target: Target,
    edition: Edition,
    tree: tuple[Mapping[str, Entry], Mapping[str, bytes]],
    wishes: Wishes,
) -> Decision:
    """Return what to do of an edition's tree: git's entries of its files, and the contents of those that are notices.

    PublicationError where the branch has files that are not ours, and nobody said to publish among them.
    """
    publications = Publications.of(refs.tags)
    public = public_publication(repository, target.base, publications)
    if target.base and public is None and not wishes.adopt:
        refuse_other_files(repository, target.branch, target.base)
    moves = wishes.replace or public is None or edition >= public.edition
    parent = target.base if moves else publications.parent(edition)
    last = publications.last(edition)
    changed = last is None or _data_changed(repository, tree[0], publications.commits[last])
    publication = publications.next(edition) if last is None or changed else last
    wanted, texts = with_withdrawals(repository, publications.in_force(publication) if moves else [], *tree)
    changes = _changes(repository, wanted, parent)
    ours = our_files(repository, parent) if parent else None
    replaced = tuple(path for path in changes.modified if ours is not None and path not in ours)
    after = publication if moves or public is None else public
    tag = str(publication) if changed else None
    found = Decision(publication, after, parent, moves, changes, wanted, texts, replaced, tag=tag)
    return _without_needless_commit(repository, found, target, public, publications)


def _without_needless_commit(
    repository: GitRepository, found: Decision, target: Target, public: Publication | None, publications: Publications
) -> Decision:
    """Return a decision without the commit that a run made already, or that would say nothing new."""
    edition, same = found.publication.edition, public is not None and public.edition == found.publication.edition
    if same and public and not found.changes and public not in publications.commits:
        # Git's atomic push locks both references, but a server killed between its two renames keeps only one.
        return _made(found, target.base, str(public))
    last = publications.last(edition)
    if last and found.moves:
        commit = publications.commits[last]
        if repository.first_parent(commit) == target.base and not _changes(repository, found.wanted, commit):
            return _made(found, commit, None)
    nothing = {*found.changes.added, *found.changes.modified, *found.changes.removed} <= {MANIFEST, SUMS}
    if found.tag is None and (not found.moves or (same and nothing)):
        return _made(found, target.base, None)
    return found


def _made(found: Decision, commit: str | None, tag: str | None) -> Decision:
    return replace(found, changes=Changes([], [], []), exists=commit, commits=False, tag=tag)


def _changes(repository: GitRepository, wanted: Mapping[str, Entry], commit: str | None) -> Changes:
    if commit is None:
        return compare(wanted, {}, None)
    return compare(wanted, repository.entries(commit), our_files(repository, commit))


def _data_changed(repository: GitRepository, wanted: Mapping[str, Entry], commit: str) -> bool:
    changes = _changes(repository, wanted, commit)
    return any(map(is_data, (*changes.added, *changes.modified, *changes.removed)))


def our_files(repository: GitRepository, commit: str) -> set[str] | None:
    """Return the files of a commit that a publication wrote, as the checksums of the last one in its history list them.

    None: all, as of a publication that lists none. None of them where no publication is in its history.
    """
    published, _ = _last_of_ours(repository, commit)
    if published is None:
        return set()
    sums = repository.files(published, [SUMS]).get(SUMS)
    return {SUMS, *read_sums(sums.decode())} if sums else None


def first_names(paths: Sequence[str]) -> str:
    """Return the first of these names, for a sentence."""
    return ", ".join(paths[:_NAMES_SHOWN]) + (", …" if len(paths) > _NAMES_SHOWN else "")


def refuse_other_files(repository: GitRepository, branch: str, commit: str) -> None:
    """Raise PublicationError where the commit of a branch has files, none of which is ours."""
    others = sorted(path for path in repository.entries(commit) if not path.startswith("."))
    if others:
        raise PublicationError(
            f"The branch {branch} of the depot {repository.depot.url} has {len(others)} files that are not "
            f"ours ({first_names(others)}): nothing is published there. To publish among them, and leave them: "
            "--adopt; else give another depot, or another branch (BAROMETRE_GIT_BRANCHE)."
        )
