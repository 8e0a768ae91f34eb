"""A text of separated values, cut into rows within bounds; a row's number is the physical line where it begins.

Limits are looked at before a line is cut: a line of ten million cells is 20 MB as text, and 1 GB as cells.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator

from barometre_pipeline.formats.sheets import MAX_CELLS_IN_PARTS
from barometre_pipeline.formats.sources import Source

MAX_COLUMNS = 16_384  # as many as a workbook has
MAX_LINE = 2_000_000  # characters
MAX_CELL = MAX_LINE  # the outline of a region, as WKT, is a cell
_REASONS = {  # what Python's reader says → what it means
    "unexpected end of data": "a quote is opened and never closed",
    "field larger": f"a cell has more than {MAX_CELL:,} characters; is a quote left open?",
    "expected after": "a quote in the middle of a cell; within quotes, a quote is written twice",
}


def rows_of(source: Source, lines: Iterable[str], separator: str) -> Iterator[tuple[int, list[str]]]:
    """Yield the rows that are not blank, each with its number; the lines have their ends."""
    csv.field_size_limit(MAX_CELL)  # the process's own, which other libraries raise
    # Strict: a quote left open would otherwise swallow the rest of the file in silence.
    reader = csv.reader(_bounded_lines(source, lines, separator), delimiter=separator, strict=True)
    line, cells = 1, 0
    try:
        for row in reader:
            if "".join(row).strip():
                cells += len(row)
                if cells > MAX_CELLS_IN_PARTS:
                    source.fail(f"has more than {MAX_CELLS_IN_PARTS:,} cells: refused")
                yield line, row
            line = reader.line_num + 1
    except csv.Error as error:
        source.fail(f"line {line}: is not well-formed CSV: {_reason(error)} (`separateur` is {separator!r})")


def _bounded_lines(source: Source, lines: Iterable[str], separator: str) -> Iterator[str]:
    """Yield each line, once it is known that it can be cut."""
    columns, within_quotes = 1, False
    for number, line in enumerate(lines, 1):
        if within_quotes or len(line) >= MAX_COLUMNS or '"' in line:
            if len(line) > MAX_LINE:
                source.fail(f"line {number} has {len(line):,} characters: refused beyond {MAX_LINE:,}")
            columns, within_quotes = _extent(line, separator, columns if within_quotes else 1, within_quotes)
            if columns > MAX_COLUMNS:
                source.fail(
                    f"line {number} has more than {MAX_COLUMNS:,} columns: is `separateur` {separator!r} right?"
                )
        yield line


def _extent(line: str, separator: str, columns: int, within_quotes: bool) -> tuple[int, bool]:
    """Return how many columns a row has at the end of this line, and whether a quote is open there."""
    if '"' not in line:
        return columns + (0 if within_quotes else line.count(separator)), within_quotes
    parts = line.split('"')
    outside = parts[within_quotes::2]
    return columns + sum(part.count(separator) for part in outside), within_quotes ^ (len(parts) % 2 == 0)


def _reason(error: csv.Error) -> str:
    said = str(error)
    return next((meaning for start, meaning in _REASONS.items() if start in said), said)
