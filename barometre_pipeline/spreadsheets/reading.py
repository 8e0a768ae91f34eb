"""Parses one workbook, whatever its format: what a parser meets on a damaged file becomes a sentence.

A workbook can be made to ask for terabytes, or for hours: who reads other people's bounds the process that does it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from barometre_pipeline.spreadsheets.grids import Choice, UnreadableError, Workbook


def parsed(read: Callable[[bytes, Choice], None], content: bytes, wanted: Sequence[str], max_cells: int) -> Workbook:
    """Return the sheets that are wanted, or the first visible filled one; UnreadableError says why they cannot be.

    `read` is that of a format's module.
    """
    choice = Choice(wanted, max_cells)
    try:
        read(content, choice)
    except (UnreadableError, MemoryError):
        raise
    except Exception as error:  # a parser raises what it meets on a damaged file, AssertionError included
        met = next(iter(f"{error}".splitlines()), "")
        raise UnreadableError(f"it is damaged{f' ({met})' if met else ''}; have it delivered again") from None
    return choice.workbook
