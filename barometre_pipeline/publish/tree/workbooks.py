"""Workbooks, byte for byte the same for the same rows: real numbers, real dates, a bold frozen header.

Which sheets a workbook has, and how long a sheet may be, is in `layout`; this only writes Arrow tables.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

import pyarrow as pa
from rustpy_xlsxwriter import write_worksheets

from barometre_pipeline.resources.zips import add_member

# Texts shared by cells make a smaller file, and hold the whole workbook in memory; beyond, each cell has its own.
_MOST_ROWS_IN_MEMORY = 30_000
_NARROWEST, _WIDEST = 8, 60  # characters
_PROPERTIES = "docProps/core.xml"
_TIMESTAMP = re.compile(rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
_MODE = 0o600  # of the members written again: the workbooks already published have it


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


def workbook(sheets: list[Sheet], rows: int, day: date) -> memoryview:
    """Return an .xlsx file of these sheets, which have so many rows together, dated this day."""
    in_memory = rows <= _MOST_ROWS_IN_MEMORY
    file = io.BytesIO()
    write_worksheets(
        [(s.name, s) for s in sheets],
        file,
        freeze_panes={"general": {"row": 1, "col": 0}},
        bold_headers=True,
        datetime_format="yyyy-mm-dd",
        dedupe_strings={s.name: in_memory for s in sheets},
        column_widths={s.name: [float(min(max(w + 1, _NARROWEST), _WIDEST)) for w in s.widths] for s in sheets},
    )
    _set_day(file, day)
    return file.getbuffer()


def _set_day(file: io.BytesIO, day: date) -> None:
    """Put this day in place of the time of writing, which the writer puts in the properties and has no option for.

    The properties are among the last, small members: the file is cut there and its end written again,
    without compressing the sheets a second time.
    """
    stamp = f"{day.isoformat()}T00:00:00Z".encode()
    with zipfile.ZipFile(file, "a", zipfile.ZIP_DEFLATED) as archive:
        cut = archive.getinfo(_PROPERTIES).header_offset
        end = [(m.filename, archive.read(m)) for m in archive.filelist if m.header_offset >= cut]
        archive.filelist[:] = [m for m in archive.filelist if m.header_offset < cut]
        for name, _ in end:
            del archive.NameToInfo[name]
        archive.start_dir = cut
        for name, content in end:
            add_member(archive, name, _TIMESTAMP.sub(stamp, content) if name == _PROPERTIES else content, mode=_MODE)
