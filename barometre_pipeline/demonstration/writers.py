"""Tables into bytes: one function a format. The same tables always give the same bytes.

Titles above the headings, notes below, notices for the reader: written here, as ministries do.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
import re
import unicodedata
import zipfile
from collections.abc import Callable
from typing import Any

import odswriter
import pyarrow as pa
import pyarrow.parquet as pq
import xlwt
from rustpy_xlsxwriter import write_worksheets

from barometre_pipeline.catalogue import Livraison
from barometre_pipeline.demonstration.tables import Table

NOTICE = "Données fictives, produites pour la démonstration : aucun de ces nombres n'est réel."
_NOTICE_SHEET = "LISEZ-MOI"
_NOTICE_MEMBER = "LISEZMOI.txt"
_NO_TIME = (1980, 1, 1, 0, 0, 0)
_STAMP = re.compile(rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
_NO_BREAK_SPACE = "\u00a0"


def file_of(livraison: Livraison, tables: list[Table]) -> bytes:
    """Return the file of a delivery, without the zip around it."""
    return WRITERS[livraison.file_format](livraison, tables)


def zip_of(members: dict[str, bytes]) -> bytes:
    """Return a zip of these members and a notice, undated."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, content in {_NOTICE_MEMBER: NOTICE.encode() + b"\n", **members}.items():
            _write_member(archive, name, content)
    return file.getvalue()


def _write_member(archive: zipfile.ZipFile, name: str, content: bytes, method: int = zipfile.ZIP_DEFLATED) -> None:
    member = zipfile.ZipInfo(name, _NO_TIME)
    member.compress_type = method
    archive.writestr(member, content)


def _around(livraison: Livraison, table: Table) -> tuple[list[list[str]], list[list[str]]]:
    """Return the rows above the headings and below the table: titles and a source, where headings are not first."""
    above = (livraison.ligne_entete or 1) - 1
    if not above:
        return [], []
    titles = [NOTICE] + [""] * (above - 1)
    return [[title] for title in titles], [[f"Source : {livraison.ministere}, données fictives"]]


def _csv(livraison: Livraison, tables: list[Table]) -> bytes:
    encoding = livraison.encodage or "utf-8"
    table = tables[0]
    above, below = _around(livraison, table)
    text = io.StringIO(newline="")
    windows = encoding.lower().replace("-", "") in ("cp1252", "utf16")
    writer = csv.writer(text, delimiter=livraison.separateur, lineterminator="\r\n" if windows else "\n")
    numbers: dict[float, str] = {}

    def cell(value: Any) -> Any:
        if isinstance(value, float):
            return numbers.get(value) or numbers.setdefault(value, written_number(value, livraison))
        return value

    text.write("".join((",".join(row) and f"{row[0]}\n") or "\n" for row in above) if above else "")
    writer.writerow(table.headings)
    writer.writerows([cell(row.get(h)) for h in table.headings] for row in table.rows)
    writer.writerows(below)
    return _encoded(text.getvalue(), encoding)


def written_number(value: float, livraison: Livraison) -> str:
    """Return a number as text: a decimal comma goes with no-break spaces between thousands."""
    plain = str(int(value)) if value.is_integer() else repr(value)
    if livraison.decimale == "." or "e" in plain:
        return plain.replace(".", livraison.decimale)
    whole, _, decimals = plain.partition(".")
    grouped = f"{int(whole):,}".replace(",", _NO_BREAK_SPACE) if abs(value) >= 10_000 else whole
    return f"{grouped},{decimals}" if decimals else grouped


def _encoded(text: str, encoding: str) -> bytes:
    try:
        return text.encode(encoding)
    except UnicodeEncodeError:
        # An encoding that lacks some letters: names are compared without accents anyway.
        plain = unicodedata.normalize("NFKD", text.replace(_NO_BREAK_SPACE, ""))
        return plain.encode(encoding, "ignore")


def _json(livraison: Livraison, tables: list[Table]) -> bytes:
    table = tables[0]
    document: Any = [{h: _json_cell(row.get(h)) for h in table.headings} for row in table.rows]
    steps = livraison.racine.split(".") if livraison.racine else []
    for rank, step in enumerate(reversed(steps)):
        outermost = rank == len(steps) - 1
        if step.isdecimal():
            document = [[]] * int(step) + [document]
        else:
            document = ({"avertissement": NOTICE} if outermost and step != "avertissement" else {}) | {step: document}
    return json.dumps(document, ensure_ascii=False).encode(livraison.encodage or "utf-8")


def _json_cell(value: Any) -> Any:
    return value.isoformat() if isinstance(value, dt.date) else value


def _parquet(livraison: Livraison, tables: list[Table]) -> bytes:
    table = tables[0]
    arrays = [pa.array([row.get(h) for row in table.rows]) for h in table.headings]
    typed = [a.cast(pa.string()) if pa.types.is_null(a.type) else a for a in arrays]
    file = io.BytesIO()
    pq.write_table(pa.table(typed, names=table.headings), file)
    return file.getvalue()


def _with_notice(tables: list[Table]) -> list[Table]:
    if any(table.name == _NOTICE_SHEET for table in tables):
        return tables
    return [*tables, Table(_NOTICE_SHEET, [NOTICE], [])]


def _grid(livraison: Livraison, table: Table) -> list[list[Any]]:
    """Return all the rows of a sheet, from its first one."""
    above, below = _around(livraison, table) if table.name != _NOTICE_SHEET else ([], [])
    return [*above, table.headings, *([row.get(h) for h in table.headings] for row in table.rows), *below]


def _xlsx(livraison: Livraison, tables: list[Table]) -> bytes:
    titled = {t.name: _around(livraison, t) for t in tables}
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


def _ods(livraison: Livraison, tables: list[Table]) -> bytes:
    file = io.BytesIO()
    with odswriter.writer(file) as workbook:
        for table in _with_notice(tables):
            workbook.new_sheet(table.name).writerows(_grid(livraison, table))
    return _undated(file)


def _xls(livraison: Livraison, tables: list[Table]) -> bytes:
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
            _write_member(target, member.filename, content, member.compress_type)
    return undated.getvalue()


WRITERS: dict[str, Callable[[Livraison, list[Table]], bytes]] = {
    "csv": _csv,
    "json": _json,
    "parquet": _parquet,
    "xlsx": _xlsx,
    "ods": _ods,
    "xls": _xls,
}
