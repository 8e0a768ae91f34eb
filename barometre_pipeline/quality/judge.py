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
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from barometre_pipeline.errors import CheckError
from barometre_pipeline.quality.evaluation import Evaluation, evaluate
from barometre_pipeline.quality.gx_import import import_gx
from barometre_pipeline.quality.suites import Suite

Judge = Callable[[Path, list[Suite], Path | None, Path | None], Evaluation]  # as `evaluate` takes them


@contextmanager
def early_judge() -> Iterator[Judge]:
    """Give `evaluate`, ready sooner: in a process started now, or here where the import is already done."""
    if "great_expectations" in sys.modules:
        yield evaluate
        return
    with tempfile.TemporaryFile() as complaints:
        command = [sys.executable, "-m", __name__]
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=complaints)

        def judge(
            warehouse: Path, suites: list[Suite], docs: Path | None = None, found: Path | None = None
        ) -> Evaluation:
            answer, _ = process.communicate(pickle.dumps((warehouse, suites, docs, found)))
            if process.returncode:
                raise CheckError(f"The rules could not be evaluated: {_last_line(complaints)}")
            judged: Evaluation = pickle.loads(answer)  # our own process's, not a file's
            return judged

        try:
            yield judge
        finally:
            process.kill()
            process.wait()


def _last_line(complaints: IO[bytes]) -> str:
    complaints.seek(0)
    lines = complaints.read().decode(errors="replace").strip().splitlines()
    # A traceback may end with marks (^^^^) below a line of code.
    said = (line.strip() for line in reversed(lines) if any(character.isalnum() for character in line))
    return next(said, "their process was stopped.")


def _serve() -> None:
    """Import, wait for what to judge, judge it, give the answer on what was the standard output."""
    gc.disable()  # a process of a few seconds: looking for garbage in what it imports took a fifth of them
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # what a library prints must not mix with the answer
    import_gx()
    question = sys.stdin.buffer.read()
    if question:  # none where the run ended before its gate
        answers.write(pickle.dumps(evaluate(*pickle.loads(question))))
        answers.close()


if __name__ == "__main__":
    _serve()
