from datetime import date

from barometre_pipeline.catalogue import Correction
from tests.small_world import a_catalogue, a_value, an_indicator, an_objective

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
