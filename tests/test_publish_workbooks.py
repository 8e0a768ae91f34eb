import io
import zipfile
from datetime import UTC, date, datetime

import pyarrow as pa
from python_calamine import CalamineWorkbook

from barometre_pipeline.publish.tree import workbooks
from barometre_pipeline.publish.tree.layout import sheet_names
from barometre_pipeline.publish.tree.workbooks import Properties, Sheet, workbook

DAY = date(2022, 3, 31)
ROWS = pa.table(
    {
        "libellé": ["Été <&>", None],
        "code": ["01", "2A"],
        "valeur": pa.array([1.5, None], pa.float64()),
        "date": [date(2021, 12, 31), None],
    }
)
ABOUT = Properties("Essai <&>", "Édition 2022-T1", "Essai", "Licence Ouverte", DAY)
WIDTHS = [200, 2, 5, 10]


def _one(rows: pa.Table = ROWS) -> bytes:
    return bytes(workbook([Sheet("01", rows.to_reader, WIDTHS)], rows.num_rows, ABOUT))


def _member(content: bytes, name: str) -> str:
    return zipfile.ZipFile(io.BytesIO(content)).read(name).decode()


def test_numbers_are_numbers_dates_are_dates_and_codes_keep_their_zero():
    sheet = CalamineWorkbook.from_filelike(io.BytesIO(_one())).get_sheet_by_name("01").to_python()
    assert sheet[0] == ["libellé", "code", "valeur", "date"]
    assert sheet[1:] == [["Été <&>", "01", 1.5, date(2021, 12, 31)], ["", "2A", "", ""]]


def test_the_header_is_bold_and_frozen_and_columns_have_a_sensible_width():
    content = _one()
    sheet = _member(content, "xl/worksheets/sheet1.xml")
    assert 'state="frozen"' in sheet and 'ySplit="1"' in sheet
    assert "<b/>" in _member(content, "xl/styles.xml")
    assert 'width="60.7' in sheet and 'width="8.7' in sheet


def test_the_same_rows_give_the_same_bytes_at_any_time():
    content = _one()
    # Nothing of the clock is in any member, nor in the members' own dates.
    assert _member(content, "docProps/core.xml").count("2022-03-31T00:00:00Z") == 2
    archive = zipfile.ZipFile(io.BytesIO(content))
    assert {m.date_time for m in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
    assert str(datetime.now(UTC).date()).encode() not in b"".join(map(archive.read, archive.namelist()))


def test_a_dated_workbook_is_still_a_sound_archive():
    archive = zipfile.ZipFile(io.BytesIO(_one()))
    assert archive.testzip() is None
    assert len(archive.namelist()) == len(set(archive.namelist()))


def test_large_and_small_workbooks_hold_the_same_cells(monkeypatch):
    small = _one()
    monkeypatch.setattr(workbooks, "_MOST_ROWS_IN_MEMORY", 0)
    large = _one()
    read = [CalamineWorkbook.from_filelike(io.BytesIO(c)).get_sheet_by_index(0).to_python() for c in (small, large)]
    assert read[0] == read[1] and small != large


def test_a_sheet_without_rows_keeps_its_header():
    sheet = CalamineWorkbook.from_filelike(io.BytesIO(_one(ROWS.slice(0, 0)))).get_sheet_by_index(0).to_python()
    assert sheet == [["libellé", "code", "valeur", "date"]]


def test_sheets_are_named_by_codes_within_what_spreadsheets_accept():
    long = "x" * 40
    names = sheet_names(["01", "2A", "2a", "History", long, long + "y"])
    assert names[:3] == ["01", "2A", "2a~2"]
    assert len({n.lower() for n in names} - {"history"}) == 6
    assert max(map(len, names)) == 31
