"""What `git fast-import` reads (see its manual), piece by piece: contents, a commit, a tag.

Nothing is run here: that is in `git_repository`.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Mapping
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


def blob_stream(files: SimpleQueue[Path]) -> Iterator[bytes]:
    """Take files of this queue until there are none, and give the contents of each."""
    with suppress(Empty):
        while True:
            file = files.get_nowait()
            try:
                content = file.read_bytes()
            except OSError as error:
                raise PublicationError(f"{file} cannot be read while it is published: {error.strerror}.") from error
            yield b"blob\n"
            yield from _data(content)
    yield b"done\n"


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
