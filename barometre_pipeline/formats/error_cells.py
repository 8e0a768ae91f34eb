"""The cells of an .xlsx that hold a spreadsheet's error (#N/A, #DIV/0!…), which python-calamine 0.9 gives as empty.

A failed formula is not a missing value: it must be seen, and rejected. To remove when calamine tells them.
"""

from __future__ import annotations

import html
import io
import posixpath
import re
import zipfile
from xml.etree import ElementTree

# Lengths are bounded, so that a hostile sheet costs no more than its size.
_ERROR = re.compile(
    rb"<(?:\w+:)?c\b(?=[^>]{0,300}\st=[\"']e[\"'])"
    rb"[^>]{0,300}?\sr=[\"']([A-Z]{1,3})([0-9]{1,7})[\"'][^>]{0,300}>(.{0,2000}?)</(?:\w+:)?c>",
    re.DOTALL,
)
_TEXT = re.compile(rb"<(?:\w+:)?v>([^<]*)<")
_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"

Place = tuple[int, int]  # row and column, from 0


def error_cells(content: bytes) -> dict[str, dict[Place, str]]:
    """Return the errors of each sheet of a workbook, by name; nothing for what is no .xlsx."""
    found = {}
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        for name, path in _sheets(archive).items():
            sheet = archive.read(path)
            if errors := {_place(*m.groups()[:2]): _text(m[3]) for m in _ERROR.finditer(sheet)}:
                found[name] = errors
    return found


def _sheets(archive: zipfile.ZipFile) -> dict[str, str]:
    """Return the member that holds each sheet."""
    members = set(archive.namelist())
    try:
        workbook = ElementTree.fromstring(archive.read("xl/workbook.xml"))
        relations = ElementTree.fromstring(archive.read("xl/_rels/workbook.xml.rels"))
    except (KeyError, ElementTree.ParseError):
        return {}
    targets = {r.get("Id"): posixpath.normpath(posixpath.join("/xl", r.get("Target", "")))[1:] for r in relations}
    named = {s.get("name", ""): targets.get(s.get(_RELATION)) for s in workbook.iter(f"{_MAIN}sheet")}
    return {name: path for name, path in named.items() if path in members}


def _place(letters: bytes, row: bytes) -> Place:
    column = 0
    for letter in letters:
        column = column * 26 + letter - 64
    return int(row) - 1, column - 1


def _text(cell: bytes) -> str:
    shown = _TEXT.search(cell)
    return html.unescape(shown[1].decode("utf-8", "replace")) if shown else "#ERREUR"
