"""The site made in a process of its own, while what reads the warehouse goes on here: both sides of that process.

What it is given and what it answers are in files: neither side waits for the other to read. A small edition is made
here and now, which takes less than the start of a process.
"""

from __future__ import annotations

import gc
import pickle
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator
from typing import IO

from barometre_pipeline.errors import PublicationError
from barometre_pipeline.publish.companions.contents import Contents
from barometre_pipeline.publish.site.data import SiteData
from barometre_pipeline.publish.site.making import made_site
from barometre_pipeline.publish.site.reading import read_site

_FEW = 500  # figures: their pages take less time than a process needs to import what makes them

Files = Iterable[tuple[str, bytes]]


def site_begun(contents: Contents) -> Callable[[], Files]:
    """Read the edition, have its site made, and return what gives its files by path, once they are wanted."""
    data = read_site(contents)
    if len(data.figures) <= _FEW:
        return lambda: made_site(data)
    return _Made(data).files


class _Made:
    """A process that makes a site; PublicationError says why it made none."""

    def __init__(self, data: SiteData) -> None:
        # Files without a name: they go with whichever process is the last to have them.
        question, self._answer, self._complaints = (tempfile.TemporaryFile() for _ in range(3))  # noqa: SIM115
        with question:
            pickle.dump(data, question)
            question.seek(0)
            command = [sys.executable, "-m", __name__]
            self._process = subprocess.Popen(command, stdin=question, stdout=self._answer, stderr=self._complaints)

    def files(self) -> Iterator[tuple[str, bytes]]:
        with self._answer, self._complaints:
            if self._process.wait():
                raise PublicationError(f"The site could not be made: {_last_line(self._complaints)}")
            self._answer.seek(0)
            yield from pickle.load(self._answer)  # our own process's, not a file's


def _last_line(complaints: IO[bytes]) -> str:
    complaints.seek(0)
    lines = complaints.read().decode(errors="replace").strip().splitlines()
    return lines[-1] if lines else "its process was stopped."


def _serve() -> None:
    gc.disable()  # a process of a few seconds, which keeps nearly all that it makes
    pickle.dump(list(made_site(pickle.load(sys.stdin.buffer))), sys.stdout.buffer)


if __name__ == "__main__":
    _serve()
