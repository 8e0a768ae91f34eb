import csv
import json
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from barometre_pipeline.quality.evaluation import Evaluation
from barometre_pipeline.quality.facts import gather_facts
from barometre_pipeline.quality.known_deviations import KnownDeviation
from barometre_pipeline.quality.rejects import as_text, write_rejects
from barometre_pipeline.quality.report import as_json, as_page, rows_as_markdown
from barometre_pipeline.quality.results import RuleResult
from barometre_pipeline.quality.wording import counted, drift_sentence, number, precision
from barometre_pipeline.resources.duckdb_files import read_warehouse
from tests.quality_world import QualityWorld
from tests.small_world import month_end

ABOUT = {"table": "detail", "pourquoi": "Pour que tout soit juste.", "pour": "Tous."}
ROW = {
    "indicateur": "part",
    "maille": "departementale",
    "territoire": "01",
    "date": month_end("2022-03"),
    "valeur": 1234.5,
    "detail": "attendu entre 0.0 et 100.0",
    "livraison": "l",
    "fichier": "f.csv",
    "ligne": 12,
    "colonne": "valeur",
}
BLOCKING = RuleResult(
    regle="part_hors_bornes", titre="Hors bornes", severite="bloquant", nombre=31, lignes=(ROW,), **ABOUT
)
ALERT = RuleResult(regle="serie_trouee", titre="Série trouée", severite="alerte", nombre=1, lignes=(ROW,), **ABOUT)
PASSED = RuleResult(regle="cle_unique", titre="Clé unique", severite="bloquant", acceptees=2, **ABOUT)
BROKEN = RuleResult(regle="cassee", titre="Cassée", severite="alerte", erreur="no such column", **ABOUT)
DEVIATION = KnownDeviation("serie_trouee", "part", None, None, None, "connu de <tous>", "2022-T1", False)


@pytest.fixture
def world(tmp_path) -> QualityWorld:
    return QualityWorld(tmp_path / "entrepot.duckdb")


def facts_of(world: QualityWorld, *results: RuleResult, deviations=(), sql=()) -> dict:
    world.built(*sql)
    return gather_facts(world.warehouse, world.catalogue(), Evaluation(results, tuple(deviations)))


def text_of(page: str) -> str:
    """Return what a reader sees of a page, in one line."""
    seen: list[str] = []
    parser = HTMLParser()
    parser.handle_data = seen.append
    parser.feed(page)
    return " ".join(" ".join(seen).split())


def test_a_blocked_edition_says_so_first_and_why(world):
    text = text_of(as_page(facts_of(world, BLOCKING, ALERT, PASSED)))
    assert "L’édition est bloquée : rien n’est publié" in text
    assert text.index("bloquée : rien") < text.index("Hors bornes") < text.index("Série trouée")
    assert "Les 1 premières lignes sur 31" in text
    assert "l, f.csv, ligne 12, colonne valeur" in text
    assert "1 234,5" in text and "31/03/2022" in text and "attendu entre 0 et 100" in text


def test_an_edition_with_alerts_only_can_be_published(world):
    facts = facts_of(world, ALERT, PASSED)
    assert facts["publiable"] is True
    assert "L’édition peut être publiée" in text_of(as_page(facts))


def test_a_rule_that_could_not_be_evaluated_is_told(world):
    text = text_of(as_page(facts_of(world, BROKEN)))
    assert "n’a pas pu être évaluée" in text and "no such column" in text


def test_a_late_delivery_is_told_with_the_edition_of_its_file(world):
    facts = facts_of(world, PASSED, sql=("update raw.livraisons set edition_origine = '2021-T4'",))
    assert facts["livraisons"][0]["en_retard"] is True
    assert "2021-T4 : en retard, fichier repris" in text_of(as_page(facts))


def test_the_freshness_of_a_delivery_is_its_latest_date(world):
    assert facts_of(world, PASSED)["livraisons"][0]["derniere_date"] == month_end("2022-03")


def test_drift_is_told_in_words(world):
    drift = "insert into raw.derives values ('l', 'colonne', 'Valeur', 'valeur constatée')"
    assert "la colonne « Valeur » semble renommée en « valeur constatée »" in text_of(
        as_page(facts_of(world, PASSED, sql=(drift,)))
    )


@pytest.mark.parametrize(
    ("deviation", "said"),
    [
        (replace(DEVIATION, rows=3), "3 lignes acceptées"),
        (DEVIATION, "n’a plus d’objet"),
        (replace(DEVIATION, expired=True), "échue"),
        (replace(DEVIATION, regle="inconnue"), "aucune règle ne porte ce nom"),
    ],
)
def test_each_exception_says_whether_it_serves(world, deviation, said):
    assert said in text_of(as_page(facts_of(world, ALERT, deviations=[deviation])))


def test_corrections_are_told_applied_or_not(world):
    key = "'part', 'departementale', '01'"
    applied = f"insert into catalogue.corrections values ({key}, '2022-03-31', 57, 58, 'faute', null)"
    useless = f"insert into catalogue.corrections values ({key}, '2022-02-28', 1, null, 'faute', 'courriel')"
    facts = facts_of(world, PASSED, sql=(applied, useless))
    assert [c["appliquee"] for c in facts["corrections"]] == [False, True]
    text = text_of(as_page(facts))
    assert "appliquée" in text and "sans objet : cette valeur n’est plus livrée" in text


def test_what_a_ministry_wrote_is_shown_and_never_run(world):
    row = {**ROW, "contenu": "<script>alert(1)</script>", "fichier": '"><img src=x onerror=alert(1)>.csv'}
    result = replace(BLOCKING, lignes=(row,))
    page = as_page(facts_of(world, result, deviations=[DEVIATION]))
    assert "<script" not in page and "<img" not in page
    assert "<" not in rows_as_markdown(result).replace("\\<", "")


def test_the_json_holds_the_same_facts(world):
    facts = json.loads(as_json(facts_of(world, BLOCKING, PASSED)))
    assert facts["bilan"] == {"bloquant": 1, "erreur": 0, "alerte": 0, "ok": 1}
    assert facts["regles"][0]["lignes"][0]["date"] == "2022-03-31"
    assert facts["regles"][0]["lignes"][0]["territoire_libelle"] == "Aval"


def test_every_rejected_row_is_in_the_file_for_the_ministry(world, tmp_path):
    about = {"regle": "valeur_illisible", "motif": "Ce n'est pas un nombre.", "colonne": "valeur", "feuille": "Été"}
    world.rejets = [{**about, "contenu": "=1+1", "ligne": 7}, {**about, "contenu": "-12,5", "ligne": 8}]
    world.built()
    with read_warehouse(world.warehouse) as connection:
        write_rejects(connection, tmp_path / "rejets.csv")
    raw = (tmp_path / "rejets.csv").read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(raw.decode("utf-8-sig").splitlines(), delimiter=";"))
    assert [(r["ministere"], r["feuille"], r["ligne"], r["contenu"]) for r in rows] == [
        ("Ministère", "Été", "7", "'=1+1"),
        ("Ministère", "Été", "8", "-12,5"),
    ]


@pytest.mark.parametrize("cell", ["=1+1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", "\t=1", " =1", "＝1+1", "\n=1"])
def test_no_cell_can_be_run_as_a_formula(cell):
    assert as_text(cell) == f"'{cell}"


@pytest.mark.parametrize("cell", ["-12", "+3,5", "-1 234,5", "12 %", "abc", ""])
def test_plain_cells_are_left_as_they_are(cell):
    assert as_text(cell) == cell


def test_numbers_and_dates_are_written_the_french_way():
    assert (number(1234567.25), number(-3.0), number(None)) == ("1\u202f234\u202f567,25", "-3", "—")
    assert precision("valait 12.50 au 2022-03-31, puis 3.0") == "valait 12,50 au 31/03/2022, puis 3"
    assert (counted(1, "ligne"), counted(2, "ligne")) == ("1\u00a0ligne", "2\u00a0lignes")


def test_a_drift_agrees_with_its_noun():
    assert drift_sentence("l", "indicateur", None, "x").startswith("l’indicateur «\u00a0x\u00a0» est apparu depuis")
    assert (
        drift_sentence("l", "feuille", "x", None) == "la feuille «\u00a0x\u00a0» a disparu depuis l’édition précédente"
    )
