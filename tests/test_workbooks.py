"""Workbooks are read as a person sees them: errors, formulas, percentages, scales, what is hidden, what is far away."""

import contextlib
import datetime as dt
import io
import struct
import time
import zipfile
from pathlib import Path

import pytest
import xlwt

from barometre_pipeline.errors import ReadingError
from barometre_pipeline.formats import FORMATS
from barometre_pipeline.formats.cells import Counted, Percentage, Unusable
from barometre_pipeline.formats.sheets import Sheet
from barometre_pipeline.formats.sources import Source
from barometre_pipeline.readers import read_delivery
from barometre_pipeline.spreadsheets.cells import DAY_ZERO
from barometre_pipeline.spreadsheets.grids import UnreadableError
from barometre_pipeline.spreadsheets.number_formats import number_format
from barometre_pipeline.spreadsheets.reading import parsed
from tests.small_deliveries import MARCH, a_catalogue, a_delivery, read, rules, values, xlsx, xml_row, zipped

FILES = Path(__file__).parent / "files"
HEADINGS = xml_row(1, "maille", "code", "date", "valeur")
ROW = xml_row(2, "nationale", "FR", "2021-03-31", 1.5)
ONE = [("nationale", "FR", MARCH, 1.5)]
ERROR = "est une erreur du tableur"
NEVER = "n'a jamais été calculée"
STRICT = "http://purl.oclc.org/ooxml/spreadsheetml/main"
TRANSITIONAL = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


def sheet_of(content: bytes, format_: str, **given) -> Sheet:
    (found,) = FORMATS[format_].read(Source(a_delivery(format=format_, **given), f"f.{format_}", content))
    return found


def with_value(cell: str, **members: str) -> bytes:
    """An xlsx whose only row of data has this XML in its fourth cell."""
    keys = "".join(f'<c t="inlineStr"><is><t>{text}</t></is></c>' for text in ("nationale", "FR", "2021-03-31"))
    return xlsx({"A": f'{HEADINGS}<row r="2">{keys}{cell}</row>'}, **members)


def value_of(content: bytes, format_: str = "xlsx"):
    return sheet_of(content, format_).columns[3][0]


def styled(*codes: str) -> dict[str, str]:
    """The part of a workbook in which the style n, from 1, has the nth of these number formats."""
    formats = "".join(f'<numFmt numFmtId="{170 + n}" formatCode="{code}"/>' for n, code in enumerate(codes))
    styles = "".join(f'<xf numFmtId="{170 + n}"/>' for n in range(len(codes)))
    return {
        "xl/styles.xml": f'<styleSheet xmlns="{TRANSITIONAL}"><numFmts>{formats}</numFmts>'
        f'<cellStyleXfs><xf numFmtId="9"/></cellStyleXfs><cellXfs><xf numFmtId="0"/>{styles}</cellXfs></styleSheet>'
    }


def of_many_formats(used: int) -> bytes:
    """An xlsx of 1,200 styles, each with a long format of its own, and a cell of each of the first ones."""
    rows = "".join(f'<row r="{n}"><c r="A{n}" s="{n}"><v>1</v></c></row>' for n in range(1, used + 1))
    return xlsx({"A": rows}, **styled(*(f"0.{'#' * 990}{n}" for n in range(1200))))


def struck_style() -> dict[str, str]:
    """The part of a workbook in which the style 1 strikes through."""
    fonts = '<fonts><font><strike val="0"/></font><font><b/><strike/></font></fonts>'
    styles = f'{fonts}<cellXfs><xf fontId="0"/><xf numFmtId="0" fontId="1"/></cellXfs>'
    return {"xl/styles.xml": f'<styleSheet xmlns="{TRANSITIONAL}">{styles}</styleSheet>'}


# -- by another writer than ours


@pytest.mark.parametrize(
    "name", ["sheetjs.xlsx", "sheetjs.xlsb", "sheetjs.xls", "sheetjs-1904.xlsx", "sheetjs-1904.xls"]
)
def test_a_workbook_by_another_writer_is_read_as_it_is_seen(name):
    sheet = sheet_of((FILES / name).read_bytes(), name.rsplit(".", 1)[1])
    assert (sheet.name, sheet.day_zero.year) == ("Données", 1904 if "1904" in name else 1899)
    assert sheet.columns[3].cells() == [dt.date(2021, month, 28) for month in range(1, 13)]
    seen = sheet.columns[4].cells()
    assert seen[:2] == [7.2, Percentage(7.5)]
    assert [(cell.shown, cell.reason[:25]) for cell in seen[2:4]] == [("#DIV/0!", ERROR), ("#N/A", ERROR)]
    assert isinstance(seen[4], Unusable) and "à l'échelle des milliers" in seen[4].reason
    assert seen[5:] == [Percentage(7.0), 12, Percentage(-50.0), "VRAI", 1.25, 123456789, 33.33]
    assert sheet.hidden_columns == 1


@pytest.mark.parametrize("name", ["sheetjs.xlsx", "sheetjs.xlsb"])
def test_a_hidden_row_is_read_and_told(name, tmp_path):
    reading = read(tmp_path, (FILES / name).read_bytes(), format=name.split(".")[1])
    assert 1.25 in reading.rows["valeur"].to_pylist()
    assert [(seen.hidden_rows, seen.hidden_columns) for seen in reading.sheets] == [(1, 1)]


@pytest.mark.parametrize("name", ["sheetjs.xlsx", "sheetjs.xlsb", "sheetjs.xls"])
def test_a_hidden_sheet_is_read_where_it_is_named_only(name):
    content, format_ = (FILES / name).read_bytes(), name.split(".")[1]
    assert sheet_of(content, format_).name == "Données"
    assert sheet_of(content, format_, feuille="Brouillon").raw_headings == ("brouillon",)


def test_an_ods_by_another_writer_is_read(tmp_path):
    sheet = sheet_of((FILES / "sheetjs.ods").read_bytes(), "ods", feuille="Données")
    assert sheet.columns[4].cells()[6:] == [12, -0.5, "VRAI", 1.25, 123456789, 33.33]


def test_the_date_system_of_an_xlsb_is_its_own():
    with zipfile.ZipFile(FILES / "sheetjs.xlsb") as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    book = bytearray(members["xl/workbook.bin"])
    book[book.index(b"\x99\x01") + 3] |= 1  # BrtWbProp: f1904
    sheet = sheet_of(zipped(members | {"xl/workbook.bin": bytes(book)}), "xlsb")
    assert (sheet.day_zero, sheet.columns[3][0]) == (dt.date(1904, 1, 1), dt.date(2025, 1, 29))


def test_workbooks_whose_visible_sheets_are_empty_say_which_are_hidden(tmp_path):
    content = xlsx({"Vide": "", "Cachée": HEADINGS + ROW})
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    book = members["xl/workbook.xml"].decode().replace('name="Cachée"', 'name="Cachée" state="veryHidden"')
    content = zipped(members | {"xl/workbook.xml": book})
    with pytest.raises(ReadingError, match=r"every sheet is empty; present: 'Vide'; hidden ones .* 'Cachée'"):
        read(tmp_path, content, format="xlsx")
    assert values(read(tmp_path, content, format="xlsx", feuille="Cachée")) == ONE


# -- errors and formulas


@pytest.mark.parametrize(
    "cell",
    [
        '<c t="e"><v>#DIV/0!</v></c>',
        '<c r="D2" t="e"><v>#DIV/0!</v></c>',
        f'<c r="D2" t="e"><f>{"1+" * 5000}1/0</f><v>#DIV/0!</v></c>',
        '<x:c xmlns:x="urn:x" t="e"><x:f>1/0</x:f><x:v>#DIV/0!</x:v></x:c>',
    ],
)
def test_an_error_cell_is_one_reject_however_it_is_written(cell):
    value = value_of(with_value(cell))
    assert (value.shown, value.reason[:25]) == ("#DIV/0!", ERROR)


def test_a_workbook_of_the_strict_dialect_is_read(tmp_path):
    with zipfile.ZipFile(io.BytesIO(with_value('<c t="e"><v>#REF!</v></c>'))) as archive:
        members = {n: archive.read(n).decode().replace(TRANSITIONAL, STRICT) for n in archive.namelist()}
    members = {
        name: text.replace("schemas.openxmlformats.org/officeDocument/2006", "purl.oclc.org/ooxml/officeDocument")
        for name, text in members.items()
    }
    assert value_of(zipped(members)).shown == "#REF!"


def test_a_day_of_the_strict_dialect_is_a_day():
    assert value_of(with_value('<c t="d"><v>2022-03-31T00:00:00Z</v></c>')) == dt.date(2022, 3, 31)


@pytest.mark.parametrize("value", ["", "<v/>", "<v></v>"])
def test_a_formula_without_a_value_was_never_calculated(value):
    cell = value_of(with_value(f"<c><f>A1+B1</f>{value}</c>"))
    assert (cell.shown, cell.reason[:23]) == ("=A1+B1", NEVER)


def test_a_formula_whose_value_is_an_empty_text_is_an_empty_cell():
    assert value_of(with_value('<c t="str"><f>""</f><v></v></c>')) is None


def test_a_formula_of_a_workbook_that_awaits_its_calculation_was_never_calculated():
    with zipfile.ZipFile(io.BytesIO(with_value("<c><f>A1+B1</f><v>0</v></c>"))) as archive:
        members = {name: archive.read(name).decode() for name in archive.namelist()}
    assert value_of(zipped(members)) == 0
    members["xl/workbook.xml"] = members["xl/workbook.xml"].replace(
        "</workbook>", '<calcPr calcId="124519" fullCalcOnLoad="1"/></workbook>'
    )
    assert value_of(zipped(members)).reason.startswith(NEVER)


def test_texts_are_read_without_their_phonetic_guides_and_with_their_escapes():
    shared = (
        f'<sst xmlns="{TRANSITIONAL}"><si><r><t>a</t></r><r><t xml:space="preserve"> b</t></r><rPh><t>x</t></rPh></si>'
    )
    content = with_value('<c t="s"><v>0</v></c>', **{"xl/sharedStrings.xml": shared + "</sst>"})
    assert value_of(content) == "a b"
    assert value_of(with_value('<c t="inlineStr"><is><t>a_x000A_b</t></is></c>')) == "a\nb"


# -- .ods, as LibreOffice and Excel write it

NAMESPACES = (
    " ".join(
        f'xmlns:{prefix}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
        for prefix, name in (("office", "office"), ("table", "table"), ("text", "text"), ("style", "style"))
    )
    + ' xmlns:number="urn:oasis:names:tc:opendocument:xmlns:datastyle:1.0" xmlns:calcext="urn:calcext"'
)
STYLES = """
<style:style style:name="T1" style:family="text"><style:text-properties style:text-position="super 58%"/></style:style>
<style:style style:name="T2" style:family="text">
<style:text-properties style:text-line-through-style="solid"/></style:style>
<style:style style:name="T3" style:family="text">
<style:text-properties style:text-line-through-style="none"/></style:style>
<style:style style:name="ce6" style:family="table-cell">
<style:text-properties style:text-line-through-type="single"/></style:style>
<style:style style:name="ce7" style:family="table-cell" style:parent-style-name="ce6"/>
<number:percentage-style style:name="N1"><number:number/><number:text>%</number:text></number:percentage-style>
<number:number-style style:name="N2"><number:number number:display-factor="1000"/></number:number-style>
<number:date-style style:name="N3"><number:year/><number:month/><number:day/></number:date-style>
<number:date-style style:name="N31"><number:year/></number:date-style>
<number:date-style style:name="N32"><number:quarter/><number:text> </number:text><number:year/></number:date-style>
<number:date-style style:name="N33"><number:month/><number:text>/</number:text><number:year/></number:date-style>
<number:number-style style:name="N4"><number:number/>
<style:map style:condition="value()&lt;0" style:apply-style-name="N5"/></number:number-style>
<number:percentage-style style:name="N5"><number:text>-</number:text><number:number/></number:percentage-style>
<number:number-style style:name="N6"><number:text>secret</number:text></number:number-style>
<number:number-style style:name="N7"><number:number/>
<style:map style:condition="value()&gt;=0" style:apply-style-name="N0"/></number:number-style>
<number:number-style style:name="N8"><number:text>(</number:text><number:number/><number:text>)</number:text>
<style:map style:condition="value()&gt;=0" style:apply-style-name="N0"/></number:number-style>
<number:number-style style:name="N9"><number:number>
<number:embedded-text number:position="3"> 000 </number:embedded-text></number:number></number:number-style>
<number:number-style style:name="N0"><number:number/><number:text> m2</number:text></number:number-style>
<style:style style:name="ce16" style:family="table-cell" style:data-style-name="N6"/>
<style:style style:name="ce17" style:family="table-cell" style:data-style-name="N7"/>
<style:style style:name="ce18" style:family="table-cell" style:data-style-name="N8"/>
<style:style style:name="ce19" style:family="table-cell" style:data-style-name="N9"/>
<style:style style:name="ce1" style:family="table-cell" style:data-style-name="N1"/>
<style:style style:name="ce2" style:family="table-cell" style:data-style-name="N2"/>
<style:style style:name="ce3" style:family="table-cell" style:data-style-name="N3"/>
<number:currency-style style:name="N34"><number:number/><number:text> </number:text>
<number:currency-symbol>k€</number:currency-symbol></number:currency-style>
<style:style style:name="ce34" style:family="table-cell" style:data-style-name="N34"/>
<style:style style:name="ce31" style:family="table-cell" style:data-style-name="N31"/>
<style:style style:name="ce32" style:family="table-cell" style:data-style-name="N32"/>
<style:style style:name="ce33" style:family="table-cell" style:data-style-name="N33"/>
<style:style style:name="ce4" style:family="table-cell" style:data-style-name="N4"/>
<style:style style:name="ce5" style:family="table-cell" style:parent-style-name="ce1"/>
<style:style style:name="ta2" style:family="table"><style:table-properties table:display="false"/></style:style>
"""


def ods_text(text: str) -> str:
    return f'<table:table-cell office:value-type="string"><text:p>{text}</text:p></table:table-cell>'


def ods_row(*cells: str, given: str = "") -> str:
    return f"<table:table-row {given}>{''.join(cells)}</table:table-row>"


ODS_HEADINGS = ods_row(*map(ods_text, ("maille", "code", "date", "valeur")))
ODS_KEYS = list(map(ods_text, ("nationale", "FR", "2021-03-31")))


def ods(tables: str) -> bytes:
    content = (
        f"<office:document-content {NAMESPACES}><office:automatic-styles>{STYLES}</office:automatic-styles>"
        f"<office:body><office:spreadsheet>{tables}</office:spreadsheet></office:body></office:document-content>"
    )
    return zipped({"mimetype": "application/vnd.oasis.opendocument.spreadsheet", "content.xml": content})


def ods_with(cell: str, columns: str = "") -> bytes:
    table = f'<table:table table:name="A">{columns}{ODS_HEADINGS}{ods_row(*ODS_KEYS, cell)}</table:table>'
    return ods(table)


def ods_cell(given: str, text: str = "") -> str:
    return f"<table:table-cell {given}><text:p>{text}</text:p></table:table-cell>"


@pytest.mark.parametrize(
    ("given", "text"),
    [
        (
            'table:formula="of:=1/0" office:value-type="string" office:string-value="" calcext:value-type="error"',
            "#DIV/0!",
        ),
        ('table:formula="of:=1/0" office:value-type="float" office:value="0" calcext:value-type="error"', "#DIV/0 !"),
        ('table:formula="of:=1/0" office:value-type="float" office:value="0"', "#DIV/0!"),
        ('table:formula="of:=X()" office:value-type="float" office:value="0"', "Err:508"),
        ('table:formula="of:=X()" office:value-type="string"', "#NOM ?"),
    ],
)
def test_an_error_cell_of_an_ods_is_one_reject(given, text):
    cell = value_of(ods_with(ods_cell(given, text)), "ods")
    assert (cell.shown, cell.reason[:25]) == (text, ERROR)


def test_a_formula_of_an_ods_without_a_value_was_never_calculated():
    cell = value_of(ods_with('<table:table-cell table:formula="of:=[.A1]+1"/>'), "ods")
    assert (cell.shown, cell.reason[:23]) == ("=[.A1]+1", NEVER)
    empty = ods_with('<table:table-cell table:formula="of:=&quot;&quot;" office:value-type="string"/>')
    assert value_of(empty, "ods") is None


def test_a_formula_of_an_ods_that_shows_nothing_beside_its_value_was_never_calculated():
    formula = 'table:formula="of:=[.A1]+1" office:value-type="float" office:value="0"'
    assert value_of(ods_with(f"<table:table-cell {formula}/>"), "ods").reason[:23] == NEVER
    assert value_of(ods_with(ods_cell(formula, "0")), "ods") == 0.0


@pytest.mark.parametrize(
    ("given", "seen"),
    [
        ('office:value-type="percentage" office:value="0.075"', Percentage(7.5)),
        ('table:style-name="ce1" office:value-type="float" office:value="0.07"', Percentage(7.0)),
        ('table:style-name="ce5" office:value-type="float" office:value="0.07"', Percentage(7.0)),
        ('table:style-name="ce4" office:value-type="float" office:value="0.07"', 0.07),
        ('table:style-name="ce4" office:value-type="float" office:value="-0.07"', Percentage(-7.0)),
        ('table:style-name="ce17" office:value-type="float" office:value="7"', 7.0),
        ('table:style-name="ce18" office:value-type="float" office:value="-7"', -7.0),
        ('table:style-name="ce3" office:value-type="float" office:value="44651"', dt.date(2022, 3, 31)),
        ('office:value-type="date" office:date-value="2022-03-31"', dt.date(2022, 3, 31)),
        ('office:value-type="currency" office:value="12.5"', 12.5),
        ('table:style-name="ce34" office:value-type="currency" office:value="5"', Counted(5.0, "k€")),
        ('office:value-type="boolean" office:boolean-value="false"', "FAUX"),
    ],
)
def test_a_number_of_an_ods_is_what_its_format_shows(given, seen):
    assert value_of(ods_with(ods_cell(given, "###")), "ods") == seen


@pytest.mark.parametrize(
    ("style", "seen"),
    [("ce3", (2022, 1, 1)), ("ce31", (2022, 12, 31)), ("ce32", (2022, 3, 31)), ("ce33", (2022, 1, 31))],
)
def test_a_date_of_an_ods_that_is_shown_as_a_period_is_its_last_day(style, seen):
    stored = f'table:style-name="{style}" office:value-type="date" office:date-value="2022-01-01"'
    assert value_of(ods_with(ods_cell(stored)), "ods") == dt.date(*seen)


@pytest.mark.parametrize(("style", "reason"), [("ce16", "masquée"), ("ce17", "sans signe"), ("ce19", "des chiffres")])
def test_a_number_of_an_ods_that_is_not_shown_as_it_is_is_refused(style, reason):
    cell = value_of(
        ods_with(ods_cell(f'table:style-name="{style}" office:value-type="float" office:value="-7"')), "ods"
    )
    assert (cell.shown, reason in cell.reason) == ("-7", True)


def test_a_number_of_an_ods_may_take_its_format_from_its_column():
    columns = (
        '<table:table-column table:number-columns-repeated="3"/>'
        '<table:table-column table:default-cell-style-name="ce2" table:visibility="collapse"/>'
    )
    content = ods_with(ods_cell('office:value-type="float" office:value="12345"', "12"), columns)
    assert "milliers" in value_of(content, "ods").reason
    assert sheet_of(content, "ods").hidden_columns == 1


def test_the_days_of_an_ods_count_from_its_own_day_zero():
    zero = '<table:calculation-settings><table:null-date table:date-value="1900-01-01"/></table:calculation-settings>'
    row = ods_row(*ODS_KEYS, ods_cell('table:style-name="ce3" office:value-type="float" office:value="44649"'))
    sheet = sheet_of(ods(f'{zero}<table:table table:name="A">{ODS_HEADINGS}{row}</table:table>'), "ods")
    assert (sheet.day_zero, sheet.columns[3][0]) == (dt.date(1900, 1, 1), dt.date(2022, 3, 31))


def test_hidden_tables_comments_and_covered_cells_of_an_ods_are_not_seen():
    hidden = f'<table:table table:name="Cachée" table:style-name="ta2">{ODS_HEADINGS}</table:table>'
    note = "<office:annotation><text:p>une remarque</text:p></office:annotation>"
    cell = (
        f'<table:table-cell office:value-type="string">{note}<text:p>a<text:s text:c="2"/>b</text:p></table:table-cell>'
    )
    covered = '<table:covered-table-cell office:value-type="float" office:value="3"/>'
    rows = ods_row(*ODS_KEYS, cell, covered, given='table:visibility="collapse"')
    sheet = sheet_of(ods(f'{hidden}<table:table table:name="A">{ODS_HEADINGS}{rows}</table:table>'), "ods")
    assert (sheet.name, sheet.columns[3].cells(), sheet.too_long, sheet.hidden_rows) == ("A", ["a  b"], (), 1)


# -- .xls


def test_hidden_rows_of_an_xls_are_read_and_told():
    workbook = xlwt.Workbook()
    sheet = workbook.add_sheet("A")
    for number, row in enumerate([("maille", "code", "date", "valeur"), ("nationale", "FR", "2021-03", 1.5)]):
        for column, cell in enumerate(row):
            sheet.write(number, column, cell)
    sheet.row(1).hidden = True
    file = io.BytesIO()
    workbook.save(file)
    found = sheet_of(file.getvalue(), "xls")
    assert (found.columns[3].cells(), found.hidden_rows) == ([1.5], 1)


def xls_of(cells: dict[tuple[int, int], object]) -> bytes:
    workbook = xlwt.Workbook()
    sheet = workbook.add_sheet("A")
    for (row, column), cell in cells.items():
        sheet.write(row, column, cell)
    file = io.BytesIO()
    workbook.save(file)
    return file.getvalue()


def test_a_formula_of_an_xls_that_a_script_wrote_was_never_calculated():
    cells = dict.fromkeys([(0, 0), (0, 1), (0, 2), (0, 3)], "a")
    cell = value_of(xls_of({**cells, (1, 0): 5, (1, 3): xlwt.Formula("A2+1")}), "xls")
    assert (cell.shown, cell.reason[:23]) == ("formule", NEVER)


def test_a_formula_of_an_xls_may_give_an_empty_text_beside_one_that_was_calculated():
    headings = dict.fromkeys([(0, 0), (0, 1), (0, 2), (0, 3)], "a")
    content = xls_of({**headings, (1, 2): xlwt.Formula("1+1"), (1, 3): xlwt.Formula('""')})
    uncalculated = struct.pack("<HHHQ", 1, 2, 17, 0xFFFF000000000003)
    assert uncalculated in content
    calculated = struct.pack("<HHHd", 1, 2, 17, 2.0)
    columns = sheet_of(content.replace(uncalculated, calculated), "xls").columns
    assert (columns[2][0], columns[3][0]) == (2.0, None)


# -- number formats


@pytest.mark.parametrize(
    ("code", "stored", "seen"),
    [
        ("0%", 0.07, Percentage(7.0)),
        ("0.0\\ %", 0.075, Percentage(7.5)),
        ('0"%"', 7.0, 7.0),
        ("0\\%", 7.0, 7.0),
        ("0_%", 7.0, 7.0),
        ("0%;-0", -2.0, -2.0),
        ("0;[Red]-0%", -0.5, Percentage(-50.0)),
        ("[<1]0%;0", 0.5, Percentage(50.0)),
        ("[<1]0%;0", 3.0, 3.0),
        ("#,##0", 12345.0, 12345.0),
        ("#,##0.00;[Red]#,##0.00\\ -", -5.0, -5.0),
        ('#,##0.00\\ "€"', 5.0, 5.0),
        ("[$-40C]#,##0", 5.0, 5.0),
        ("General", 5.0, 5.0),
        ("@", 5.0, 5.0),
        ("0.00E+00", 5.0, 5.0),
        ('0" m2"', 12.0, 12.0),
        ('"2022 : "0', 12.0, 12.0),
        ('"n° 00"0', 12.0, 12.0),
        ("00\\-00", 12.0, 12.0),
        ("#\\ ?/8", 1.5, 1.5),
        ("#,##0_-;(#,##0)", -12.0, -12.0),
        ('0" 000"', 0.0, 0.0),
        ("[>=0]0;[Red]-0", -5.0, -5.0),
        ("yyyy\\-mm\\-dd", 44651.0, dt.date(2022, 3, 31)),
        ("[$-40C]d\\ mmmm\\ yyyy", 44651.5, dt.datetime(2022, 3, 31, 12)),
        ("hh:mm", 0.5, "12:00:00"),
        ("[h]:mm", 1.5, "1 day, 12:00:00"),
        ('#,##0" M"', 5.0, (5.0, "M")),
        ('0.0"\u00a0‰"', 5.0, (5.0, "‰")),
    ],
)
def test_a_number_is_seen_through_its_format(code, stored, seen):
    format_ = number_format(code)
    shown = format_.shown(stored, DAY_ZERO) if format_ else stored
    assert (Percentage(shown.percentage) if hasattr(shown, "percentage") else shown) == seen


@pytest.mark.parametrize(
    ("code", "seen"),
    [
        ("yyyy", (2022, 12, 31)),
        ('"Année "yy;@', (2022, 12, 31)),
        ("[$-40C]mmm\\-yy", (2022, 1, 31)),
        ("mm/yyyy", (2022, 1, 31)),
        ("QQ\\ YYYY", (2022, 3, 31)),
        ("dd/mm", (2022, 1, 1)),
        ("d mmm yy", (2022, 1, 1)),
        ("mmmm", (2022, 1, 1)),
    ],
)
def test_a_date_that_is_shown_without_its_day_is_the_last_one_of_the_period_that_is_seen(code, seen):
    assert number_format(code).shown(44562.0, DAY_ZERO) == dt.date(*seen)


@pytest.mark.parametrize(
    "code", ['"<"0', '"≥ "0.0', "\\~#,##0", '"< "0;-0', '[>=5]0;"<"0', '"environ ≈"0%', '"env. "0', '"Moins de "0']
)
def test_a_number_that_its_format_shows_as_a_bound_is_refused(code):
    assert "comme une borne" in number_format(code).shown(3.0, DAY_ZERO).reason


@pytest.mark.parametrize("code", ['"A > B : "0', '0" >"', '[<5]0;0" (<100)"'])
def test_a_sign_that_is_not_before_the_number_is_no_bound(code):
    assert number_format(code) is None


@pytest.mark.parametrize(
    ("code", "stored", "reason"),
    [
        ("#,##0,", 12345.0, "milliers"),
        ("0.0,,", 12345.0, "milliers"),
        ("0,.0", 12345.0, "milliers"),
        ('#,##0, "k€"', 12345.0, "milliers"),
        (";;;", 5.0, "masquée"),
        ("#,##0;[Red]#,##0", -5.0, "sans signe"),
        ("[>=0]0;[Red]0", -5.0, "sans signe"),
        ("[<0]0;0", -5.0, "sans signe"),
        ('0" 000"', 12.0, "des chiffres"),
        ("0.0\\0", 12.0, "des chiffres"),
        ('"0,"00', 12.0, "des chiffres"),
        ('0"5"0', 12.0, "des chiffres"),
        ('General"000"', 12.0, "des chiffres"),
        ("0\\.0", 15.0, "une marque décimale"),
        ('0","00', 1234.0, "une marque décimale"),
        ('"."00', 15.0, "une marque décimale"),
        ("-0", 12.0, "un signe"),
        ('"- "0', -12.0, "un signe"),
        ("0\\-", 12.0, "un signe"),
        ("(0)", 12.0, "un signe"),
        ("yyyy", 1e9, "n'en est pas une"),
    ],
)
def test_a_number_that_is_not_shown_as_it_is_is_refused(code, stored, reason):
    cell = number_format(code).shown(stored, DAY_ZERO)
    assert reason in cell.reason
    assert float(cell.shown) == stored


def test_built_in_and_custom_formats_are_found_by_the_style_of_a_cell():
    content = with_value('<c s="2"><v>7.0000000000000007E-2</v></c>', **styled("0", "0.0%"))
    assert value_of(content) == Percentage(7.0)
    styles = f'<styleSheet xmlns="{TRANSITIONAL}"><cellXfs><xf numFmtId="0"/><xf numFmtId="10"/></cellXfs></styleSheet>'
    assert value_of(with_value('<c s="1"><v>0.075</v></c>', **{"xl/styles.xml": styles})) == Percentage(7.5)


# -- what is far away


def test_an_ocean_of_empty_rows_and_formatted_cells_is_nothing(tmp_path):
    empty = "".join(f'<row r="{number}"/>' for number in range(3, 100_000))
    far = '<row r="1048576"><c r="A1048576" s="1"/><c r="XFD1048576" s="1"/></row>'
    assert values(read(tmp_path, xlsx({"A": HEADINGS + ROW + empty + far}), format="xlsx")) == ONE


def test_a_row_far_below_is_read_at_its_place(tmp_path):
    far = (
        '<row r="1048576"><c r="A1048576" t="inlineStr"><is><t>nationale</t></is></c><c r="D1048576"><v>2</v></c></row>'
    )
    reading = read(tmp_path, xlsx({"A": HEADINGS + ROW + far}), format="xlsx")
    assert values(reading) == ONE
    assert {line for _, line, _, _ in rules(reading)} == {1_048_576}


def test_a_cell_in_the_last_corner_is_one_reject(tmp_path):
    far = '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
    reading = read(tmp_path, xlsx({"A": HEADINGS + ROW + far}), format="xlsx")
    assert values(reading) == ONE
    assert [rule[:2] for rule in rules(reading)] == [("valeur_illisible", 1_048_576)]


def test_filled_cells_far_apart_are_refused_before_they_fill_the_memory(tmp_path):
    far = "".join(f'<row r="{n}"><c r="XFD{n}"><v>1</v></c></row>' for n in range(3, 5000))
    with pytest.raises(ReadingError, match=r"sheet 'A': its cell XFD613 is too far from the others"):
        read(tmp_path, xlsx({"A": HEADINGS + ROW + far}), format="xlsx")


@pytest.mark.parametrize("repeated", ["columns", "rows"])
def test_a_value_that_an_ods_repeats_without_end_is_refused(repeated, tmp_path):
    cell = '<table:table-cell table:number-columns-repeated="16384" office:value-type="float" office:value="1"/>'
    rows = ods_row(cell, cell) if repeated == "columns" else ods_row(cell, given='table:number-rows-repeated="1048575"')
    with pytest.raises(ReadingError, match=r"too far from the others|beyond the last column"):
        read(tmp_path, ods(f'<table:table table:name="A">{rows}</table:table>'), format="ods")


def test_a_value_of_an_ods_after_a_million_empty_rows_is_read_at_its_place():
    gap = ods_row("<table:table-cell/>", given='table:number-rows-repeated="1048000"')
    row = ods_row(*ODS_KEYS, ods_cell('office:value-type="float" office:value="2"', "2"))
    sheet = sheet_of(ods(f'<table:table table:name="A">{ODS_HEADINGS}{gap}{row}</table:table>'), "ods")
    assert sheet.row_numbers.to_pylist() == [1_048_002]


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ('<row r="0"/>', "row whose number is '0'"),
        ('<row r="1048577"/>', "row whose number is '1048577'"),
        ('<row r="1"><c r="XFE1"><v>1</v></c></row>', "beyond the last column"),
        ('<row r="1"><c r="é1"><v>1</v></c></row>', "a cell whose place is"),
        ('<row r="1"><c r="A1" t="s"><v>7</v></c></row>', "a text that is not there"),
        ('<row r="1"><c><v>1</v></c></row><row r="1"><c><v>2</v></c></row>', "a row is there twice"),
        ("<row", "not well-formed XML"),
    ],
)
def test_a_sheet_that_no_spreadsheet_would_open_is_refused(rows, message, tmp_path):
    with pytest.raises(ReadingError, match=message):
        read(tmp_path, xlsx({"A": rows}), format="xlsx")


def test_an_xml_that_defines_entities_is_refused(tmp_path):
    bomb = '<!DOCTYPE a [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]><sst>&b;</sst>'
    content = with_value('<c t="s"><v>0</v></c>', **{"xl/sharedStrings.xml": bomb})
    with pytest.raises(ReadingError, match="document type"):
        read(tmp_path, content, format="xlsx")


@pytest.mark.parametrize(
    "rows",
    [
        f'<row r="1"><c x="{"a" * 20_000_000}"><v>1</v></c></row>',
        f'<row r="1"><c {"a" * 20_000_000}',
        f'<row r="1"><c t="str"><v>{"a" * 20_000_000}</v></c></row>',
        "<!-- a -->" * 1_000_000,
        "".join(f'<col min="{n % 16_000 + 1}" max="16384" hidden="1"/>' for n in range(50_000)) + ROW,
        "<a>" * 500_000,
    ],
    ids=["attribute", "tag", "text", "comments", "columns", "depth"],
)
def test_the_time_that_a_sheet_takes_grows_no_faster_than_the_sheet(rows):
    began = time.monotonic()
    with contextlib.suppress(ReadingError):
        list(FORMATS["xlsx"].read(Source(a_delivery(format="xlsx"), "f.xlsx", xlsx({"A": rows}))))
    assert time.monotonic() - began < 20  # a quadratic one takes minutes; this one under a second on a quiet machine


def test_the_name_of_a_sheet_reaches_the_terminal_without_what_it_would_obey(tmp_path):
    content = xlsx({"A\u202e\u200bB": HEADINGS + ROW})
    assert read(tmp_path, content, format="xlsx").rows["feuille"].to_pylist() == ["AB"]


def test_a_truncated_xlsb_is_an_error(tmp_path):
    with zipfile.ZipFile(FILES / "sheetjs.xlsb") as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    members["xl/worksheets/sheet2.bin"] = members["xl/worksheets/sheet2.bin"][:400]
    path = tmp_path / "f.xlsb"
    path.write_bytes(zipped(members))
    with pytest.raises(ReadingError, match="is not a readable workbook"):
        read_delivery(a_delivery(format="xlsb"), [path], a_catalogue())


def test_a_blank_beside_the_table_costs_no_row(tmp_path):
    rows = ROW + xml_row(3, "nationale", "FR", "2021-04-30", 2, " ")
    reading = read(tmp_path, xlsx({"A": HEADINGS + rows}), format="xlsx")
    assert [value for *_, value in values(reading)] == [1.5, 2.0]


@pytest.mark.parametrize("met", [AssertionError(), ValueError("no such record\nat 12")])
def test_what_a_parser_meets_on_a_damaged_workbook_is_told_without_the_name_of_an_exception(met):
    def read(content, choice):
        raise met

    with pytest.raises(UnreadableError, match=r"^it is damaged( \(no such record\))?; have it delivered again$"):
        parsed(read, b"", [], 1)


# -- merged cells


def merged(*references: str) -> str:
    """The XML, after the rows of a sheet, of its merged cells."""
    cells = "".join(f'<mergeCell ref="{reference}"/>' for reference in references)
    return f"</sheetData><mergeCells>{cells}</mergeCells><sheetData>"


def test_a_value_that_a_merged_cell_covers_is_not_seen_in_an_xlsx():
    cells = "".join(f'<c r="{letter}2"><v>{n}</v></c>' for n, letter in enumerate("ABCD"))
    rows = f'{HEADINGS}<row r="2">{cells}</row><row r="3"><c r="A3"><v>7</v></c><c r="D3"><v>8</v></c></row>'
    sheet = sheet_of(xlsx({"A": rows + merged("A2:C3")}), "xlsx")
    assert [column.cells() for column in sheet.columns] == [[0.0, None], [None, None], [None, None], [3.0, 8.0]]


def test_a_value_that_a_merged_cell_covers_is_not_seen_in_an_xls():
    workbook = xlwt.Workbook()
    sheet = workbook.add_sheet("A", cell_overwrite_ok=True)
    sheet.merge(1, 1, 0, 1)
    for column, heading in enumerate(("maille", "code", "date", "valeur")):
        sheet.write(0, column, heading)
        sheet.write(1, column, float(column))
    file = io.BytesIO()
    workbook.save(file)
    found = sheet_of(file.getvalue(), "xls")
    assert [column.cells() for column in found.columns] == [[0.0], [None], [2.0], [3.0]]


def test_merged_cells_that_cover_one_another_end_soon(tmp_path):
    rows = HEADINGS + ROW + merged(*(f"A1:XFD{1_048_576 - n}" for n in range(2000)))
    with pytest.raises(ReadingError, match="its merged cells cover one another"):
        read(tmp_path, xlsx({"A": rows}), format="xlsx")


@pytest.mark.parametrize("given", [{}, {"remplir": ["valeur"]}])
def test_a_number_whose_cell_is_merged_with_those_of_other_rows_is_nobodys_unless_it_is_filled_down(tmp_path, given):
    rows = (
        HEADINGS + ROW + xml_row(3, "departementale", "01", "2021-03") + xml_row(4, "departementale", "2A", "2021-03")
    )
    content = xlsx({"A": rows + xml_row(5, "regionale", "93", "2021-03", 7) + merged("D2:D4")})
    found = read(tmp_path, content, format="xlsx", **given)
    shared = [("valeur_illisible", line, "valeur", "1.5") for line in (2, 3, 4)]
    assert (rules(found), [one[3] for one in values(found)]) == (([], [1.5, 1.5, 1.5, 7]) if given else (shared, [7]))


def test_a_number_of_a_wide_sheet_that_stands_under_two_headings_is_of_neither(tmp_path):
    rows = xml_row(1, "maille", "code", "2021-03", "2021-06", "2021-09") + xml_row(2, "nationale", "FR", 1, None, 2)
    columns = {"maille": "maille", "territoire": "code"}
    content = xlsx({"A": rows + merged("C2:D2", "E2:F2")})
    found = read(tmp_path, content, format="xlsx", disposition="large", entetes="date", colonnes=columns)
    assert [one[:3] for one in rules(found)] == [("valeur_illisible", 2, "2021-03"), ("valeur_illisible", 2, "2021-06")]
    assert [one[3] for one in values(found)] == [2]


def test_a_key_that_is_merged_and_a_remark_beside_the_table_refuse_no_number(tmp_path):
    rows = HEADINGS + ROW + xml_row(3, None, None, "2021-06", 2) + xml_row(5, None, None, None, "Source : Insee")
    content = xlsx({"A": rows + merged("A2:A3", "B2:B3", "D5:D6", "D3:E3")})
    found = read(tmp_path, content, format="xlsx", remplir=["maille", "code"])
    assert ([one[3] for one in values(found)], rules(found)) == ([1.5, 2], [("date_illisible", 5, "date", "")])


def test_a_number_that_is_merged_with_a_row_without_a_key_is_that_of_its_own(tmp_path):
    rows = HEADINGS.replace("</row>", '<c t="inlineStr"><is><t>note</t></is></c></row>') + ROW
    content = xlsx(
        {"A": rows + xml_row(3, None, None, None, None, "suite") + merged("A2:A3", "B2:B3", "C2:C3", "D2:D3")}
    )
    found = read(tmp_path, content, format="xlsx")
    assert (values(found), rules(found)) == (ONE, [])


def test_a_number_that_spans_two_rows_of_an_ods_is_nobodys(tmp_path):
    spanning = 'table:number-rows-spanned="2" office:value-type="float" office:value="3"'
    below = ods_row(*ODS_KEYS[:2], ods_text("2021-06"), "<table:covered-table-cell/>")
    table = (
        f'<table:table table:name="A">{ODS_HEADINGS}{ods_row(*ODS_KEYS, ods_cell(spanning, "3"))}{below}</table:table>'
    )
    found = read(tmp_path, ods(table), format="ods")
    assert rules(found) == [("valeur_illisible", line, "valeur", "3") for line in (2, 3)]


# -- what stands higher than the line, what is struck through


RAISED, STRUCK = '<vertAlign val="superscript"/>', "<strike/>"
BARRED = "est barrée"


def run(text: str, look: str = "") -> str:
    return f"<r><rPr>{look}</rPr><t>{text}</t></r>"


def shared_text(*runs: str) -> bytes:
    shared = f'<sst xmlns="{TRANSITIONAL}"><si>{"".join(runs)}</si></sst>'
    return with_value('<c t="s"><v>0</v></c>', **{"xl/sharedStrings.xml": shared})


def xls_with(*runs: tuple[str, str], whole: str = "") -> bytes:
    """An .xls with a value of these runs (text, look), or the number 12 in one look."""
    workbook = xlwt.Workbook()
    sheet = workbook.add_sheet("A")
    for column, text in enumerate(("maille", "code", "date", "valeur")):
        sheet.write(0, column, text)
    if runs:
        sheet.write_rich_text(1, 3, [(text, xlwt.easyfont(look)) for text, look in runs])
    else:
        sheet.write(1, 3, 12, xlwt.easyxf(f"font: {whole}"))
    file = io.BytesIO()
    workbook.save(file)
    return file.getvalue()


def xlsb_with(font: tuple[int, int], value: str) -> bytes:
    """The .xlsb of another writer: a byte of its font is another, and its first value is a text whose end has it."""
    with zipfile.ZipFile(FILES / "sheetjs.xlsb") as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    styles = bytearray(members["xl/styles.bin"])
    at = styles.index(b"\x2b", styles.index(b"\xe3\x04")) + 2  # BrtFont, after BrtBeginFonts
    styles[at + font[0]] = font[1]
    if value:
        text = b"\1" + len(value).to_bytes(4, "little") + value.encode("utf-16-le") + b"\1\0\0\0" + b"\2\0" + b"\0\0"
        sheet = members["xl/worksheets/sheet2.bin"]
        number = b"\x10\x0c\0\0\0\0" + struct.pack("<d", 7.2)  # BrtShortReal
        short = b"\x3e" + bytes([8 + len(text)]) + b"\4\0\0\0" + b"\0\0\0\0" + text  # BrtCellRString
        assert number in sheet
        members["xl/worksheets/sheet2.bin"] = sheet.replace(number, short)
    return zipped(members | {"xl/styles.bin": bytes(styles)})


@pytest.mark.parametrize(
    ("content", "format_"),
    [
        (shared_text(run("12"), run("1", RAISED)), "xlsx"),
        (with_value(f'<c t="inlineStr"><is>{run("12")}{run("1", RAISED)}</is></c>'), "xlsx"),
        (ods_with(ods_text('12<text:span text:style-name="T1">1</text:span>')), "ods"),
        (xls_with(("12", ""), ("1", "escapement superscript")), "xls"),
    ],
)
def test_a_raised_figure_is_seen_as_such(content, format_):
    assert value_of(content, format_) == "12¹"


@pytest.mark.parametrize(
    ("content", "format_", "shown"),
    [
        (shared_text(run("12 ", STRUCK), run("15")), "xlsx", "12 15"),
        (with_value(f'<c t="inlineStr"><is>{run("12 ", STRUCK)}{run("15")}</is></c>'), "xlsx", "12 15"),
        (with_value('<c s="1"><v>12</v></c>', **struck_style()), "xlsx", "12"),
        (ods_with(ods_text('<text:span text:style-name="T2">12 </text:span>15')), "ods", "12 15"),
        (ods_with(ods_cell('table:style-name="ce7" office:value-type="float" office:value="12"', "12")), "ods", "12"),
        (xls_with(("12 ", "struck_out true"), ("15", "")), "xls", "12 15"),
        (xls_with(whole="struck_out true"), "xls", "12"),
    ],
)
def test_a_value_that_is_struck_through_is_a_reject(content, format_, shown):
    cell = value_of(content, format_)
    assert (cell.shown, cell.reason[:10]) == (shown, BARRED)


def test_what_is_struck_through_around_a_value_is_none_of_it():
    assert value_of(shared_text(run(" ", STRUCK), run("15"))) == " 15"
    nothing = '<text:span text:style-name="T2"><text:span text:style-name="T3">15</text:span></text:span>'
    assert value_of(ods_with(ods_text(nothing)), "ods") == "15"


def test_raised_figures_and_struck_texts_of_an_xlsb_are_seen():
    raised = sheet_of(xlsb_with((6, 1), "121"), "xlsb").columns[4].cells()
    assert raised[:2] == ["12¹", Percentage(7.5)]
    barred = sheet_of(xlsb_with((2, 8), "121"), "xlsb").columns[4].cells()
    assert [(cell.shown, cell.reason[:10]) for cell in barred[:2]] == [("121", BARRED), ("7.5 %", BARRED)]


def test_a_raised_figure_is_no_figure_of_the_number(tmp_path):
    reading = read(tmp_path, shared_text(run("12"), run("1", RAISED)), format="xlsx")
    assert [(rule[0], rule[3]) for rule in rules(reading)] == [("valeur_illisible", "12¹")]
    assert "« 12¹ » n'est pas un nombre" in reading.rejects["motif"][0].as_py()


@pytest.mark.parametrize("code", ['0;-0;"n.d."', '[=0]"secret";0', "0.0;;\\s"])
def test_a_zero_that_its_format_shows_as_a_word_is_refused(code):
    assert "masquée par son format" in number_format(code).shown(0.0, DAY_ZERO).reason


@pytest.mark.parametrize("code", ['0;-0;"-"', "0;-0;", '# ##0" €";-# ##0" €";"- €"', '0;-0;"0 h"', '0;-0;"–"'])
def test_a_zero_that_is_shown_as_a_dash_or_not_at_all_is_one(code):
    format_ = number_format(code)
    assert (format_.shown(0.0, DAY_ZERO) if format_ else 0.0) == 0.0


def test_an_ods_that_is_encrypted_as_a_whole_says_so():
    manifest = (
        '<manifest:file-entry manifest:full-path="encrypted-package"><manifest:encryption-data/></manifest:file-entry>'
    )
    content = zipped({"mimetype": "x", "encrypted-package": b"\0\1", "META-INF/manifest.xml": manifest})
    with pytest.raises(ReadingError, match="is encrypted: deliver it without a password"):
        sheet_of(content, "ods")


def test_a_number_of_an_ods_that_is_none_is_one_cell_and_not_the_file():
    cell = ods_cell('office:value-type="float" office:value="1,5"', "un et demi")
    assert value_of(ods_with(cell), "ods") == "un et demi"


def test_the_number_formats_that_no_cell_has_are_not_read():
    number_format.cache_clear()
    assert sheet_of(of_many_formats(used=2), "xlsx").headings == ("1",)
    assert number_format.cache_info().currsize <= 2


def test_a_workbook_whose_cells_have_too_many_long_formats_is_refused():
    with pytest.raises(ReadingError, match="the number formats of its cells are too many, or too long"):
        sheet_of(of_many_formats(used=1200), "xlsx")


def test_sheets_that_are_one_and_the_same_part_are_refused():
    one = xlsx({"A": ROW, "B": ROW})
    with zipfile.ZipFile(io.BytesIO(one)) as archive:
        ties = archive.read("xl/_rels/workbook.xml.rels").decode().replace("sheet2", "sheet1")
    with pytest.raises(ReadingError, match="two of its sheets are one and the same part"):
        sheet_of(xlsx({"A": ROW, "B": ROW}, **{"xl/_rels/workbook.xml.rels": ties}), "xlsx")


def test_parts_whose_names_differ_by_case_alone_are_refused():
    with pytest.raises(ReadingError, match="names that differ by case alone"):
        sheet_of(xlsx({"A": HEADINGS + ROW}, **{"xl/Worksheets/sheet1.xml": "<worksheet/>"}), "xlsx")


def test_the_rows_of_a_merged_word_that_a_filter_keeps_are_not_left_out_in_silence(tmp_path):
    rows = [("Ensemble", "2021-01", 1), (None, "2021-02", 2), ("Femmes", "2021-01", 3), (None, "2021-02", 4)]
    cells = "".join(xml_row(n, sexe, "FR", day, value) for n, (sexe, day, value) in enumerate(rows, 2))
    content = xlsx({"A": xml_row(1, "sexe", "code", "date", "valeur") + cells + merged("A2:A3", "A4:A5")})
    given = {"format": "xlsx", "maille": "nationale", "filtre": {"sexe": "Ensemble"}}
    given["colonnes"] = {"territoire": "code", "date": "date", "valeur": "valeur"}
    found = read(tmp_path, content, **given)
    assert ([one[3] for one in values(found)], rules(found)) == ([1], [("valeur_illisible", 3, "sexe", "Ensemble")])
    assert "`remplir: [sexe]` dirait qu'elle vaut pour elle aussi" in found.rejects["motif"][0].as_py()
    filled = read(tmp_path, content, remplir=["sexe"], **given)
    assert ([one[3] for one in values(filled)], rules(filled)) == ([1, 2], [])
