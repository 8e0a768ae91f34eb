"""Small deliveries for tests: catalogue entries and files of every format, made in the test's folder."""

import json
import zipfile
from io import BytesIO
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from barometre_pipeline.catalogue import Livraison

CSV = b"code,date,valeur\n" + b"".join(b"%02d,2022-01-31,%d\n" % (i % 95 + 1, i) for i in range(100))


def delivery(id_: str, url: str | None = None, **keys) -> Livraison:
    """Build the catalogue's entry of a delivery of one indicator by département."""
    place = {} if "datagouv" in keys else {"url": url or f"{id_}.csv"}
    colonnes = {"territoire": "code", "date": "date", "valeur": "valeur"}
    facts = {"contenu": "valeurs", "ministere": "Essai", "indicateur": "i", "maille": "departementale"}
    return Livraison.model_validate({"id": id_, "colonnes": colonnes} | facts | place | keys)


def write_all(folder: Path, *names: str, content: bytes = CSV) -> Path:
    """Write the same content under each name, in subfolders where the name says so."""
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return folder


def zip_of(members: dict[str, bytes]) -> bytes:
    """Return a zip of these members."""
    stream = BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return stream.getvalue()


def xlsx_of(sheet: bytes, **more: bytes) -> bytes:
    """Return what is enough of an xlsx to be taken for one, with this XML as the sheet's data."""
    body = b"<worksheet><sheetData>" + sheet + b"</sheetData></worksheet>"
    parts = {"[Content_Types].xml": b"<Types/>", "xl/workbook.xml": b"<workbook/>", "xl/worksheets/sheet1.xml": body}
    return zip_of(parts | more)


def ods_of(table: bytes, **more: bytes) -> bytes:
    """Return what is enough of an ods to be taken for one."""
    return zip_of({"mimetype": b"application/vnd.oasis.opendocument.spreadsheet", "content.xml": table} | more)


def parquet_of(rows: int = 10) -> bytes:
    """Return a Parquet file."""
    stream = BytesIO()
    pq.write_table(pa.table({"valeur": list(range(rows))}), stream)
    return stream.getvalue()


def json_of(rows: int = 10) -> bytes:
    """Return a JSON list of records."""
    return json.dumps([{"code": "01", "valeur": i} for i in range(rows)]).encode()
