import pytest

from barometre_pipeline.catalogue import Territoire
from tests.countries import a_level
from tests.small_world import a_catalogue, a_value, an_indicator, month_end

NORD = "departementale 01"
DATES = ("2021-11", "2021-12", "2022-01", "2022-02")


def series(build, indicator, values, column="valeur", table="int_series"):
    con = build(a_catalogue(indicator), [a_value(NORD, d, v) for d, v in zip(DATES, values, strict=True)])
    query = f"select {column} from {table} where maille = 'departementale' order by date"
    return [v for (v,) in con.execute(query).fetchall()]


@pytest.mark.parametrize(
    ("serie", "published"),
    [
        ("telle_quelle", [1, 3, 6, 10]),
        ("cumul", [1, 4, 10, 20]),
        ("cumul_annuel", [1, 4, 6, 16]),
        ("decumul", [1, 2, 3, 4]),
        ("decumul_annuel", [1, 2, 6, 4]),
    ],
)
def test_int_series_publishes_the_series_as_the_catalogue_says(build, serie, published):
    assert series(build, an_indicator(serie=serie), [1, 3, 6, 10]) == published


def test_int_series_multiplies_then_rounds_to_six_decimals(build):
    found = series(build, an_indicator(multiplicateur=1000), [0.1234567891, 1, 2, 3])
    assert found == [123.456789, 1000.0, 2000.0, 3000.0]


def test_a_running_sum_of_decimals_is_exact(build):
    assert series(build, an_indicator(serie="cumul"), [0.1, 0.2, 0.3, 0.1]) == [0.1, 0.3, 0.6, 0.7]


def test_the_first_values_of_a_differenced_series_may_be_left_out(build):
    assert series(build, an_indicator(serie="decumul", premieres_valeurs_ecartees=1), [1, 3, 6, 10]) == [2, 3, 4]


def test_values_before_the_first_date_are_left_out_after_the_running_sum(build):
    indicator = an_indicator(serie="cumul", premiere_date=month_end("2022-01"))
    assert series(build, indicator, [1, 3, 6, 10]) == [10, 20]


def test_a_maille_that_the_indicator_does_not_have_is_left_out(build):
    assert series(build, an_indicator(mailles=["nationale"]), [1, 3, 6, 10]) == []


def test_int_lectures_sums_the_calendar_year_where_the_catalogue_says_so(build):
    found = series(build, an_indicator(lecture="cumul_annuel"), [1, 3, 6, 10], "lecture", "int_lectures")
    assert found == [1, 4, 6, 16]


def all_values(con, indicator="i"):
    query = """select maille || ' ' || code, valeur, origine, enfants, enfants_attendus
        from int_valeurs where id_indicateur = ? and maille != 'departementale' order by 1, date"""
    return con.execute(query, [indicator]).fetchall()


def test_sums_of_departements_fill_the_mailles_that_nobody_delivers(build):
    values = [a_value(f"departementale 0{n}", "2022-01", n) for n in (1, 2, 3)]
    con = build(a_catalogue(an_indicator(agregation_territoriale="somme")), values)
    assert all_values(con) == [
        ("nationale FR", 6.0, "agregee", 3, 3),
        ("regionale 01", 3.0, "agregee", 2, 2),
        ("regionale 02", 3.0, "agregee", 1, 1),
    ]


def test_what_a_delivery_gives_always_wins_over_a_sum(build):
    values = [a_value("departementale 01", "2022-01", 1), a_value("nationale FR", "2021-12", 99)]
    con = build(a_catalogue(an_indicator(agregation_territoriale="somme")), values)
    assert all_values(con) == [("nationale FR", 99.0, "livree", None, None), ("regionale 01", 1.0, "agregee", 1, 1)]


def test_a_sum_says_how_many_children_it_lacks(build):
    values = [a_value("departementale 01", d, 1) for d in ("2022-01", "2022-02")]
    values.append(a_value("departementale 02", "2022-01", 1))
    con = build(a_catalogue(an_indicator(agregation_territoriale="somme")), values)
    assert [row[1:] for row in all_values(con) if row[0] == "regionale 01"] == [
        (2.0, "agregee", 2, 2),
        (1.0, "agregee", 1, 2),
    ]


@pytest.mark.parametrize("how", ["moyenne_ponderee", "ratio"])
def test_a_weighted_mean_uses_the_last_known_weight(build, how):
    rate = an_indicator("taux", agregation_territoriale=how, poids="population", unite="%")
    values = [
        a_value("departementale 01", "2022-02", 10, "taux"),
        a_value("departementale 02", "2022-02", 40, "taux"),
        a_value("departementale 01", "2021-12", 300, "population"),
        a_value("departementale 02", "2021-12", 100, "population"),
        a_value("departementale 03", "2022-02", 77, "taux"),  # no weight: it cannot count
    ]
    con = build(a_catalogue(rate, an_indicator("population")), values)
    assert all_values(con, "taux") == [
        ("nationale FR", 17.5, "agregee", 2, 2),
        ("regionale 01", 17.5, "agregee", 2, 2),
    ]


def test_the_nearest_upper_level_is_copied_down_and_marked(build):
    values = [a_value("nationale FR", "2022-01", 7), a_value("regionale 01", "2022-01", 8)]
    con = build(a_catalogue(an_indicator(recopie_maille_superieure=True)), values)
    query = "select maille || ' ' || code, valeur from int_valeurs where origine = 'recopiee' order by 1"
    assert con.execute(query).fetchall() == [
        ("departementale 01", 8.0),
        ("departementale 02", 8.0),
        ("departementale 03", 7.0),
        ("regionale 02", 7.0),
    ]


# Levels are data: a tree of four of them, another country's words.
TREE = tuple(
    a_level(id_, parent)
    for id_, parent in (("etat", None), ("province", "etat"), ("metropole", "province"), ("ville", "province"))
)
PLACES = tuple(
    Territoire(maille=maille, code=code, libelle=f"{maille} {code}", parent=parent)
    for maille, code, parent in (
        ("etat", "X", None),
        ("province", "A", "X"),
        ("province", "B", "X"),
        ("metropole", "M", "A"),
        ("ville", "1", "A"),
        ("ville", "2", "A"),
        ("ville", "3", "B"),
    )
)


def in_the_tree(build, values, **given):
    indicator = an_indicator(**given)
    con = build(a_catalogue(indicator, mailles=TREE, territoires=PLACES), values)
    query = "select maille || ' ' || code, valeur, origine, maille_source from int_valeurs order by 1"
    return con.execute(query).fetchall()


def test_a_level_is_summed_from_the_nearest_level_below_that_is_delivered(build):
    values = [a_value(f"ville {n}", "2022-01", n) for n in (1, 2, 3)] + [a_value("province A", "2022-01", 10)]
    found = in_the_tree(build, values, agregation_territoriale="somme")
    # A province is given: nobody sums it from its cities, and the whole is summed from the provinces.
    assert [row for row in found if not row[0].startswith("ville")] == [
        ("etat X", 10.0, "agregee", "province"),
        ("province A", 10.0, "livree", None),
    ]


def test_of_two_levels_equally_near_the_first_of_the_catalogue_is_summed(build):
    values = [a_value("metropole M", "2022-01", 5), *(a_value(f"ville {n}", "2022-01", n) for n in (1, 2, 3))]
    found = in_the_tree(build, values, agregation_territoriale="somme")
    assert [row for row in found if row[2] == "agregee"] == [
        ("etat X", 5.0, "agregee", "metropole"),
        ("province A", 5.0, "agregee", "metropole"),
    ]


def test_a_value_is_copied_down_every_branch_from_the_nearest_level_above(build):
    values = [a_value("etat X", "2022-01", 7), a_value("province A", "2022-01", 8)]
    found = in_the_tree(build, values, recopie_maille_superieure=True)
    assert [row for row in found if row[2] == "recopiee"] == [
        ("metropole M", 8.0, "recopiee", "province"),
        ("province B", 7.0, "recopiee", "etat"),
        ("ville 1", 8.0, "recopiee", "province"),
        ("ville 2", 8.0, "recopiee", "province"),
        ("ville 3", 7.0, "recopiee", "etat"),
    ]


ANNOUNCED = {
    "Trimestrielle (données disponibles 2 mois après la fin du trimestre)": 3,
    "Annuel, publié au mois de juin": 12,
    "Mise à jour annuelle, avec trois mois de décalage": 12,
    "Annuelle, par cumul de données mensuelles": 12,
    "Mensuelle": 1,
    "Bimestriellement": 2,
    "Bisannuelle": 24,
    "En continu": 1,
    "tous les six mois": 6,
    "Tous les 2 ans": 24,
    "chaque année": 12,
    "Chaque semaine": 1,
    "tous les 15 jours": 1,
    "toutes les deux années": 24,
    "tous les cinq ans": 60,
    "Chaque fin de trimestre": 3,
    "Enquête triennale": 36,
    "une fois l'an": 12,
    "deux fois par an": 6,
    "4 fois par an": 3,
    "365 fois par an": 1,
    "infra-annuelle": None,
    "pluriannuelle": None,
    "Discontinue": None,
    "Plusieurs fois par an, 2 mois après": None,
}


def test_a_frequency_in_words_is_read_as_months_where_it_says_any(build):
    indicators = [an_indicator(f"i{n}", metadonnees={"frequence": words}) for n, words in enumerate(ANNOUNCED)]
    con = build(a_catalogue(*indicators), [a_value(NORD, "2022-01", 1, i.id) for i in indicators])
    read = con.execute("select annonce, mois_annonces from int_frequences where maille = 'departementale'").fetchall()
    assert dict(read) == ANNOUNCED
