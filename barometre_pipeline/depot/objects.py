"""Git's objects, without git: what it calls a file, how two trees differ, what `git fast-import` reads to write some.

Running git is in `repository`, what to do of the changes is decided in `publication`.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from queue import Empty, SimpleQueue

from barometre_pipeline.errors import PublicationError

REGULAR = "100644"
Entry = tuple[str, str]  # mode, blob


@dataclass(frozen=True)
class NewCommit:
    """A commit to write on `parent`: `removed` paths, then `written` ones, whose contents `write_blobs` has written."""

    parent: str | None
    removed: Iterable[str]
    written: Mapping[str, Entry]
    author: str
    message: str


def blob_stream(files: SimpleQueue[Path | bytes]) -> Iterator[bytes]:
    """Take files, or contents, of this queue until there are none, and give the contents of each."""
    with suppress(Empty):
        while True:
            file = files.get_nowait()
            yield b"blob\n"
            yield from _data(file if isinstance(file, bytes) else _content(file))
    yield b"done\n"


def _content(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise PublicationError(f"{file} cannot be read while it is published: {error.strerror}.") from error


def commit_stream(new: NewCommit, reference: str) -> Iterator[bytes]:
    """Give a commit, kept under this reference."""
    yield f"commit {reference}\nauthor {new.author} now\ncommitter {new.author} now\n".encode()
    yield from _data(new.message.encode())
    if new.parent:
        yield f"from {new.parent}\n".encode()
    for path in new.removed:
        yield b"D " + _quoted(path) + b"\n"
    for path, (mode, blob) in new.written.items():
        yield f"M {mode} {blob} ".encode() + _quoted(path) + b"\n"
    yield b"done\n"


def tag_stream(name: str, target: str, author: str, message: str) -> Iterator[bytes]:
    """Give an annotated tag of a commit."""
    yield f"tag {name}\nfrom {target}\ntagger {author} now\n".encode()
    yield from _data(message.encode())
    yield b"done\n"


def _data(content: bytes) -> Iterator[bytes]:
    yield b"data %d\n" % len(content)
    yield content
    yield b"\n"


def _quoted(path: str) -> bytes:
    escaped = re.sub(r'(["\\])', r"\\\1", path).replace("\n", "\\n")
    return b'"' + os.fsencode(escaped) + b'"'


@dataclass(frozen=True)
class Changes:
    """The paths that a commit must add, modify and remove; its length is their number."""

    added: list[str]
    modified: list[str]
    removed: list[str]

    def __len__(self) -> int:
        return len(self.added) + len(self.modified) + len(self.removed)


def file_entries(source: Path, algorithm: str = "sha1") -> dict[str, Entry]:
    """Return what git calls each file of a folder: path → (mode, blob); PublicationError when it has none.

    `algorithm` is that of the repository: sha1 or sha256.
    """
    files = {p.relative_to(source).as_posix(): p for p in sorted(source.rglob("*")) if p.is_file()}
    if not files:
        raise PublicationError(f"{source} has no files: build the edition before publishing it.")
    return {path: entry(file.read_bytes(), algorithm) for path, file in files.items()}


def entry(content: bytes, algorithm: str = "sha1") -> Entry:
    """Return what git calls a file of this content: a regular one, and its digest."""
    return REGULAR, hashlib.new(algorithm, b"blob %d\0%s" % (len(content), content)).hexdigest()


def compare(wanted: Mapping[str, Entry], there: Mapping[str, Entry], ours: Collection[str] | None) -> Changes:
    """Return what turns the files of a commit into those wanted; of the others, only `ours` are removed.

    None: all are ours, but for what begins with a dot at the root (`.github`, `.gitlab-ci.yml`…).
    """
    others = there.keys() - wanted.keys()
    return Changes(
        added=sorted(wanted.keys() - there.keys()),
        modified=sorted(path for path in wanted.keys() & there.keys() if wanted[path] != there[path]),
        removed=sorted(p for p in others if (p in ours if ours is not None else not p.startswith("."))),
    )
