"""Comparable values, and where each indicator stands on the way to its target."""

from dataclasses import replace
from datetime import date

import pytest

from barometre_pipeline.catalogue.model import Seuils
from tests.small_world import a_catalogue, a_value, an_indicator, an_objective

FR = "nationale FR"
START, END = date(2020, 1, 31), date(2024, 1, 31)  # of the way to the target; 2022-01 is half the time and half a day
YEAR = [f"2021-{m:02d}" for m in range(1, 13)]


def progress(build, values, columns, indicator=None, **objective):
    """The row of `progression` of one indicator whose values are given by month."""
    dates = {"date_valeur_initiale": START, "date_cible": END, "valeur_initiale": 0.0, "cible": 100.0}
    con = build(
        a_catalogue(indicator or an_indicator()),
        [a_value(FR, d, v) for d, v in values.items()],
        [an_objective(FR, **{**dates, **objective})],
    )
    (row,) = con.execute(f"select {columns} from progression").fetchall()
    return row


@pytest.mark.parametrize(
    ("vi", "va", "cible", "expected"),
    [
        (0.0, 50, None, ("sans cible", None, None)),
        (0.0, 100, 100.0, ("atteint", None, None)),
        (0.0, 99.9, 100.0, ("en bonne voie", None, None)),  # on the values: a rounded rate would be 100
        (None, 120, 100.0, ("atteint", None, None)),
        (None, 50, 100.0, ("non calculable", None, "sans_valeur_initiale")),
        (10.0, 9, 100.0, ("recule", None, None)),
        (120.0, 99, 100.0, ("recule", None, None)),  # already past the target, and back
        (0.0, 48, 100.0, ("en bonne voie", None, None)),
        (0.0, 47, 100.0, ("en retard", "modere", None)),
        (0.0, 30, 100.0, ("en retard", "fort", None)),
    ],
)
def test_the_first_status_that_holds_is_given(build, vi, va, cible, expected):
    given = {"valeur_initiale": vi, "cible": cible} | ({} if cible else {"date_cible": None})
    assert progress(build, {"2022-01": va}, "statut, retard, motif", **given) == expected


@pytest.mark.parametrize(
    ("dates", "motif"),
    [
        ({"date_valeur_initiale": None}, "sans_date_initiale"),
        ({"date_cible": None}, "sans_date_cible"),
        ({"date_valeur_initiale": date(2022, 1, 31)}, "valeur_non_posterieure"),
        ({"date_cible": date(2019, 12, 31)}, "echeance_non_posterieure"),
        ({"date_arret": date(2019, 12, 31)}, "sans_valeur"),
    ],
)
def test_what_cannot_be_computed_says_why(build, dates, motif):
    assert progress(build, {"2022-01": 50}, "statut, motif", **dates) == ("non calculable", motif)


def test_a_fall_is_a_progress_where_the_indicator_must_fall(build):
    fall = an_indicator(sens="baisse")
    found = progress(build, {"2022-01": 52}, "statut, tau, chemin", fall, valeur_initiale=100.0, cible=0.0)
    assert found == ("en bonne voie", 0.48, True)


def test_the_pace_is_measured_at_the_date_of_the_value(build):
    found = progress(build, {"2022-01": 40}, "tau, phi, rythme, ecart_points, valeur_attendue")
    phi = 731 / 1461
    assert found == pytest.approx((0.4, phi, 0.4 / phi, 100 * (0.4 - phi), 100 * phi))


def yearly(**given):
    return an_indicator(lecture="cumul_annuel", **given)


def test_a_yearly_count_does_not_fall_in_january(build):
    values = dict.fromkeys(YEAR, 10) | {"2022-01": 12}
    columns = "valeur_actuelle, vc, dvc, base"
    assert progress(build, values, columns, yearly()) == (12, 122, date(2022, 1, 31), "12_mois")


def test_where_a_month_is_missing_the_last_whole_year_is_compared(build):
    values = dict.fromkeys(YEAR, 10) | {"2022-02": 12}
    assert progress(build, values, "vc, dvc, base", yearly()) == (120, date(2021, 12, 31), "annee_complete")


@pytest.mark.parametrize(
    ("months", "motif"),
    [
        (YEAR[:6], "annee_incomplete"),
        (YEAR[:1], "pas_irregulier"),
        (YEAR[:11:5], "pas_irregulier"),  # every five months
    ],
)
def test_the_sum_of_an_unfinished_year_is_never_compared(build, months, motif):
    found = progress(build, dict.fromkeys(months, 10), "vc, base, statut, motif", yearly())
    assert found == (None, None, "non calculable", motif)


def test_what_an_unfinished_year_has_counted_may_meet_its_target(build):
    columns = "vc, statut, date_atteinte, calendrier"
    found = progress(build, dict.fromkeys(YEAR[:6], 20), columns, yearly())
    assert found == (None, "atteint", date(2021, 6, 30), "tenu")


def test_quarters_make_a_year(build):
    values = dict.fromkeys(("2021-03", "2021-06", "2021-09", "2021-12"), 15)
    assert progress(build, values, "vc, base", yearly()) == (60, "12_mois")


@pytest.mark.parametrize(
    ("due", "when", "expected"),
    [
        (date(2022, 4, 30), "2022-03", "a_venir"),
        (date(2022, 3, 31), "2022-02", "a_constater"),
        (date(2022, 2, 28), "2022-03", "passee"),
    ],
)
def test_a_target_that_is_due_waits_for_its_value(build, due, when, expected):
    assert progress(build, {when: 50}, "echeance", date_cible=due) == (expected,)


def test_the_value_when_the_target_was_due_is_kept(build):
    columns = "valeur_a_echeance, date_valeur_a_echeance, calendrier"
    found = progress(build, {"2021-11": 90, "2022-01": 95}, columns, date_cible=date(2021, 12, 31))
    assert found == (90, date(2021, 11, 30), "echu")


@pytest.mark.parametrize(("when", "expected"), [("2021-12", "a_jour"), ("2021-11", "a_jour"), ("2021-10", "ancienne")])
def test_a_value_is_old_after_one_period_and_a_half_and_three_months(build, when, expected):
    assert progress(build, {when: 50}, "fraicheur", an_indicator(periode="mois")) == (expected,)


def test_a_target_is_met_since_the_date_from_which_every_value_meets_it(build):
    values = {"2021-08": 120, "2021-09": 90, "2021-10": 101, "2021-11": 100}
    columns = "date_atteinte, date_prevue, motif_date_prevue, calendrier"
    assert progress(build, values, columns) == (date(2021, 10, 31), None, None, "tenu")


def test_at_the_pace_so_far_a_target_has_a_date(build):
    # 40 % in 731 days: the rest by the 1827th.
    found = progress(build, {"2022-01": 40}, "date_prevue, calendrier")
    assert found == (date(2025, 1, 31), "retarde")


def test_at_the_pace_of_the_last_year_a_target_has_another_date(build):
    # 30 points in 365 days, from the last value a year before: 50 more in 608 days.
    values = {"2020-12": 19, "2021-01": 20, "2022-01": 50}
    assert progress(build, values, "date_prevue_recente") == (date(2023, 10, 31),)


@pytest.mark.parametrize("va", [1, 0.000001, 0, -5])
def test_a_date_that_never_comes_is_none(build, va):
    found = progress(build, {"2022-01": va}, "date_prevue, motif_date_prevue, date_prevue_recente")
    assert found == (None, "jamais_au_rythme_actuel", None)


@pytest.mark.parametrize(
    ("va", "lacking", "motif"),
    [
        (0, "date_valeur_initiale", "jamais_au_rythme_actuel"),
        (0.000001, "date_cible", "jamais_au_rythme_actuel"),
        (40, "date_valeur_initiale", None),  # its pace isn't known
        (40, "valeur_initiale", None),
    ],
)
def test_of_what_cannot_be_judged_a_date_never_comes_where_the_pace_is_known(build, va, lacking, motif):
    found = progress(build, {"2022-01": va}, "statut, date_prevue, motif_date_prevue", **{lacking: None})
    assert found == ("non calculable", None, motif)


def test_without_a_comparable_value_no_pace_is_known_even_where_the_target_lies_behind(build):
    backwards = {"valeur_initiale": 100.0, "cible": 20.0}
    columns = "statut, motif, vc, chemin, motif_date_prevue"
    found = progress(build, {"2021-12": 5, "2022-01": 5}, columns, yearly(), **backwards)
    assert found == ("non calculable", "annee_incomplete", None, False, None)
    found = progress(build, dict.fromkeys(YEAR, 5), columns, yearly(), **backwards)
    assert found == ("atteint", None, 60.0, False, None)
    found = progress(build, dict.fromkeys(YEAR, 1), columns, yearly(), **backwards)
    assert found == ("recule", None, 12.0, False, "jamais_au_rythme_actuel")


def test_the_catalogue_sets_the_thresholds(build):
    catalogue = a_catalogue(an_indicator())
    looser = catalogue.general.model_copy(update={"seuils": Seuils(en_bonne_voie=0.9, retard_modere=0.5)})
    way = {"valeur_initiale": 0.0, "cible": 100.0, "date_valeur_initiale": START, "date_cible": END}
    values = {"departementale 01": 47, "departementale 02": 30}
    con = build(
        replace(catalogue, general=looser),
        [a_value(where, "2022-01", va) for where, va in values.items()],
        [an_objective(where, **way) for where in values],
    )
    found = con.execute("select statut, retard from progression").fetchall()
    assert found == [("en bonne voie", None), ("en retard", "modere")]


def test_missed_targets_are_those_that_are_due_and_not_met(build):
    dates = {"valeur_initiale": 0.0, "date_valeur_initiale": START, "date_cible": date(2022, 3, 31)}
    values = [a_value(f"departementale 0{n}", "2022-03", n) for n in (1, 2)]
    objectives = [an_objective(f"departementale 0{n}", cible=2.0, **dates) for n in (1, 2)]
    con = build(a_catalogue(an_indicator()), values, objectives)
    assert con.execute("select code, echeance from cibles_manquees").fetchall() == [("01", "passee")]


QUARTERS, HALVES = (3, 6, 9, 12), (6, 12)


@pytest.mark.parametrize(
    ("by_year", "base"),
    [
        # By quarter, then by month: the first months of a year are not the year.
        ({2020: QUARTERS, 2021: QUARTERS, 2022: (1, 2, 3, 4)}, "annee_complete"),
        ({2019: HALVES, 2020: HALVES, 2021: HALVES, 2022: (3, 6)}, "annee_complete"),
        # Four values, of which one stands at the place of no quarter.
        ({2021: (1, 3, 6, 12)}, None),
    ],
)
def test_a_year_is_compared_once_it_is_over_and_each_of_its_periods_is_there(build, by_year, base):
    values = {f"{year}-{month:02d}": 120 / len(months) for year, months in by_year.items() for month in months}
    found = progress(build, values, "vc, dvc, base", an_indicator(lecture="cumul_annuel"))
    assert found == ((120, date(2021, 12, 31), base) if base else (None, None, None))
