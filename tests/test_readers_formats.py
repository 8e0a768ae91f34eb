"""How each format is read: encodings, quotes, sheets, JSON roots, Parquet types, zips."""

import datetime as dt
import io
from decimal import Decimal

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from barometre_pipeline.errors import ReadingError
from barometre_pipeline.readers import read_delivery
from tests.small_deliveries import COLUMNS, MARCH, a_catalogue, a_delivery, read, rules, values, xlsx, xml_row, zipped

TEXT = "maille,code,date,valeur\nnationale,FR,2021-03-31,1.5\n"
ONE = [("nationale", "FR", MARCH, 1.5)]
HEADINGS = xml_row(1, "maille", "code", "date", "valeur")
ROW = xml_row(2, "nationale", "FR", "2021-03-31", 1.5)


def parquet(table: dict) -> bytes:
    file = io.BytesIO()
    pq.write_table(pa.table(table), file)
    return file.getvalue()


# csv


@pytest.mark.parametrize("encoding", [None, "utf-8", "utf-16", "utf-16-le", "cp1252", "iso-8859-15", "utf-8-sig"])
def test_a_text_is_read_in_its_declared_encoding(tmp_path, encoding):
    columns = {**COLUMNS, "date": "Arrêté au"}
    content = TEXT.replace("date", "Arrêté au").encode(encoding or "utf-8")
    assert values(read(tmp_path, content, colonnes=columns, encodage=encoding)) == ONE


def test_a_byte_order_mark_is_no_part_of_the_first_heading(tmp_path):
    assert values(read(tmp_path, b"\xef\xbb\xbf" + TEXT.encode())) == ONE


def test_a_wrong_byte_is_an_error_with_its_line_and_the_likely_encoding(tmp_path):
    with pytest.raises(ReadingError, match=r"essai: f\.csv: line 3 is not utf-8; it looks like cp1252"):
        read(tmp_path, (TEXT + "départementale,01,2021-03,1\n").encode("cp1252"))


def test_utf_16_that_is_not_declared_is_guessed_in_the_error(tmp_path):
    with pytest.raises(ReadingError, match="it looks like utf-16"):
        read(tmp_path, TEXT.encode("utf-16"))


def test_utf_8_declared_as_cp1252_is_an_error_not_mojibake(tmp_path):
    with pytest.raises(ReadingError, match="is declared in cp1252 but is written in utf-8"):
        read(tmp_path, TEXT + "départementale,01,2021-03,1\n", encodage="cp1252")


def test_the_row_number_is_the_physical_line_where_the_record_begins(tmp_path):
    text = 'note,maille,code,date,valeur\r\n"deux\r\nlignes",nationale,FR,2021-03,1\r\n\r\n,nationale,FR,2021-04,x\r\n'
    reading = read(tmp_path, text)
    assert reading.rows["ligne"].to_pylist() == [2]
    assert rules(reading)[0][:2] == ("valeur_illisible", 5)


def test_a_quote_left_open_is_an_error_not_a_giant_cell(tmp_path):
    with pytest.raises(ReadingError, match="line 2: is not well-formed CSV"):
        read(tmp_path, 'maille,code,date,valeur\n"nationale,FR,2021-03,1\nnationale,FR,2021-04,1\n')


def test_headings_may_be_below_titles(tmp_path):
    assert values(read(tmp_path, f"Tableau de bord\n\n{TEXT}", ligne_entete=3)) == ONE


def test_an_empty_row_of_headings_is_an_error(tmp_path):
    with pytest.raises(ReadingError, match=r"row 2 \(ligne_entete\) is empty"):
        read(tmp_path, f"Tableau de bord\n\n{TEXT}", ligne_entete=2)


def test_several_files_of_one_delivery_are_read_one_after_the_other(tmp_path):
    paths = [tmp_path / "a.csv", tmp_path / "b.csv"]
    for path in paths:
        path.write_text(TEXT)
    reading = read_delivery(a_delivery(), paths, a_catalogue())
    assert reading.rows["fichier"].to_pylist() == ["a.csv", "b.csv"]


# workbooks


def test_a_workbook_is_read_from_its_declared_sheet(tmp_path):
    content = xlsx({"Lisez-moi": xml_row(1, "voir Données"), "Données": HEADINGS + ROW})
    reading = read(tmp_path, content, format="xlsx", feuille="Données")
    assert values(reading) == ONE
    assert reading.rows["feuille"].to_pylist() == ["Données"]


def test_a_missing_sheet_is_an_error_that_lists_the_sheets(tmp_path):
    with pytest.raises(ReadingError, match="no sheet 'Donnees'; the closest is 'Données'; present: 'Données'"):
        read(tmp_path, xlsx({"Données": HEADINGS + ROW}), format="xlsx", feuille="Donnees")


def test_each_sheet_may_be_a_maille_with_codes_that_are_numbers(tmp_path):
    columns = {k: v for k, v in COLUMNS.items() if k != "maille"}
    headings = xml_row(2, "code", "date", "valeur")
    content = xlsx(
        {"D": xml_row(1, "Titre") + headings + xml_row(3, 1, "2021-03", 4), "R": headings + xml_row(3, 1, "2021-03", 5)}
    )
    sheets = {"D": "departementale", "R": "regionale"}
    reading = read(tmp_path, content, format="xlsx", feuilles=sheets, ligne_entete=2, colonnes=columns)
    assert values(reading) == [("departementale", "01", MARCH, 4.0), ("regionale", "01", MARCH, 5.0)]
    assert reading.rows["ligne"].to_pylist() == [3, 3]


def test_each_sheet_may_be_an_indicator(tmp_path):
    content = xlsx({"Un": HEADINGS + ROW, "Deux": HEADINGS + ROW})
    sheets = {"Un": "i", "Deux": "j"}
    reading = read(tmp_path, content, format="xlsx", feuilles_indicateur=sheets, indicateur=None)
    assert reading.rows["id_indicateur"].to_pylist() == ["i", "j"]


def test_a_number_in_a_date_column_is_read_by_the_format(tmp_path):
    content = xlsx({"A": HEADINGS + xml_row(2, "nationale", "FR", 202103, 1.5)})
    assert values(read(tmp_path, content, format="xlsx", format_date="%Y%m")) == ONE


def test_a_failed_formula_is_rejected_not_missing(tmp_path):
    content = xlsx({"A": HEADINGS + ROW + xml_row(3, "nationale", "FR", "2021-04-30", "#DIV/0!")})
    reading = read(tmp_path, content, format="xlsx")
    assert rules(reading) == [("valeur_illisible", 3, "valeur", "#DIV/0!")]


def test_a_workbook_with_links_to_others_is_refused(tmp_path):
    content = xlsx({"A": HEADINGS + ROW}, **{"xl/externalLinks/externalLink1.xml": "<x/>"})
    with pytest.raises(ReadingError, match="links to other workbooks"):
        read(tmp_path, content, format="xlsx")


def test_a_truncated_workbook_is_an_error(tmp_path):
    with pytest.raises(ReadingError, match=r"essai: f\.xlsx"):
        read(tmp_path, xlsx({"A": HEADINGS + ROW})[:-30], format="xlsx")


# json


@pytest.mark.parametrize(
    ("text", "racine"),
    [
        ("[{}]", None),
        ('{"total": 1, "resultats": [{}]}', None),
        ('{"a": {"b": [{}]}, "c": []}', "a.b"),
        ('{"a": [0, {"b": [{}]}]}', "a.1.b"),
    ],
)
def test_the_records_of_a_json_are_found(tmp_path, text, racine):
    record = '{"maille": "nationale", "code": "FR", "date": "2021-03", "valeur": 1.5}'
    assert values(read(tmp_path, text.replace("{}", record), format="json", racine=racine)) == ONE


def test_json_numbers_keep_their_precision_and_nan_is_missing(tmp_path):
    text = """[{"maille": "nationale", "code": "FR", "date": "2021-03", "valeur": 0.1},
               {"maille": "nationale", "code": "FR", "date": "2021-04", "valeur": NaN},
               {"maille": "nationale", "code": "FR", "date": "2021-05", "valeur": Infinity},
               {"maille": "nationale", "code": "FR", "date": "2021-06", "valeur": true},
               {"maille": "nationale", "code": "FR", "date": "2021-07", "valeur": [1]},
               {"maille": "nationale", "code": "FR", "date": "2021-08"}]"""
    reading = read(tmp_path, text, format="json")
    assert reading.rows["valeur"].to_pylist() == [0.1]
    assert [(r[1], r[3]) for r in rules(reading)] == [(3, "Infinity"), (4, "true"), (5, "[1]")]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[{]", "is not JSON"),
        ("[" * 100_000, "nested too deep"),
        ('[{"code": 1, "code": 2}]', "the key 'code' is twice"),
        ("[1]", "record 1 is not an object"),
        ("3", "a list of records is needed"),
        ('{"a": [], "b": []}', "where are the records"),
        ('{"a": {"b": {}}, "c": {"b": {}}}', "where are the records"),
        ('{"code": {"0": "01"}, "valeur": {"0": 5}}', 'pandas: orient="records"'),
        ('{"01": {"valeur": 5}, "02": {"valeur": 6}}', 'pandas: orient="records"'),
        ('{"class": "dataset", "id": ["geo"], "size": [1], "dimension": {}, "value": [5]}', "is JSON-stat"),
        ('{"data": {"dataSets": [{"series": {}}], "structure": {}}}', "is SDMX-JSON, whose values"),
        ('{"dataSets": [{"series": {}}], "structure": {}}', "ask its service for SDMX-CSV"),
        ('[{"code": 1}]', "the column 'maille' .maille. is missing"),
    ],
)
def test_a_json_that_is_not_a_list_of_records_is_an_error(tmp_path, text, message):
    with pytest.raises(ReadingError, match=message):
        read(tmp_path, text, format="json")


def test_a_wrong_root_is_an_error_that_names_the_closest_key(tmp_path):
    with pytest.raises(ReadingError, match="racine: there is no 'resultat'; the closest is 'resultats'"):
        read(tmp_path, '{"resultats": []}', format="json", racine="resultat")


# parquet


@pytest.mark.parametrize(
    ("dates", "numbers"),
    [
        (pa.array([MARCH]), pa.array([1.5])),
        (pa.array([dt.datetime(2021, 3, 31)], pa.timestamp("ns")), pa.array([Decimal("1.5")])),
        (pa.array([dt.datetime(2021, 3, 31, tzinfo=dt.UTC)], pa.timestamp("us", "UTC")), pa.array([1.5], pa.float32())),
        (pa.array(["2021-03"]).dictionary_encode(), pa.array(["1.5"])),
    ],
)
def test_a_parquet_is_read_whatever_its_types(tmp_path, dates, numbers):
    places = {"maille": pa.array(["nationale"]).dictionary_encode(), "code": ["FR"]}
    assert values(read(tmp_path, parquet({**places, "date": dates, "valeur": numbers}), format="parquet")) == ONE


def test_in_a_parquet_nan_is_missing_and_booleans_are_rejected(tmp_path):
    keys = {"maille": ["nationale"] * 2, "code": ["FR"] * 2, "date": [MARCH] * 2}
    assert not read(tmp_path, parquet({**keys, "valeur": [float("nan"), None]}), format="parquet").rows.num_rows
    assert [r[0] for r in rules(read(tmp_path, parquet({**keys, "valeur": [True, False]}), format="parquet"))] == [
        "valeur_illisible",
        "valeur_illisible",
    ]


# zips


def test_the_declared_member_of_a_zip_is_read(tmp_path):
    content = zipped({"LISEZMOI.txt": "bonjour", "dossier/f.csv": TEXT, "autre.csv": "x"})
    reading = read(tmp_path, content, fichier="dossier/f.csv")
    assert values(reading) == ONE
    assert reading.rows["fichier"].to_pylist() == ["dossier/f.csv"]


def test_the_only_data_member_of_a_zip_needs_no_declaration(tmp_path):
    assert values(read(tmp_path, zipped({"LISEZMOI.txt": "bonjour", "f.csv": TEXT}))) == ONE


def test_a_workbook_may_be_the_member_of_a_zip(tmp_path):
    content = zipped({"classeur.xlsx": xlsx({"A": HEADINGS + ROW})})
    assert values(read(tmp_path, content, format="xlsx")) == ONE


@pytest.mark.parametrize(
    ("members", "given", "message"),
    [
        ({"a.csv": TEXT, "b.csv": TEXT}, {}, "which member of the zip is it"),
        ({"valeurs.csv": TEXT}, {"fichier": "valeur.csv"}, "no member 'valeur.csv'.*closest is 'valeurs.csv'"),
        ({"../f.csv": TEXT}, {}, "outside"),
        ({"/f.csv": TEXT}, {}, "outside"),
    ],
)
def test_a_zip_that_is_ambiguous_or_unsafe_is_an_error(tmp_path, members, given, message):
    with pytest.raises(ReadingError, match=message):
        read(tmp_path, zipped(members), **given)


def test_a_member_of_what_is_no_zip_is_an_error(tmp_path):
    with pytest.raises(ReadingError, match=r"is text and not a zip: the member 'f\.csv' should be in it"):
        read(tmp_path, TEXT, fichier="f.csv")


@pytest.mark.parametrize("kind", ["csv", "xlsx", "xls", "ods", "json", "parquet"])
def test_an_empty_file_is_an_error(tmp_path, kind):
    with pytest.raises(ReadingError, match="the file is empty"):
        read(tmp_path, b"", format=kind)
