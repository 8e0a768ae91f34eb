"""Files made in a process of its own, while what reads the warehouse goes on here: both sides of that process.

What it is given and what it answers are in files: neither side waits for the other to read. What is made, and of which
data, is the business of those who ask.
"""

from __future__ import annotations

import gc
import pickle
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator
from typing import IO, TypeVar

from barometre_pipeline.errors import PublicationError

Files = Iterable[tuple[str, bytes]]
Data = TypeVar("Data")


def made_apart(make: Callable[[Data], Files], data: Data, what: str) -> Callable[[], Files]:
    """Have files made of these data, and return what gives them by path, once they are wanted.

    `make` is a function of a module, `what` names the files in the sentence that says why there are none.
    """
    return _Made((make, data), what).files


class _Made:
    """A process that makes files; PublicationError says why it made none."""

    def __init__(self, asked: object, what: str) -> None:
        self._what = what
        # Files without a name: they go with whichever process is the last to have them.
        question, self._answer, self._complaints = (tempfile.TemporaryFile() for _ in range(3))  # noqa: SIM115
        with question:
            pickle.dump(asked, question)
            question.seek(0)
            command = [sys.executable, "-m", __name__]
            self._process = subprocess.Popen(command, stdin=question, stdout=self._answer, stderr=self._complaints)

    def files(self) -> Iterator[tuple[str, bytes]]:
        with self._answer, self._complaints:
            if self._process.wait():
                raise PublicationError(f"{self._what} could not be made: {_last_line(self._complaints)}")
            self._answer.seek(0)
            yield from pickle.load(self._answer)  # our own process's, not a file's


def _last_line(complaints: IO[bytes]) -> str:
    complaints.seek(0)
    lines = complaints.read().decode(errors="replace").strip().splitlines()
    return lines[-1] if lines else "its process was stopped."


def _serve() -> None:
    gc.disable()  # a process of a few seconds, which keeps nearly all that it makes
    make, data = pickle.load(sys.stdin.buffer)
    pickle.dump(list(make(data)), sys.stdout.buffer)


if __name__ == "__main__":
    _serve()
