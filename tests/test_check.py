"""The quality gate: each rule stops or tells the error that it is for, and nothing else.

All that needs Great Expectations is in this file, as one process imports it once.
"""

import json
import signal
import subprocess
import sys
from dataclasses import replace
from datetime import date

import pytest
from dagster import (
    AssetCheckSeverity,
    AssetKey,
    AssetSpec,
    DagsterInstance,
    Definitions,
    MaterializeResult,
    ResourceDefinition,
    asset,
    in_process_executor,
    multi_asset,
)

from barometre_pipeline.catalogue import Catalogues, Correction, Exception_, Territoire
from barometre_pipeline.editions import Edition
from barometre_pipeline.home import Home
from barometre_pipeline.quality.evaluation import evaluate
from barometre_pipeline.quality.gate import build_checks, check_edition
from barometre_pipeline.quality.judge import early_judge
from barometre_pipeline.quality.results import blocking_sentences
from barometre_pipeline.quality.suites import Expectation, Suite
from barometre_pipeline.resources.duckdb_files import open_warehouse
from barometre_pipeline.runs.failures import told_failures
from barometre_pipeline.runs.partitions import build_editions, partition_key
from barometre_pipeline.settings import Settings
from barometre_pipeline.sql_models import read_models
from tests.countries import a_level
from tests.quality_world import MONTHS, SUITES, QualityWorld, fired, result
from tests.small_world import a_value, an_objective, month_end

EDITION = Edition(2022, 1)


@pytest.fixture
def world(tmp_path) -> QualityWorld:
    return QualityWorld(tmp_path / "entrepot.duckdb")


def a_reject(regle: str, contenu: str = "abc", **more) -> dict:
    about = {"regle": regle, "contenu": contenu, "colonne": "valeur", "motif": "Motif en français."}
    return {**about, "id_indicateur": "part", "maille": "departementale", "code": "01", **more}


def an_exception(regle: str, indicateur: str, **more) -> Exception_:
    return Exception_(regle=regle, indicateur=indicateur, motif="connu", **{"jusqu_a": "2022-T1", **more})


def test_a_flawless_edition_fulfils_every_rule(world):
    assert fired(world.judged()) == {}


# Rows


@pytest.mark.parametrize("rule", ["valeur_illisible", "date_illisible", "territoire_inconnu"])
def test_a_row_that_cannot_be_taken_blocks_with_its_place(world, rule):
    world.rejets = [a_reject(rule, feuille="Feuille 1", ligne=12)]
    evaluation = world.judged("stg_rejets")
    assert fired(evaluation) == {rule: ("bloquant", 1), "rejets": ("bloquant", 1)}
    said = (
        f"{rule} (stg_rejets): 1 row. l, f.csv, sheet Feuille 1, row 12, column valeur [part departementale 01]: 'abc'"
    )
    assert said in blocking_sentences(evaluation.results).splitlines()


def test_two_different_values_for_a_key_block_with_both_rows(world):
    spoilt = world.value("part", "departementale 01", "2022-03")
    world.valeurs.append({**spoilt, "valeur": 12.0})
    evaluation = world.judged("stg_rejets")
    assert fired(evaluation) == {"valeurs_contradictoires": ("bloquant", 2), "rejets": ("bloquant", 2)}
    rows = [row["ligne"] for row in result(evaluation, "valeurs_contradictoires").rows]
    assert rows == [world.row_of(spoilt), len(world.valeurs) + 1]


def test_two_different_targets_of_an_objective_block(world):
    world.objectifs.append(an_objective("departementale 01", "part", cible=12.0))
    assert fired(world.judged("stg_rejets"))["valeurs_contradictoires"] == ("bloquant", 2)


def test_a_repeated_row_is_only_told(world):
    world.valeurs.append(dict(world.valeurs[0]))
    assert fired(world.judged("stg_rejets")) == {"doublon_identique": ("alerte", 1)}


def test_an_indicator_that_the_catalogue_does_not_know_is_only_told(world):
    world.rejets = [a_reject("indicateur_hors_catalogue", id_indicateur=None)]
    assert fired(world.judged("stg_rejets")) == {"indicateur_hors_catalogue": ("alerte", 1)}


def test_as_many_rejects_as_a_delivery_tolerates_block_nothing(world):
    world.rejets, world.toleres = [a_reject("valeur_illisible"), a_reject("date_illisible")], 2
    assert fired(world.judged("stg_rejets")) == {}


def test_more_rejects_than_a_delivery_tolerates_block(world):
    world.rejets, world.toleres = [a_reject("valeur_illisible", f"a{n}") for n in range(3)], 2
    evaluation = world.judged("stg_rejets")
    assert fired(evaluation) == {"valeur_illisible": ("bloquant", 3), "rejets": ("bloquant", 3)}


def test_a_reject_that_an_exception_accepts_does_not_count(world):
    world.rejets = [a_reject("valeur_illisible")]
    world.exceptions = (an_exception("valeur_illisible", "part"),)
    evaluation = world.judged("stg_rejets")
    assert fired(evaluation) == {}
    assert result(evaluation, "valeur_illisible").accepted == 1


# Values and series


def test_a_date_after_the_quarter_blocks_with_its_place(world):
    spoilt = world.value("part", "departementale 02", "2022-03")
    spoilt["date"] = month_end("2022-04")
    evaluation = world.judged("stg_valeurs")
    assert fired(evaluation) == {"date_future": ("bloquant", 1), "serie_trouee": ("alerte", 1)}
    row = result(evaluation, "date_future").rows[0]
    assert (row["livraison"], row["fichier"], row["ligne"]) == ("l", "f.csv", world.row_of(spoilt))


def test_a_date_before_the_floor_blocks(world):
    world.valeurs.append(a_value("departementale 01", "1921-07", 50, "part"))
    assert fired(world.judged("stg_valeurs"))["date_ancienne"] == ("bloquant", 1)


@pytest.mark.parametrize("valeur", [120.0, -9.0])
def test_a_percentage_out_of_bounds_blocks(world, valeur):
    world.value("part", "departementale 01", "2022-01")["valeur"] = valeur
    assert fired(world.judged("detail")) == {"part_hors_bornes": ("bloquant", 1)}


def test_bounds_of_the_catalogue_replace_those_of_percentages(world):
    world.value("part", "departementale 01", "2022-01")["valeur"] = 120.0
    world.indicateurs["part"]["bornes"] = [0, 150]
    assert fired(world.judged("detail")) == {}


def test_bounds_of_the_catalogue_hold_for_any_unit(world):
    world.indicateurs["contrats"]["bornes"] = [0, 2600]
    evaluation = world.judged("detail")
    assert set(fired(evaluation)) == {"part_hors_bornes"}
    assert "attendu entre 0.0 et 2600.0" in result(evaluation, "part_hors_bornes").rows[0]["detail"]


def test_a_negative_count_is_told(world):
    world.value("contrats", "departementale 03", "2022-01")["valeur"] = -3.0
    found = fired(world.judged("detail"))
    # The region has no other département.
    assert found.pop("comptage_negatif") == ("alerte", 2)
    assert set(found) <= {"saut_de_valeur"}


def test_a_count_that_may_be_negative_is_not_told(world):
    world.value("contrats", "departementale 03", "2022-01")["valeur"] = -3.0
    world.indicateurs["contrats"]["bornes"] = [-10, 100000]
    assert "comptage_negatif" not in fired(world.judged("detail"))


def test_a_value_ten_times_its_neighbours_is_told(world):
    spoilt = {"departementale 01": "2021-08", "departementale 02": "2021-12", "departementale 03": "2022-03"}
    for where, when in spoilt.items():
        world.value("contrats", where, when)["valeur"] *= 20
    rows = result(world.judged("detail"), "saut_de_valeur").rows
    told = {f"departementale {r['code']}": r["date"] for r in rows if r["maille"] == "departementale"}
    assert told == {where: month_end(when) for where, when in spoilt.items()}


def test_a_value_a_tenth_of_its_neighbours_is_told(world):
    world.value("contrats", "departementale 01", "2021-12")["valeur"] = 24.0
    assert fired(world.judged("detail"))["saut_de_valeur"] == ("alerte", 1)


def test_a_value_ten_times_that_of_the_previous_edition_is_told(world):
    before = "insert into precedente.detail values ('contrats', 'departementale', '01', '2021-12-31', 240)"
    evaluation = world.judged("detail", sql=(before,))
    assert fired(evaluation) == {"saut_de_valeur": ("alerte", 1)}
    assert "valait 240" in result(evaluation, "saut_de_valeur").rows[0]["detail"]


def test_small_numbers_may_jump(world):
    for when, valeur in {"2021-11": 2.0, "2021-12": 90.0, "2022-01": 2.0}.items():
        world.value("pistes", "departementale 03", when)["valeur"] = valeur
    assert "saut_de_valeur" not in fired(world.judged("detail"))


def test_a_missing_month_is_told(world):
    world.valeurs.remove(world.value("part", "departementale 01", "2021-12"))
    evaluation = world.judged("stg_valeurs")
    assert fired(evaluation) == {"serie_trouee": ("alerte", 1)}
    assert "2021-11-30 et 2022-01-31" in result(evaluation, "serie_trouee").rows[0]["detail"]


def test_the_period_of_the_catalogue_says_what_a_gap_is(world):
    world.indicateurs["part"]["periode"] = "trimestre"
    world.valeurs.remove(world.value("part", "departementale 01", "2021-12"))
    assert fired(world.judged("stg_valeurs")) == {}


def test_a_delivered_cumulative_series_that_falls_is_told(world):
    world.value("amendes", "departementale 01", "2021-12")["valeur"] = 900.0
    evaluation = world.judged("stg_valeurs")
    assert fired(evaluation) == {"cumul_decroissant": ("alerte", 1)}
    assert result(evaluation, "cumul_decroissant").rows[0]["date"] == month_end("2021-12")


def test_a_published_cumulative_series_that_falls_is_told(world):
    world.indicateurs["contrats"]["serie"] = "cumul"
    world.value("contrats", "departementale 01", "2021-12")["valeur"] = -5.0
    assert fired(world.judged("stg_valeurs")) == {"cumul_decroissant": ("alerte", 1)}


def test_departements_that_do_not_add_up_to_their_region_are_told(world):
    world.value("pistes", "regionale 01", "2021-12")["valeur"] = 100.0
    evaluation = world.judged("detail")
    assert fired(evaluation) == {"somme_incoherente": ("alerte", 1)}
    assert result(evaluation, "somme_incoherente").rows[0]["detail"] == "somme des départements : 68.0"


def test_a_sum_within_the_tolerance_of_its_indicator_is_not_told(world):
    world.value("pistes", "regionale 01", "2021-12")["valeur"] = 100.0
    world.indicateurs["pistes"]["tolerance_somme"] = 0.5
    assert fired(world.judged("detail")) == {}


def test_counts_that_add_up_at_all_other_dates_are_taken_for_a_sum(world):
    del world.indicateurs["pistes"]["tolerance_somme"]
    world.value("pistes", "regionale 01", "2021-12")["valeur"] = 100.0
    assert fired(world.judged("detail")) == {"somme_incoherente": ("alerte", 1)}


def test_rates_do_not_have_to_add_up(world):
    world.valeurs += [a_value("regionale 01", v["date"].isoformat()[:7], 55, "part") for v in world.valeurs[3::14]]
    assert fired(world.judged("detail")) == {}


def test_fewer_departements_in_a_sum_than_before_are_told(world):
    world.valeurs.remove(world.value("contrats", "departementale 01", "2022-03"))
    evaluation = world.judged("detail")
    assert fired(evaluation) == {"couverture_en_baisse": ("alerte", 2)}
    assert {r["maille"] for r in result(evaluation, "couverture_en_baisse").rows} == {"regionale", "nationale"}


def test_fewer_departements_in_a_sum_than_in_the_previous_edition_are_told(world):
    before = (
        "insert into precedente.agregations values ('contrats', 'nationale', 'FR', '2021-12-31', 'departementale', 4)"
    )
    assert fired(world.judged("detail", sql=(before,))) == {"couverture_en_baisse": ("alerte", 1)}


# Other levels than the French ones


def a_place(where: str, libelle: str, parent: str | None = None) -> Territoire:
    maille, code = where.split()
    return Territoire(maille=maille, code=code, libelle=libelle, parent=parent)


PROVINCES = {
    "mailles": (
        a_level("federal", libelle="fédération", libelle_pluriel="fédérations"),
        a_level("province", "federal"),
    ),
    "territoires": (
        a_place("federal CA", "Canada"),
        a_place("province QC", "Québec", "CA"),
        a_place("province ON", "Ontario", "CA"),
    ),
}
TREE = {
    "mailles": (
        a_level("tout", libelle_pluriel="tous"),
        a_level("departement", "tout", libelle="département", libelle_pluriel="départements"),
        a_level("epci", "tout", libelle="intercommunalité", libelle_pluriel="intercommunalités"),
        a_level("commune", "departement"),
    ),
    "territoires": (
        a_place("tout T", "Tout"),
        a_place("departement 1", "Aval", "T"),
        a_place("departement 2", "Amont", "T"),
        a_place("epci E", "Val", "T"),
        *(a_place(f"commune {code}", f"Commune {code}", code[0]) for code in ("11", "12", "21")),
    ),
}


def other_levels(world: QualityWorld, levels: dict, values: dict[str, float], **indicateur) -> None:
    """Fill a world that has one indicator, with the same values each month."""
    world.levels, world.indicateurs, world.objectifs = levels, {"i": indicateur}, []
    world.valeurs = [a_value(where, when, v) for when in MONTHS for where, v in values.items()]


def test_another_country_is_judged_in_the_words_of_its_levels(world):
    values = {"federal CA": 500, "province QC": 200, "province ON": 300}
    other_levels(world, PROVINCES, values, tolerance_somme=0.05)
    world.value("i", "federal CA", "2021-12")["valeur"] = 900.0
    evaluation = world.judged("detail")
    assert fired(evaluation) == {"somme_incoherente": ("alerte", 1)}
    assert result(evaluation, "somme_incoherente").rows[0]["detail"] == "somme des provinces : 500.0"


def test_a_sum_that_lost_a_part_says_which_parts_it_has(world):
    other_levels(world, PROVINCES, {"province QC": 200, "province ON": 300}, agregation_territoriale="somme")
    world.valeurs.remove(world.value("i", "province QC", "2022-03"))
    rows = result(world.judged("detail"), "couverture_en_baisse").rows
    assert [(r["maille"], r["detail"]) for r in rows] == [
        ("federal", "provinces qui ont une valeur : 1, contre 2 auparavant")
    ]


def test_a_value_is_compared_with_the_farthest_delivered_level_of_each_branch(world):
    communes = {"commune 11": 100, "commune 12": 100, "commune 21": 100}
    values = {"tout T": 300, "departement 1": 200, "departement 2": 100, "epci E": 300, **communes}
    other_levels(world, TREE, values, tolerance_somme=0.05)
    world.value("i", "departement 1", "2021-11")["valeur"] = 250.0  # told once, not against the whole too
    world.value("i", "tout T", "2021-12")["valeur"] = 400.0
    world.value("i", "epci E", "2022-01")["valeur"] = 350.0
    rows = result(world.judged("detail"), "somme_incoherente").rows
    assert {(r["maille"], r["date"], r["detail"]) for r in rows} == {
        ("departement", month_end("2021-11"), "somme des communes : 200.0"),
        ("tout", month_end("2021-12"), "somme des communes : 300.0"),
        ("tout", month_end("2021-12"), "somme des intercommunalités : 300.0"),
        ("tout", month_end("2022-01"), "somme des intercommunalités : 350.0"),
    }


# Coverage


def test_percentages_among_plain_numbers_of_one_indicator_are_told_once_with_their_count(world):
    spoilt = next(v for v in world.valeurs if v["id_indicateur"] == "part")
    world.valeurs = [{**v, "pourcentage": v is spoilt} for v in world.valeurs]
    evaluation = world.judged("stg_valeurs")
    assert fired(evaluation) == {"pourcentages_melanges": ("alerte", 1)}
    (row,) = result(evaluation, "pourcentages_melanges").rows
    assert (row["id_indicateur"], row["code"], row["date"]) == ("part", spoilt["code"], spoilt["date"])
    assert row["ligne"]
    assert row["detail"] == "pourcentages : 1 ; nombres sans signe % : 23"


def test_a_column_of_percentages_only_is_not_told(world):
    world.valeurs = [{**v, "pourcentage": v["id_indicateur"] == "part"} for v in world.valeurs]
    assert fired(world.judged("stg_valeurs")) == {}


def test_an_indicator_without_any_value_blocks(world):
    world.indicateurs["oublie"] = {}
    evaluation = world.judged("stg_valeurs")
    assert fired(evaluation) == {"indicateur_non_livre": ("bloquant", 1)}
    assert result(evaluation, "indicateur_non_livre").rows[0]["id_indicateur"] == "oublie"


def test_a_territory_that_had_values_and_has_none_is_told(world):
    world.valeurs = [v for v in world.valeurs if (v["id_indicateur"], v["code"]) != ("part", "03")]
    before = "insert into precedente.detail values ('part', 'departementale', '03', '2021-12-31', 50)"
    assert fired(world.judged("detail", sql=(before,))) == {"territoire_disparu": ("alerte", 1)}


def test_a_source_older_than_its_announced_frequency_allows_is_told(world):
    world.indicateurs["part"] |= {"periode": "mois"}
    world.indicateurs["contrats"] |= {"metadonnees": {"frequence": "Mensuelle"}}
    world.indicateurs["amendes"] |= {"periode": "trimestre"}
    world.indicateurs["pistes"] |= {"metadonnees": {"frequence": "annuelle"}}
    world.valeurs = [{**v, "date": month_end("2021-07")} for v in world.valeurs if v["date"] == month_end("2021-08")]
    evaluation = world.judged("stg_valeurs")
    assert fired(evaluation) == {"source_en_retard": ("alerte", 3)}
    told = [(r["id_indicateur"], r["date"]) for r in result(evaluation, "source_en_retard").rows]
    assert told == [(i, month_end("2021-07")) for i in ("amendes", "contrats", "part")]


def test_a_source_older_than_the_usual_step_of_its_series_allows_is_told(world):
    ended = month_end("2021-10")
    world.valeurs = [v for v in world.valeurs if v["id_indicateur"] != "pistes" or v["date"] <= ended]
    evaluation = world.judged("stg_valeurs")
    assert fired(evaluation) == {"source_en_retard": ("alerte", 1)}
    (row,) = result(evaluation, "source_en_retard").rows
    assert (row["id_indicateur"], row["date"], row["detail"]) == ("pistes", ended, "pas habituel : 1 mois")


def test_a_correction_whose_expected_value_is_no_longer_delivered_blocks(world):
    key = {"indicateur": "part", "maille": "departementale", "territoire": "01", "date": month_end("2021-12")}
    world.corrections = (Correction(**key, attendu=540.0, valeur=54.0, motif="faute de frappe"),)
    evaluation = world.judged("stg_valeurs")
    assert fired(evaluation) == {"correction_sans_objet": ("bloquant", 1)}
    assert result(evaluation, "correction_sans_objet").rows[0]["valeur"] == 54.0


def test_a_correction_that_serves_is_not_told(world):
    spoilt = world.value("part", "departementale 01", "2021-12")
    key = {"indicateur": "part", "maille": "departementale", "territoire": "01", "date": spoilt["date"]}
    spoilt["valeur"] = 540.0
    world.corrections = (Correction(**key, attendu=540.0, valeur=54.0, motif="faute de frappe"),)
    assert fired(world.judged("stg_valeurs", "detail")) == {}


def test_staged_values_keep_what_every_computation_relies_on(world):
    spoilt = (
        "update stg_valeurs set code = '99' where ligne = 2",
        "update stg_valeurs set maille = 'communale' where ligne = 3",
        "update stg_valeurs set id_indicateur = 'inconnu' where ligne = 4",
        "update stg_valeurs set valeur = null where ligne = 5",
        "update stg_valeurs set date = null where ligne = 6",
        "update stg_valeurs set code = null where ligne = 7",
        "update stg_valeurs set id_indicateur = null where ligne = 8",
        "insert into stg_valeurs select * from stg_valeurs where ligne = 9",
    )
    assert fired(world.judged("stg_valeurs", sql=spoilt)) == {
        "territoire_connu": ("bloquant", 3),  # 99, the département of an unknown maille, the missing one
        "maille_connue": ("bloquant", 1),
        "indicateur_connu": ("bloquant", 2),
        "valeur_renseignee": ("bloquant", 1),
        "date_renseignee": ("bloquant", 1),
        "territoire_renseigne": ("bloquant", 1),
        "indicateur_renseigne": ("bloquant", 1),
        "cle_unique": ("bloquant", 2),
    }


def test_an_edition_without_any_value_blocks(world):
    found = fired(world.judged("stg_valeurs", "detail", sql=("delete from stg_valeurs", "delete from detail")))
    assert found == {"table_non_vide": ("bloquant", 1), "indicateur_non_livre": ("bloquant", 4)}


# Objectives, synthèse, rollups


def test_a_target_date_before_the_initial_date_blocks_with_its_row(world):
    world.objectifs[2]["date_cible"] = month_end("2020-12")
    evaluation = world.judged("stg_objectifs")
    assert fired(evaluation) == {"objectif_incoherent": ("bloquant", 1)}
    assert result(evaluation, "objectif_incoherent").rows[0]["ligne"] == 4


def test_an_initial_date_after_the_current_value_blocks(world):
    world.objectifs[2]["date_valeur_initiale"] = month_end("2022-05")
    assert fired(world.judged("stg_objectifs")) == {"objectif_incoherent": ("bloquant", 1)}


def test_a_target_on_the_wrong_side_is_told(world):
    world.objectifs[0]["cible"] = 1000.0
    assert fired(world.judged("stg_objectifs")) == {"cible_du_mauvais_cote": ("alerte", 1)}


def test_staged_objectives_keep_what_the_synthese_relies_on(world):
    spoilt = (
        "update stg_objectifs set code = '99' where ligne = 2",
        "update stg_objectifs set id_indicateur = 'inconnu' where ligne = 3",
        "update stg_objectifs set maille = 'communale' where ligne = 4",
        "insert into stg_objectifs select * from stg_objectifs where ligne = 5",
    )
    assert fired(world.judged("stg_objectifs", sql=spoilt)) == {
        "territoire_connu": ("bloquant", 2),  # 99, and the territory of an unknown maille
        "indicateur_connu": ("bloquant", 1),
        "maille_connue": ("bloquant", 1),
        "cle_unique": ("bloquant", 2),
    }


def test_a_synthese_value_that_is_not_in_the_detail_blocks(world):
    change = "delete from detail where id_indicateur = 'part' and code = '01' and date = '2022-03-31'"
    assert fired(world.judged("synthese", sql=(change,))) == {"synthese_sans_detail": ("bloquant", 1)}


def test_a_rate_of_progress_out_of_0_to_100_blocks_with_its_key(world):
    change = "update synthese set pourcentage_cible = 104 where id_indicateur = 'part' and code = '02'"
    evaluation = world.judged("synthese", sql=(change,))
    assert fired(evaluation) == {"taux_hors_bornes": ("bloquant", 1)}
    row = result(evaluation, "taux_hors_bornes").rows[0]
    assert (row["id_indicateur"], row["maille"], row["code"]) == ("part", "departementale", "02")


def test_an_id_carried_by_two_indicators_blocks(world):
    change = "update synthese set libelle_indicateur = 'Autre libellé' where id_indicateur = 'part' and code = '02'"
    evaluation = world.judged("detail", sql=(change,))
    assert fired(evaluation) == {"identifiant_partage": ("bloquant", 1)}
    assert "Autre libellé" in result(evaluation, "identifiant_partage").rows[0]["detail"]


def test_a_row_published_twice_blocks(world):
    rollups = ("avancement_mesures", "avancement_secteurs", "avancement_territoires")
    tables = ("detail", "synthese", "progression", *rollups, "classement", "couverture", "origines")
    twice = tuple(f"insert into {table} select * from {table} limit 1" for table in tables)
    evaluation = world.judged(*tables, sql=twice)
    found = {r.table: (r.status, r.count) for r in evaluation.results if r.rule == "cle_unique"}
    assert found == dict.fromkeys(tables, ("bloquant", 2))


def test_a_value_whose_origin_names_no_delivery_blocks(world):
    spoilt = "update origines set livraison = null where id_indicateur = 'part' and code = '01' and date = '2021-12-31'"
    assert fired(world.judged("origines", sql=(spoilt,))) == {"livraison_nommee": ("bloquant", 1)}


def test_a_rollup_that_cannot_be_blocks(world):
    tables = ("avancement_secteurs", "avancement_territoires", "avancement_mesures")
    changes = (*(f"update {t} set taux = 101, avec_taux = 99" for t in tables[:2]),)
    changes += ("update avancement_mesures set taux_partiel = 101, connus = 99",)
    evaluation = world.judged(*tables, sql=changes)
    found = {(r.table, r.rule) for r in evaluation.results if r.blocks}
    assert found == {(t, rule) for t in tables for rule in ("taux_hors_bornes", "effectifs_coherents")}


def test_a_status_that_nobody_knows_blocks(world):
    spoilt = "update progression set statut = 'perdu', phi = 2 where code = '01' and id_indicateur = 'part'"
    found = {"statut_inconnu": ("bloquant", 1), "temps_hors_bornes": ("bloquant", 1)}
    assert fired(world.judged("progression", sql=(spoilt,))) == found


def test_a_territory_far_behind_the_median_is_told(world):
    spoilt = "update avancement_territoires set ecart_mediane = -10.5, n_commun = 7 where code = '03'"
    evaluation = world.judged("avancement_territoires", sql=(spoilt,))
    assert fired(evaluation) == {"territoire_en_retrait": ("alerte", 1)}
    (row,) = result(evaluation, "territoire_en_retrait").rows
    assert (row["maille"], row["code"], row["valeur"]) == ("departementale", "03", -10.5)
    assert row["detail"] == "7 indicateurs communs"


def test_an_explanation_of_no_missed_target_is_told(world):
    row = "('part', 'departementale', '02', date '2021-12-31', 'Pourquoi.', null, null, 'l', 'f.csv', null, 2)"
    evaluation = world.judged("explications", sql=(f"insert into stg_explications values {row}",))
    assert fired(evaluation) == {"explication_sans_objet": ("alerte", 1)}
    assert result(evaluation, "explication_sans_objet").rows[0]["ligne"] == 2


def test_the_detail_has_no_hole(world):
    spoilt = (
        "update detail set valeur = null where id_indicateur = 'contrats' and code = '03' and date = '2022-01-31'",
        "update detail set date = null where id_indicateur = 'part' and code = '01' and date = '2022-01-31'",
        "update detail set libelle_territoire = null where id_indicateur = 'part' and code = '02' and month(date) = 1",
    )
    assert fired(world.judged("detail", sql=spoilt)) == {
        "valeur_renseignee": ("bloquant", 1),
        "date_renseignee": ("bloquant", 1),
        "territoire_renseigne": ("bloquant", 1),
    }


# Exceptions


def test_an_exception_accepts_the_rows_that_it_names_and_no_other(world):
    for where in ("departementale 01", "departementale 02"):
        world.value("part", where, "2022-01")["valeur"] = 120.0
    world.exceptions = (an_exception("part_hors_bornes", "part", maille="departementale", territoire="01"),)
    evaluation = world.judged("detail")
    assert fired(evaluation) == {"part_hors_bornes": ("bloquant", 1)}
    assert result(evaluation, "part_hors_bornes").rows[0]["code"] == "02"
    assert [(d.status, d.rows) for d in evaluation.deviations] == [("utilisee", 1)]


def test_an_exception_serves_until_its_edition_and_no_longer(world):
    world.value("part", "departementale 01", "2022-01")["valeur"] = 120.0
    world.exceptions = (an_exception("part_hors_bornes", "part", jusqu_a="2021-T4"),)
    evaluation = world.judged("detail")
    assert fired(evaluation) == {"part_hors_bornes": ("bloquant", 1)}
    assert [d.status for d in evaluation.deviations] == ["echue"]


def test_an_exception_that_accepts_nothing_is_told(world):
    world.exceptions = (an_exception("part_hors_bornes", "part", date=date(2022, 1, 31)),)
    assert [d.status for d in world.judged("detail").deviations] == ["sans_objet"]


def test_an_exception_serves_the_types_of_great_expectations_too(world):
    change = "update synthese set pourcentage_cible = 104 where id_indicateur = 'part' and code in ('02', '03')"
    world.exceptions = (an_exception("taux_hors_bornes", "part", territoire="02"),)
    evaluation = world.judged("synthese", sql=(change,))
    assert fired(evaluation) == {"taux_hors_bornes": ("bloquant", 1)}
    assert result(evaluation, "taux_hors_bornes").accepted == 1
    assert [d.rows for d in evaluation.deviations] == [1]


# Rules themselves


def a_suite(*rules: dict) -> Suite:
    about = {"severite": "alerte", "pourquoi": "Pour essayer.", "pour": "Les tests."}
    rules = [Expectation(regle=f"essai{n}", **about, **rule) for n, rule in enumerate(rules)]
    return Suite(table="detail", grain=["code"], attentes=rules)


def test_a_rule_that_cannot_be_evaluated_blocks_and_says_so(world):
    not_null = "expect_column_values_to_not_be_null"
    suite = a_suite(
        {"requete": "select colonne_absente from detail"},
        {"requete": "select 1 as autre_nom"},
        {"requete": "select error('panne')::double as valeur from detail"},
        {"type": "expect_nothing_known"},
        {"type": not_null, "arguments": {"column": "absente"}},
        {"type": not_null, "arguments": {"colonne": "code"}},
        {"type": not_null, "arguments": {"column": "code"}},
    )
    evaluation = world.judged(suites=[suite])
    assert [r.status for r in evaluation.results] == ["erreur"] * 6 + ["ok"]
    assert evaluation.blocks
    assert "essai0 (detail): this rule cannot be evaluated" in blocking_sentences(evaluation.results)


def test_an_exception_to_a_rule_that_cannot_be_evaluated_serves_nothing(world):
    world.exceptions = (an_exception("essai0", "part"),)
    query = "select id_indicateur, error('panne')::double as valeur from detail"
    evaluation = world.judged(suites=[a_suite({"requete": query})])
    assert fired(evaluation)["essai0"][0] == "erreur"
    assert [d.status for d in evaluation.deviations] == ["sans_objet"]


def test_a_missing_table_blocks_every_rule_of_its_suite(world):
    evaluation = world.judged("synthese", "detail", sql=("drop table synthese",))
    broken = {r.rule for r in evaluation.results if r.table == "synthese" and r.status == "erreur"}
    assert broken == {a.regle for a in SUITES["synthese"].attentes}


def test_a_query_may_hold_what_great_expectations_gives_a_meaning(world):
    query = "select code, '{batch} :nom' as detail from detail where code = $code and [1, 2][1:1] = [1]"
    rule = {"requete": query}
    evaluation = world.judged(suites=[a_suite(rule | {"parametres": {"code": "0'1"}})])
    assert fired(evaluation) == {}
    evaluation = world.judged(suites=[a_suite(rule | {"parametres": {"code": "02"}})])
    assert result(evaluation, "essai0").rows[0]["detail"] == "{batch} :nom"


# The step


def a_home(tmp_path, world: QualityWorld, *sql: str) -> Home:
    home = Home(tmp_path / "home")
    placed = replace(world, warehouse=home.building(EDITION).warehouse)
    placed.built(*sql)
    return home


def run_gate(home: Home, world: QualityWorld, reports: str | None = None):
    """Run the gate between the tables and a file that depends on one of them."""
    names, editions = sorted({m.name for m in read_models()}), build_editions(EDITION)
    judged = [SUITES["detail"], SUITES["stg_rejets"]]

    @multi_asset(specs=[AssetSpec(n) for n in names], partitions_def=editions)
    def transform():
        yield from (MaterializeResult(asset_key=n) for n in names)

    @asset(deps=["detail"], partitions_def=editions)
    def files():
        pass

    definitions = Definitions(
        assets=[transform, files],
        asset_checks=[build_checks(Catalogues(home.root, world.catalogue()), judged, editions)],
        resources={
            "settings": ResourceDefinition.hardcoded_resource(Settings(home=home, rapports_lien=reports)),
            "judge": ResourceDefinition.hardcoded_resource(evaluate),
        },
        executor=in_process_executor,
    )
    with DagsterInstance.ephemeral() as instance:
        return definitions.resolve_implicit_global_asset_job_def().execute_in_process(
            partition_key=partition_key(EDITION),
            instance=instance,
            raise_on_error=False,
            run_config={"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}},
        )


def test_the_process_that_judges_ends_with_the_last_of_its_builds(world, monkeypatch):
    started, popen = [], subprocess.Popen
    monkeypatch.setattr(subprocess, "Popen", lambda *told, **how: started.append(popen(*told, **how)) or started[-1])
    monkeypatch.delitem(sys.modules, "great_expectations", raising=False)  # or what judges is this process
    world.built()
    with early_judge(2) as judge:
        first = judge(world.warehouse, [SUITES["detail"]])
        assert [process.poll() for process in started] == [None]
        assert fired(judge(world.warehouse, [SUITES["detail"]])) == fired(first)
        assert [process.poll() for process in started] == [-signal.SIGKILL]


@pytest.mark.long
def test_a_blocking_failure_stops_what_depends_on_the_table_and_says_why(tmp_path, world):
    world.value("part", "departementale 01", "2022-01")["valeur"] = 120.0
    home = a_home(tmp_path, world)
    run = run_gate(home, world)
    assert not run.success
    assert not run.asset_materializations_for_node("files")
    ((sentence, status),) = told_failures(run.all_events)
    assert status == 1
    assert sentence.startswith("part_hors_bornes (detail): 1 row. l, f.csv, row ")
    evaluations = {e.check_name: e for e in run.get_asset_check_evaluations() if e.asset_key == AssetKey("detail")}
    assert evaluations.keys() == {a.regle for a in SUITES["detail"].attentes}
    assert not evaluations["part_hors_bornes"].passed
    assert (home.report(EDITION) / "index.html").is_file()


def test_an_alert_is_seen_in_dagster_and_stops_nothing(tmp_path, world):
    world.valeurs.append(dict(world.valeurs[0]))
    run = run_gate(a_home(tmp_path, world), world)
    assert run.success
    assert run.asset_materializations_for_node("files")
    told = [e for e in run.get_asset_check_evaluations() if not e.passed]
    assert [(e.check_name, e.severity) for e in told] == [("doublon_identique", AssetCheckSeverity.WARN)]
    assert told[0].metadata["rapport"].url.startswith("file:///")
    assert told[0].metadata["rapport"].url.endswith("2022-T1/index.html")


def test_the_report_of_a_check_opens_where_reports_are_served(tmp_path, world):
    run = run_gate(a_home(tmp_path, world), world, "https://rapports.example.org/")
    links = {e.metadata["rapport"].url for e in run.get_asset_check_evaluations()}
    assert links == {"https://rapports.example.org/2022-T1/index.html"}


def test_the_report_is_the_same_bytes_each_time_and_the_file_free_again(tmp_path, world):
    world.value("part", "departementale 01", "2022-01")["valeur"] = 120.0
    home = a_home(tmp_path, world)
    written = []
    for _ in range(2):
        check_edition(home, world.catalogue(), EDITION, [SUITES["detail"], SUITES["stg_rejets"]])
        report = home.report(EDITION)
        written.append({p.relative_to(report): p.read_bytes() for p in sorted(report.rglob("*")) if p.is_file()})
    assert written[0] == written[1]
    assert {"index.html", "rapport.json", "rejets.csv"} <= {p.name for p in written[0]}
    assert sorted(p.name for p in report.parent.iterdir()) == ["2022-T1"]
    with open_warehouse(home.building(EDITION).warehouse) as connection:
        connection.execute("create table encore (x int)")


def test_the_report_needs_nothing_from_the_network(tmp_path, world):
    home = a_home(tmp_path, world)
    check_edition(home, world.catalogue(), EDITION, [SUITES["synthese"]])
    for page in home.report(EDITION).rglob("*.html"):
        text = page.read_text(encoding="utf-8")
        assert 'src="http' not in text and "<link" not in text and "@import" not in text, page.name
    facts = json.loads((home.report(EDITION) / "rapport.json").read_text(encoding="utf-8"))
    assert facts["publiable"] is True
