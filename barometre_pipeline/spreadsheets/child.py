"""Parses one workbook: bytes on standard input, a pickle of what was read on standard output.

A workbook can be made to ask for terabytes, or for hours: in a process of its own it takes only this one with it. It
imports little, as each workbook waits for it.
"""

from __future__ import annotations

import pickle
import sys
from collections.abc import Callable, Sequence

from barometre_pipeline.spreadsheets.grids import Choice, UnreadableError, Workbook

_MEMORY = 2 << 30  # bytes


def parse(read: Callable[[bytes, Choice], None], content: bytes, wanted: Sequence[str], max_cells: int) -> Workbook:
    """Return the sheets that are wanted, or the first visible filled one; UnreadableError says why they cannot be."""
    choice = Choice(wanted, max_cells)
    try:
        read(content, choice)
    except MemoryError:
        raise UnreadableError("it needs more memory than is allowed") from None
    except UnreadableError:
        raise
    except Exception as error:  # a parser raises what it meets on a damaged file, AssertionError included
        raise UnreadableError(f"{error}".splitlines()[0] if f"{error}" else type(error).__name__) from None
    return choice.workbook


def main(read: Callable[[bytes, Choice], None]) -> None:
    """Answer the workbook, or the text that says what is wrong with it."""
    _limit_resources()
    _, _, max_cells, *wanted = sys.argv
    answer: Workbook | str
    try:
        answer = parse(read, sys.stdin.buffer.read(), wanted, int(max_cells))
    except UnreadableError as error:
        answer = str(error)
    sys.stdout.buffer.write(pickle.dumps(answer, pickle.HIGHEST_PROTOCOL))


def _limit_resources() -> None:
    try:
        import resource

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    except (ImportError, ValueError, OSError):  # not every platform has these limits
        return
