"""Workbooks (xlsx, xls, ods) into sheets, by python-calamine in a process of its own.

Before that, the zip that a workbook is must be safe, without links to other files and without a desert of
empty rows. Which sheets are read is the catalogue's choice; what they hold is not looked at here.
"""

from __future__ import annotations

import datetime as dt
import io
import pickle
import subprocess
import sys
from dataclasses import replace
from typing import Any

from barometre_pipeline.catalogue import Livraison
from barometre_pipeline.formats import calamine_process
from barometre_pipeline.formats.archives import check_workbook
from barometre_pipeline.formats.error_cells import error_cells
from barometre_pipeline.formats.names import clean, closest
from barometre_pipeline.formats.sheets import MAX_CELLS, Cell, Sheet, below_headings, is_empty
from barometre_pipeline.formats.sources import Source, is_zip

_SECONDS = 60
_OLD_EXCEL = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def read_workbook(source: Source) -> list[Sheet]:
    """Read the sheets that the catalogue names, or the first filled one; ReadingError where it cannot be."""
    _refuse_unsafe(source)
    names, rows = _parsed(source)
    return [_sheet(source, name, declared, rows[name]) for declared, name in _chosen(source, names, rows)]


def _refuse_unsafe(source: Source) -> None:
    """Raise ReadingError for what is no workbook, is damaged, links to other files or has endless empty rows."""
    if is_zip(source.contenu):
        check_workbook(io.BytesIO(source.contenu), f"{source.livraison.id}: {source.fichier}")
    elif not source.contenu.startswith(_OLD_EXCEL):
        source.fail("is not a workbook (neither xlsx, nor ods, nor xls)")


def _declared(livraison: Livraison) -> list[str]:
    """Return the sheets that the catalogue names."""
    if livraison.feuille:
        return [livraison.feuille]
    return list(livraison.feuilles or livraison.feuilles_indicateur or ())


def _parsed(source: Source) -> tuple[list[str], dict[str, list[list[Any]]]]:
    """Return the names of all sheets, and the rows of those declared (where none is, of the first filled one)."""
    wanted = [clean(name) for name in _declared(source.livraison)]
    command = [sys.executable, "-I", calamine_process.__file__, str(MAX_CELLS), *wanted]
    try:
        done = subprocess.run(command, input=source.contenu, capture_output=True, timeout=_SECONDS, check=False)
    except subprocess.TimeoutExpired:
        source.fail(f"is not read after {_SECONDS} seconds: it is too large or damaged")
    if done.returncode or not done.stdout:
        source.fail("is damaged, or needs more memory than is allowed")
    answer = pickle.loads(done.stdout)  # written by our own process just above
    if answer[0] == "error":
        source.fail(f"is not a readable workbook ({answer[1]})")
    names, rows = answer[1:]
    if is_zip(source.contenu):
        _show_errors(rows, error_cells(source.contenu))
    return names, rows


def _show_errors(rows: dict[str, list[list[Any]]], errors: dict[str, dict[tuple[int, int], str]]) -> None:
    for name in rows.keys() & errors.keys():
        for (line, column), text in errors[name].items():
            if line < len(rows[name]) and column < len(rows[name][line]):
                rows[name][line][column] = text


def _chosen(source: Source, names: list[str], rows: dict[str, list[list[Any]]]) -> list[tuple[str | None, str]]:
    """Return the sheets to read: (name in the catalogue, name in the workbook)."""
    declared = _declared(source.livraison)
    if not declared:
        filled = [name for name in rows if not all(is_empty(cell) for row in rows[name] for cell in row)]
        if not filled:
            source.fail(f"every sheet is empty{closest('', names)}")
        return [(None, filled[-1])]
    present = {clean(name): name for name in names}
    for name in declared:
        if clean(name) not in present:
            source.fail(f"there is no sheet {name!r}{closest(name, names)}")
    return [(name, present[clean(name)]) for name in declared]


def _sheet(source: Source, name: str, declared: str | None, rows: list[list[Any]]) -> Sheet:
    numbered = ((line, [_cell(c) for c in row]) for line, row in enumerate(rows, 1))
    filled = [(line, row) for line, row in numbered if not all(map(is_empty, row))]
    return replace(below_headings(source, name, filled), declaree=declared)


def _cell(value: Any) -> Cell:
    if isinstance(value, bool):
        return "VRAI" if value else "FAUX"
    if isinstance(value, (dt.time, dt.timedelta)):
        return str(value)
    return value
