"""A process of its own that imports Great Expectations while the deliveries are being read, then judges.

The import takes seconds and half of the machine: started with the run, it is over when the gate is reached.
This module is both sides: the run's (`early_judge`), and the process's (`python -m`).
"""

from __future__ import annotations

import gc
import os
import pickle
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from barometre_pipeline.errors import CheckError
from barometre_pipeline.quality.evaluation import Evaluation, evaluate
from barometre_pipeline.quality.gx_import import import_gx
from barometre_pipeline.quality.suites import Suite

Judge = Callable[[Path, list[Suite], Path | None, Path | None], Evaluation]  # as `evaluate` takes them


@contextmanager
def early_judge(builds: int = 1) -> Iterator[Judge]:
    """Give `evaluate`, ready sooner: in a process started now, or here where the import is already done.

    That process ends with the last of so many builds: it holds 300 MB, which what comes after the gate may need.
    """
    if "great_expectations" in sys.modules:
        yield evaluate
        return
    with tempfile.TemporaryFile() as complaints:
        command = [sys.executable, "-m", __name__]
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=complaints)
        assert process.stdin and process.stdout
        questions, answers, left = process.stdin, process.stdout, builds

        def end() -> None:
            process.kill()
            with suppress(OSError):  # what it was asked, where it ended before it had read all of it
                questions.close()
            answers.close()
            process.wait()

        def judge(
            warehouse: Path, suites: list[Suite], docs: Path | None = None, found: Path | None = None
        ) -> Evaluation:
            nonlocal left
            if not left:  # tried again
                return evaluate(warehouse, suites, docs, found)
            try:
                pickle.dump((warehouse, suites, docs, found), questions)
                questions.flush()
                judged: Evaluation = pickle.load(answers)  # our own process's, not a file's
            except (OSError, EOFError, pickle.UnpicklingError):
                process.wait()
                raise CheckError(f"The rules could not be evaluated: {_last_line(complaints)}") from None
            left -= 1
            if not left:
                end()
            return judged

        try:
            yield judge
        finally:
            end()


def _last_line(complaints: IO[bytes]) -> str:
    complaints.seek(0)
    lines = complaints.read().decode(errors="replace").strip().splitlines()
    # A traceback may end with marks (^^^^) below a line of code.
    said = (line.strip() for line in reversed(lines) if any(character.isalnum() for character in line))
    return next(said, "their process was stopped.")


def _serve() -> None:
    """Import, then judge each build that is asked about, and give the answer on what was the standard output."""
    gc.disable()  # looking for garbage in what it imports, and in one judgment, took a fifth of their time
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # what a library prints must not mix with the answer
    import_gx()
    with suppress(EOFError):  # nobody asks any more
        while True:
            pickle.dump(evaluate(*pickle.load(sys.stdin.buffer)), answers)
            answers.flush()
            gc.collect()


if __name__ == "__main__":
    _serve()
