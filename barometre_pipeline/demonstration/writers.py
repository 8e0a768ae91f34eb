"""Tables into bytes: one function a format. The same tables always give the same bytes.

Workbooks are in `workbooks`; the words around the tables are in `notices`.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
import unicodedata
import zipfile
from collections.abc import Callable
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from barometre_pipeline.catalogue import Livraison
from barometre_pipeline.demonstration.notices import NOTICE, around
from barometre_pipeline.demonstration.tables import Table
from barometre_pipeline.demonstration.workbooks import ods, write_member, xls, xlsx

_NOTICE_MEMBER = "LISEZMOI.txt"
_NO_BREAK_SPACE = "\u00a0"


def file_of(livraison: Livraison, tables: list[Table]) -> bytes:
    """Return the file of a delivery, without the zip around it."""
    return WRITERS[livraison.file_format](livraison, tables)


def zip_of(members: dict[str, bytes]) -> bytes:
    """Return a zip of these members and a notice, undated."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, content in {_NOTICE_MEMBER: NOTICE.encode() + b"\n", **members}.items():
            write_member(archive, name, content)
    return file.getvalue()


def _csv(livraison: Livraison, tables: list[Table]) -> bytes:
    encoding = livraison.encodage or "utf-8"
    table = tables[0]
    above, below = around(livraison)
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


WRITERS: dict[str, Callable[[Livraison, list[Table]], bytes]] = {
    "csv": _csv,
    "json": _json,
    "parquet": _parquet,
    "xlsx": xlsx,
    "ods": ods,
    "xls": xls,
}
