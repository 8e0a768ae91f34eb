"""How a delivery is read into rows, whatever its format and shape.

    formats       a file → Sheet (columns below headings)
    selection     which rows of a sheet are read
    shapes        long or wide                              → Columns (cells by role)
    typed_rows    with numbers, dates, territories          → rows, and rejects
    verification  is a file what its format says?
    workers       all of that in processes of their own, within bounds

A row that cannot be taken is kept aside with its place and a reason; a file that cannot be read is a ReadingError.
Nothing here fetches or stores.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa

from barometre_pipeline.catalogue import Catalogue, Livraison
from barometre_pipeline.editions import Edition
from barometre_pipeline.errors import ReadingError
from barometre_pipeline.formats import FORMATS
from barometre_pipeline.formats.opening import open_source
from barometre_pipeline.readers.cells import Problem
from barometre_pipeline.readers.rows import EXPLICATIONS, OBJECTIFS, VALEURS, Rejects
from barometre_pipeline.readers.selection import Selection, selected
from barometre_pipeline.readers.shapes import Columns, columns_of, unused_columns
from barometre_pipeline.readers.territories import TerritoryIndex
from barometre_pipeline.readers.typed_rows import Reader, explanation_rows, objective_rows, value_rows

_CONTENTS = {"valeurs": (VALEURS, value_rows), "objectifs": (OBJECTIFS, objective_rows)}
_CONTENTS |= {"explications": (EXPLICATIONS, explanation_rows)}
_TOO_LONG = "a plus de cellules que la ligne d'en-tête"


@dataclass(frozen=True)
class SheetSeen:
    """What was found in one sheet: its headings, how many rows of data it has, how many are mere notes.

    Beside them: how many rows the catalogue filters out, how many it ignores (`rows` counts neither), the headings that
    it ignores and those that nothing uses.
    """

    file: str
    name: str | None
    headings: tuple[str, ...]
    rows: int
    notes: int
    filtered: int = 0
    ignored: int = 0
    ignored_columns: tuple[str, ...] = ()
    unused_columns: tuple[str, ...] = ()
    hidden_rows: int = 0  # that were read all the same
    hidden_columns: int = 0


@dataclass(frozen=True)
class Reading:
    """A delivery, read: `rows` has the schema VALEURS or OBJECTIFS, `rejects` the schema REJETS."""

    rows: pa.Table
    rejects: pa.Table
    sheets: tuple[SheetSeen, ...]


def read_delivery(
    livraison: Livraison,
    files: list[Path],
    catalogue: Catalogue,
    territories: TerritoryIndex | None = None,
    edition: Edition | None = None,
    on_file: Callable[[Path], None] = lambda path: None,
) -> Reading:
    """Read the files of a delivery, one after the other; ReadingError where one of them cannot be read at all.

    `territories` is the catalogue's index: who reads several deliveries makes it once for all.
    `edition` is the one that the files were received for: what `date_constante: fin_edition` dates them by.
    `on_file` is told each file before it is read.
    """
    if not files:
        raise ReadingError(f"{livraison.id}: there is no file to read")
    schema, typed_rows = _CONTENTS[livraison.contenu]
    format_ = FORMATS[livraison.file_format]
    reader = Reader(livraison, catalogue, territories or TerritoryIndex(catalogue), Rejects(livraison), edition)
    rows: list[tuple[Any, ...]] = []
    seen = []
    for path in files:
        on_file(path)
        source = open_source(livraison, format_, path)
        for sheet in format_.read(source):
            selection = selected(sheet, livraison)
            columns = columns_of(selection.sheet, livraison, catalogue)
            _keep_aside(selection, columns.problems, reader.rejects)
            found, notes = typed_rows(columns, reader)
            place = (livraison.id, source.name, sheet.name)
            rows += [(*place, *row) for row in found]
            seen.append(_seen(selection, columns, notes, reader))
    _refuse_a_filter_that_keeps_nothing(livraison, seen)
    return Reading(_table(rows, schema), reader.rejects.table(), tuple(seen))


def _seen(selection: Selection, columns: Columns, notes: int, reader: Reader) -> SheetSeen:
    sheet, ignored = selection.sheet, reader.rejects.ignored_in(selection.sheet)
    return SheetSeen(
        sheet.source.name,
        sheet.name,
        sheet.headings,
        len(sheet.row_numbers) - notes - ignored,
        notes,
        selection.filtered,
        ignored,
        columns.ignored,
        unused_columns(sheet, reader.livraison, columns.ignored),
        sheet.hidden_rows,
        sheet.hidden_columns,
    )


def _refuse_a_filter_that_keeps_nothing(livraison: Livraison, seen: list[SheetSeen]) -> None:
    filtered = sum(sheet.filtered for sheet in seen)
    if filtered and not any(sheet.rows or sheet.notes or sheet.ignored for sheet in seen):
        raise ReadingError(
            f"{livraison.id}: {seen[-1].file}: `filtre` keeps none of its {filtered} rows; `barometre delivery try "
            f"{livraison.id}` without it shows the words of {', '.join(map(repr, livraison.filtre))}."
        )


def _keep_aside(selection: Selection, problems: tuple[tuple[str, Problem], ...], rejects: Rejects) -> None:
    sheet = selection.sheet
    for line, heading, problem in selection.aside:
        rejects.add(sheet, line, heading, problem)
    for heading, problem in problems:
        rejects.add(sheet, sheet.heading_row, heading or None, problem)
    for line, text in sheet.too_long:
        rejects.add(sheet, line, None, Problem("valeur_illisible", "valeur", text, _TOO_LONG))


def _table(rows: list[tuple[Any, ...]], schema: pa.Schema) -> pa.Table:
    columns = zip(*rows, strict=True) if rows else [[]] * len(schema)
    return pa.table([pa.array(c, f.type) for c, f in zip(columns, schema, strict=True)], schema=schema)
