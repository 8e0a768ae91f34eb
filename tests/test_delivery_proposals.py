"""What `barometre delivery propose` tells of a file by its content: filled down, headings of two rows, dates."""

import datetime as dt
import io
from dataclasses import replace
from pathlib import Path

import openpyxl
import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from barometre_pipeline.catalogue import Indicateur, Livraison, Mesure
from barometre_pipeline.errors import ReadingError, UsageError
from barometre_pipeline.readers import read_delivery
from barometre_pipeline.trials.proposing import proposed_delivery
from tests.projects import project  # noqa: F401 - it is a fixture
from tests.small_deliveries import a_catalogue

PART = Indicateur(id="part", libelle="Part", unite="% des cas", sens="hausse", lecture="derniere_valeur")
CATALOGUE = a_catalogue()
CATALOGUE = replace(
    CATALOGUE, mesures=(*CATALOGUE.mesures, Mesure(id="n", libelle="n", secteur="s", ordre=2, indicateurs=(PART,)))
)
FILES = Path(__file__).parent / "files"
PLACES = ("01", "2A", "971")
MONTHS = [dt.date(2022, month, 1) - dt.timedelta(days=1) for month in range(2, 13)]
DAY_ZERO = dt.date(1899, 12, 30)


def written(folder, rows, name):
    """A CSV or a workbook of these rows."""
    path = folder / name
    if name.endswith("csv"):
        text = "\n".join(";".join("" if cell is None else str(cell) for cell in row) for row in rows)
        path.write_text(text + "\n", encoding="utf-8")
    else:
        workbook, content = openpyxl.Workbook(), io.BytesIO()
        for row in rows:
            workbook.active.append(row)
        workbook.save(content)
        path.write_bytes(content.getvalue())
    return path


def proposed(path) -> dict:
    (delivery,) = yaml.safe_load(proposed_delivery(path, CATALOGUE))["livraisons"]
    return delivery


def read_as_proposed(path):
    """The (code, date, value) of what is read, and the rejects' reasons."""
    livraison = Livraison.model_validate({"ministere": "Essai", **proposed(path)})
    reading = read_delivery(livraison, [path], CATALOGUE)
    rows = [(r["code"], r["date"], r["valeur"]) for r in reading.rows.to_pylist()]
    return sorted(rows), reading.rejects["motif"].to_pylist()


def series(months=MONTHS):
    """The (code, date, value) of three territories."""
    return sorted(
        (code, day, 10.5 * rank + month) for rank, code in enumerate(PLACES, 1) for month, day in enumerate(months)
    )


def without_repeats(rows, positions):
    """These rows with what repeats the cell above left empty, as merged cells are."""
    above, found = {}, []
    for row in rows:
        kept = [None if p in positions and above.get(p) == cell else cell for p, cell in enumerate(row)]
        above = dict(enumerate(row))
        found.append(kept)
    return found


@pytest.mark.parametrize("name", ["f.csv", "f.xlsx"])
def test_columns_that_look_like_merged_cells_are_filled_down(tmp_path, name):
    rows = [[code, str(day), value] for code, day, value in series()]
    path = written(tmp_path, [["Code département", "Date", "Valeur"], *without_repeats(rows, {0})], name)
    assert proposed(path)["remplir"] == ["Code département"]
    assert read_as_proposed(path) == (series(), [])


def test_columns_with_a_few_empty_cells_or_those_of_the_whole_are_not_filled_down(tmp_path):
    rows = [["departementale", code, str(day), value] for code, day, value in series()]
    total = ["", "", "2022-01-31", 99]
    path = written(tmp_path, [["Maille", "Code", "Date", "Valeur"], *rows, total], "f.csv")
    assert "remplir" not in proposed(path)
    whole = [["nationale", None, str(day), value] for _, day, value in series()]
    path = written(tmp_path, [["Maille", "Code", "Date", "Valeur"], *rows, *whole], "f.csv")
    assert "remplir" not in proposed(path)


@pytest.mark.parametrize("name", ["f.csv", "f.xlsx"])
@pytest.mark.parametrize(
    ("parts", "months"),
    [
        (("T1", "T2", "T3"), (3, 6, 9)),
        (("03", "06", "09"), (3, 6, 9)),
        (("janvier", "mars", "mai"), (1, 3, 5)),
        (("S1", "S2"), (6, 12)),
    ],
)
@pytest.mark.parametrize("titles", [[], [["Relevé des trimestres"], []]])
def test_headings_on_two_rows_are_read_as_one_date(tmp_path, name, parts, months, titles):
    upper = ["Code", *(year if rank == 0 else None for year in (2021, 2022) for rank in range(len(parts)))]
    lower = [None, *parts, *parts]
    data = [[code, *(10 * rank + n for n in range(2 * len(parts)))] for rank, code in enumerate(PLACES, 1)]
    path = written(tmp_path, [*titles, upper, lower, *data], name)
    assert proposed(path)["lignes_entete"] == ([3, 4] if titles else [1, 2])
    rows, rejects = read_as_proposed(path)
    assert rejects == []
    days = [_end(year, month) for year in (2021, 2022) for month in months]
    assert rows == sorted((row[0], day, value) for row in data for day, value in zip(days, row[1:], strict=True))


def _end(year, month):
    return (dt.date(year, month, 28) + dt.timedelta(days=4)).replace(day=1) - dt.timedelta(days=1)


def test_headings_on_two_rows_of_words_are_joined_where_one_row_does_not_tell_the_columns_apart(tmp_path):
    upper = ["Code département", "Valeur initiale", None, "Cible", None]
    lower = [None, "nombre", "date", "nombre", "date"]
    data = [[code, 5, "2021-03-31", 9, "2023-12-31"] for code in PLACES]
    delivery = proposed(written(tmp_path, [upper, lower, *data], "f.csv"))
    assert delivery["lignes_entete"] == [1, 2]
    assert delivery["colonnes"]["cible"] == "Cible nombre"
    assert delivery["colonnes"]["date_cible"] == "Cible date"


@pytest.mark.parametrize(
    "rows",
    [
        [["Code", "2021", ""], ["01", 3, 6], ["2A", 4, 5]],  # an empty heading, and no second row of headings
        [["Code", "Date", "Note", "", "Valeur"], ["01", "2021-03", "x", "y", 5], ["2A", "2021-03", "z", "", 6]],
        [["Territoire", "", "Mesure", ""], ["Code", "Nom", "Date", "Valeur"], ["01", "Ain", "2021-03", 5]],
    ],
)
def test_one_row_of_headings_that_is_enough_is_not_joined_with_another(tmp_path, rows):
    assert "lignes_entete" not in proposed(written(tmp_path, rows, "f.csv"))


def test_bare_days_of_a_workbook_are_dates_where_their_heading_says_so(tmp_path):
    rows = [[code, (day - DAY_ZERO).days, value] for code, day, value in series()]
    path = written(tmp_path, [["Code département", "Date", "Valeur"], *rows], "f.xlsx")
    delivery = proposed(path)
    assert delivery["colonnes"]["date"] == "Date" and "format_date" not in delivery
    assert read_as_proposed(path) == (series(), [])
    path = written(tmp_path, [["Code département", "Effectif", "Valeur"], *rows], "f.xlsx")
    assert proposed(path)["colonnes"].get("date") != "Effectif"


@pytest.mark.parametrize(
    ("form", "days", "doubt"),
    [
        ("%m/%d/%Y", MONTHS, False),
        ("%d/%m/%Y", MONTHS, False),
        ("%m/%d/%Y", [day.replace(day=1) for day in MONTHS], True),
        ("%d/%m/%Y", [day.replace(day=1) for day in MONTHS], True),
        ("%m-%d-%Y", MONTHS, False),
        ("%m/%d/%y", MONTHS, True),
    ],
)
def test_the_month_comes_first_where_days_say_so_and_where_they_do_not_it_is_told(tmp_path, form, days, doubt):
    rows = [["01", f"{day:{form}}", rank] for rank, day in enumerate(days)]
    path = written(tmp_path, [["Code département", "Date", "Valeur"], *rows], "f.csv")
    assert proposed(path)["format_date"] == form
    assert (
        "format_date" in "".join(one for one in proposed_delivery(path, CATALOGUE).splitlines() if "#" in one)
    ) == doubt
    assert [(r[1], r[2]) for r in read_as_proposed(path)[0]] == [(_end(d.year, d.month), n) for n, d in enumerate(days)]


DATES = {
    "iso": lambda day: str(day),
    "French": lambda day: f"{day:%d/%m/%Y}",
    "American": lambda day: f"{day:%m/%d/%Y}",
    "month": lambda day: f"{day:%m/%Y}",
    "quarter": lambda day: f"{day.year}-T{(day.month + 2) // 3}",
    "serial": lambda day: (day - DAY_ZERO).days,
    "date": lambda day: day,
}


@settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    kind=st.sampled_from(sorted(DATES)),
    name=st.sampled_from(["f.csv", "f.xlsx"]),
    merged=st.sampled_from([set(), {0}, {0, 1}]),
    titles=st.integers(0, 3),
    count=st.integers(3, 9),
    numbers=st.lists(st.integers(-9999, 9999), min_size=27, max_size=27, unique=True),
)
def test_what_is_proposed_reads_its_file_without_rejects(tmp_path, kind, name, merged, titles, count, numbers):
    if name == "f.csv" and kind in ("serial", "date"):
        kind = "iso"
    days = MONTHS[2::3] if kind == "quarter" else MONTHS[:count]
    expected = [(code, day, numbers[9 * p + n] / 4) for p, code in enumerate(PLACES) for n, day in enumerate(days)]
    rows = [["departementale", code, DATES[kind](day), value] for code, day, value in expected]
    above = [[f"Titre {n}"] for n in range(titles)]
    path = written(tmp_path, [*above, ["Maille", "Code", "Date", "Valeur"], *without_repeats(rows, merged)], name)
    assert read_as_proposed(path) == (sorted(expected), [])


def test_a_proposal_of_merged_cells_below_two_rows_of_headings_is_tried_without_rejects(project, tmp_path):
    rows = [["Secteur", "Département", "2021", "", "2022", ""], ["", "", "T3", "T4", "T1", "T2"]]
    rows += [["eau", "amont", 1, 2, 3, 4], ["", "aval", 5, 6, 7, 8]]
    path = written(tmp_path, rows, "releves.csv")
    code, out, _ = project.barometre("delivery", "propose", path, "--catalogue", project.catalogue)
    assert code == 0
    (project.catalogue / "livraisons" / "releves.yaml").write_text(out, encoding="utf-8")
    code, out, err = project.barometre(
        "delivery", "try", "releves", "--file", path, "--catalogue", project.catalogue, "--home", project.home
    )
    assert (code, err) == (0, ""), out
    assert "Read: 8 rows" in out


@pytest.mark.parametrize("name", ["sheetjs.ods", "sheetjs.xls", "sheetjs.xlsb", "sheetjs.xlsx"])
def test_a_workbook_by_another_writer_is_proposed_by_its_visible_sheet(name):
    assert proposed(FILES / name)["feuille"] == "Données"


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252", "mac_roman", "cp850"]
)
def test_the_encoding_of_a_french_text_is_proposed(tmp_path, encoding):
    path = tmp_path / "f.csv"
    path.write_bytes("Département;Période;Valeur\n01;2022-03;1,5\n2A;2022-03;2,5\n".encode(encoding))
    assert proposed(path).get("encodage", "utf-8") == encoding
    assert read_as_proposed(path)[0] == [("01", dt.date(2022, 3, 31), 1.5), ("2A", dt.date(2022, 3, 31), 2.5)]


def test_what_is_no_table_is_not_proposed_as_one(tmp_path):
    path = tmp_path / "f.fods"
    path.write_text('<?xml version="1.0"?><office:document/>')
    with pytest.raises(UsageError, match="is XML"):
        proposed_delivery(path, CATALOGUE)


def test_the_error_of_a_spreadsheet_is_not_proposed_as_a_missing_value(tmp_path):
    rows = [["code", "date", "valeur"], ["01", "2022-03", 5], ["2A", "2022-03", "#N/A"], ["971", "2022-03", "n.d."]]
    assert proposed(written(tmp_path, rows, "f.xlsx"))["manquants"] == ["n.d."]


@pytest.mark.parametrize("name", ["f.csv", "j.csv"])
def test_percentages_are_proposed_of_an_indicator_that_is_measured_in_them_unless_the_file_names_one(tmp_path, name):
    path = written(tmp_path, [["code", "date", "valeur"], ["01", "2022-03", "12,5 %"]], name)
    (delivery,) = yaml.safe_load(proposed_delivery(path, CATALOGUE))["livraisons"]
    assert delivery["indicateur"] == {"f.csv": "part", "j.csv": "j"}[name]


def test_what_the_catalogue_does_not_follow_is_proposed_as_such(tmp_path):
    rows = [["niveau", "code", "mois", "valeur"], ["NAT", "FR", "2022-03", 1], ["DPT", "01", "2022-03", 2]]
    rows += [["DPT", "2A", "2022-03", 3], ["DPT", "69M", "2022-03", 4], ["EPCI", "200000172", "2022-03", 5]]
    path = written(tmp_path, rows, "f.csv")
    delivery = proposed(path)
    assert delivery["filtre"] == {"niveau": ["NAT", "DPT"]}
    assert delivery["ignorer"] == {"territoires": ["69M"]}
    assert read_as_proposed(path) == ([(c, dt.date(2022, 3, 31), v) for c, v in (("01", 2), ("2A", 3), ("FR", 1))], [])


def test_a_column_of_codes_is_believed_by_its_heading_where_most_are_totals(tmp_path):
    rows = [["code", "mois", "valeur"], ["2A", "2022-03", 1], ["69M", "2022-03", 2], ["Total", "2022-03", 3]]
    path = written(tmp_path, rows, "f.csv")
    assert read_as_proposed(path) == ([("2A", dt.date(2022, 3, 31), 1)], [])


def test_a_total_without_any_key_is_not_taken_for_merged_cells(tmp_path):
    rows = [["maille", "code", "mois", "valeur"], ["departementale", "01", "2022-03", 1], [None, None, None, 1]]
    path = written(tmp_path, rows, "f.xlsx")
    assert "remplir" not in proposed(path)
    assert "remplir" not in read_as_proposed(path)[1][0]


MARCH_OF_2022 = dt.date(2022, 3, 31)


@pytest.mark.parametrize(
    "headings, parts",
    [
        (("année", "mois"), ("2022", "mars")),
        (("mois", "année"), ("mars", "2022")),
        (("année", "trimestre"), ("2022", "1er trimestre")),
        (("exercice", "période"), ("2022", "T1")),
        (("jour",), ("31/03/2022 00:00",)),
        (("jour",), ("31/03/2022 23:59:59",)),
        (("jour",), ("2022/03/31 00:00:00",)),
        (("mois",), ("03-2022",)),
        (("jour",), ("31.03.22",)),
        (("jour",), ("31MAR2022:00:00:00",)),
        (("jour",), ("31MAR2022:00:00:00.000",)),
    ],
)
def test_a_date_is_proposed_as_people_write_it(tmp_path, headings, parts):
    rows = [["code", *headings, "valeur"], *([code, *parts, 5] for code in PLACES)]
    path = written(tmp_path, rows, "f.csv")
    assert read_as_proposed(path) == ([(code, MARCH_OF_2022, 5) for code in PLACES], [])


def test_the_only_heading_that_is_a_date_is_one_beside_totals_and_remarks(tmp_path):
    rows = [["code", "2022-03", "Total", "Commentaire"], *([code, 5, 9, "ras"] for code in PLACES)]
    path = written(tmp_path, rows, "f.csv")
    assert proposed(path)["ignorer"] == {"colonnes": ["Total", "Commentaire"]}
    assert read_as_proposed(path) == ([(code, MARCH_OF_2022, 5) for code in PLACES], [])


def test_a_file_without_any_date_is_proposed_as_of_the_end_of_the_edition(tmp_path):
    delivery = proposed(written(tmp_path, [["code", "valeur"], ["01", 5], ["2A", 6]], "f.csv"))
    assert delivery["date_constante"] == "fin_edition"
    assert "date" not in delivery["colonnes"]


def test_a_date_that_is_not_read_is_named_all_the_same(tmp_path):
    path = written(tmp_path, [["code", "date", "valeur"], ["01", "le 3e jour", 5], ["2A", "hier", 6]], "f.csv")
    assert proposed(path)["colonnes"]["date"] == "date"


def test_one_target_a_year_is_proposed_with_its_year(tmp_path):
    rows = [["code", "année", "objectif"], *([code, year, 5] for code in PLACES for year in (2022, 2023))]
    delivery = proposed(written(tmp_path, rows, "f.csv"))
    assert (delivery["contenu"], delivery["format_date"]) == ("objectifs", "%Y")
    assert delivery["colonnes"] == {"territoire": "code", "cible": "objectif", "date_cible": "année"}


def test_of_initial_present_and_target_values_the_present_one_is_proposed(tmp_path):
    rows = [["code", "mois", "type_valeur", "valeur"]]
    rows += [[code, "2022-03", kind, value] for code in PLACES for kind, value in (("vi", 1), ("va", 5), ("vc", 9))]
    path = written(tmp_path, rows, "f.csv")
    assert read_as_proposed(path) == ([(code, MARCH_OF_2022, 5) for code in PLACES], [])


@pytest.mark.parametrize(
    "written_, keys, values_",
    [
        (("5,5 €", "6 €", "1 234,5 €"), {"unites_ecrites": ["€"]}, [5.5, 6, 1234.5]),
        (("€ 5.5", "€ 6", "€ 7"), {"unites_ecrites": ["€"]}, [5.5, 6, 7]),
        (("5 km", "6 km", "7 km"), {"unites_ecrites": ["km"]}, [5, 6, 7]),
        (("5", "6 (p)", "7*"), {"drapeaux": ["(p)", "*"]}, [5, 6, 7]),
        (("5,5", "6,5r", "n.d."), {"drapeaux": ["r"], "manquants": ["n.d."]}, [5.5, 6.5]),
        (("5 k", "6", "7"), {}, [6, 7]),
        (("<5", "6", "7"), {}, [6, 7]),
        (("5-", "6", "7"), {}, [6, 7]),
    ],
)
def test_what_stands_beside_numbers_is_proposed(tmp_path, written_, keys, values_):
    rows = [["code", "mois", "valeur"], *([c, "2022-03", n] for c, n in zip(PLACES, written_, strict=True))]
    path = written(tmp_path, rows, "f.csv")
    told = {k: v for k, v in proposed(path).items() if k in ("unites_ecrites", "drapeaux", "manquants")}
    assert told == keys
    assert sorted(value for _, _, value in read_as_proposed(path)[0]) == sorted(values_)


def test_the_row_below_two_of_headings_that_names_the_index_of_pandas_is_one_too(tmp_path):
    rows = [[None, 2022, None], [None, "T1", "T2"], ["code", None, None], *([code, 5, 6] for code in PLACES)]
    path = written(tmp_path, rows, "f.xlsx")
    assert proposed(path)["lignes_entete"] == [1, 2, 3]
    days = (MARCH_OF_2022, dt.date(2022, 6, 30))
    assert read_as_proposed(path) == (
        sorted((code, day, value) for code in PLACES for day, value in zip(days, (5, 6), strict=True)),
        [],
    )


def test_a_proposal_is_valid_whatever_the_file_is_called_and_where_no_column_has_a_role(tmp_path):
    path = written(tmp_path, [["2022-03", "2022-06"], [5, 6]], "valeurs {x}.csv")
    (delivery,) = yaml.safe_load(proposed_delivery(path, CATALOGUE))["livraisons"]
    assert (delivery["url"], delivery["colonnes"]) == ("valeurs %7Bx%7D.csv", {})
    assert Livraison.model_validate({"ministere": "Essai", **delivery})


def test_explanations_are_proposed_as_such(tmp_path):
    rows = [["code", "Date cible", "Explication", "Lien"]]
    rows += [[code, "31/12/2022", "Les travaux ont pris du retard", "https://example.org"] for code in PLACES]
    path = written(tmp_path, rows, "f.csv")
    delivery = proposed(path)
    assert (delivery["contenu"], delivery["format_date"]) == ("explications", "%d/%m/%Y")
    livraison = Livraison.model_validate({"ministere": "Essai", **delivery})
    reading = read_delivery(livraison, [path], CATALOGUE)
    assert reading.rejects.num_rows == 0
    assert reading.rows["code"].to_pylist() == list(PLACES)


def test_the_column_without_a_heading_that_scripts_write_of_row_numbers_is_proposed_as_left(tmp_path):
    rows = [["", "dep", "date", "valeur"], [1, "01", "2021-03-31", "1e+05"], [2, "2A", "2021-03-31", "12.5"]]
    path = written(tmp_path, rows, "r.csv")
    assert proposed(path)["ignorer"] == {"colonnes": [""]}
    day = dt.date(2021, 3, 31)
    assert read_as_proposed(path) == ([("01", day, 100_000.0), ("2A", day, 12.5)], [])


def test_the_error_of_a_spreadsheet_is_not_proposed_as_a_missing_value(tmp_path):
    rows = [
        ("code", "date", "valeur"),
        *((p, "2021-03", v) for p, v in zip(PLACES, ("1,5", "#N/A", "nd"), strict=True)),
    ]
    assert proposed(written(tmp_path, [*rows, ("01", "2021-04", "2,5")], "f.csv"))["manquants"] == ["nd"]


def test_what_makes_another_number_is_not_proposed_as_a_mark(tmp_path):
    rows = [("code", "date", "valeur"), ("01", "2021-03", "1,5 ‰"), ("2A", "2021-03", "2,5"), ("971", "2021-03", "3")]
    assert "drapeaux" not in proposed(written(tmp_path, rows, "f.csv"))


@pytest.mark.parametrize(
    ("heading", "codes", "level"),
    [
        ("Code région", ("01", "93"), "regionale"),
        ("Code", ("01", "2A"), "departementale"),
        ("Département", ("01", "93"), "departementale"),
    ],
)
def test_a_heading_says_of_which_level_codes_of_several_are(tmp_path, heading, codes, level):
    path = written(tmp_path, [[heading, "date", "valeur"], *([code, "2022-03", 1] for code in codes)], "f.csv")
    assert proposed(path)["maille"] == level


def test_codes_of_an_older_list_of_regions_are_not_those_of_departements(tmp_path):
    rows = [["Région", "date", "valeur"], *([code, "2022-03", 1] for code in ("93", "2A", "971"))]
    path = written(tmp_path, rows, "f.csv")
    assert proposed(path)["maille"] == "regionale"
    told = proposed_delivery(path, CATALOGUE)
    assert "d'après l'intitulé ; plus de codes sont ceux d'une autre maille (département) : vérifier" in told


def test_a_column_of_codes_beside_their_names_is_one_of_territories(tmp_path):
    rows = [["Territoire", "date", "valeur"], ["01 - Ain", "2022-03", 1], ["2A - Corse-du-Sud", "2022-03", 2]]
    found, reasons = read_as_proposed(written(tmp_path, rows, "f.csv"))
    assert ([code for code, *_ in found], reasons) == (["01", "2A"], [])


@pytest.mark.parametrize("of_the_file", ["date_maj", "Date de mise à jour", "Date d'extraction"])
def test_the_day_of_the_file_is_not_that_of_its_values_and_a_second_column_of_dates_is_a_doubt(tmp_path, of_the_file):
    rows = [
        ["code", of_the_file, "periode", "valeur"],
        ["01", "2022-05-02", "2022-03", 5],
        ["2A", "2022-05-02", "2022-02", 6],
    ]
    path = written(tmp_path, rows, "f.csv")
    assert proposed(path)["colonnes"]["date"] == "periode"
    assert "date: periode  # plusieurs colonnes de dates : est-ce la bonne ?" in proposed_delivery(path, CATALOGUE)
    assert "plusieurs colonnes de dates" not in proposed_delivery(
        written(tmp_path, [[*row[:1], *row[2:]] for row in rows], "g.csv"), CATALOGUE
    )


def test_the_marks_of_headings_that_are_dates_are_proposed(tmp_path):
    rows = [["code", "2020", "2021 (p)", "2022 p", "Total"], ["01", 1, "2 r", 3, 6], ["2A", 4, 5, 6, 15]]
    path = written(tmp_path, rows, "f.csv")
    assert proposed(path)["drapeaux"] == ["(p)", "p", "r"]
    assert proposed(path)["ignorer"] == {"colonnes": ["Total"]}
    found, reasons = read_as_proposed(path)
    assert ([(code, day.year) for code, day, _ in found], reasons) == (
        [(code, year) for code in ("01", "2A") for year in (2020, 2021, 2022)],
        [],
    )


@pytest.mark.parametrize(
    ("written_as", "named", "format_"),
    [("f.csv", "t.xls", "csv"), ("f.xlsx", "t.xls", "xlsx"), ("f.xlsx", "t.csv", "xlsx")],
)
def test_a_file_whose_name_is_that_of_another_format_is_proposed_as_what_it_is(tmp_path, written_as, named, format_):
    rows = [["code", "date", "valeur"], ["01", "2022-03", 5], ["2A", "2022-03", 6]]
    path = tmp_path / named
    path.write_bytes(written(tmp_path, rows, written_as).read_bytes())
    assert proposed(path)["format"] == format_
    found, reasons = read_as_proposed(path)
    assert ([value for *_, value in found], reasons) == ([5, 6], [])


def test_a_damaged_file_is_told_as_what_its_name_says(tmp_path):
    path = tmp_path / "f.xlsx"
    path.write_bytes(written(tmp_path, [["code", "valeur"], ["01", 5]], "g.xlsx").read_bytes()[:2000])
    with pytest.raises(ReadingError, match="xlsx"):
        proposed_delivery(path, CATALOGUE)
