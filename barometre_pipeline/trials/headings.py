"""Which rows of a file are its headings, seen in what they hold and in what is below: one row, or several joined.

How headings of two rows are joined is told in `formats.sheets`; what the columns hold, in `recognition`.
"""

from __future__ import annotations

from collections.abc import Sequence

from barometre_pipeline.formats.cells import Cell, clean, is_empty, text_of
from barometre_pipeline.formats.sheets import joined_headings
from barometre_pipeline.trials.recognition import NUMBER_MARKS, is_number, one_date_format

Numbered = tuple[int, Sequence[Cell]]


def heading_lines(rows: Sequence[Numbered]) -> list[int]:
    """Return the number of the row of headings; of both, where only two rows together name the columns."""
    lines = _two_lines(rows)
    return [*lines, *_names_of_an_index(rows, lines)] if lines else [_one_line(rows)]


def _one_line(rows: Sequence[Numbered]) -> int:
    """Return the number of the first row that looks like headings: nearly as wide as the table, each cell another."""
    widths = [_filled(row) for _, row in rows]
    enough = 0.6 * max(widths, default=0)
    for (line, row), width in zip(rows, widths, strict=True):
        texts = _texts(row)
        if width >= enough and len(set(texts)) == len(texts) and not all(text.isdigit() for text in texts):
            return line
    return rows[0][0] if rows else 1


def _two_lines(rows: Sequence[Numbered]) -> list[int]:
    """Return the first two rows below titles of one cell, where the upper one spans columns of the lower one."""
    for (line, upper), (next_line, lower), (_, below) in zip(rows, rows[1:], rows[2:], strict=False):
        if _filled(upper) > 1 or (_filled(upper) == 1 and is_empty(upper[0])):
            return [line, next_line] if next_line == line + 1 and _are_headings(upper, lower, below) else []
    return []


def _names_of_an_index(rows: Sequence[Numbered], lines: list[int]) -> list[int]:
    """Return the row below two of headings that names only the columns which they leave without one, as pandas does."""
    found = [row for number, row in rows if lines[0] <= number <= lines[-1] + 1]
    if len(found) < 3:
        return []
    width = max(map(len, found))
    upper, lower, below = ([*row, *[None] * (width - len(row))] for row in found)
    named = [i for i in range(width) if not is_empty(below[i])]
    are_words = all(isinstance(below[i], str) and not _is_number(below[i]) for i in named)
    unnamed = all(is_empty(upper[i]) and is_empty(lower[i]) for i in named)
    return [lines[-1] + 1] if named and are_words and unnamed else []


def _are_headings(upper: Sequence[Cell], lower: Sequence[Cell], below: Sequence[Cell]) -> bool:
    width = max(map(len, (upper, lower, below)))
    upper, lower, below = ([*row, *[None] * (width - len(row))] for row in (upper, lower, below))
    joined = joined_headings([list(upper), list(lower)])
    first = next(i for i, cell in enumerate(upper) if not is_empty(cell))
    under = [i for i in range(first, width) if not is_empty(lower[i])]
    texts = _texts(joined)
    if len(set(texts)) < len(texts) or not any(is_empty(upper[i]) for i in under):
        return False
    both = [i for i in under if clean(text_of(joined[i])) != clean(text_of(lower[i]))]
    if one_date_format([joined[i] for i in both]):
        return True
    # Without dates: words that one row alone does not tell apart, or does not have, above at least one number.
    alone = _texts([lower[i] for i in under])
    needed = len(set(alone)) < len(alone) or any(is_empty(lower[i]) and not is_empty(upper[i]) for i in range(width))
    return needed and not any(_is_number(lower[i]) for i in under) and any(_is_number(below[i]) for i in both)


def _is_number(cell: Cell) -> bool:
    return any(is_number(marks)(cell) for marks in NUMBER_MARKS)


def _filled(row: Sequence[Cell]) -> int:
    return sum(not is_empty(cell) for cell in row)


def _texts(row: Sequence[Cell]) -> list[str]:
    return [clean(text_of(cell)) for cell in row if not is_empty(cell)]
