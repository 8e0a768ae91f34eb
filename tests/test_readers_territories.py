"""Which territory a row speaks of, in catalogues whose levels are their own."""

import pytest

from barometre_pipeline.catalogue import Territoire
from barometre_pipeline.readers import read_delivery
from barometre_pipeline.readers.place_names import NamesAlike
from tests.countries import a_level
from tests.small_deliveries import MARCH, a_catalogue, a_delivery, rules

LEVELS = tuple(
    a_level(id_, parent, libelle=label, libelle_pluriel=f"{label}s")
    for id_, label, parent in (
        ("whole", "country", None),
        ("capital", "capital district", "whole"),
        ("province", "province", "whole"),
        ("town_ship", "township", "province"),
    )
)
PLACES = tuple(
    Territoire(maille=maille, code=code, libelle=label, parent=parent, zone_id=zone)
    for maille, code, label, parent, zone in (
        ("whole", "X", "Xland", None, "X"),
        ("capital", "C", "The Capital", "X", None),
        ("province", "01", "North", "X", None),
        ("province", "02", "Québec", "X", None),
        ("town_ship", "01", "Québec", "02", None),
        ("town_ship", "0155", "Elsewhere", "02", None),
    )
)
CODES = {"territoire": "code", "date": "date", "valeur": "valeur"}
NAMES = {"libelle": "name", "date": "date", "valeur": "valeur"}


@pytest.fixture
def read(tmp_path):
    def read(text: str, **given):
        catalogue = a_catalogue(mailles=LEVELS, territoires=PLACES)
        path = tmp_path / "f.csv"
        path.write_text(text, encoding="utf-8")
        return read_delivery(a_delivery(**given), [path], catalogue)

    return read


def places(reading) -> list[tuple]:
    return [(r["maille"], r["code"]) for r in reading.rows.to_pylist()]


def reasons(reading) -> list[str]:
    return reading.rejects["motif"].to_pylist()


@pytest.mark.parametrize(
    ("columns", "written", "place"),
    [
        (CODES, "0155", ("town_ship", "0155")),
        (CODES, "155", ("town_ship", "0155")),
        (CODES, "x", ("whole", "X")),
        (CODES, "north", ("province", "01")),
        (NAMES, "ELSEWHERE", ("town_ship", "0155")),
        (NAMES, "xland", ("whole", "X")),
    ],
)
def test_a_code_or_name_of_one_level_only_needs_no_level(read, columns, written, place):
    heading = next(iter(columns.values()))
    assert places(read(f"{heading},date,valeur\n{written},2021-03,1\n", colonnes=columns)) == [place]


@pytest.mark.parametrize(("columns", "written"), [(CODES, "01"), (CODES, "1"), (CODES, "québec"), (NAMES, "Quebec")])
def test_a_code_or_name_of_several_levels_is_rejected_with_the_keys_that_would_tell(read, columns, written):
    heading = next(iter(columns.values()))
    reading = read(f"{heading},date,valeur\n{written},2021-03,1\n", colonnes=columns)
    assert not reading.rows.num_rows
    assert rules(reading) == [("territoire_inconnu", 2, heading, written)]
    (reason,) = reasons(reading)
    assert "est de plusieurs mailles (« province » et « township »)" in reason
    assert all(key in reason for key in ("`maille`", "`colonnes.maille`", "`valeurs_maille`", "`feuilles`"))


def test_a_code_of_no_level_is_rejected_with_the_closest_name_of_any(read):
    reading = read("code,date,valeur\nElsewere,2021-03,1\n,2021-03,1\n", colonnes=CODES)
    assert "n'est le code ou le nom d'aucun territoire ; le nom le plus proche est « Elsewhere »" in reasons(reading)[0]
    assert "La cellule est vide : un territoire est nécessaire" in reasons(reading)[1]


def test_the_level_may_be_said_by_its_id_however_it_is_spaced(read):
    text = "maille,code,date,valeur\nTown-Ship,01,2021-03,1\nPROVINCE,1,2021-03,1\ntownship,01,2021-03,1\n"
    reading = read(text, colonnes={"maille": "maille", **CODES})
    assert places(reading) == [("town_ship", "01"), ("province", "01")]
    assert "les mots attendus sont « whole », « capital », « province », « town_ship »" in reasons(reading)[0]


@pytest.mark.parametrize("level", ["whole", "capital"])
def test_a_level_with_one_territory_needs_no_territory_column_whatever_its_name(read, level):
    reading = read("date,valeur\n2021-03,1\n", colonnes={"date": "date", "valeur": "valeur"}, maille=level)
    assert [r["date"] for r in reading.rows.to_pylist()] == [MARCH]
    assert places(reading)[0][0] == level


def test_an_unknown_code_says_which_level_has_it(read):
    reading = read("code,date,valeur\n0155,2021-03,1\nC,2021-03,1\n", colonnes=CODES, maille="province")
    assert reasons(reading)[0].startswith(
        "« 0155 » n'est pas un code de la maille « province » (c'en est un de la maille « township »)"
    )
    assert "« capital district »" in reasons(reading)[1]


def test_the_closest_of_many_names_is_found_and_not_for_ever():
    names = NamesAlike(f"Saint-{syllable}-sur-Loire {n}" for syllable in ("Val", "Mont", "Bois") for n in range(5000))
    assert names.closest("saint mont sur loire 4999x") == "Saint-Mont-sur-Loire 4999"
    assert names.closest("zzz") is None
    answers = [names.closest("Saint-Bois-sur-Loire 12x") for _ in range(600)]
    assert answers[0] == "Saint-Bois-sur-Loire 12" and answers[-1] is None


FRENCH = tuple(
    Territoire(maille=maille, code=code, libelle=label, parent=parent, zone_id=zone)
    for maille, code, label, parent, zone in (
        ("nationale", "FR", "France", None, "FRANCE"),
        ("regionale", "01", "Guadeloupe", "FR", "R01"),
        ("regionale", "94", "Corse", "FR", "R94"),
        ("regionale", "11", "Île-de-France", "FR", "R11"),
        ("departementale", "01", "Ain", "11", "D01"),
        ("departementale", "02", "Aisne", "11", "D02"),
        ("departementale", "2A", "Corse-du-Sud", "94", "D2A"),
        ("departementale", "93", "Seine-Saint-Denis", "11", "D93"),
        ("departementale", "974", "La Réunion", "11", "D974"),
        ("departementale", "43", "Haute-Loire", "11", "D43"),
        ("departementale", "42", "Loire", "11", "D42"),
        ("departementale", "971", "Guadeloupe", "01", "D971"),
    )
)
BOTH = {"territoire": "code", "libelle": "nom", "date": "date", "valeur": "valeur"}
WITH_LEVEL = {**BOTH, "maille": "maille"}
ZONED = {"zone": "zone", **WITH_LEVEL}


@pytest.fixture
def read_french(tmp_path):
    def read(text: str, **given):
        path = tmp_path / "f.csv"
        path.write_text(text, encoding="utf-8")
        return read_delivery(a_delivery(**given), [path], a_catalogue(territoires=FRENCH))

    return read


@pytest.mark.parametrize(
    ("code", "name"),
    [
        *[("01", name) for name in ("ain", " AIN ", "L'Ain", "l’ain", "Département de l'Ain", "Ain (01)", "01 - Ain")],
        *[("1", name) for name in ("Ain", "01", "#N/A", "", "Ain hors Bourg", "Pays de Gex")],
        *[("93", name) for name in ("Seine St Denis", "SEINE SAINT-DENIS", "Seine-St-D.", "dépt de la Seine-St-Denis")],
        *[("974", name) for name in ("Réunion", "La Reunion", "Île de La Réunion")],
        *[("2A", name) for name in ("Corse du Sud", "Corse", "Corse (2A)")],
        *[("43", name) for name in ("Haute Loire", "Loire (Haute)", "Hte-Loire")],
        ("971", "Guadeloupe"),
    ],
)
def test_a_name_beside_its_code_agrees_however_people_write_it(read_french, code, name):
    reading = read_french(
        f"code;nom;date;valeur\n{code};{name};2021-03;5\n", colonnes=BOTH, maille="departementale", separateur=";"
    )
    assert reasons(reading) == []
    assert reading.rows.num_rows == 1


@pytest.mark.parametrize("name", ["Aisne", "AISNE", "L'Aisne", "Aisne (02)", "02 Aisne", "Département de l'Aisne"])
def test_a_code_beside_the_name_of_another_territory_is_rejected_with_both_readings(read_french, name):
    text = f"code;nom;date;valeur\n01;{name};2021-03;5\n02;Aisne;2021-03;6\n"
    reading = read_french(text, colonnes=BOTH, maille="departementale", separateur=";")
    assert places(reading) == [("departementale", "02")]
    assert rules(reading) == [("territoire_inconnu", 2, "nom", name)]
    (reason,) = reasons(reading)
    assert "désigne « Aisne » (département 02), alors que le code « 01 » de la même ligne" in reason
    assert "désigne « Ain » (département 01)" in reason


def test_a_shifted_column_of_names_is_rejected_row_by_row(read_french):
    text = "code;nom;date;valeur\n01;Aisne;2021-03;5\n02;Loire;2021-03;6\n42;Haute-Loire;2021-03;6\n43;;2021-03;6\n"
    reading = read_french(text, colonnes=BOTH, maille="departementale", separateur=";")
    assert [rule[1] for rule in rules(reading)] == [2, 3, 4]


def test_the_name_of_another_level_is_rejected_and_what_it_is_told(read_french):
    text = (
        "maille,code,nom,date,valeur\ndepartementale,01,Île-de-France,2021-03,5\nregionale,11,Ile de France,2021-03,5\n"
    )
    reading = read_french(text, colonnes=WITH_LEVEL)
    assert places(reading) == [("regionale", "11")]
    assert "(région 11)" in reasons(reading)[0]


def test_the_files_own_words_of_a_territory_agree_where_the_catalogue_translates_them(read_french):
    text = "code,nom,date,valeur\n20,Corse,2021-03,5\n01,Bresse,2021-03,5\n02,Bresse,2021-03,5\n"
    words = {"20": "departementale/2A", "Bresse": "departementale/01"}
    reading = read_french(text, colonnes=BOTH, maille="departementale", valeurs_territoire=words)
    assert places(reading) == [("departementale", "2A"), ("departementale", "01")]
    assert rules(reading) == [("territoire_inconnu", 4, "nom", "Bresse")]


def test_a_zone_is_held_against_the_level_the_code_and_the_name_beside_it(read_french):
    rows = [
        "D01,departementale,1,Ain",
        "D01,regionale,01,Ain",
        "D01,,02,Ain",
        "D01,DEP,01,Aisne",
        "D01,,,",
    ]
    text = "zone,maille,code,nom,date,valeur\n" + "".join(f"{row},2021-03,5\n" for row in rows)
    reading = read_french(text, colonnes=ZONED)
    assert [rule[1:] for rule in rules(reading)] == [
        (3, "maille", "regionale"),
        (4, "code", "02"),
        (5, "nom", "Aisne"),
    ]
    assert all("le zone_id « D01 » de la même ligne désigne « Ain »" in reason for reason in reasons(reading))


@pytest.mark.parametrize("written", ["01 - Ain", "Ain (01)", "1-ain", "01 : AIN", "01_Ain"])
@pytest.mark.parametrize("role", ["territoire", "libelle"])
def test_a_name_beside_its_code_in_one_cell_is_a_territory(read_french, role, written):
    text = f"lieu,date,valeur\n{written},2021-03,1\n"
    columns = {role: "lieu", "date": "date", "valeur": "valeur"}
    assert places(read_french(text, maille="departementale", colonnes=columns)) == [("departementale", "01")]
    assert places(read_french(text, colonnes=columns)) == [("departementale", "01")]


@pytest.mark.parametrize(
    "written", ["01 - Aisne", "Ain (02)", "Ain (1)", "01 - Guadeloupe", "01 - Ain hors Bourg", "Ain 2021"]
)
def test_a_name_beside_the_code_of_another_territory_in_one_cell_is_rejected(read_french, written):
    text = f"lieu,date,valeur\n{written},2021-03,1\n"
    columns = {"territoire": "lieu", "date": "date", "valeur": "valeur"}
    assert rules(read_french(text, maille="departementale", colonnes=columns))
