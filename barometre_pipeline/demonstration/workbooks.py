"""Tables into workbooks: xlsx, ods and xls, each with a notice as its last sheet and no trace of the clock."""

from __future__ import annotations

import datetime as dt
import io
import re
import zipfile
from typing import Any

import odswriter
import xlwt
from rustpy_xlsxwriter import write_worksheets

from barometre_pipeline.catalogue import Livraison
from barometre_pipeline.demonstration.notices import NOTICE, around
from barometre_pipeline.demonstration.tables import Table

_NOTICE_SHEET = "LISEZ-MOI"
_NO_TIME = (1980, 1, 1, 0, 0, 0)
_STAMP = re.compile(rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")


def _with_notice(tables: list[Table]) -> list[Table]:
    if any(table.name == _NOTICE_SHEET for table in tables):
        return tables
    return [*tables, Table(_NOTICE_SHEET, [NOTICE], [])]


def _grid(livraison: Livraison, table: Table) -> list[list[Any]]:
    """Return all the rows of a sheet, from its first one."""
    above, below = around(livraison) if table.name != _NOTICE_SHEET else ([], [])
    return [*above, table.headings, *([row.get(h) for h in table.headings] for row in table.rows), *below]


def xlsx(livraison: Livraison, tables: list[Table]) -> bytes:
    """Return an .xlsx of these tables and a notice."""
    titled = {t.name: around(livraison) for t in tables}
    sheets, titles = [], {}
    for table in _with_notice(tables):
        above, below = titled.get(table.name, ([], []))
        blank = dict.fromkeys(table.headings)
        rows = [blank | row for row in table.rows] + [blank | {table.headings[0]: note[0]} for note in below]
        sheets.append((table.name, rows or [blank]))
        if above:
            titles[table.name] = [(0, 0, 0, max(len(table.headings) - 1, 1), above[0][0])]
    file = io.BytesIO()
    header_row = {name: len(above) for name, (above, _) in titled.items() if above}
    write_worksheets(sheets, file, header_row=header_row or None, merge_ranges=titles or None, bold_headers=True)
    return _undated(file)


def ods(livraison: Livraison, tables: list[Table]) -> bytes:
    """Return an .ods of these tables and a notice."""
    file = io.BytesIO()
    with odswriter.writer(file) as workbook:
        for table in _with_notice(tables):
            workbook.new_sheet(table.name).writerows(_grid(livraison, table))
    return _undated(file)


def xls(livraison: Livraison, tables: list[Table]) -> bytes:
    """Return an old .xls of these tables and a notice; ValueError beyond 65,536 rows."""
    workbook = xlwt.Workbook(encoding="utf-8")
    day = xlwt.easyxf(num_format_str="DD/MM/YYYY")
    for table in _with_notice(tables):
        sheet = workbook.add_sheet(table.name)
        for r, row in enumerate(_grid(livraison, table)):
            for c, value in enumerate(row):
                if value is not None:
                    sheet.write(r, c, value, day) if isinstance(value, dt.date) else sheet.write(r, c, value)
    file = io.BytesIO()
    workbook.save(file)
    return file.getvalue()


def _undated(file: io.BytesIO) -> bytes:
    """Return a workbook that is a zip, without the time at which it was written."""
    undated = io.BytesIO()
    with zipfile.ZipFile(file) as source, zipfile.ZipFile(undated, "w") as target:
        for member in source.infolist():
            content = source.read(member)
            if member.filename == "docProps/core.xml":
                content = _STAMP.sub(b"1980-01-01T00:00:00Z", content)
            write_member(target, member.filename, content, member.compress_type)
    return undated.getvalue()


def write_member(archive: zipfile.ZipFile, name: str, content: bytes, method: int = zipfile.ZIP_DEFLATED) -> None:
    """Add a member to a zip, undated."""
    member = zipfile.ZipInfo(name, _NO_TIME)
    member.compress_type = method
    archive.writestr(member, content)
