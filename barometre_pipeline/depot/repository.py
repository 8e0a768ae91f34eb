"""A clone of the depot: fetch, compare, commit a tree with its tag, push, check out.

Commits are written by `git fast-import`: in packs, with no index and no work tree, so that the bytes committed are the
bytes given, and a process killed meanwhile leaves nothing behind. When to commit is decided in `publication`.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from queue import SimpleQueue
from types import MappingProxyType

from barometre_pipeline.depot.command import GitError, run_git
from barometre_pipeline.depot.objects import Entry, NewCommit, blob_stream, commit_stream, tag_stream
from barometre_pipeline.depot.options import Depot
from barometre_pipeline.depot.remote import Refs, object_format
from barometre_pipeline.resources.atomic import discard
from barometre_pipeline.resources.modes import PUBLIC_UMASK, make_public

_COMPRESSORS = 2
NOTHING_BESIDE: Mapping[str, str] = MappingProxyType({})
_WORKING_REF = "refs/barometre/publication"
_FETCHED = ("+refs/heads/*:refs/remotes/origin/*", "+refs/tags/*:refs/tags/*")


class GitRepository:
    """A clone in a folder, its `.git` inside; made by `clone` or `rebuild`, used by nobody else meanwhile."""

    def __init__(self, folder: Path, depot: Depot) -> None:
        self.folder = folder
        self.depot = depot

    def _git(
        self,
        *arguments: str,
        stdin: Iterable[bytes] | None = None,
        network: bool = False,
        umask: int | None = PUBLIC_UMASK,
    ) -> bytes:
        # Named, never searched for: git would otherwise find the repository of a folder above.
        place = (f"--git-dir={self.folder / '.git'}", f"--work-tree={self.folder}")
        depot = self.depot if network else None
        return run_git(*arguments, place=place, folder=self.folder, stdin=stdin, depot=depot, umask=umask)

    def _line(self, *arguments: str) -> str:
        return self._git(*arguments).decode().strip()

    def clone(self) -> None:
        """Make the clone anew, without a work tree."""
        discard(self.folder)
        self.folder.parent.mkdir(parents=True, exist_ok=True)
        # Even from a path, through the transport: the objects arrive in a pack, which `rebuild` takes over.
        options = ("--progress", "--no-checkout", "--no-local")
        run_git("clone", *options, "--", self.depot.url, str(self.folder), depot=self.depot, umask=PUBLIC_UMASK)
        if not self._line("for-each-ref") and (algorithm := object_format(self.depot)) != self.object_format():
            # Before its version 2.41, git makes the clone of a depot without commits a sha1 one, whatever the depot is.
            branch = self._line("symbolic-ref", "--short", "HEAD")
            self._initialise(algorithm, f"--initial-branch={branch}")
        self._keep_bytes()

    def rebuild(self, standing: Path) -> None:
        """Make the clone anew from the objects of an older one, then fetch what it lacks."""
        self._initialise(GitRepository(standing, self.depot).object_format())
        git_folder, older = self.folder / ".git", standing / ".git"
        _link_files(older / "objects" / "pack", git_folder / "objects" / "pack")
        _link_files(older / "refs", git_folder / "refs")
        if (older / "packed-refs").is_file():
            _link(older / "packed-refs", git_folder / "packed-refs")
        self._keep_bytes()
        self._git("fetch", "--progress", "--prune", "--force", "origin", *_FETCHED, network=True)

    def _initialise(self, algorithm: str, *options: str) -> None:
        discard(self.folder)
        run_git("init", "--quiet", f"--object-format={algorithm}", *options, str(self.folder), umask=PUBLIC_UMASK)
        self._git("remote", "add", "origin", self.depot.url)

    def object_format(self) -> str:
        """Return the algorithm by which objects are named here, and in the depot: sha1 or sha256."""
        return self._line("rev-parse", "--show-object-format")

    def fetch_only(self, references: Iterable[str]) -> None:
        """Make a repository that has what these branches and tags (`refs/…`) name, and nothing of its history."""
        self._initialise(object_format(self.depot))
        self._git("fetch", "--progress", "--depth=1", "--no-tags", "origin", *references, network=True)

    def fetch_history(self, branches: Iterable[str]) -> None:
        """Fetch all the history of these branches (`refs/heads/…`), of which there is only the last commit."""
        everything = "--depth=2147483647"  # unlike --unshallow, no error where it was all there
        self._git("fetch", "--progress", everything, "--no-tags", "origin", *branches, network=True)

    def _keep_bytes(self) -> None:
        # The depot may have a .gitattributes: it must not change a byte on the way to the work tree.
        attributes = self.folder / ".git" / "info" / "attributes"
        attributes.parent.mkdir(exist_ok=True)
        attributes.write_text("* -text -filter -ident -working-tree-encoding\n")

    def refs(self) -> Refs:
        """Return the depot's branches and tags as last fetched, and the branch that HEAD names."""
        branches: dict[str, str] = {}
        tags: dict[str, str] = {}
        form = "%(refname)%00%(objectname)%00%(*objectname)"
        for line in self._line("for-each-ref", f"--format={form}", "refs/remotes/origin", "refs/tags").splitlines():
            name, target, peeled = line.split("\0")
            if name.startswith("refs/tags/"):
                tags[name.removeprefix("refs/tags/")] = peeled or target
            elif name != "refs/remotes/origin/HEAD":
                branches[name.removeprefix("refs/remotes/origin/")] = target
        return Refs(branches, tags, self._line("symbolic-ref", "--short", "HEAD"))

    def entries(self, commit: str) -> dict[str, Entry]:
        """Return the files of a commit: path → (mode, blob)."""
        listing = self._git("ls-tree", "-r", "-z", commit).decode(errors="surrogateescape")
        found = (line.split("\t", 1) for line in listing.split("\0") if line)
        return {path: (facts.split()[0], facts.split()[2]) for facts, path in found}

    def files(self, commit: str, paths: Sequence[str]) -> dict[str, bytes]:
        """Return the contents of these files of a commit, by path, those that it has."""
        asked = "".join(f"{commit}:{path}\n" for path in paths).encode()
        answer, found, at = self._git("cat-file", "--batch", stdin=[asked]), {}, 0
        for path in paths:
            end = answer.index(b"\n", at)
            facts, at = answer[at:end], end + 1
            if not facts.endswith(b" missing"):
                size = int(facts.split()[2])
                found[path], at = answer[at : at + size], at + size + 1
        return found

    def has(self, commits: Iterable[str]) -> bool:
        """Say whether all these commits are here."""
        asked = "".join(f"{commit}^{{commit}}\n" for commit in commits).encode()
        return b" missing" not in self._git("cat-file", "--batch-check", stdin=[asked])

    def is_of_its_depot(self) -> bool:
        """Say whether it is there, and a clone of the depot."""
        with suppress(GitError):
            return self.folder.is_dir() and self._line("config", "--get", "remote.origin.url") == self.depot.url
        return False

    def first_parent(self, commit: str) -> str | None:
        """Return the first parent of a commit, None for the first one of all."""
        return next(iter(self._line("log", "-1", "--format=%P", commit).split()), None)

    def lines_of_history(self, commit: str, key: str) -> Iterator[tuple[str, str]]:
        """Yield the commits of a history with a `Key: value` line, the last first, each with its last such value.

        Anywhere in the message: who merges a branch may have put more below it.
        """
        told = self._git("log", "--topo-order", f"--grep=^{key}: ", "--format=%H%x00%B%x00", commit, "--").decode()
        hashes_and_messages = told.split("\0")[:-1]
        for name, message in zip(hashes_and_messages[::2], hashes_and_messages[1::2], strict=True):
            yield name.strip(), re.findall(rf"^{key}: *(.*?) *$", message, re.MULTILINE)[-1]

    def tag_message(self, name: str) -> str:
        """Return the message of an annotated tag."""
        return self._line("for-each-ref", "--format=%(contents)", f"refs/tags/{name}")

    def contains(self, commit: str, ancestor: str) -> bool:
        """Say whether a commit has the other one in its history."""
        return not self._line("rev-list", "--max-count=1", ancestor, f"^{commit}", "--")

    def write_blobs(self, files: Iterable[Path | bytes]) -> None:
        """Write these contents, which no commit holds yet: compressed by two processes, side by side."""
        left: SimpleQueue[Path | bytes] = SimpleQueue()
        for file in files:
            left.put(file)
        with ThreadPoolExecutor(_COMPRESSORS) as pool:
            done = [pool.submit(self._fast_import, blob_stream(left)) for _ in range(_COMPRESSORS)]
        for one in done:
            one.result()

    def write_commit(self, new: NewCommit) -> str:
        """Write a commit that no branch holds yet, and return its id."""
        self._fast_import(commit_stream(new, _WORKING_REF))
        return self._line("rev-parse", "--verify", f"{_WORKING_REF}^{{commit}}")

    def _fast_import(self, stream: Iterable[bytes]) -> None:
        # Without deltas between files: twice as fast, for a tenth more bytes.
        options = ("--quiet", "--force", "--done", "--depth=0", "--date-format=now")
        self._git("fast-import", *options, stdin=stream)

    def write_tag(self, name: str, commit: str, author: str, message: str) -> None:
        """Write an annotated tag on a commit, replacing one that was never pushed."""
        self._fast_import(tag_stream(name, commit, author, message))

    def push(
        self,
        commit: str,
        branch: str | None,
        tags: Iterable[str],
        replacing: str | None = None,
        beside: Mapping[str, str] = NOTHING_BESIDE,
    ) -> None:
        """Push a commit to a branch, tags and other branches with it, all or none; `replacing` may be lost."""
        lease = [f"--force-with-lease=refs/heads/{branch}:{replacing}"] if replacing else []
        references = [f"{commit}:refs/heads/{branch}"] if branch else []
        references += [f"{made}:refs/heads/{name}" for name, made in beside.items()]
        references += [f"refs/tags/{tag}:refs/tags/{tag}" for tag in tags]
        self._git("push", "--progress", "--atomic", *lease, "origin", *references, network=True, umask=self.depot.umask)

    def fill_work_tree(self, commit: str) -> None:
        """Make the work tree that of a commit, which no branch needs hold yet."""
        self._git("read-tree", "-v", "--reset", "-u", commit)  # -v: it says how far it is

    def show_branch(self, branch: str, commit: str) -> None:
        """Put HEAD on a branch that follows the depot's, at the commit of the work tree."""
        for name in (f"refs/remotes/origin/{branch}", f"refs/heads/{branch}"):
            self._git("update-ref", name, commit)
        self._git("symbolic-ref", "HEAD", f"refs/heads/{branch}")
        self._git("config", f"branch.{branch}.remote", "origin")
        self._git("config", f"branch.{branch}.merge", f"refs/heads/{branch}")
        with suppress(GitError):
            self._git("update-ref", "-d", _WORKING_REF)
        make_public(self.folder / ".git")  # the work tree is so already: git made it

    def is_at(self, branch: str, commit: str) -> bool:
        """Say whether the work tree is whole, on this branch and at this commit, and the clone is the depot's."""
        if any((self.folder / ".git").glob("*.lock")):
            return False
        with suppress(GitError):
            return (
                self.is_of_its_depot()
                and self._line("symbolic-ref", "HEAD") == f"refs/heads/{branch}"
                and self._line("rev-parse", "HEAD") == commit
                and not self._git("status", "--porcelain", "--ignored", "--untracked-files=all")
            )
        return False


def _link_files(source: Path, target: Path) -> None:
    # Git never writes in these files again: it makes new ones and renames them.
    for folder, _, names in os.walk(source):
        place = target / Path(folder).relative_to(source)
        place.mkdir(parents=True, exist_ok=True)
        for name in names:
            if not name.endswith((".lock", ".keep")) and not name.startswith("tmp_"):
                _link(Path(folder) / name, place / name)


def _link(source: Path, target: Path) -> None:
    try:
        os.link(source, target)
    except OSError:  # a file system without hard links
        shutil.copyfile(source, target)
