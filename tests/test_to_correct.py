"""What each ministry is asked to put right: a section and a file each, in plain words."""

import csv
from pathlib import Path

import pyarrow as pa
import pytest

from barometre_pipeline.quality.alerts import ALERTES, keep_results
from barometre_pipeline.quality.evaluation import Evaluation
from barometre_pipeline.quality.facts import gather_facts
from barometre_pipeline.quality.remedies import remedy
from barometre_pipeline.quality.report import as_page
from barometre_pipeline.quality.results import RuleResult
from barometre_pipeline.quality.suites import read_suites
from barometre_pipeline.quality.to_correct import write_files_to_correct
from barometre_pipeline.resources.duckdb_files import read_warehouse
from tests.quality_world import QualityWorld
from tests.small_world import month_end
from tests.test_report import ABOUT, text_of

NEGATIVE = RuleResult(rule="comptage_negatif", title="Comptage négatif", severity="alerte", count=3, **ABOUT)


def asked_of(world: QualityWorld, folder: Path, alerts: list[dict], *rules: RuleResult) -> list[dict]:
    """Write the files of what these alerts found, as the gate's results of an edition; return what the page is told."""
    keep_results(world.warehouse, rules, pa.Table.from_pylist(alerts, schema=ALERTES))
    (folder / "rapport").mkdir()
    with read_warehouse(world.warehouse) as connection:
        return write_files_to_correct(connection, world.catalogue(), folder / "rapport")


def rows_of(folder: Path, ministry: dict) -> list[dict]:
    text = (folder / "rapport" / ministry["fichier"]).read_text("utf-8-sig")
    return list(csv.DictReader(text.splitlines(), delimiter=";"))


@pytest.fixture(scope="module")
def told(tmp_path_factory) -> tuple[list[dict], list[dict], str]:
    """What the page says of each ministry, the rows of the only file, and the page's text."""
    tmp_path = tmp_path_factory.mktemp("a-corriger")
    world = QualityWorld(tmp_path / "entrepot.duckdb")
    unread = {"regle": "valeur_illisible", "motif": "Ce n'est pas un nombre.", "contenu": "n.c.", "colonne": "valeur"}
    row = {**unread, "id_indicateur": "part", "maille": "nationale", "code": "FR"}
    world.rejets = [{**row, "ligne": 7}, {**row, "contenu": "41743.0", "ligne": 8}]
    world.built()
    alert = {"table_controlee": "detail", "regle": "comptage_negatif", "id_indicateur": "amendes"}
    alert |= {"maille": "departementale", "livraison": "l", "date": month_end("2021-09"), "fichier": "f.csv"}
    places = [(code, world.value("amendes", f"departementale {code}", "2021-09")) for code in ("01", "02", "03")]
    alerts = [{**alert, "code": code, "valeur": -1234.0, "ligne": world.row_of(value)} for code, value in places]
    ministries = asked_of(world, tmp_path, alerts, NEGATIVE)
    facts = gather_facts(world.warehouse, world.catalogue(), Evaluation((NEGATIVE,), ()))
    page = as_page({**facts, "a_corriger": ministries})
    return ministries, rows_of(tmp_path, ministries[0]), page


def test_a_ministry_has_a_file_with_every_reject_and_every_row_of_every_alert(told):
    ministries, rows, _ = told
    assert [(m["ministere"], m["fichier"], m["lignes"]) for m in ministries] == [
        ("Ministère", "a-corriger/ministere.csv", 5)
    ]
    assert [r["Ce qui est livré"] for r in rows] == ["900", "900", "900", "n.c.", "41\u202f743"]
    assert all(r["Ce qui serait juste"] and r["Ligne"] for r in rows)


def test_what_is_made_of_the_delivered_value_is_told_beside_it(told):
    _, rows, _ = told
    assert [r["Ce qui en est calculé"] for r in rows] == [*["-1\u202f234"] * 3, "", ""]


def test_two_rules_of_one_name_keep_their_own_titles(tmp_path):
    world = QualityWorld(tmp_path / "entrepot.duckdb")
    world.built()
    rules = [RuleResult(rule="r", title=f"Sur {t}", severity="alerte", **{**ABOUT, "table": t}) for t in ("a", "b")]
    asked_of(world, tmp_path, [{"table_controlee": "b", "regle": "r", "id_indicateur": "part"}], *rules)
    (row,) = rows_of(tmp_path, {"fichier": "a-corriger/ministere.csv"})
    assert row["Ce qui ne va pas"] == "Sur b"


def test_ministries_whose_names_are_alike_or_in_another_alphabet_have_a_file_each(tmp_path):
    world = QualityWorld(tmp_path / "entrepot.duckdb")
    names = ("Santé", "Sante", "Υγεία", "Здоровье")
    world.built(*(f"insert into raw.livraisons (livraison, ministere) values ('{n}', '{n}')" for n in names))
    alerts = [{"table_controlee": "detail", "regle": "r", "livraison": name, "detail": name} for name in names]
    ministries = asked_of(world, tmp_path, alerts, NEGATIVE)
    assert len({m["fichier"] for m in ministries}) == len(names)
    assert [[row["Ce qui ne va pas"] for row in rows_of(tmp_path, m)] for m in ministries] == [
        [f"r : {m['ministere']}"] for m in ministries
    ]


def test_rows_of_nobodys_file_are_not_asked_of_a_ministry(tmp_path):
    world = QualityWorld(tmp_path / "entrepot.duckdb")
    world.built()
    alert = {"table_controlee": "detail", "regle": "r", "maille": "departementale", "code": "01", "valeur": -12.5}
    ministries = asked_of(world, tmp_path, [alert], NEGATIVE)
    facts = gather_facts(world.warehouse, world.catalogue(), Evaluation((NEGATIVE,), ()))
    text = text_of(as_page({**facts, "a_corriger": ministries}))
    assert "ne sont dans le fichier d’aucun ministère" in text and "le fichier de ce ministère" not in text
    (row,) = rows_of(tmp_path, ministries[0])
    assert (row["Ce qui est livré"], row["Ce qui en est calculé"]) == ("", "-12,5")


def test_each_rule_that_is_an_alert_says_what_would_be_right():
    alerts = {e.regle for suite in read_suites() for e in suite.attentes if e.severite == "alerte"}
    assert {rule for rule in alerts if remedy(rule) == remedy("unknown")} == {"saut_de_valeur"}


def test_the_page_counts_them_by_indicator(told):
    ministries, _, page = told
    negative, unread = ministries[0]["groupes"]
    assert (negative["probleme"], negative["ou"]) == ("Comptage négatif", "3\u00a0départements, 30/09/2021")
    assert unread["ou"] == "Pays"
    text = text_of(page).replace("\u00a0", " ")
    assert "Comptage négatif (3 départements, 30/09/2021), 3 lignes" in text


def test_the_page_has_no_developers_word_but_in_the_link_for_developers(told):
    _, _, page = told
    seen = text_of(page.partition("<footer>")[0])
    for word in ("comptage_negatif", "Table detail", "stg_", "Great Expectations", "null", "None"):
        assert word not in seen


def test_each_wide_table_can_be_scrolled_from_the_keyboard(told):
    _, _, page = told
    assert page.count("<table") == page.count('<div class="large" role="region" tabindex="0" aria-label="')
