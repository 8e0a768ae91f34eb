"""What each ministry is asked to put right: a section and a file each, in plain words."""

import csv

import pyarrow as pa
import pytest

from barometre_pipeline.quality.alerts import ALERTES, keep_results
from barometre_pipeline.quality.evaluation import Evaluation
from barometre_pipeline.quality.facts import gather_facts
from barometre_pipeline.quality.report import as_page
from barometre_pipeline.quality.results import RuleResult
from barometre_pipeline.quality.to_correct import write_files_to_correct
from barometre_pipeline.resources.duckdb_files import read_warehouse
from tests.quality_world import QualityWorld
from tests.small_world import month_end
from tests.test_report import text_of

ABOUT = {"table": "detail", "why": "Pour que tout soit juste.", "audience": "Tous."}
NEGATIVE = RuleResult(rule="comptage_negatif", title="Comptage négatif", severity="alerte", count=3, **ABOUT)


@pytest.fixture
def told(tmp_path) -> tuple[list[dict], list[dict], str]:
    """What the page says of each ministry, the rows of the only file, and the page's text."""
    world = QualityWorld(tmp_path / "entrepot.duckdb")
    unread = {"regle": "valeur_illisible", "motif": "Ce n'est pas un nombre.", "contenu": "n.c.", "colonne": "valeur"}
    world.rejets = [{**unread, "id_indicateur": "part", "maille": "nationale", "code": "FR", "ligne": 7}]
    world.built()
    alert = {"regle": "comptage_negatif", "id_indicateur": "part", "maille": "departementale", "livraison": "l"}
    alert |= {"date": month_end("2021-03"), "fichier": "f.csv", "colonne": "valeur"}
    alerts = [{**alert, "code": code, "valeur": -1234.0, "ligne": n} for n, code in enumerate(("01", "02", "03"), 2)]
    keep_results(world.warehouse, [NEGATIVE], pa.Table.from_pylist(alerts, schema=ALERTES))
    (tmp_path / "rapport").mkdir()
    with read_warehouse(world.warehouse) as connection:
        ministries = write_files_to_correct(connection, world.catalogue(), tmp_path / "rapport")
    text = (tmp_path / "rapport" / ministries[0]["fichier"]).read_text("utf-8-sig")
    facts = gather_facts(world.warehouse, world.catalogue(), Evaluation((NEGATIVE,), ()))
    page = as_page({**facts, "a_corriger": ministries})
    return ministries, list(csv.DictReader(text.splitlines(), delimiter=";")), page


def test_a_ministry_has_a_file_with_every_reject_and_every_row_of_every_alert(told):
    ministries, rows, _ = told
    assert [(m["ministere"], m["fichier"], m["lignes"]) for m in ministries] == [
        ("Ministère", "a-corriger/ministere.csv", 4)
    ]
    assert [(r["Ce qui est livré"], r["Ligne"]) for r in rows if r["Fichier"]] == [
        *(("-1\u202f234", str(n)) for n in (2, 3, 4)),
        ("n.c.", "7"),
    ]
    assert all(r["Ce qui serait juste"] for r in rows)


def test_the_page_counts_them_by_indicator(told):
    ministries, _, page = told
    negative, unread = ministries[0]["groupes"]
    assert (negative["probleme"], negative["ou"]) == ("Comptage négatif", "3\u00a0départements, 31/03/2021")
    assert unread["ou"] == "Pays"
    text = text_of(page).replace("\u00a0", " ")
    assert "Comptage négatif (3 départements, 31/03/2021), 3 lignes" in text


def test_the_page_has_no_developers_word_but_in_the_link_for_developers(told):
    _, _, page = told
    seen = text_of(page.partition("<footer>")[0])
    for word in ("comptage_negatif", "Table detail", "stg_", "Great Expectations", "null", "None"):
        assert word not in seen


def test_each_wide_table_can_be_scrolled_from_the_keyboard(told):
    _, _, page = told
    assert page.count("<table") == page.count('<div class="large" role="region" tabindex="0" aria-label="')
