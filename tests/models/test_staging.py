from dataclasses import replace
from datetime import date

from barometre_pipeline.catalogue import Correction, Livraison
from barometre_pipeline.catalogue.model import Explication
from barometre_pipeline.transform import run_models
from tests.small_world import MODELS, a_catalogue, a_value, an_indicator, an_objective

NORD = "departementale 01"


def keys_aside(connection, regle):
    query = "select livraison, ligne, contenu from stg_rejets where regle = ? order by ligne"
    return connection.execute(query, [regle]).fetchall()


def test_stg_valeurs_keeps_an_identical_row_once_and_reports_it(build):
    con = build(a_catalogue(an_indicator()), [a_value(NORD, "2022-01", 5), a_value(NORD, "2022-01", 5)])
    assert con.execute("select valeur, ligne from stg_valeurs").fetchall() == [(5.0, 2)]
    assert keys_aside(con, "doublon_identique") == [("l", 3, "5.0")]


def test_stg_valeurs_leaves_out_a_key_with_two_different_values(build):
    con = build(a_catalogue(an_indicator()), [a_value(NORD, "2022-01", 5), a_value(NORD, "2022-01", 6)])
    assert con.execute("select count(*) from stg_valeurs").fetchone() == (0,)
    assert keys_aside(con, "valeurs_contradictoires") == [("l", 2, "5.0"), ("l", 3, "6.0")]


def test_the_same_code_in_two_mailles_is_two_territories(build):
    con = build(a_catalogue(an_indicator()), [a_value(NORD, "2022-01", 5), a_value("regionale 01", "2022-01", 6)])
    assert con.execute("select count(*) from stg_valeurs").fetchone() == (2,)


def a_correction(attendu, valeur):
    place = {"indicateur": "i", "maille": "departementale", "territoire": "01", "date": date(2022, 1, 31)}
    return Correction(**place, attendu=attendu, valeur=valeur, motif="erreur connue")


def test_a_correction_replaces_the_value_that_it_expects(build):
    con = build(a_catalogue(an_indicator(), corrections=(a_correction(5, 50),)), [a_value(NORD, "2022-01", 5)])
    assert con.execute("select valeur, corrigee from stg_valeurs").fetchall() == [(50.0, True)]


def test_a_correction_to_nothing_removes_the_value(build):
    con = build(a_catalogue(an_indicator(), corrections=(a_correction(5, None),)), [a_value(NORD, "2022-01", 5)])
    assert con.execute("select count(*) from stg_valeurs").fetchone() == (0,)


def test_a_correction_leaves_another_value_alone(build):
    con = build(a_catalogue(an_indicator(), corrections=(a_correction(7, 50),)), [a_value(NORD, "2022-01", 5)])
    assert con.execute("select valeur, corrigee from stg_valeurs").fetchall() == [(5.0, False)]


def test_a_correction_may_settle_a_contradiction(build):
    two = [a_value(NORD, "2022-01", 5), a_value(NORD, "2022-01", 6)]
    con = build(a_catalogue(an_indicator(), corrections=(a_correction(6, None),)), two)
    assert con.execute("select valeur from stg_valeurs").fetchall() == [(5.0,)]
    assert keys_aside(con, "valeurs_contradictoires") == []


def test_rows_of_one_objective_complete_one_another(build):
    rows = [
        an_objective(NORD, valeur_initiale=1.0, date_valeur_initiale=date(2017, 12, 31)),
        an_objective(NORD, cible=9.0, date_cible=date(2022, 12, 31)),
    ]
    con = build(a_catalogue(an_indicator()), [], rows)
    found = con.execute("select valeur_initiale, cible, date_cible from stg_objectifs").fetchall()
    assert found == [(1.0, 9.0, date(2022, 12, 31))]


def test_two_different_targets_of_one_objective_are_kept_aside_with_their_rows(build):
    con = build(a_catalogue(an_indicator()), [], [an_objective(NORD, cible=9.0), an_objective(NORD, cible=8.0)])
    assert con.execute("select cible from stg_objectifs").fetchall() == [(None,)]
    assert keys_aside(con, "valeurs_contradictoires") == [("l", 2, "9.0"), ("l", 3, "8.0")]


def three_targets(**more):
    return [
        an_objective(NORD, valeur_initiale=1.0, date_valeur_initiale=date(2017, 12, 31), **more),
        an_objective(NORD, cible=9.0, date_cible=date(2022, 12, 31), **more),
        an_objective(NORD, cible=5.0, date_cible=date(2021, 12, 31), **more),
        an_objective(NORD, cible=7.0, date_cible=date(2022, 3, 31), **more),
    ]


def steps(connection):
    return connection.execute("select edition, year(date_cible), cible, retenue from etapes").fetchall()


def retained(connection):
    return connection.execute("select valeur_initiale, cible, date_cible from int_objectifs").fetchall()


def test_several_targets_of_a_territory_are_steps_of_which_the_last_is_retained(build):
    con = build(a_catalogue(an_indicator()), [], three_targets())
    assert retained(con) == [(1.0, 9.0, date(2022, 12, 31))]
    assert [row[2:] for row in steps(con)] == [(5.0, False), (7.0, False), (9.0, True)]
    assert steps(con)[0][0] == "2022-T1"
    assert keys_aside(con, "valeurs_contradictoires") == []


def test_the_next_target_is_retained_where_the_catalogue_says_so(build):
    con = build(a_catalogue(an_indicator(cible_retenue="prochaine")), [], three_targets())
    assert retained(con) == [(1.0, 7.0, date(2022, 3, 31))]


def test_the_last_target_is_retained_where_none_is_left(build):
    past = [an_objective(NORD, cible=n, date_cible=date(2010 + int(n), 12, 31)) for n in (5.0, 7.0)]
    con = build(a_catalogue(an_indicator(cible_retenue="prochaine")), [], past)
    assert retained(con) == [(None, 7.0, date(2017, 12, 31))]


def test_the_target_of_the_indicators_own_date_is_retained_before_the_others(build):
    con = build(a_catalogue(an_indicator(date_cible=date(2021, 12, 31))), [], three_targets())
    assert retained(con) == [(1.0, 5.0, date(2021, 12, 31))]


def test_a_row_without_a_target_date_contradicts_a_step_once(build):
    rows = [*three_targets(), an_objective(NORD, valeur_initiale=2.0)]
    con = build(a_catalogue(an_indicator()), [], rows)
    assert keys_aside(con, "valeurs_contradictoires") == [("l", 2, "1.0"), ("l", 6, "2.0")]
    assert retained(con) == [(None, 9.0, date(2022, 12, 31))]


def test_two_targets_of_one_date_are_kept_aside_and_the_other_steps_stand(build):
    rows = [*three_targets(), an_objective(NORD, cible=6.0, date_cible=date(2021, 12, 31))]
    con = build(a_catalogue(an_indicator()), [], rows)
    assert keys_aside(con, "valeurs_contradictoires") == [("l", 4, "5.0"), ("l", 6, "6.0")]
    assert [row[2:] for row in steps(con)] == [(7.0, False), (9.0, True)]


def test_an_explanation_of_a_level_is_one_of_each_of_its_territories(build):
    said = {"indicateur": "i", "texte": "Retard", "date_cible": date(2021, 12, 31)}
    explained = (
        Explication(maille="regionale", **said),
        Explication(maille="departementale", territoire="03", **said),
    )
    con = build(replace(a_catalogue(an_indicator()), explications=explained))
    found = con.execute("select maille, code, texte from stg_explications").fetchall()
    assert found == [
        ("departementale", "03", "Retard"),
        ("regionale", "01", "Retard"),
        ("regionale", "02", "Retard"),
    ]


def test_rejects_are_tolerated_by_reason_so_that_no_other_hides(build):
    allowed = {"territoire_inconnu": 1, "date_illisible": 2}
    given = {"id": "l", "contenu": "valeurs", "ministere": "M", "url": "f.csv", "indicateur": "i"}
    livraison = Livraison(**given, colonnes={"zone": "z", "date": "d", "valeur": "v"}, rejets_toleres=allowed)
    con = build(replace(a_catalogue(an_indicator()), livraisons=(livraison,)))
    rules = ["territoire_inconnu"] * 2 + ["date_illisible"] * 2 + ["valeur_illisible"]
    for line, rule in enumerate(rules):
        con.execute("insert into raw.rejets (livraison, ligne, regle, rang) values ('l', ?, ?, ?)", [line, rule, line])
    for _ in run_models(con, MODELS):
        pass
    found = con.execute("select regle, comptes, toleres, au_dela from int_rejets_comptes group by all order by 1")
    assert found.fetchall() == [
        ("date_illisible", 2, 2, False),
        ("territoire_inconnu", 2, 1, True),
        ("valeur_illisible", 1, 0, True),
    ]
