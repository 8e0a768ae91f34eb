import datetime as dt
import sys
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from subprocess import run

import duckdb
import pyarrow as pa
import pytest
import sqlglot
from sqlglot import exp

from barometre_pipeline.catalogue import Exception_
from barometre_pipeline.catalogue.tables import catalogue_tables
from barometre_pipeline.editions import Edition
from barometre_pipeline.errors import EditedFileError
from barometre_pipeline.quality.data_docs import cleaned
from barometre_pipeline.quality.judge import _last_line
from barometre_pipeline.quality.results import RuleResult, blocking_sentences
from barometre_pipeline.quality.rules import about
from barometre_pipeline.quality.suites import literal, read_suites
from barometre_pipeline.sql_models import read_models
from barometre_pipeline.stage.loading import load_catalogue_tables
from tests.small_world import a_catalogue, an_indicator

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
  requete: select code from detail where valeur > $seuil
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
    with pytest.raises(EditedFileError) as caught:
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
    known |= {"precedente.detail", "precedente.agregations"}
    for suite in read_suites():
        for expectation in suite.attentes:
            if expectation.requete:
                tree = sqlglot.parse_one(expectation.query, dialect="duckdb")
                ctes = {cte.alias for cte in tree.find_all(exp.CTE)}
                read = {".".join(part.name for part in t.parts) for t in tree.find_all(exp.Table)} - ctes
                assert read - {""} <= known, expectation.regle


def test_a_good_suite_is_read(tmp_path):
    (suite,) = read_suites(a_folder(tmp_path, detail=GOOD))
    assert (suite.table, suite.grain, suite.attentes[0].title) == ("detail", ("code",), "Essai")


def test_every_problem_of_every_suite_is_told_at_once(tmp_path):
    wrong = GOOD.replace("severite: alerte", "severite: grave").replace("pour: Les", "pourqui: Les")
    folder = a_folder(tmp_path, detail=wrong, synthese=GOOD, autre="table: [")
    told = "\n".join(problems(folder))
    for part in (
        "expectations/detail.yml, line 8: attentes[1].severite: must be bloquant, alerte (here: 'grave').",
        "expectations/detail.yml, line 10: attentes[1].pourqui: unknown key; the closest is 'pourquoi'.",
        "expectations/detail.yml, line 5: attentes[1].pour: is required.",
        "expectations/synthese.yml, line 2: table: 'synthese' is what the file's name says.",
        "expectations/autre.yml, line 2: is not YAML",
    ):
        assert part in told


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("$seuil", "3"), "seuil is not used"),
        (("parametres: {seuil: 3}", "parametres: {}"), "$seuil has no value"),
        (("  requete:", "  type: expect_column_to_exist\n  requete:"), "one of the two"),
        (("regle: essai", "regle: Règle"), "lower-case letters"),
        (("parametres: {seuil: 3}", "arguments: {a: 3}"), "arguments: it serves only a type"),
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


ROW = {"id_indicateur": "i", "maille": "regionale", "code": "01", "date": dt.date(2022, 1, 31)}


@pytest.mark.parametrize(
    ("said", "row", "covered"),
    [
        ({}, ROW, True),
        ({"territoire": "01", "date": ROW["date"]}, ROW, True),
        ({"territoire": "01"}, ROW | {"code": "02"}, False),
        ({"territoire": "01"}, ROW | {"code": None}, False),  # a row that does not say it
        ({}, ROW | {"id_indicateur": None}, False),
    ],
)
def test_an_exception_covers_what_it_says_and_nothing_else(said, row, covered):
    exception = Exception_(regle="r", indicateur="i", motif="m", jusqu_a="2022-T1", **said)
    texts = [(c, pa.string()) for c in ("id_indicateur", "maille", "code")]
    rows = pa.Table.from_pylist([row], schema=pa.schema([*texts, ("date", pa.date32())]))
    with duckdb.connect() as connection:
        tables = catalogue_tables(replace(a_catalogue(an_indicator()), exceptions=(exception,)), Edition(2022, 1))
        load_catalogue_tables(connection, tables)
        connection.register("fautives", rows)
        query = f"select {about('$1', 'f')} from catalogue.exceptions as x, fautives as f"
        assert connection.execute(query, ["r"]).fetchone()[0] in ({True} if covered else {False, None})
        assert connection.execute(query, ["autre"]).fetchone()[0] is False


def test_the_model_of_the_rejects_says_in_the_same_words_which_rows_an_exception_is_about():
    model = next(m for m in read_models() if m.name == "int_rejets_comptes")
    assert about("r.regle", "r") in " ".join(model.sql.split())


def a_result(**more) -> RuleResult:
    about = {"table": "t", "rule": "r", "title": "R", "severity": "bloquant", "why": "p", "audience": "p"}
    return RuleResult(**{**about, **more})


def test_five_rows_are_told_and_that_there_are_more():
    rows = tuple({"livraison": "l", "ligne": n} for n in range(20))
    assert blocking_sentences([a_result(count=31, rows=rows)]) == (
        "r (t): 31 rows. l, row 0; l, row 1; l, row 2; l, row 3; l, row 4; …"
    )


def test_alerts_are_not_told_as_blocking():
    assert blocking_sentences([a_result(severity="alerte", count=3), a_result()]) == ""


def test_a_rule_that_could_not_be_evaluated_blocks_even_as_an_alert():
    assert a_result(severity="alerte", error="panne").blocks


def test_the_reason_that_the_judging_process_leaves_is_its_last_line_that_says_something():
    assert _last_line(BytesIO(b"Traceback\n  File x\nValueError: no such table\n    ^^^^^~~~\n\n")) == (
        "ValueError: no such table"
    )
    assert _last_line(BytesIO(b"")) == "their process was stopped."


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
