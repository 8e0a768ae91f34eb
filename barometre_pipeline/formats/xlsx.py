"""Workbooks of Excel since 2007 (.xlsx, .xlsm).

python-calamine 0.9 gives the cells that hold an error (#N/A, #DIV/0!…) as empty. A failed formula is not a missing
value: it must be seen, and rejected. `_show_errors` is to remove when calamine tells them.
"""

from __future__ import annotations

import html
import io
import posixpath
import re
import zipfile
from collections.abc import Callable, Iterable
from typing import Any
from xml.etree import ElementTree

from rustpy_xlsxwriter import write_worksheets

from barometre_pipeline.formats.archives import open_zip
from barometre_pipeline.formats.format import Format, Table
from barometre_pipeline.formats.sheets import Sheet
from barometre_pipeline.formats.signatures import Sample
from barometre_pipeline.formats.sources import FileDescription, Source
from barometre_pipeline.formats.workbooks import Rows, read_workbook, with_notice
from barometre_pipeline.formats.zipped_workbooks import WORKBOOK_MEMBERS, extent_problem, undated, zip_refusal

_HEART = "xl/workbook.xml"
_SHEET = re.compile(r"xl/(work|chart|dialog|macro)sheets/[^/]+\.xml", re.IGNORECASE)
_ROW = re.compile(rb"<(?:\w+:)?row[ >/]")
_ROW_NUMBER = re.compile(rb"<(?:\w+:)?row(?: [^>]*?)? r\s*=\s*[\"'](\d{1,9})[\"']")
_FAR_CELL = re.compile(rb"\sr\s*=\s*[\"']([A-Z]{2,9})\d")  # from column AA on
_VALUE = re.compile(rb"<(?:\w+:)?(?:v|t)[ >]")
# Lengths are bounded, so that a hostile sheet costs no more than its size.
_ERROR = re.compile(
    rb"<(?:\w+:)?c\b(?=[^>]{0,300}\st=[\"']e[\"'])"
    rb"[^>]{0,300}?\sr=[\"']([A-Z]{1,3})([0-9]{1,7})[\"'][^>]{0,300}>(.{0,2000}?)</(?:\w+:)?c>",
    re.DOTALL,
)
_TEXT = re.compile(rb"<(?:\w+:)?v>([^<]*)<")
_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"


def _read(source: Source) -> list[Sheet]:
    return read_workbook(source, _refusal, _show_errors)


def _show_errors(content: bytes, rows: Rows) -> None:
    """Put the errors of the sheets that were read in their cells."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        for name, path in _members_of_sheets(archive).items():
            for match in _ERROR.finditer(archive.read(path) if name in rows else b""):
                line, column = int(match[2]) - 1, _column_number(match[1]) - 1
                if 0 <= line < len(rows[name]) and column < len(rows[name][line]):
                    rows[name][line][column] = _error_text(match[3])


def _members_of_sheets(archive: zipfile.ZipFile) -> dict[str, str]:
    """Return the member that holds each sheet, by the sheet's name."""
    members = set(archive.namelist())
    try:
        workbook = ElementTree.fromstring(archive.read(_HEART))
        relations = ElementTree.fromstring(archive.read("xl/_rels/workbook.xml.rels"))
    except (KeyError, ElementTree.ParseError):
        return {}
    targets = {r.get("Id"): posixpath.normpath(posixpath.join("/xl", r.get("Target", "")))[1:] for r in relations}
    named = {s.get("name", ""): targets.get(s.get(_RELATION)) for s in workbook.iter(f"{_MAIN}sheet")}
    return {name: path for name, path in named.items() if path in members}


def _error_text(cell: bytes) -> str:
    shown = _TEXT.search(cell)
    return html.unescape(shown[1].decode("utf-8", "replace")) if shown else "#ERREUR"


def _column_number(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number


def _refusal(sample: Sample, described: FileDescription) -> str | None:
    if reason := zip_refusal(sample, "xlsx", _HEART, _problem_of):
        return reason
    with open_zip(sample.file, "it") as archive:
        if any(name.lower().startswith("xl/externallinks/") for name in archive.namelist()):
            return "has links to other workbooks: replace them by their values"
    return None


def _problem_of(member: str) -> Callable[[Iterable[bytes]], str | None] | None:
    return _sheet_problem if _SHEET.fullmatch(member) else None


def _sheet_problem(content: Iterable[bytes]) -> str | None:
    """Return why a sheet (its XML, in pieces) is refused, or None."""
    count = highest = values = 0
    columns = 26
    for text in content:
        count += len(_ROW.findall(text))
        highest = max([highest, count, *map(int, _ROW_NUMBER.findall(text))])
        columns = max([columns, *map(_column_number, set(_FAR_CELL.findall(text)))])
        values += len(_VALUE.findall(text))
    return extent_problem(highest, columns, values)


def _write(tables: list[Table], described: FileDescription, notice: str) -> bytes:
    titles: dict[str, list[Any]] = {}
    header_row: dict[str, int] = {}
    sheets: list[tuple[str, Any]] = []
    for table in with_notice(tables, notice):
        name, blank = table.name or "", dict.fromkeys(table.headings)
        rows = table.records() + [blank | {table.headings[0]: text} for text in table.below]
        sheets.append((name, rows or [blank]))
        if table.above:
            header_row[name] = len(table.above)
            titles[name] = [(0, 0, 0, max(len(table.headings) - 1, 1), table.above[0])]
    file = io.BytesIO()
    write_worksheets(sheets, file, header_row=header_row or None, merge_ranges=titles or None, bold_headers=True)
    return undated(file)


XLSX = Format(
    "xlsx",
    ("xlsx", "xlsm"),
    _read,
    _refusal,
    _write,
    has_sheets=True,
    typed_dates=True,
    zip_members=WORKBOOK_MEMBERS,
    random_access=True,
    most_rows=1_048_000,  # a sheet has 1,048,576, headings, titles and notes included
)
