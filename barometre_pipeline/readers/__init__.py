"""How a delivery is read into rows, whatever its format and shape.

    formats       a file → Sheet (columns below headings)
    selection     which rows of a sheet are read
    shapes        long or wide                              → Columns (cells by role)
    typed_rows    with numbers, dates, territories          → rows, and rejects
    commitment_rows    commitments, with their closed words → rows, and rejects
    verification  is a file what its format says?
    workers       all of that in processes of their own, within bounds

A row that cannot be taken is kept aside with its place and a reason; a file that cannot be read is a ReadingError.
Nothing here fetches or stores.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NoReturn

import pyarrow as pa

from barometre_pipeline.catalogue import Catalogue, Livraison
from barometre_pipeline.editions import Edition
from barometre_pipeline.errors import ReadingError
from barometre_pipeline.formats import FORMATS
from barometre_pipeline.formats.opening import open_source
from barometre_pipeline.formats.sheets import Sheet, whole
from barometre_pipeline.readers.cells import Problem
from barometre_pipeline.readers.commitment_rows import commitment_rows
from barometre_pipeline.readers.reader import Reader
from barometre_pipeline.readers.rows import (
    ACTIONS,
    ENGAGEMENTS,
    EXPLICATIONS,
    OBJECTIFS,
    VALEURS,
    Rejects,
    table_of,
)
from barometre_pipeline.readers.selection import Selection, selected
from barometre_pipeline.readers.shapes import Columns, columns_of, refuse_without_choice, unused_columns
from barometre_pipeline.readers.territories import TerritoryIndex
from barometre_pipeline.readers.typed_rows import explanation_rows, objective_rows, value_rows

_CONTENTS = {"valeurs": (VALEURS, value_rows), "objectifs": (OBJECTIFS, objective_rows)}
_CONTENTS |= {"explications": (EXPLICATIONS, explanation_rows)}
_CONTENTS |= {"engagements": (ENGAGEMENTS, commitment_rows), "actions": (ACTIONS, commitment_rows)}
_MOST_REJECTS = 100_000  # of a delivery: beyond, it is not what the catalogue describes
_TOO_LONG = "a plus de cellules que la ligne d'en-tête"
_BESIDE = " ; `ignorer: {colonnes: ['']}` dirait de ne pas lire ce qui est à côté du tableau"


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
    continues: bool = False  # what was seen of a part of the sheet after its first

    def and_then(self, part: SheetSeen) -> SheetSeen:
        """Return what was seen of a sheet, with what was seen of its next part."""
        added = {name: getattr(self, name) + getattr(part, name) for name in ("rows", "notes", "filtered", "ignored")}
        return replace(self, **added)


@dataclass(frozen=True)
class Part:
    """A part of a sheet, read: `rows` has the columns of VALEURS, OBJECTIFS or EXPLICATIONS, `rejects` those of REJETS.

    Texts of the rows are in dictionaries.
    """

    seen: SheetSeen
    rows: pa.Table
    rejects: pa.Table


@dataclass(frozen=True)
class Reading:
    """A delivery, read: `rows` has the columns of its contents' schema, `rejects` those of REJETS."""

    rows: pa.Table
    rejects: pa.Table
    sheets: tuple[SheetSeen, ...]


def read_delivery(
    livraison: Livraison,
    files: list[Path],
    catalogue: Catalogue,
    territories: TerritoryIndex | None = None,
    edition: Edition | None = None,
) -> Reading:
    """Read the files of a delivery whole, as `read_parts` does part by part."""
    parts = list(read_parts(livraison, files, catalogue, territories, edition))
    rows, rejects = (pa.concat_tables(getattr(part, table) for part in parts) for table in ("rows", "rejects"))
    return Reading(rows.cast(schema_of(livraison)), rejects, sheets_seen(livraison, [part.seen for part in parts]))


def read_parts(
    livraison: Livraison,
    files: list[Path],
    catalogue: Catalogue,
    territories: TerritoryIndex | None = None,
    edition: Edition | None = None,
    on_file: Callable[[Path], None] = lambda path: None,
) -> Iterator[Part]:
    """Read the files of a delivery, one after the other; ReadingError where one of them cannot be read at all.

    `territories` is the catalogue's index: who reads several deliveries makes it once for all.
    `edition` is the one that the files were received for: what `date_constante: fin_edition` dates them by.
    `on_file` is told each file before it is read.
    """
    if not files:
        raise ReadingError(f"{livraison.id}: there is no file to read")
    format_ = FORMATS[livraison.file_format]
    reader = Reader(livraison, catalogue, territories or TerritoryIndex(catalogue), Rejects(livraison), edition)
    rejects = 0
    # What looks above or beside a row needs the whole sheet.
    in_parts = not livraison.remplir and livraison.disposition != "large"
    for path in files:
        on_file(path)
        parts = format_.read(open_source(livraison, format_, path))
        for sheet in parts if in_parts else whole(parts):
            part = _read(sheet, reader)
            rejects += part.rejects.num_rows
            if rejects > max(_MOST_REJECTS, livraison.rejects_allowed):
                _refuse_so_many(livraison, part.rejects)
            yield part


def _refuse_so_many(livraison: Livraison, rejects: pa.Table) -> NoReturn:
    first = rejects.slice(0, 1).to_pylist()[0]
    raise ReadingError(
        f"{livraison.id}: {first['fichier']}: more than {_MOST_REJECTS:,} rows or cells cannot be read, as row "
        f"{first['ligne']}: {first['motif']} Such a file is not written as the catalogue says: `barometre delivery try "
        f"{livraison.id}` shows what is wrong by reason."
    )


def schema_of(livraison: Livraison) -> pa.Schema:
    """Return the columns of a delivery's rows."""
    return _CONTENTS[livraison.contenu][0]


def _read(sheet: Sheet, reader: Reader) -> Part:
    livraison = reader.livraison
    schema, typed_rows = _CONTENTS[livraison.contenu]
    refuse_without_choice(sheet, livraison, reader.catalogue)
    selection = selected(sheet, livraison)
    columns = columns_of(selection.sheet, livraison, reader.catalogue)
    reader.rejects.begin(sheet)
    _keep_aside(selection, columns.problems, reader.rejects)
    found, notes = typed_rows(columns, reader)
    rows = table_of(livraison, sheet, found, schema)
    return Part(_seen(selection, columns, notes, reader), rows, reader.rejects.taken())


def sheets_seen(livraison: Livraison, parts: Iterable[SheetSeen]) -> tuple[SheetSeen, ...]:
    """Return what was seen of each sheet, in all its parts; ReadingError where the catalogue's filter keeps nothing."""
    seen: list[SheetSeen] = []
    for part in parts:
        if part.continues:
            seen[-1] = seen[-1].and_then(part)
        else:
            seen.append(part)
    _refuse_a_filter_that_keeps_nothing(livraison, seen)
    return tuple(seen)


def _seen(selection: Selection, columns: Columns, notes: int, reader: Reader) -> SheetSeen:
    sheet, ignored = selection.sheet, reader.rejects.ignored
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
        sheet.continues,
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
        rejects.add(line, heading, problem)
    for heading, problem in problems:
        rejects.add(sheet.heading_row, heading or None, problem)
    reason = _TOO_LONG if sheet.name is None else _TOO_LONG + _BESIDE
    for line, text in sheet.too_long:
        rejects.add(line, None, Problem("valeur_illisible", "valeur", text, reason))
