"""What the readers make of objectives, alone or in a file shared with values."""

from datetime import date

import pytest
from pydantic import ValidationError

from barometre_pipeline.editions import Edition
from barometre_pipeline.readers import read_delivery
from tests.small_deliveries import a_catalogue, a_delivery, read, rules

ALL = {
    "maille": "maille",
    "territoire": "code",
    "valeur_initiale": "vi",
    "date_valeur_initiale": "dvi",
    "cible": "c",
    "date_cible": "dc",
    "date_arret": "da",
    "date_reference": "dr",
}
SHARED = {
    "indicateur": "id",
    "zone": "zone",
    "valeur_initiale": "indic_vi",
    "date_valeur_initiale": "jour",
    "cible": "indic_vc",
    "date_cible": "jour",
}
FIELDS = ("valeur_initiale", "date_valeur_initiale", "cible", "date_cible", "date_arret", "date_reference")


def objectives(reading):
    return [tuple(row[f] for f in FIELDS) for row in reading.rows.to_pylist()]


def read_all(folder, *rows, **given):
    text = "\n".join(["maille,code,vi,dvi,c,dc,da,dr", *rows]) + "\n"
    return read(folder, text, contenu="objectifs", colonnes=ALL, **given)


def test_an_objective_is_read_with_its_dates_as_they_are(tmp_path):
    reading = read_all(tmp_path, "nationale,FR,10,2017-12,20,2022-12-01,2022-03-31,2021-03-31")
    assert objectives(reading) == [
        (10.0, date(2017, 12, 31), 20.0, date(2022, 12, 1), date(2022, 3, 31), date(2021, 3, 31))
    ]


def test_an_objective_may_be_empty_but_not_a_note(tmp_path):
    reading = read_all(tmp_path, "nationale,FR,,,,,,", "Source : le ministère,,,,,,,")
    assert objectives(reading) == [(None,) * 6]
    assert reading.sheets[0].notes == 1


def test_a_date_without_its_number_is_ignored_beside_another_number(tmp_path):
    reading = read_all(tmp_path, "nationale,FR,3,2017-12,,2022-12,,")
    assert objectives(reading) == [(3.0, date(2017, 12, 31), None, None, None, None)]


def test_a_row_of_reference_dates_alone_is_kept(tmp_path):
    reading = read_all(tmp_path, "nationale,FR,,,,,,2021-03")
    assert objectives(reading) == [(None, None, None, None, None, date(2021, 3, 31))]


def test_an_unreadable_number_or_date_rejects_the_row(tmp_path):
    reading = read_all(tmp_path, "nationale,FR,x,,5,,,", "nationale,FR,,,5,demain,,")
    assert rules(reading) == [("valeur_illisible", 2, "vi", "x"), ("date_illisible", 3, "dc", "demain")]
    assert not reading.rows.num_rows


def test_a_date_column_shared_by_values_and_objectives_goes_with_the_number_beside_it(tmp_path):
    text = "id,zone,jour,indic_vi,indic_va,indic_vc\ni,D01,2017-12-31,4,,\ni,D01,2021-03-31,,7,\ni,D01,2022-12-31,,,9\n"
    given = {"indicateur": None}
    targets = read(tmp_path, text, contenu="objectifs", colonnes=SHARED, **given)
    assert objectives(targets) == [
        (4.0, date(2017, 12, 31), None, None, None, None),
        (None,) * 6,  # the row of a value: no number, so its date is no target's
        (None, None, 9.0, date(2022, 12, 31), None, None),
    ]
    columns = {"indicateur": "id", "zone": "zone", "date": "jour", "valeur": "indic_va"}
    assert read(tmp_path, text, colonnes=columns, **given).rows["valeur"].to_pylist() == [7.0]


def test_a_target_without_territory_is_a_reject_and_no_note(tmp_path):
    columns = {"territoire": "code", "cible": "cible", "date_cible": "fin"}
    text = "code,cible,fin\n01,10,2022-12-31\n,20,2023-12-31\n,,\n,source : INSEE,\n"
    reading = read(tmp_path, text, contenu="objectifs", colonnes=columns, maille="departementale")
    assert reading.rows.num_rows == 1
    assert [rule[:2] for rule in rules(reading)] == [("territoire_inconnu", 3)]
    assert [sheet.notes for sheet in reading.sheets] == [1]


def test_an_explanation_without_territory_is_a_reject_and_no_note(tmp_path):
    columns = {"territoire": "code", "texte": "texte", "date_cible": "fin"}
    text = "code,texte,fin\n01,Retard,2022-12-31\n,Toute la maille,2022-12-31\n,source : INSEE,\n"
    reading = read(tmp_path, text, contenu="explications", colonnes=columns, maille="departementale")
    assert reading.rows.num_rows == 1
    assert [rule[:2] for rule in rules(reading)] == [("territoire_inconnu", 3)]
    assert [sheet.notes for sheet in reading.sheets] == [1]


def test_a_target_that_cannot_be_read_is_no_remark_where_its_row_has_no_key(tmp_path):
    columns = {"maille": "maille", "territoire": "code", "cible": "cible", "date_cible": "date"}
    text = "maille;code;cible;date\ndepartementale;01;1;2022-12\n;;12 (p);\nregionale;;secret;\n;;voir la note;\n"
    reading = read(tmp_path, text, separateur=";", contenu="objectifs", colonnes=columns)
    assert ([rule[1] for rule in rules(reading)], reading.sheets[0].notes) == ([3, 4], 1)


@pytest.mark.parametrize(("said", "day"), [("2022-12-15", date(2022, 12, 15)), ("fin_edition", date(2022, 3, 31))])
def test_the_day_of_a_target_whose_heading_alone_says_the_year_is_the_constant_one(tmp_path, said, day):
    path = tmp_path / "f.csv"
    path.write_text("code,cible 2021,cible 2022\n01,10,20\n2A,11,\n")
    columns = {"territoire": "code", "cible": "cible 2022"}
    given = {"contenu": "objectifs", "maille": "departementale", "colonnes": columns, "date_constante": said}
    reading = read_delivery(a_delivery(**given), [path], a_catalogue(), edition=Edition(2022, 1))
    assert objectives(reading) == [(None, None, 20.0, day, None, None), (None,) * 6]
    assert not rules(reading)


@pytest.mark.parametrize(
    ("columns", "told"),
    [
        ({"cible": "c", "date_cible": "dc"}, "date_constante and colonnes.date_cible exclude one another"),
        ({"valeur_initiale": "vi"}, "of objectifs it is the day of `cible`, which no column holds"),
    ],
)
def test_a_constant_day_that_is_that_of_no_target_is_told_in_the_catalogue(columns, told):
    with pytest.raises(ValidationError, match=told):
        a_delivery(contenu="objectifs", maille="nationale", colonnes=columns, date_constante="2022-12-31")
