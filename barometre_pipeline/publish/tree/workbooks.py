"""Workbooks, byte for byte the same for the same rows: real numbers, real dates, a bold frozen header.

Which sheets a workbook has, and how long a sheet may be, is in `layout`; this only writes Arrow tables.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from xml.sax.saxutils import escape

import pyarrow as pa
from rustpy_xlsxwriter import write_worksheets

from barometre_pipeline.catalogue import Catalogue
from barometre_pipeline.editions import Edition
from barometre_pipeline.resources.zips import add_member

# Texts shared by cells make a smaller file, and hold the whole workbook in memory; beyond, each cell has its own.
_MOST_ROWS_IN_MEMORY = 30_000
_NARROWEST, _WIDEST = 8, 60  # characters
_PROPERTIES = "docProps/core.xml"
_NAMESPACES = (
    'xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties" '
    'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="http://purl.org/dc/terms/" '
    'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
)
_MODE = 0o600  # of the members written again: the workbooks already published have it


@dataclass(frozen=True)
class Properties:
    """What a workbook says of itself; `about` is its edition and its licence."""

    title: str
    subject: str
    creator: str
    about: str
    day: date

    def written(self) -> bytes:
        """Return the member of the workbook that holds them."""
        said = {"dc:title": self.title, "dc:subject": self.subject, "dc:creator": self.creator}
        texts = "".join(
            f"<{name}>{escape(text)}</{name}>" for name, text in {**said, "dc:description": self.about}.items()
        )
        stamps = "".join(
            f'<dcterms:{name} xsi:type="dcterms:W3CDTF">{self.day.isoformat()}T00:00:00Z</dcterms:{name}>'
            for name in ("created", "modified")
        )
        head = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
        return f"{head}<cp:coreProperties {_NAMESPACES}>{texts}{stamps}</cp:coreProperties>".encode()


def properties_of(catalogue: Catalogue, edition: Edition, demonstration: bool) -> Properties:
    """Return what the workbooks of an edition say of themselves."""
    general = catalogue.general
    fictitious = "Données fictives, écrites pour une démonstration. " if demonstration else ""
    licence = " ".join(filter(None, (general.licence.libelle, general.licence.url)))
    about = f"{fictitious}Édition {edition}. Licence : {licence}"
    return Properties(f"{general.titre} – {edition}", f"Édition {edition}", general.producteur, about, edition.end)


@dataclass(frozen=True)
class Sheet:
    """A sheet: its name (31 characters at most), its rows, and the length of each column's longest text.

    `rows` makes them when their turn comes: they are written a batch at a time.
    """

    name: str
    rows: Callable[[], pa.RecordBatchReader]
    widths: list[int]

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        """Give the rows, as the writer asks for them."""
        return self.rows().__arrow_c_stream__(requested_schema)


def workbook(sheets: list[Sheet], rows: int, properties: Properties) -> memoryview:
    """Return an .xlsx file of these sheets, which have so many rows together, with these properties."""
    in_memory = rows <= _MOST_ROWS_IN_MEMORY
    file = io.BytesIO()
    write_worksheets(
        [(s.name, s) for s in sheets],
        file,
        freeze_panes={"general": {"row": 1, "col": 0}},
        bold_headers=True,
        autofilter={s.name: True for s in sheets},
        datetime_format="yyyy-mm-dd",
        dedupe_strings={s.name: in_memory for s in sheets},
        column_widths={s.name: [float(min(max(w + 1, _NARROWEST), _WIDEST)) for w in s.widths] for s in sheets},
    )
    _set_properties(file, properties)
    return file.getbuffer()


def _set_properties(file: io.BytesIO, properties: Properties) -> None:
    """Put these properties in place of the time of writing, all that the writer says and has no option for.

    The properties are among the last, small members: the file is cut there and its end written again,
    without compressing the sheets a second time.
    """
    with zipfile.ZipFile(file, "a", zipfile.ZIP_DEFLATED) as archive:
        cut = archive.getinfo(_PROPERTIES).header_offset
        end = [(m.filename, archive.read(m)) for m in archive.filelist if m.header_offset >= cut]
        archive.filelist[:] = [m for m in archive.filelist if m.header_offset < cut]
        for name, _ in end:
            del archive.NameToInfo[name]
        archive.start_dir = cut
        for name, content in end:
            add_member(archive, name, properties.written() if name == _PROPERTIES else content, mode=_MODE)
