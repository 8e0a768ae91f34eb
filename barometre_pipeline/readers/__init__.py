"""How a delivery is read into rows, whatever its format and shape.

    sources       a file, or the member of a zip (archives) → Source (bytes)
    csv_files, workbooks, json_files, parquet_files         → Sheet (rows below headings)
    shapes        long or wide                              → Columns (cells by role)
    typed_rows    with cells (numbers, dates), territories  → rows, and rejects

A row that cannot be taken is kept aside with its place and a reason; a file that cannot be read is a
ReadingError. A new format is one new module, registered in FORMATS. Nothing here fetches or stores.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from barometre_pipeline.catalogue import Catalogue, Livraison
from barometre_pipeline.errors import ReadingError
from barometre_pipeline.formats.csv_files import read_csv
from barometre_pipeline.formats.json_files import read_json
from barometre_pipeline.formats.parquet_files import read_parquet
from barometre_pipeline.formats.sheets import Sheet
from barometre_pipeline.formats.sources import Source, open_source
from barometre_pipeline.formats.workbooks import read_workbook
from barometre_pipeline.readers.cells import Problem
from barometre_pipeline.readers.rejects import Rejects
from barometre_pipeline.readers.rows import OBJECTIFS, VALEURS
from barometre_pipeline.readers.shapes import columns_of
from barometre_pipeline.readers.typed_rows import objective_rows, value_rows

FORMATS: dict[str, Callable[[Source], list[Sheet]]] = {
    "csv": read_csv,
    "xlsx": read_workbook,
    "xls": read_workbook,
    "ods": read_workbook,
    "json": read_json,
    "parquet": read_parquet,
}
_CONTENTS = {"valeurs": (VALEURS, value_rows), "objectifs": (OBJECTIFS, objective_rows)}
_TOO_LONG = "a plus de cellules que la ligne d'en-tête"


@dataclass(frozen=True)
class SheetSeen:
    """What was found in one sheet: its headings, how many rows of data it has, how many are mere notes."""

    fichier: str
    feuille: str | None
    entetes: tuple[str, ...]
    lignes: int
    ignorees: int


@dataclass(frozen=True)
class Reading:
    """A delivery, read: `lignes` has the schema VALEURS or OBJECTIFS, `rejets` the schema REJETS."""

    lignes: pa.Table
    rejets: pa.Table
    feuilles: tuple[SheetSeen, ...]


def read_delivery(livraison: Livraison, files: list[Path], catalogue: Catalogue) -> Reading:
    """Read the files of a delivery, one after the other; ReadingError where one of them cannot be read at all."""
    if not files:
        raise ReadingError(f"{livraison.id}: there is no file to read")
    schema, typed_rows = _CONTENTS[livraison.contenu]
    rejects = Rejects()
    rows: list[tuple] = []
    seen = []
    for path in files:
        source = open_source(livraison, path)
        for sheet in FORMATS[livraison.file_format](source):
            columns = columns_of(sheet, catalogue)
            _reject_columns_and_long_rows(sheet, columns.problemes, rejects)
            found, notes = typed_rows(columns, catalogue, rejects)
            place = (livraison.id, source.fichier, sheet.feuille)
            rows += [(*place, *row) for row in found]
            seen.append(SheetSeen(source.fichier, sheet.feuille, sheet.entetes, len(sheet.rows) - notes, notes))
    return Reading(_table(rows, schema), rejects.table(), tuple(seen))


def _reject_columns_and_long_rows(sheet: Sheet, problems: tuple[tuple[str, Problem], ...], rejects: Rejects) -> None:
    for heading, problem in problems:
        rejects.add(sheet, sheet.ligne_entete, heading or None, problem)
    for line, text in sheet.trop_longues:
        rejects.add(sheet, line, None, Problem("valeur_illisible", "valeur", text, _TOO_LONG))


def _table(rows: list[tuple], schema: pa.Schema) -> pa.Table:
    columns = zip(*rows, strict=True) if rows else [[]] * len(schema)
    return pa.table([pa.array(c, f.type) for c, f in zip(columns, schema, strict=True)], schema=schema)
