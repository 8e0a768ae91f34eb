"""Commitments that are followed by what their bearers declare, from the catalogue or from a delivery to the pages."""

import csv
import json
import re
import shutil
import zipfile
from collections import Counter
from pathlib import Path

import pytest

from barometre_pipeline.catalogue import load_catalogue
from barometre_pipeline.catalogue.commitments import closed_word
from barometre_pipeline.errors import CatalogueError
from tests.axe import axe  # noqa: F401 - a fixture
from tests.browser import OUTSIDE, opened_page
from tests.projects import EDITION, NEXT, Project, failed, project  # noqa: F401
from tests.small_deliveries import a_delivery, read, rules
from tests.small_project import write_catalogue
from tests.warehouse_world import asked

SHARED = Path(__file__).parents[2] / "shared"
RECAPITULATIF = SHARED / "engagements" / "2016-recapitulatif.csv"
RAPPORT = SHARED / "sources" / "rapport-mi-parcours-2016.txt"
WORDS = {"Susbtantiel voire complet": "complet", "Susbtantiel voire Complet": "complet"}
COLUMNS = {"id": "numero", "libelle": "libelle", "statut": "statut", "calendrier": "calendrier"}
OF_ACTIONS = {"engagement": "engagement", "libelle": "libelle", "statut": "statut", "resultats": "resultats"}

DELIVERIES = """
ministere: Gouvernement ouvert
livraisons:
- id: engagements
  contenu: engagements
  url: engagements.csv
  colonnes: {id: numero, libelle: libelle, statut: statut, calendrier: calendrier}
  valeurs_statut: {"Susbtantiel voire complet": complet, "Susbtantiel voire Complet": complet}
- id: actions
  contenu: actions
  url: actions.json
  colonnes: {engagement: engagement, libelle: libelle, resultats: resultats, statut: statut, echeance: fin}
"""
ENGAGEMENT = """
id: 2
libelle: Compter les puits
axe: L'eau
institutions: [Ministère de l'Eau, Région Nord]
enjeux: |
  Deux enjeux :

  - savoir ;
  - agir.
statut: Complet
calendrier: Conforme
mis_a_jour_le: 2022-03-01
indicateurs: [nb-puits]
actions:
- {libelle: Recenser, resultats: "La moitié.", prochaines_etapes: "L'autre moitié.", statut: Partiel}
- {libelle: Publier, echeance: 2023-01-01}
contributions: ["[Une contribution](https://example.org/c)"]
liens: [{titre: Forum, lien: "https://example.org/f"}]
"""
ACTIONS = [
    {"engagement": 1, "libelle": "Ouvrir", "resultats": "- fait\n- =1+1", "statut": "S", "fin": "2022-01-31"},
    {"engagement": 1, "libelle": "Fermer", "resultats": "", "statut": "", "fin": ""},
    {"engagement": 2, "libelle": "Afficher", "resultats": "", "statut": "partiel", "fin": ""},
    {"engagement": 2, "libelle": "Recenser", "resultats": "Tous.", "statut": "S", "fin": ""},
]
CSV = "numero,libelle,statut,calendrier\n1,Dire,Partiel,Retardé\n3,Faire,Susbtantiel voire Complet,Conforme\n"


@pytest.fixture
def followed(project) -> Project:
    """A project whose commitments are two that are delivered, and one of the catalogue."""
    words = "  valeurs_statut: {S: substantiel}\n"
    (project.catalogue / "livraisons" / "gouvernement.yaml").write_text(DELIVERIES.lstrip() + words, "utf-8")
    (project.catalogue / "engagements").mkdir()
    (project.catalogue / "engagements" / "puits.yaml").write_text(ENGAGEMENT.lstrip(), "utf-8")
    (project.deliveries / "engagements.csv").write_text(CSV, "utf-8")
    (project.deliveries / "actions.json").write_text(json.dumps(ACTIONS), "utf-8")
    return project


def table(project: Project, name: str) -> list[dict[str, str]]:
    with (project.home / "publication" / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_closed_words_are_compared_without_case_and_accents():
    assert closed_word("Retardé", ("conforme", "retarde")) == "retarde"
    assert closed_word("Non démarré", ("non_demarre",)) == "non_demarre"
    assert closed_word("presque", ("partiel",)) is None


@pytest.mark.skipif(not RECAPITULATIF.exists(), reason="no ../shared/engagements beside the clone")
def test_the_summary_of_2016_gives_the_reports_table_back(tmp_path):
    given = {"contenu": "engagements", "indicateur": None, "colonnes": COLUMNS, "valeurs_statut": WORDS}
    reading = read(tmp_path, RECAPITULATIF.read_bytes(), **given)
    rows = reading.rows.to_pylist()
    assert rules(reading) == []
    assert [row["id_engagement"] for row in rows] == [str(n) for n in range(1, 27)]
    assert Counter(row["calendrier"] for row in rows) == {"conforme": 23, "retarde": 3}
    assert Counter(row["statut"] for row in rows) == {"partiel": 10, "substantiel": 13, "complet": 3}
    assert rows[24]["statut_declare"] == "Susbtantiel voire complet"
    assert rows[2]["calendrier_declare"] == "Retardé"


def actions_of_the_report(first: int, last: int) -> list[dict[str, object]]:
    """The statuses of the actions of these commitments, in the order of the report; our own words for each action."""
    tables = RAPPORT.read_text("utf-8").split("Actions\tRésultats")[1:]
    found: list[dict[str, object]] = []
    for number in range(first, last + 1):
        table = tables[number - 1].partition("\nEngagement ")[0]
        words = re.findall(r"(?:\t|>)(Substantiel|Complet|Partiel)\b", table)
        found += [{"engagement": number, "libelle": f"action {n}", "statut": w} for n, w in enumerate(words, 1)]
    return found


def test_an_unknown_word_is_kept_aside_with_those_that_are_known(tmp_path):
    text = "numero,libelle,statut,calendrier\n1,Dire,Presque,Conforme\n,,Partiel,Conforme\nSource : nous,,,\n"
    given = {"contenu": "engagements", "indicateur": None, "colonnes": COLUMNS}
    reading = read(tmp_path, text, **given)
    assert reading.rows.num_rows == 0
    assert rules(reading) == [("valeur_illisible", 2, "statut", "Presque"), ("valeur_illisible", 3, "numero", "")]
    assert "non_demarre, partiel, substantiel, complet" in reading.rejects.to_pylist()[0]["motif"]
    assert reading.sheets[0].notes == 1


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"colonnes": {"id": "numero"}}, "colonnes: which one holds the libelle?"),
        ({"colonnes": COLUMNS, "valeurs_statut": {"S": "fini"}}, "valeurs_statut: 'fini' must be non_demarre, partiel"),
        (
            {"colonnes": COLUMNS, "valeurs_statut": {"S": "partiel", "s": "complet"}},
            "valeurs_statut: 's' is there twice",
        ),
        ({"colonnes": COLUMNS | {"cible": "c"}}, "colonnes: cible is not one of id, libelle"),
        ({"colonnes": COLUMNS, "indicateur": "i"}, "indicateur: engagements are of no indicator and no territory"),
        (
            {"contenu": "actions", "colonnes": OF_ACTIONS, "valeurs_calendrier": {"a": "b"}},
            "actions have no calendrier",
        ),
    ],
)
def test_a_mistake_in_a_delivery_of_commitments_is_told(given, told):
    with pytest.raises(ValueError, match=re.escape(told)):
        a_delivery(**{"contenu": "engagements", "indicateur": None, **given})


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("statut: Complet", "statut: fini", "statut: must be non_demarre, partiel, substantiel, complet"),
        ("nb-puits", "nb-puit", "indicateurs[1]: 'nb-puit' is not an indicator of mesures/; the closest is 'nb-puits'"),
        ("id: 2", "id: a/b", "id: only letters without accents"),
        ("axe:", "axes:", "axes: unknown key; the closest is 'axe'"),
        ("Publier", "Recenser", "actions[2].libelle: 'Recenser' is there twice"),
    ],
)
def test_a_mistake_in_a_commitment_of_the_catalogue_is_told_with_its_line(tmp_path, old, new, told):
    folder = write_catalogue(tmp_path)
    (folder / "engagements").mkdir()
    (folder / "engagements/puits.yaml").write_text(ENGAGEMENT.lstrip().replace(old, new), "utf-8")
    with pytest.raises(CatalogueError) as raised:
        load_catalogue(folder)
    assert [p for p in raised.value.problems if re.match(r"engagements/puits.yaml, line \d+: ", p) and told in p]


@pytest.mark.long
def test_commitments_are_published_as_they_are_declared(followed):
    assert followed.run()[0] == 0
    published = {row["id_engagement"]: row for row in table(followed, "engagements/engagements.csv")}
    assert list(published) == ["1", "2", "3"]
    assert (published["1"]["statut"], published["1"]["calendrier"]) == ("partiel", "retarde")
    assert (published["3"]["statut"], published["3"]["statut_declare"]) == ("complet", "Susbtantiel voire Complet")
    assert published["2"]["institutions"] == "Ministère de l'Eau ; Région Nord"
    actions = table(followed, "engagements/actions.csv")
    assert [(a["id_engagement"], a["rang"], a["libelle"], a["statut"], a["echeance"]) for a in actions] == [
        ("1", "1", "Ouvrir", "substantiel", "2022-01-31"),
        ("1", "2", "Fermer", "non_renseigne", ""),
        ("2", "1", "Recenser", "substantiel", ""),
        ("2", "2", "Publier", "non_renseigne", "2023-01-01"),
        ("2", "3", "Afficher", "partiel", ""),
    ]
    assert (actions[2]["resultats"], actions[2]["prochaines_etapes"]) == ("Tous.", "L'autre moitié.")
    assert actions[0]["resultats"].startswith("'- fait")  # no spreadsheet runs it

    report = json.loads((followed.home / "rapports/2022-T1/rapport.json").read_text("utf-8"))
    (rule,) = [r for r in report["regles"] if r["regle"] == "engagement_contredit"]
    assert (rule["statut"], rule["nombre"]) == ("alerte", 1)
    assert rule["lignes"][0]["date"] == "2022-02-28"  # of a commitment of the catalogue: that of the value that differs

    with zipfile.ZipFile(followed.home / "publication/essai-data.zip") as archive:
        assert not [name for name in archive.namelist() if name.startswith("engagements/")]  # beside the official tree

    summary = (followed.home / "publication/documentation/engagements.md").read_text("utf-8")
    assert summary.index("| [1. Dire]") < summary.index("## En retard")
    late, _, moved = summary.partition("## En retard")[2].partition("## Ce qui a changé")
    assert (
        "1. Dire" in late and "calendrier retardé, 1\u00a0action échue et non complète" in late and "Faire" not in late
    )
    assert "Région Nord : [2]" in moved
    page = (followed.home / "publication/documentation/engagements/2.md").read_text("utf-8")
    for words in ("- savoir ;", "[Une contribution](https://example.org/c)", "[Forum](https://example.org/f)"):
        assert words in page
    assert "mesures/EAU.md" in page


@pytest.mark.long
def test_what_bearers_wrote_is_on_the_page_as_they_wrote_it(followed):
    columns = "colonnes: {id: numero, libelle: libelle, statut: statut, calendrier: calendrier"
    delivery = followed.catalogue / "livraisons" / "gouvernement.yaml"
    delivery.write_text(delivery.read_text("utf-8").replace(columns, f"{columns}, enjeux: enjeux"), "utf-8")
    heading, *rows = CSV.splitlines()
    stakes = ("Agir **vite** & bien", "", "Livrés.")
    rows = [*rows, "2,Compter les puits,Complet,Conforme"]
    lines = [f"{heading},enjeux", *(f"{row},{said}" for row, said in zip(rows, stakes, strict=True))]
    (followed.deliveries / "engagements.csv").write_text("\n".join(lines) + "\n", "utf-8")
    done = {**ACTIONS[0], "resultats": "Un **pas** :\n\n- [voir](javascript:alert(1))\n- <b>fin</b>"}
    (followed.deliveries / "actions.json").write_text(json.dumps([done]), "utf-8")
    assert followed.run("--no-publish")[0] == 0
    site = followed.home / f"editions/{EDITION}/publication/site"
    page = (site / "engagements/1.html").read_text("utf-8")
    assert "<h2>Enjeux</h2>\n<p>Agir **vite** &amp; bien</p>" in page
    items = "<ul><li>[voir](javascript:alert(1))</li><li>&lt;b&gt;fin&lt;/b&gt;</li></ul>"
    assert f"<td><p>Un **pas**\u00a0:</p>{items}<td>" in page
    other = (site / "engagements/2.html").read_text("utf-8")
    assert "<p>Livrés.</p>" in other and "Deux enjeux" not in other  # what is delivered goes before the catalogue
    assert "<dd>complet</dd>" in other  # what is declared in the same word is not said twice


@pytest.mark.long
def test_what_moved_since_the_edition_before_is_told(followed):
    undeclared = "4,Lire,,Conforme\n"
    (followed.deliveries / "engagements.csv").write_text(CSV + undeclared, "utf-8")
    assert followed.run()[0] == 0
    declared = CSV.replace("Partiel", "Substantiel") + undeclared.replace(",,", ",Partiel,")
    (followed.deliveries / "engagements.csv").write_text(declared, "utf-8")
    assert followed.run(edition=NEXT)[0] == 0
    summary = (followed.home / "publication/documentation/engagements.md").read_text("utf-8")
    moved = summary.partition("## Ce qui a changé")[2].partition("## Par institution")[0]
    assert "de « partiel » à « substantiel »" in moved and "Faire" not in moved
    assert "de « non déclaré » à « partiel »" in moved
    news = (followed.home / "publication/NOUVEAUTES.md").read_text("utf-8")
    assert "- **1. Dire** : statut « partiel » → « substantiel »." in news.partition("### Les engagements")[2]
    history = "select edition_apres, id_engagement, champ, avant, apres, nature from evolutions_engagements"
    told = [(NEXT, "1", "statut", "partiel", "substantiel", "change"), (NEXT, "4", "statut", None, "partiel", "change")]
    assert sorted(asked(followed, history)) == told


@pytest.mark.long
def test_two_different_declarations_of_one_commitment_stop_the_edition(followed):
    (followed.deliveries / "engagements.csv").write_text(CSV + "1,Dire,Complet,Retardé\n", "utf-8")
    failed(followed.run("--no-publish"), "engagement")


@pytest.mark.long
def test_an_action_of_an_unknown_commitment_is_told_where_it_was_delivered(followed):
    (followed.deliveries / "actions.json").write_text(json.dumps([{**ACTIONS[0], "engagement": 9}]), "utf-8")
    assert followed.run("--no-publish")[0] == 0
    told = (followed.home / "rapports/2022-T1/a-corriger/gouvernement-ouvert.csv").read_text("utf-8-sig")
    (row,) = csv.DictReader(told.splitlines(), delimiter=";")
    assert "qui n’est pas suivi" in row["Ce qui ne va pas"] and row["Fichier"] == "actions.json"


@pytest.mark.long
def test_two_different_declarations_of_one_action_stop_the_edition(followed):
    twice = [*ACTIONS, {**ACTIONS[0], "statut": "complet"}]
    (followed.deliveries / "actions.json").write_text(json.dumps(twice), "utf-8")
    failed(followed.run("--no-publish"), "l’action « Ouvrir » de l’engagement 1 est déclarée de deux manières")


@pytest.mark.long
def test_two_commitments_whose_pages_would_have_one_name_stop_the_edition(followed):
    (followed.deliveries / "engagements.csv").write_text(CSV + "5.1,Lire,Partiel,Conforme\n5-1,Lier,Partiel,Conforme\n")
    failed(followed.run("--no-publish"), "l’identifiant 5.1 donne à sa page le même nom qu’un autre")


@pytest.mark.skipif(not RAPPORT.exists(), reason="no ../shared/sources beside the clone")
def test_the_actions_of_the_first_commitments_are_those_of_the_report(tmp_path):
    rows = actions_of_the_report(1, 5)
    given = {"contenu": "actions", "indicateur": None, "format": "json", "url": "f.json"}
    columns = {"engagement": "engagement", "libelle": "libelle", "statut": "statut"}
    reading = read(tmp_path, json.dumps(rows), colonnes=columns, **given)
    found = reading.rows.to_pylist()
    assert rules(reading) == []
    assert [sum(row["id_engagement"] == str(n) for row in found) for n in range(1, 6)] == [7, 4, 3, 4, 2]
    letters = {"substantiel": "S", "complet": "C", "partiel": "P"}
    said = ["".join(letters[r["statut"]] for r in found if r["id_engagement"] == str(n)) for n in range(1, 6)]
    assert said == ["SCSCSSP", "PSPS", "PPP", "SPPP", "CS"]


@pytest.mark.servers
def test_axe_finds_nothing_on_the_pages_of_commitments_and_nothing_goes_out_at_200_percent(followed, axe, tmp_path):
    if (chromium := shutil.which("chromium")) is None:
        pytest.skip("chromium is not installed")
    assert followed.run("--no-publish")[0] == 0
    site = followed.home / f"editions/{EDITION}/publication/site"
    wrong = {}
    with opened_page(chromium, tmp_path / "chromium") as page:
        page.watch()
        for name in ("engagements", *(f"engagements/{path.stem}" for path in sorted(site.glob("engagements/*.html")))):
            address = f"{(site / name).as_uri()}.html"
            for width, dark in ((1280, False), (390, False), (1280, True)):
                page.open(address, width, dark)
                page.value(f"{axe}; 0")
                found = page.value("axe.run({preload: false}).then(r => r.violations.map(v => v.id + v.nodes[0].html))")
                if found or page.value("document.documentElement.scrollWidth > innerWidth"):
                    wrong[name, width, dark] = found
            page.open(address, 640)  # what a zoom of the browser is to a page
            zoomed = page.value(OUTSIDE)
            page.open(address, 1280)
            page.value("document.documentElement.style.fontSize = '200%'")  # and of its text alone
            if zoomed or page.value(OUTSIDE):
                wrong[name, "200 %"] = (zoomed, page.value(OUTSIDE))
    assert wrong == {} and page.complaints == []
