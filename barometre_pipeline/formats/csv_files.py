"""CSV, TSV and the like into a sheet; a row's number is the physical line where it begins."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

from barometre_pipeline.formats.sheets import MAX_CELLS, Cell, Sheet, below_headings
from barometre_pipeline.formats.sources import Source
from barometre_pipeline.formats.texts import decoded


def read_csv(source: Source) -> list[Sheet]:
    """Read a delimited text; ReadingError where the encoding or the quotes are wrong."""
    return [below_headings(source, None, _records(source, decoded(source)))]


def _records(source: Source, text: str) -> Iterator[tuple[int, list[Cell]]]:
    # Strict: a quote left open would otherwise swallow the rest of the file in silence.
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=source.livraison.separateur, strict=True)
    line, cells = 1, 0
    try:
        for row in reader:
            if "".join(row).strip():
                cells += len(row)
                if cells > MAX_CELLS:
                    source.fail(f"has more than {MAX_CELLS:,} cells: refused")
                yield line, row
            line = reader.line_num + 1
    except csv.Error as error:
        source.fail(f"line {line}: is not well-formed CSV ({error}); are the quotes and `separateur` right?")
