"""The rollups of progress by policy, sector and territory."""

from dataclasses import replace
from datetime import date

import pytest

from barometre_pipeline.catalogue import Mesure
from tests.small_world import a_catalogue, a_value, an_indicator, an_objective

FR = "nationale FR"
WAY = {
    "date_valeur_initiale": date(2020, 1, 31),
    "date_cible": date(2024, 1, 31),
    "valeur_initiale": 0.0,
    "cible": 100.0,
}


def rolled(build, values, indicators=None, objectives=None):
    """One policy in the whole country: each indicator with its value now, on a way from 0 to 100."""
    given = indicators or {}
    objectives = objectives or {}
    return build(
        a_catalogue(*(an_indicator(i, **given.get(i, {})) for i in values)),
        [a_value(FR, "2022-01", v, i) for i, v in values.items() if v is not None],
        [an_objective(FR, i, **{**WAY, **objectives.get(i, {})}) for i in values],
    )


def policy(con):
    columns = "attendus, connus, taux, taux_partiel, taux_officiel"
    (row,) = con.execute(f"select {columns} from avancement_mesures").fetchall()
    return row


def test_the_rate_of_a_policy_is_the_mean_of_its_indicators_each_between_0_and_100(build):
    assert policy(rolled(build, {"a": 150, "b": 50.4, "c": -20})) == pytest.approx((3, 3, 150.4 / 3, 150.4 / 3, 50))


def test_indicators_weigh_what_the_catalogue_says_by_level(build):
    weights = {"a": {"poids_avancement": {"nationale": 3, "regionale": 1}}, "c": {"poids_avancement": 0}}
    assert policy(rolled(build, {"a": 80, "b": 40, "c": 0}, weights)) == (2, 2, 70, 70, 70)


@pytest.mark.parametrize("lacking", [{"valeur_initiale": None}, {"valeur_initiale": None, "cible": 10.0}])
def test_a_policy_that_lacks_the_rate_of_one_indicator_has_a_partial_one_only(build, lacking):
    assert policy(rolled(build, {"a": 80, "b": 40}, objectives={"b": lacking})) == (2, 1, None, 80, None)


def test_a_target_without_any_value_is_expected_all_the_same(build):
    con = rolled(build, {"a": 80, "b": None})
    assert policy(con) == (2, 1, None, 80, None)
    counts = "indicateurs, avec_taux, mesures, mesures_completes, taux"
    assert con.execute(f"select {counts} from avancement_territoires").fetchall() == [(1, 1, 1, 0, None)]


def test_nothing_is_expected_where_an_indicator_is_not_meant_to_be(build):
    apart = {"b": {"territoires_non_concernes": ("nationale/FR",)}}
    assert policy(rolled(build, {"a": 80, "b": None}, apart)) == (1, 1, 80, 80, 80)


def test_an_indicator_without_target_counts_for_nothing(build):
    apart = {"b": {"cible": None, "date_cible": None}}
    assert policy(rolled(build, {"a": 80, "b": 10}, objectives=apart)) == (1, 1, 80, 80, 80)


def test_a_start_beyond_the_target_gives_100_or_0(build):
    beyond = {"a": {"valeur_initiale": 120.0}, "b": {"valeur_initiale": 120.0}}
    con = rolled(build, {"a": 110, "b": 90}, objectives=beyond)
    assert con.execute("select id_indicateur, taux from int_taux order by 1").fetchall() == [("a", 100), ("b", 0)]


def test_rollups_count_each_status_and_the_targets_met_by_their_values(build):
    values = {"a": 100, "b": 99.9, "c": 30, "d": -1, "e": 5}
    con = rolled(build, values, objectives={"e": {"cible": None, "date_cible": None}})
    counts = "indicateurs, avec_cible, atteints, en_bonne_voie, en_retard, reculent, sans_cible, cibles_atteintes"
    shares = "moyenne_indicateurs, mediane_indicateurs, taux_officiel, part_en_bonne_voie"
    for table in ("avancement_secteurs", "avancement_territoires"):
        assert con.execute(f"select {counts} from {table}").fetchall() == [(5, 4, 1, 1, 1, 1, 1, 1)]
        assert con.execute(f"select {shares} from {table}").fetchall() == [(57.5, 65.0, 57.5, 50.0)]


def test_a_share_of_two_indicators_is_none(build):
    con = rolled(build, {"a": 100, "b": 30})
    assert con.execute("select part_en_bonne_voie from avancement_territoires").fetchall() == [(None,)]


def test_the_rate_of_a_territory_is_the_mean_of_the_rates_of_its_policies(build):
    catalogue = a_catalogue(*(an_indicator(i) for i in ("a", "b")))
    other = Mesure(id="n", libelle="Autre", secteur="s", ordre=2, indicateurs=(an_indicator("c"),))
    values = {"a": 100, "b": 50, "c": 0}
    con = build(
        replace(catalogue, mesures=(*catalogue.mesures, other)),
        [a_value(FR, "2022-01", v, i) for i, v in values.items()],
        [an_objective(FR, i, **WAY) for i in values],
    )
    query = "select taux, moyenne_indicateurs, mesures, mesures_completes from avancement_secteurs"
    assert con.execute(query).fetchall() == [(37.5, 50.0, 2, 2)]


def test_territories_are_compared_by_the_indicators_that_nearly_all_of_them_have(build):
    places = [f"departementale 0{n}" for n in (1, 2, 3)]
    values = {("a", p): v for p, v in zip(places, (10, 30, 80), strict=True)} | {("b", places[0]): 100}
    con = build(
        a_catalogue(an_indicator("a"), an_indicator("b")),
        [a_value(p, "2022-01", v, i) for (i, p), v in values.items()],
        [an_objective(p, i, **WAY) for i, p in values],
    )
    query = "select code, taux_commun, n_commun, ecart_mediane from avancement_territoires order by code"
    assert con.execute(query).fetchall() == [("01", 10, 1, -20), ("02", 30, 1, 0), ("03", 80, 1, 50)]


def test_an_indicator_that_is_not_meant_to_be_in_a_third_of_the_territories_is_not_common(build):
    places = [f"departementale 0{n}" for n in (1, 2)]
    con = build(
        a_catalogue(an_indicator(territoires_non_concernes=("departementale/03",))),
        [a_value(p, "2022-01", 50) for p in places],
        [an_objective(p, **WAY) for p in places],
    )
    assert con.execute("from int_communs").fetchall() == []
