"""The branch of the depot that has the site at its root, as GitHub Pages serves it: it follows the main branch.

Its pages lead to data files, which are beside `site/` in the publication and beside the pages here: those that a page
leads to are there too, and its links one folder shorter. Everything else of the branch is as it was published.
"""

from __future__ import annotations

import hashlib
import posixpath
import re
from collections.abc import Mapping
from dataclasses import dataclass
from html import unescape
from urllib.parse import unquote

from barometre_pipeline.builds import SUMS, read_sums
from barometre_pipeline.depot.changing import Target, main_branch
from barometre_pipeline.depot.objects import Entry, NewCommit, compare, entry
from barometre_pipeline.depot.options import GitOptions
from barometre_pipeline.depot.remote import Refs
from barometre_pipeline.depot.repository import GitRepository
from barometre_pipeline.depot.tags import Publications
from barometre_pipeline.errors import PublicationError
from barometre_pipeline.publish.decision import PUBLISHED, our_files, public_publication, refuse_other_files

SITE = "site/"
_SOURCE = "Source"  # the line of a commit's message that says of which commit this is the site
_AS_IT_IS = ".nojekyll"  # to GitHub: these are the pages, nothing is to be made of them
_OUTWARD = re.compile(r'(?P<before>(?:href=|src=|"@id": ?)")(?P<up>(?:\.\./)+)(?P<path>[^"#?]+)')
_WITH_LINKS = (".html", ".jsonld")


@dataclass(frozen=True)
class SiteBranch:
    """The branch that the options name; `adopt`: it may have files that are not ours, which stay."""

    options: GitOptions
    adopt: bool = False

    def is_due(self, repository: GitRepository, refs: Refs, target: Target, head: str) -> bool:
        """Tell whether the branch is not said to be the site of what the main branch has."""
        source = self._source(refs, target, head)
        return source is not None and self._said(repository, refs) != source

    def made(self, repository: GitRepository, refs: Refs, target: Target, head: str) -> Mapping[str, str]:
        """Write the commit of the site that a commit has; PublicationError where the branch is not for that."""
        branch, source = self.options.branche_site or "", self._source(refs, target, head)
        if branch in (target.branch, main_branch(refs, self.options)):
            raise PublicationError(data_branch_sentence(branch))
        publication = public_publication(repository, source, Publications.of(refs.tags))
        if source is None or publication is None or self._said(repository, refs) == source:
            return {}
        wanted, texts = _rooted(repository, source)
        base, there, ours = refs.branches.get(branch), {}, None
        if base:
            there, ours = repository.entries(base), our_files(repository, base)
            if not ours and not self.adopt:
                refuse_other_files(repository, branch, base)
        changes = compare(wanted, there, ours)
        if not changes:
            return {}
        written = {path: wanted[path] for path in (*changes.added, *changes.modified)}
        repository.write_blobs(texts[path] for path in written if path in texts)
        message = f"Site de {publication}\n\n{PUBLISHED}: {publication}\n{_SOURCE}: {source}\n"
        commit = NewCommit(base, changes.removed, written, self.options.auteur, message)
        return {branch: repository.write_commit(commit)}

    def _source(self, refs: Refs, target: Target, head: str) -> str | None:
        """Return the commit whose site is public: what is under review is not."""
        return head if target.branch == main_branch(refs, self.options) else target.main

    def _said(self, repository: GitRepository, refs: Refs) -> str | None:
        """Return the commit of which the branch says that it is the site."""
        base = refs.branches.get(self.options.branche_site or "")
        return next((value for _, value in repository.lines_of_history(base, _SOURCE)), None) if base else None


def site_branch(options: GitOptions, adopt: bool = False) -> SiteBranch | None:
    """Return the branch of the site, None where none is asked for."""
    return SiteBranch(options, adopt) if options.branche_site else None


def data_branch_sentence(branch: str) -> str:
    """Say that the branch which is asked for is not free for a site."""
    return f"BAROMETRE_GIT_BRANCHE_SITE is {branch}, the branch of the data: give the site one of its own."


def _rooted(repository: GitRepository, commit: str) -> tuple[dict[str, Entry], dict[str, bytes]]:
    """Return the files of the site of a commit as they are at a root, and the contents of those that change."""
    entries, algorithm = repository.entries(commit), repository.object_format()
    own = {path.removeprefix(SITE): one for path, one in entries.items() if path.startswith(SITE)}
    linked: set[str] = set()
    texts = {_AS_IT_IS: b""}
    pages = [f"{SITE}{path}" for path in own if path.endswith(_WITH_LINKS)]
    for path, content in repository.files(commit, pages).items():
        page = path.removeprefix(SITE)
        texts[page] = _shortened(page, content.decode(), linked).encode()
    beside = {path: entries[path] for path in sorted(linked & entries.keys())}
    if twice := sorted(beside.keys() & own.keys()):
        raise PublicationError(f"{twice[0]} is a file of the site and one of the data: no branch can have both.")
    told = read_sums(repository.files(commit, [SUMS])[SUMS].decode())
    sums = {path: told[path] for path in beside} | {path: told[SITE + path] for path in own}
    sums |= {path: hashlib.sha256(content).hexdigest() for path, content in texts.items()}
    texts[SUMS] = "".join(f"{sums[path]}  {path}\n" for path in sorted(sums)).encode()
    return beside | own | {path: entry(content, algorithm) for path, content in texts.items()}, texts


def _shortened(path: str, text: str, linked: set[str]) -> str:
    """Return a page whose links out of the site lead to what is beside it, and note where they lead."""
    depth = path.count("/")

    def own(match: re.Match[str]) -> str:
        if match["up"].count("/") <= depth:
            return match[0]
        linked.add(posixpath.normpath(unquote(unescape(match["path"]))))
        return f"{match['before']}{'../' * depth}{match['path']}"

    return _OUTWARD.sub(own, text)
