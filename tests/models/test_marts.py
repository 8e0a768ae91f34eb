from datetime import date, datetime

import pytest

from barometre_pipeline.sql_models import OF_THE_HISTORY, read_models
from tests.small_world import a_catalogue, a_value, an_indicator, an_objective, month_end

FR = "nationale FR"


def one_row(build, values, *, columns, indicator=None, **objective):
    dated = zip(("2021-11", "2021-12", "2022-01", "2022-02"), values, strict=False)
    con = build(
        a_catalogue(indicator or an_indicator()), [a_value(FR, d, v) for d, v in dated], [an_objective(FR, **objective)]
    )
    rows = con.execute(f"select {columns} from synthese").fetchall()
    assert len(rows) == 1
    return rows[0]


def pourcentage_cible(build, vi, va, cible, sens="hausse"):
    indicator = an_indicator(sens=sens)
    columns = "pourcentage_cible"
    return one_row(build, [va], columns=columns, indicator=indicator, valeur_initiale=vi, cible=cible)[0]


@pytest.mark.parametrize(
    ("sens", "vi", "va", "cible", "expected"),
    [
        ("hausse", 0.0, 50, 100.0, 50.0),
        ("hausse", 0.0, 150, 100.0, 100.0),
        ("hausse", 10.0, 5, 100.0, 0.0),
        ("baisse", 100.0, 75, 50.0, 50.0),
        ("hausse", 0.0, 12.5, 100.0, 12.0),  # half to even
        ("hausse", 0.0, 13.5, 100.0, 14.0),
        ("hausse", 120.0, 100, 100.0, 100.0),  # already past the target, and still meets it
        ("hausse", 120.0, 99, 100.0, 0.0),
        ("baisse", 40.0, 50, 50.0, 100.0),
        ("baisse", 40.0, 51, 50.0, 0.0),
        ("hausse", 100.0, 120, 100.0, None),  # the target is the initial value
        ("hausse", None, 120, 100.0, None),
        ("hausse", 100.0, 120, None, None),
    ],
)
def test_pourcentage_cible_follows_the_methodology(build, sens, vi, va, cible, expected):
    if cible is None and vi is None:
        pytest.fail("an objective has one of the two")
    assert pourcentage_cible(build, vi, va, cible, sens) == expected


def test_progression_is_rounded_half_to_even_and_never_minus_zero(build):
    found = one_row(
        build,
        [99.6],
        columns="progression, pourcentage_progression, progression::varchar",
        valeur_initiale=100.0,
        cible=1.0,
    )
    assert found == (0.0, 0.0, "0.0")


def test_pourcentage_progression_is_empty_where_the_initial_value_is_zero(build):
    assert one_row(build, [5], columns="progression, pourcentage_progression", valeur_initiale=0.0) == (5.0, None)


def test_the_current_value_is_the_last_one_not_after_the_cut_off_date(build):
    found = one_row(
        build, [1, 2, 3], columns="valeur_actuelle, date_valeur_actuelle", cible=9.0, date_arret=date(2022, 1, 15)
    )
    assert found == (2.0, month_end("2021-12"))


def test_a_cut_off_date_before_the_first_value_leaves_a_row_without_current_value(build):
    columns = "valeur_actuelle, progression, pourcentage_cible"
    assert one_row(build, [1], columns=columns, cible=9.0, date_arret=date(2020, 1, 31)) == (None, None, None)


@pytest.mark.parametrize(
    ("values", "reference", "expected"),
    [
        ([10, 20, 30], date(2021, 11, 30), (10.0, 200.0, month_end("2021-11"))),
        ([0, 20, 30], date(2021, 11, 30), (None, None, None)),  # the reference value is zero
        ([10, 20, 30], date(2020, 1, 31), (None, None, None)),  # nothing was known by then
        ([10, 20, 30], None, (None, None, None)),
    ],
)
def test_the_last_update_columns_compare_with_the_reference_date(build, values, reference, expected):
    columns = "progression_derniere_maj, pourcentage_progression_derniere_maj, progression_derniere_maj_date"
    assert one_row(build, values, columns=columns, cible=9.0, date_reference=reference) == expected


def test_there_is_no_row_without_a_value_nor_without_an_objective(build):
    con = build(a_catalogue(an_indicator()), [a_value(FR, "2022-01", 1)], [an_objective("regionale 01", cible=9.0)])
    assert con.execute("select count(*) from synthese").fetchone() == (0,)


def test_the_catalogue_completes_the_objectives(build):
    indicator = an_indicator(
        date_initiale=date(2017, 12, 31), valeur_initiale_nulle=True, date_cible=date(2025, 12, 31), arrondi=0
    )
    columns = "valeur_initiale, date_valeur_initiale, date_cible, valeur_actuelle"
    found = one_row(build, [2.5], columns=columns, indicator=indicator, cible=9.0)
    assert found == (0.0, date(2017, 12, 31), date(2025, 12, 31), 2.0)


def test_detail_is_in_the_order_of_publication(build):
    values = [a_value(w, d, 1) for d in ("2022-02", "2022-01") for w in ("regionale 02", "regionale 01", FR)]
    con = build(a_catalogue(an_indicator()), values)
    assert con.execute("select maille, code, strftime(date, '%m') from detail").fetchall() == [
        ("nationale", "FR", "01"),
        ("nationale", "FR", "02"),
        ("regionale", "01", "01"),
        ("regionale", "01", "02"),
        ("regionale", "02", "01"),
        ("regionale", "02", "02"),
    ]


@pytest.mark.parametrize(
    ("serie", "factor", "expected"),
    [
        ("telle_quelle", 1, "Les valeurs sont publiées comme elles sont livrées."),
        ("telle_quelle", 10, "Les valeurs sont publiées comme elles sont livrées, multipliées par 10."),
        ("cumul", 1e6, "Les valeurs livrées sont cumulées depuis la première, multipliées par 1_000_000."),
        ("decumul", 0.001, "…deux valeurs livrées qui se suivent, multipliée par 0,001."),
    ],
)
def test_the_method_of_an_indicator_is_told_in_correct_french(build, serie, factor, expected):
    con = build(a_catalogue(an_indicator(serie=serie, multiplicateur=factor)), [a_value(FR, "2022-01", 1)])
    (told,) = con.execute("select methode from indicateurs").fetchone()
    assert expected.strip("…").replace("_", "\N{NO-BREAK SPACE}") + " La valeur actuelle" in told


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"serie": "decumul", "premieres_valeurs_ecartees": 1}, "La première valeur de chaque territoire n’est pas"),
        ({"premiere_date": date(2021, 1, 31)}, "Rien n’est publié avant le 31/01/2021."),
        ({"arrondi": 2}, "Les valeurs publiées sont arrondies à 2 décimales."),
        ({"recopie_maille_superieure": True}, "Un territoire sans valeur reprend celle de la maille supérieure."),
        ({"date_arret": date(2022, 1, 31)}, "au plus tard à la date d’arrêt où l’objectif en fixe une."),
        ({}, "La valeur actuelle est la dernière valeur connue."),
    ],
)
def test_the_method_of_an_indicator_says_all_that_is_done_to_its_values(build, given, said):
    values = [a_value(FR, "2022-01", 1), a_value(FR, "2022-02", 2)]
    con = build(a_catalogue(an_indicator(**given)), values, [an_objective(FR, cible=3.0)])
    assert said in con.execute("select methode from indicateurs").fetchone()[0]


def test_a_delivery_has_dates_that_sort_and_speaks_of_what_it_explains(build):
    con = build(a_catalogue(an_indicator()), [a_value(FR, "2022-01", 1)])
    con.execute("insert into raw.explications (livraison, id_indicateur) values ('l', 'explique')")
    said = ["Thu, 31 Mar 2022 08:00:00 GMT", None]
    con.execute("update raw.livraisons set recus_le = ['2022-04-01', '2022-04-02'], modifies_le = ?", [said])
    (model,) = (m for m in read_models(layers=OF_THE_HISTORY) if m.name == "livraisons")
    found = con.execute(f"select recus_le, modifies_le, indicateurs from ({model.sql})").fetchone()
    received, modified = [date(2022, 4, 1), date(2022, 4, 2)], [datetime(2022, 3, 31, 8), None]
    assert found == (received, modified, ["explique", "i"])
