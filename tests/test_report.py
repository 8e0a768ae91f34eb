import csv
import json
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from barometre_pipeline.french import counted, day, number
from barometre_pipeline.quality.deviations import KnownDeviation
from barometre_pipeline.quality.evaluation import Evaluation
from barometre_pipeline.quality.facts import gather_facts, publication_facts
from barometre_pipeline.quality.report import as_json, as_page, rows_as_markdown, write_rejects
from barometre_pipeline.quality.results import RuleResult
from barometre_pipeline.quality.spreadsheet_csv import as_text
from barometre_pipeline.quality.wording import Names, drift_sentence, moment, precision
from barometre_pipeline.resources.duckdb_files import read_warehouse
from barometre_pipeline.resources.secrets import Secrets
from tests.quality_world import QualityWorld
from tests.small_world import month_end

ABOUT = {"table": "detail", "why": "Pour que tout soit juste.", "audience": "Tous."}
ROW = {
    "id_indicateur": "part",
    "maille": "departementale",
    "code": "01",
    "date": month_end("2022-03"),
    "valeur": 1234.5,
    "detail": "attendu entre 0.0 et 100.0",
    "livraison": "l",
    "fichier": "f.csv",
    "ligne": 12,
    "colonne": "valeur",
}
BLOCKING = RuleResult(rule="part_hors_bornes", title="Hors bornes", severity="bloquant", count=31, rows=(ROW,), **ABOUT)
ALERT = RuleResult(rule="serie_trouee", title="Série trouée", severity="alerte", count=1, rows=(ROW,), **ABOUT)
PASSED = RuleResult(rule="cle_unique", title="Clé unique", severity="bloquant", accepted=2, **ABOUT)
BROKEN = RuleResult(rule="cassee", title="Cassée", severity="alerte", error="no such column", **ABOUT)
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


def test_a_delivery_was_received_when_the_edition_says_so_whatever_is_stored_now(world):
    facts = facts_of(world, PASSED, sql=["update raw.livraisons set recus_le = ['2022-04-02', '2022-04-05']"])
    assert {str(one["recue_le"]) for one in facts["livraisons"]} == {"2022-04-05"}


def test_a_rule_that_could_not_be_evaluated_is_told(world):
    text = text_of(as_page(facts_of(world, BROKEN)))
    assert "n’a pas pu être évaluée" in text and "no such column" in text


def test_a_late_delivery_is_told_with_the_edition_of_its_file(world):
    facts = facts_of(world, PASSED, sql=("update raw.livraisons set edition_origine = '2021-T4'",))
    assert facts["livraisons"][0]["en_retard"] is True
    text = text_of(as_page(facts))
    assert "2021-T4 : en retard, fichier repris" in text
    assert "Les livraisons en retard" in text and "la dernière bonne livraison de ce fournisseur la remplace" in text


def test_hidden_rows_and_columns_that_were_read_are_told(world):
    hidden = "insert into raw.feuilles (livraison, lignes_masquees, colonnes_masquees) values ('l', 2, 0), ('l', 1, 1)"
    page = text_of(as_page(facts_of(world, PASSED, sql=(hidden,)))).replace("\u00a0", " ")
    assert "3 lignes masquées lues" in page and "1 colonne masquée lue" in page


def test_the_freshness_of_a_delivery_is_its_latest_date(world):
    assert facts_of(world, PASSED)["livraisons"][0]["derniere_date"] == month_end("2022-03")


def test_the_edition_that_it_is_compared_with_is_told_or_why_there_is_none(world):
    compared = "update precedente.edition set publication = '2021-T4.1'"
    assert "comparée à l’édition 2021-T4.1" in text_of(as_page(facts_of(world, PASSED, sql=(compared,))))
    unread = "update precedente.edition set motif = 'Le dépôt n’a pas pu être lu.'"
    assert "Le dépôt n’a pas pu être lu." in text_of(as_page(facts_of(world, PASSED, sql=(unread,))))


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
    result = replace(BLOCKING, rows=(row,))
    page = as_page(facts_of(world, result, deviations=[DEVIATION]))
    assert "<script" not in page and "<img" not in page
    assert "<" not in rows_as_markdown(result, Names(world.catalogue())).replace("\\<", "")


def test_the_json_holds_the_same_facts(world):
    facts = json.loads(as_json(facts_of(world, BLOCKING, PASSED)))
    assert facts["bilan"] == {"bloquant": 1, "erreur": 0, "alerte": 0, "ok": 1}
    assert facts["regles"][0]["lignes"][0]["date"] == "2022-03-31"
    told = {"libelle_indicateur": "Libellé de part", "libelle_maille": "département", "libelle_territoire": "Aval"}
    assert told.items() <= facts["regles"][0]["lignes"][0].items()


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ({"maille": "departementale", "code": "01"}, "Aval (département 01)"),
        ({"maille": "nationale", "code": "FR"}, "Pays"),
        ({"maille": "nationale"}, "Pays"),
        ({"maille": "regionale"}, "région"),
        ({"maille": "inconnue", "code": "9"}, "inconnue 9"),
        ({}, None),
    ],
)
def test_a_territory_is_named_with_its_level_and_the_whole_by_its_own_name(world, row, said):
    assert Names(world.catalogue()).added_to(row).get("lieu") == said


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


@pytest.mark.parametrize(
    "cell", ["=1+1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", "\t=1", " =1", "＝1+1", "\n=1", "\u00a0=1", "\u200b@A"]
)
def test_no_cell_can_be_run_as_a_formula(cell):
    assert as_text(cell) == f"'{cell}"


@pytest.mark.parametrize("cell", ["-12", "+3,5", "-1 234,5", "12 %", "abc", ""])
def test_plain_cells_are_left_as_they_are(cell):
    assert as_text(cell) == cell


PUSHED = {
    "done_at": "2022-06-30T22:05:00+00:00",
    "depot": "https://x:s3cret@forge.example/depot.git",
    "head": "0123456789abcdef",
    "branch": "main",
    "published_as": "2022-T1.1",
}
SENT = {
    "url": "https://www.data.gouv.fr",
    "dataset": "barometre",
    "done": ["create a.csv", "put the resources in order"],
}


def test_what_was_published_is_told_with_its_tag_place_and_time_in_paris(world):
    publication = publication_facts({"push": PUSHED, "portal": SENT}, Secrets())
    text = text_of(as_page(facts_of(world, PASSED), publication))
    read, _, for_developers = text.partition("Les mêmes faits pour une machine")
    assert "Ce qui a été publié Publication 2022-T1.1 Fichiers https://***@forge.example/depot.git" in read
    assert "commit" not in read.lower() and "Branche main, commit 0123456789abcdef" in for_developers
    assert "s3cret" not in text
    assert "jeu de données barometre : 2 changements envoyés" in text
    assert "01/07/2022 à 0 h 05, heure de Paris" in text


def test_a_portal_is_told_only_where_one_was_asked_for(world):
    text = text_of(as_page(facts_of(world, PASSED), publication_facts({"push": PUSHED}, Secrets())))
    assert "Ce qui a été publié" in text and "Portail" not in text


def test_nothing_is_told_as_published_before_it_was_pushed(world):
    assert publication_facts({"files": {}, "commit": PUSHED}, Secrets()) is None
    assert "Ce qui a été publié" not in text_of(as_page(facts_of(world, PASSED)))


def test_the_page_is_the_same_from_the_facts_as_they_were_written(world):
    facts = facts_of(world, BLOCKING, ALERT, PASSED, BROKEN, deviations=[DEVIATION])
    assert as_page(json.loads(as_json(facts))) == as_page(facts)


def test_numbers_and_dates_are_written_the_french_way():
    assert (number(1234567.25), number(-3.0), number(None)) == ("1\u202f234\u202f567,25", "-3", "—")
    assert (number(-0.0), number(-1e-9), number(-1e-6)) == ("0", "0", "-0,000001")
    assert precision("valait 1234.5 au 2022-03-31, puis 3.0") == "valait 1\u202f234,5 au 31/03/2022, puis 3"
    assert day("2022-03-31") == day(month_end("2022-03")) == "31/03/2022"
    assert moment("2022-03-31T15:05:00+00:00") == "31/03/2022 à 17\u00a0h\u00a005"
    assert (counted(1, "ligne"), counted(2, "ligne")) == ("1\u00a0ligne", "2\u00a0lignes")


@pytest.mark.parametrize(
    "text",
    ["donnees-1.5.csv", "« 2.0 »", "le fichier 'v1.2.csv' de l'été", "31.12.2021", "1.2.3", "v2.0"],
)
def test_the_dots_of_names_and_written_dates_stay(text):
    assert precision(text) == text


def test_a_drift_agrees_with_its_noun():
    assert drift_sentence("l", "indicateur", None, "x").startswith("l’indicateur «\u00a0x\u00a0» est apparu depuis")
    assert (
        drift_sentence("l", "feuille", "x", None) == "la feuille «\u00a0x\u00a0» a disparu depuis l’édition précédente"
    )
