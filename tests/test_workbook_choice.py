"""Of a workbook whose sheets the catalogue does not name, the first visible one is read where no other is like it."""

import io
from datetime import date

import odswriter
import pytest
import xlwt

from barometre_pipeline.errors import ReadingError
from tests.small_deliveries import read, values, xlsx, xml_row

HEADINGS = ["maille", "code", "date", "valeur"]
BOTH = "the sheet '2022' has the same columns, and nothing says which is read: name one by `feuille`"


def workbook(format_: str, sheets: dict[str, list[list]]) -> bytes:
    """A workbook of these rows by sheet."""
    if format_ == "xlsx":
        written = {name: "".join(xml_row(n, *row) for n, row in enumerate(rows, 1)) for name, rows in sheets.items()}
        return xlsx(written)
    file = io.BytesIO()
    if format_ == "ods":
        with odswriter.writer(file) as book:
            for name, rows in sheets.items():
                book.new_sheet(name).writerows(rows)
        return file.getvalue()
    book = xlwt.Workbook()
    for name, rows in sheets.items():
        sheet = book.add_sheet(name)
        for r, row in enumerate(rows):
            for c, cell in enumerate(row):
                sheet.write(r, c, cell)
    book.save(file)
    return file.getvalue()


def a_year(year: int, rows: int = 1) -> list[list]:
    months = [f"{year + n // 12}-{n % 12 + 1:02d}" for n in range(rows)]
    return [HEADINGS, *(["nationale", "FR", month, n] for n, month in enumerate(months, 1))]


@pytest.mark.parametrize("format_", ["xlsx", "ods", "xls"])
def test_a_workbook_with_a_second_sheet_of_the_same_columns_is_refused_until_one_is_named(tmp_path, format_):
    content = workbook(format_, {"2021": a_year(2021), "2022": a_year(2022, rows=200)})
    with pytest.raises(ReadingError, match=BOTH):
        read(tmp_path, content, format=format_)
    named = read(tmp_path, content, format=format_, feuille="2022")
    assert len(values(named)) == 200
    both = {"2021": "nationale", "2022": "nationale"}
    columns = {"territoire": "code", "date": "date", "valeur": "valeur"}
    assert len(values(read(tmp_path, content, format=format_, feuilles=both, colonnes=columns))) == 201


@pytest.mark.parametrize("format_", ["xlsx", "ods", "xls"])
def test_a_notice_and_a_sheet_of_headings_alone_let_the_first_sheet_be_read(tmp_path, format_):
    others = {"Notice": [["Source", "date"], ["DREES", "2022"]], "Modèle": [HEADINGS]}
    content = workbook(format_, {"2021": a_year(2021), **others})
    assert values(read(tmp_path, content, format=format_)) == [("nationale", "FR", date(2021, 1, 31), 1.0)]


def test_a_second_wide_sheet_is_one_where_its_other_headings_are_dates(tmp_path):
    given = {"format": "xlsx", "maille": "nationale", "disposition": "large", "entetes": "date"}
    given["colonnes"] = {"territoire": "code"}
    first = {"2021": [["code", "2021-12"], ["FR", 5]]}
    names = {"Noms": [["code", "nom"], ["FR", "France"]]}
    assert len(values(read(tmp_path, workbook("xlsx", first | names), **given))) == 1
    with pytest.raises(ReadingError, match=BOTH):
        read(tmp_path, workbook("xlsx", first | {"2022": [["code", "2022-03"], ["FR", 6]]}), **given)


def test_a_long_sheet_that_is_not_read_cuts_nothing_from_the_one_that_is(tmp_path):
    far = [["a note"]] * 60 + [["far", None, None, "below", "the", "headings"]]
    content = workbook("xlsx", {"2021": a_year(2021, rows=60), "Notes": far})
    assert len(values(read(tmp_path, content, format="xlsx"))) == 60
