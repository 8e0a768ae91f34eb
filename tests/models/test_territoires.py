"""The tables that compare territories, say where an indicator is published and where each value was read."""

from dataclasses import replace
from datetime import date

from barometre_pipeline.catalogue import Territoire
from barometre_pipeline.catalogue.model import Explication
from barometre_pipeline.transform import run_models
from tests.small_world import MODELS, TERRITOIRES, a_catalogue, a_value, an_indicator, an_objective

DEPARTEMENTS = [f"departementale 0{n}" for n in (1, 2, 3)]
WAY = {
    "date_valeur_initiale": date(2020, 1, 31),
    "date_cible": date(2022, 1, 31),
    "valeur_initiale": 0.0,
    "cible": 100.0,
}


def ranked(build, values, columns="code, rang, ex_aequo, n, percentile", when="2022-01", **indicator):
    con = build(
        a_catalogue(an_indicator(**indicator)),
        [a_value(p, when if isinstance(when, str) else when[p], v) for p, v in values.items()],
        [an_objective(p, **WAY) for p in values],
    )
    return con.execute(f"select {columns} from classement").fetchall()


def test_those_that_tie_share_the_lowest_rank(build):
    found = ranked(build, dict(zip(DEPARTEMENTS, (20, 30, 20), strict=True)))
    assert found == [("02", 1, False, 3, None), ("01", 2, True, 3, None), ("03", 2, True, 3, None)]


def test_those_that_tie_but_for_the_last_bits_of_a_division_do(build):
    """(5.6 - 4.6) / (3.6 - 4.6) and (2.1 - 1.1) / (0.1 - 1.1) are not the same numbers for a machine."""
    goals = {DEPARTEMENTS[0]: (3.6, 4.6, 5.6), DEPARTEMENTS[1]: (0.1, 1.1, 2.1)}
    con = build(
        a_catalogue(an_indicator(sens="baisse")),
        [a_value(p, "2022-01", now) for p, (_, _, now) in goals.items()],
        [an_objective(p, **{**WAY, "valeur_initiale": start, "cible": goal}) for p, (goal, start, _) in goals.items()],
    )
    assert con.execute("select count(distinct tau) from progression").fetchone() == (2,)
    assert con.execute("select code, rang, ex_aequo from classement").fetchall() == [("01", 1, True), ("02", 1, True)]


def test_counts_rank_by_the_way_done_and_shares_by_their_value(build):
    values = dict(zip(DEPARTEMENTS, (20, 30, 10), strict=True))
    assert ranked(build, values, "code, base", sens="baisse", unite="% des classes") == [
        ("03", "valeur_comparable"),
        ("01", "valeur_comparable"),
        ("02", "valeur_comparable"),
    ]
    assert ranked(build, values, "code, base")[0] == ("02", "part_parcourue")


def test_a_value_of_another_time_is_not_ranked(build):
    when = dict(zip(DEPARTEMENTS, ("2022-01", "2022-01", "2021-06"), strict=True))
    values = dict(zip(DEPARTEMENTS, (20, 30, 40), strict=True))
    assert [row[0] for row in ranked(build, values, when=when, periode="mois")] == ["02", "01"]


def test_a_value_copied_from_above_is_not_ranked(build):
    con = build(
        a_catalogue(an_indicator(recopie_maille_superieure=True)),
        [a_value("regionale 01", "2022-01", 7), a_value("regionale 02", "2022-01", 8)],
        [an_objective(p, **WAY) for p in (*DEPARTEMENTS, "regionale 01", "regionale 02")],
    )
    assert con.execute("select maille, code from classement").fetchall() == [("regionale", "02"), ("regionale", "01")]


def test_the_percentile_is_the_part_of_the_others_that_are_behind(build):
    more = tuple(Territoire(maille="departementale", code=f"{n}", libelle=f"{n}", parent="01") for n in range(10, 17))
    values = {f"departementale {n}": n for n in range(10, 17)} | dict(zip(DEPARTEMENTS, (1, 1, 3), strict=True))
    con = build(
        a_catalogue(an_indicator(), territoires=(*TERRITOIRES, *more)),
        [a_value(p, "2022-01", v) for p, v in values.items()],
        [an_objective(p, **WAY) for p in values],
    )
    found = dict(con.execute("select code, percentile from classement").fetchall())
    assert (found["16"], found["03"], found["01"], found["02"]) == (100, 100 * 2 / 9, 0, 0)


def test_coverage_tells_what_is_published_what_lacks_and_where_nothing_is_meant_to_be(build):
    indicator = an_indicator(mailles=("departementale",), territoires_non_concernes=("departementale/03",))
    con = build(a_catalogue(indicator), [a_value("departementale 01", d, 5) for d in ("2021-12", "2022-01")])
    assert con.execute("select code, etat, valeurs, derniere_date from couverture").fetchall() == [
        ("01", "publié", 2, date(2022, 1, 31)),
        ("02", "sans valeur", 0, None),
        ("03", "non concerné", 0, None),
    ]


def origins(con, where):
    columns = "code, transformation, code_source, ligne, drapeau"
    return con.execute(f"select {columns} from origines where {where} order by all").fetchall()


def test_a_sum_has_one_origin_by_territory_that_it_is_made_of(build):
    values = [a_value(p, "2022-01", 5, drapeau="(p)" if p.endswith("2") else None) for p in DEPARTEMENTS]
    con = build(a_catalogue(an_indicator(agregation_territoriale="somme")), values)
    assert origins(con, "maille = 'departementale' and code = '02'") == [("02", "telle_quelle", "02", 3, "(p)")]
    assert origins(con, "maille = 'regionale'") == [
        ("01", "somme", "01", 2, None),
        ("01", "somme", "02", 3, "(p)"),
        ("02", "somme", "03", 4, None),
    ]
    assert len(origins(con, "maille = 'nationale'")) == 3


def test_a_territory_without_weight_is_no_origin_of_a_mean(build):
    rate = an_indicator(agregation_territoriale="ratio", poids="population", unite="%")
    values = [a_value(p, "2022-01", 5) for p in DEPARTEMENTS]
    values += [
        a_value(DEPARTEMENTS[0], "2021-12", 100, "population"),
        a_value(DEPARTEMENTS[1], "2022-02", 9, "population"),
    ]
    con = build(a_catalogue(rate, an_indicator("population")), values)
    assert origins(con, "maille = 'nationale'") == [("FR", "ratio", "01", 2, None)]


def test_a_copied_value_comes_from_the_cell_of_the_territory_above(build):
    con = build(a_catalogue(an_indicator(recopie_maille_superieure=True)), [a_value("regionale 02", "2022-01", 8)])
    assert origins(con, "maille = 'departementale'") == [("03", "recopie", "02", 2, None)]


def test_an_origin_has_the_sha256_of_its_file_a_zip_having_the_name_of_its_member(build):
    con = build(a_catalogue(an_indicator()), [a_value(p, "2022-01", 5, fichier=f"{p[-1]}.csv") for p in DEPARTEMENTS])
    files = "fichiers = ['1.csv', 'b.zip', 'c.zip'], sha256 = ['un', 'deux', 'trois']"
    con.execute(f"update raw.livraisons set {files}, fichiers_lus = ['1.csv', '2.csv', '3.csv']")
    for _ in run_models(con, MODELS):
        pass
    query = "select fichier, sha256 from origines where maille = 'departementale' order by all"
    assert con.execute(query).fetchall() == [("1.csv", "un"), ("2.csv", "deux"), ("3.csv", "trois")]


def test_the_first_values_that_are_left_out_have_no_origin(build):
    indicator = an_indicator(serie="decumul", premieres_valeurs_ecartees=1)
    con = build(a_catalogue(indicator), [a_value("nationale FR", d, 5) for d in ("2021-12", "2022-01")])
    assert origins(con, "true") == [("FR", "decumul", "FR", 3, None)]


def missed(build, *explications, month="2022-01"):
    catalogue = replace(a_catalogue(an_indicator()), explications=explications)
    values = [a_value(p, month, 50) for p in DEPARTEMENTS[:2]]
    con = build(catalogue, values, [an_objective(p, **WAY) for p in DEPARTEMENTS[:2]])
    return con.execute("select code, origine, texte, date, contact from explications").fetchall()


def explained(texte, **given):
    return Explication(indicateur="i", maille="departementale", texte=texte, date=date(2022, 2, 1), **given)


def test_a_missed_target_without_explanation_has_a_notice_dated_of_the_edition(build):
    found = missed(build, explained("Chantier en retard.", territoire="01", date_cible=date(2022, 1, 31)))
    assert found[0] == ("01", "declaree", "Chantier en retard.", date(2022, 2, 1), "Essai")
    code, origine, texte, day, contact = found[1]
    assert (code, origine, day, contact) == ("02", "avis", date(2022, 3, 31), "Essai")
    assert texte.startswith("L’échéance de la cible est passée et elle n’est pas atteinte.")


def test_a_target_that_is_due_and_waits_for_its_value_is_not_said_to_be_missed(build):
    told = {texte for _, _, texte, *_ in missed(build, month="2021-12")}
    assert len(told) == 1 and "le résultat reste à constater." in told.pop()


def test_a_target_that_is_due_and_cannot_be_judged_is_not_said_to_wait_for_a_value(build):
    yearly = an_indicator(lecture="cumul_annuel", periode="mois")
    con = build(a_catalogue(yearly), [a_value(DEPARTEMENTS[0], "2022-03", 5)], [an_objective(DEPARTEMENTS[0], **WAY)])
    both = "cibles_manquees as m join explications as x using (id_indicateur, maille, code)"
    ((echeance, texte),) = con.execute(f"select m.echeance, x.texte from {both}").fetchall()
    assert echeance == "a_constater" and "ne permettent pas de dire" in texte


def test_an_explanation_of_a_whole_level_stands_beside_each_of_its_missed_targets(build):
    found = missed(build, explained("Partout."), explained("Autre échéance.", date_cible=date(2021, 1, 31)))
    assert [row[:3] for row in found] == [("01", "declaree", "Partout."), ("02", "declaree", "Partout.")]
