import datetime as dt
import sys
from pathlib import Path
from subprocess import run

import pytest
import sqlglot
from sqlglot import exp

from barometre_pipeline.errors import CatalogueError
from barometre_pipeline.quality.data_docs import cleaned
from barometre_pipeline.quality.known_deviations import KnownDeviation, accepted_condition
from barometre_pipeline.quality.places import in_our_words
from barometre_pipeline.quality.queries import filled_in, literal
from barometre_pipeline.quality.results import RuleResult, blocking_sentences
from barometre_pipeline.quality.suites import read_suites
from barometre_pipeline.sql_models import read_models

RULES_OF_THE_CONTRACT = {
    "valeur_illisible": "bloquant",
    "date_illisible": "bloquant",
    "territoire_inconnu": "bloquant",
    "valeurs_contradictoires": "bloquant",
    "doublon_identique": "alerte",
    "indicateur_hors_catalogue": "alerte",
    "rejets": "bloquant",
    "date_future": "bloquant",
    "date_ancienne": "bloquant",
    "part_hors_bornes": "bloquant",
    "comptage_negatif": "alerte",
    "saut_de_valeur": "alerte",
    "serie_trouee": "alerte",
    "cumul_decroissant": "alerte",
    "somme_incoherente": "alerte",
    "couverture_en_baisse": "alerte",
    "indicateur_non_livre": "bloquant",
    "territoire_disparu": "alerte",
    "source_en_retard": "alerte",
    "objectif_incoherent": "bloquant",
    "cible_du_mauvais_cote": "alerte",
    "cle_unique": "bloquant",
    "synthese_sans_detail": "bloquant",
    "taux_hors_bornes": "bloquant",
    "identifiant_partage": "bloquant",
}

GOOD = """
table: detail
grain: [code]
attentes:
- regle: essai
  requete: select code as territoire from detail where valeur > $seuil
  parametres: {seuil: 3}
  severite: alerte
  pourquoi: Pour essayer une règle.
  pour: Les tests du projet.
"""


def a_folder(tmp_path: Path, **files: str) -> Path:
    for name, text in files.items():
        (tmp_path / f"{name}.yml").write_text(text, encoding="utf-8")
    return tmp_path


def problems(folder: Path) -> list[str]:
    with pytest.raises(CatalogueError) as caught:
        read_suites(folder)
    return caught.value.problems


def test_the_suites_hold_every_rule_with_its_severity():
    found = {a.regle: a.severite for suite in read_suites() for a in suite.attentes}
    assert RULES_OF_THE_CONTRACT.items() <= found.items()


def test_every_suite_checks_that_its_key_is_unique():
    for suite in read_suites():
        assert "cle_unique" in {a.regle for a in suite.attentes}, suite.table


def test_rules_read_only_tables_that_exist():
    models = read_models()
    known = {m.name for m in models} | {table for m in models for table in m.reads if "." in table}
    known |= {"precedente.valeurs", "precedente.detail"}
    for suite in read_suites():
        for attente in suite.attentes:
            if attente.requete:
                tree = sqlglot.parse_one(filled_in(attente.requete, attente.parametres), dialect="duckdb")
                ctes = {cte.alias for cte in tree.find_all(exp.CTE)}
                read = {".".join(part.name for part in t.parts) for t in tree.find_all(exp.Table)} - ctes
                assert read - {""} <= known, attente.regle


def test_a_good_suite_is_read(tmp_path):
    (suite,) = read_suites(a_folder(tmp_path, detail=GOOD))
    assert (suite.table, suite.grain, suite.attentes[0].title) == ("detail", ("code",), "Essai")


def test_every_problem_of_every_suite_is_told_at_once(tmp_path):
    wrong = GOOD.replace("severite: alerte", "severite: grave").replace("pour: Les", "pourqui: Les")
    folder = a_folder(tmp_path, detail=wrong, synthese=GOOD, autre="table: [")
    told = "\n".join(problems(folder))
    for part in (
        "detail.yml: attentes.1.severite",
        "detail.yml: attentes.1.pourqui: this key is unknown",
        "synthese.yml: table",
        "autre.yml: not readable as YAML",
    ):
        assert part in told


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("$seuil", "3"), "seuil is not used"),
        (("parametres: {seuil: 3}", "parametres: {}"), "$seuil has no value"),
        (("  requete:", "  type: expect_column_to_exist\n  requete:"), "one of the two"),
        (("regle: essai", "regle: Règle"), "lower-case letters"),
        (("parametres: {seuil: 3}", "arguments: {a: 3}"), "arguments serves only a type"),
    ],
)
def test_a_rule_that_contradicts_itself_is_refused(tmp_path, change, said):
    assert said in problems(a_folder(tmp_path, detail=GOOD.replace(*change)))[0]


def test_two_rules_of_a_table_may_not_share_a_name(tmp_path):
    rule = GOOD[GOOD.index("- regle") :]
    assert "two rules are named 'essai'" in problems(a_folder(tmp_path, detail=GOOD + rule))[0]


def test_a_folder_without_suites_is_refused(tmp_path):
    assert "no suite there" in problems(tmp_path)[0]


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (3, "3"),
        (0.05, "0.05"),
        (True, "true"),
        ("l'an'; drop table detail --", "'l''an''; drop table detail --'"),
        (dt.date(2022, 3, 31), "date '2022-03-31'"),
        (["a", "b'"], "['a', 'b''']"),
    ],
)
def test_a_parameter_is_written_as_the_value_that_it_is(value, written):
    assert literal(value) == written


def a_deviation(**said) -> KnownDeviation:
    empty = {"maille": None, "territoire": None, "date": None}
    about = {"regle": "r", "indicateur": "i", "motif": "m", "jusqu_a": "2022-T1", "expired": False}
    return KnownDeviation(**{**empty, **about, **said})


def test_a_deviation_covers_what_it_says_and_nothing_else():
    deviation = a_deviation(territoire="01", date=dt.date(2022, 1, 31))
    row = {"indicateur": "i", "maille": "regionale", "territoire": "01", "date": dt.date(2022, 1, 31)}
    assert deviation.covers(row)
    assert not deviation.covers(row | {"territoire": "02"})
    assert not deviation.covers({"indicateur": "i"})


def test_an_expired_deviation_accepts_nothing():
    assert accepted_condition([a_deviation(expired=True)], "r", ("indicateur",)) is None


def test_a_deviation_of_what_the_rows_do_not_have_accepts_nothing():
    assert a_deviation(territoire="01").condition(("indicateur",)) == "false"


def test_published_rows_are_named_as_the_staged_ones():
    row = {"id_indicateur": "i", "indicateur": "Libellé", "code": "01", "valeur": 1.0, "date": None}
    assert in_our_words(row) == {"indicateur": "i", "territoire": "01", "valeur": 1.0}


def a_result(**more) -> RuleResult:
    about = {"table": "t", "regle": "r", "titre": "R", "severite": "bloquant", "pourquoi": "p", "pour": "p"}
    return RuleResult(**{**about, **more})


def test_five_rows_are_told_and_that_there_are_more():
    rows = tuple({"livraison": "l", "ligne": n} for n in range(20))
    assert blocking_sentences([a_result(nombre=31, lignes=rows)]) == (
        "r (t): 31 rows. l, row 0; l, row 1; l, row 2; l, row 3; l, row 4; …"
    )


def test_alerts_are_not_told_as_blocking():
    assert blocking_sentences([a_result(severite="alerte", nombre=3), a_result()]) == ""


def test_a_rule_that_could_not_be_evaluated_blocks_even_as_an_alert():
    assert a_result(severite="alerte", erreur="panne").blocks


def test_data_docs_hold_nothing_random_nor_remote():
    page = (
        '<head><link rel="stylesheet" href="https://cdn/x.css"></head><body id="0b3f2c1e-1111-4222-8333-444455556666">'
        '<script src="https://cdn/x.js"></script><a href="#0b3f2c1e-1111-4222-8333-444455556666">'
        "<style>a { background: url('https://cdn/x.png') 0 0 no-repeat; }</style>20240520T101112.123456Z</a></body>"
    )
    text = cleaned(page)
    assert "https://" not in text
    assert 'id="u0"' in text and 'href="#u0"' in text
    assert "20240520" not in text


def test_great_expectations_is_imported_only_where_a_check_runs():
    code = "import sys, barometre_pipeline.quality.gate; print('great_expectations' in sys.modules)"
    assert run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip() == "False"
