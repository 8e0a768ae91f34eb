"""Reads one workbook within bounds of time and memory: in a process of its own, which `child` is."""

from __future__ import annotations

import pickle
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from barometre_pipeline.spreadsheets.grids import Choice, UnreadableError, Workbook

_SECONDS = 60
_ROOT = str(Path(__file__).parents[2])
# Isolated from the folder and the variables of the caller, so it is told where the package is; it imports one format.
_PROGRAM = """
import sys
sys.path.insert(0, sys.argv[1])
from barometre_pipeline.spreadsheets.child import main
from {} import read
main(read)
"""


def read_apart(
    read: Callable[[bytes, Choice], None], content: bytes, wanted: Sequence[str], max_cells: int
) -> Workbook:
    """Return the sheets that are wanted, or the first visible filled one; UnreadableError says why they cannot be.

    `read` is that of a format's module.
    """
    command = [sys.executable, "-I", "-c", _PROGRAM.format(read.__module__), _ROOT, str(max_cells), *wanted]
    try:
        done = subprocess.run(command, input=content, capture_output=True, timeout=_SECONDS, check=False)
    except subprocess.TimeoutExpired:
        raise UnreadableError(f"it is not read after {_SECONDS} seconds: it is too large or damaged") from None
    if done.returncode or not done.stdout:
        raise UnreadableError("it is damaged, or needs more memory than is allowed")
    answer = pickle.loads(done.stdout)  # written by our own process just above
    if isinstance(answer, str):
        raise UnreadableError(answer)
    assert isinstance(answer, Workbook)
    return answer
