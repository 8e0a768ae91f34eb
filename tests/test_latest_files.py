"""Several files of one delivery: the latest only, or all of them, a newer one's values replacing an older one's."""

import json
from datetime import date

import duckdb
import pytest

from barometre_pipeline.extract.ages import latest, oldest_first
from barometre_pipeline.extract.portal import Ressource
from barometre_pipeline.readers.titles import period_in
from tests.deliveries import CSV, zip_of
from tests.projects import EDITION, failed, project  # noqa: F401 - a fixture
from tests.small_deliveries import a_delivery
from tests.test_extract_datagouv import fetch, portal  # noqa: F401 - a fixture

pytestmark = pytest.mark.long

# As in the case that was delivered: the newer file revises the last value of the older one.
OLDER = b"maille,code,date,valeur\nnationale,FR,2021-09-30,5\nnationale,FR,2021-12-31,7\n"
NEWER = b"maille,code,date,valeur\nnationale,FR,2021-12-31,7.1\nnationale,FR,2022-03-31,8\n"
ALERTES = """
- id: alertes
  contenu: valeurs
  url: null
  datagouv: {jeu: jeu, ressources: '^indicateurs-.*'PRIORITE
  format: csv
  colonnes: {maille: maille, territoire: code, date: date, valeur: valeur}
"""


@pytest.mark.parametrize(
    ("title", "day"),
    [
        ("indicateurs-2021-T4.csv", date(2021, 12, 31)),
        ("indicateurs_2022T1_v2.xlsx", date(2022, 3, 31)),
        ("Valeurs du 4e trimestre de l'année 2021 (définitif)", date(2021, 12, 31)),
        ("Valeurs de mars 2022", date(2022, 3, 31)),
        ("export 2022-02 - régions", date(2022, 2, 28)),
        ("export-2022-02-15.csv", date(2022, 2, 15)),
        ("De T1 2021 à T3 2021", date(2021, 9, 30)),
        ("2021-T4, population de 2022", date(2021, 12, 31)),
        ("Bilan 2021", date(2021, 12, 31)),
        ("Notice", None),
        ("norme ISO 9001", None),
        ("Valeurs au 31/03/2022", date(2022, 3, 31)),
        ("Valeurs du 01.01.2022 au 31.03.2022", date(2022, 3, 31)),
        ("Valeurs 2022_03", date(2022, 3, 31)),
        ("valeurs_2022_03_15.csv", date(2022, 3, 15)),
        ("valeurs202203.csv", date(2022, 3, 31)),
        ("valeurs-20220315.csv", date(2022, 3, 15)),
        ("Valeurs 03-2022", date(2022, 3, 31)),
        ("Valeurs 03/2022", date(2022, 3, 31)),
        ("T1 2022 (mis à jour le 31/08/2022)", date(2022, 3, 31)),
        ("Émissions de CO2 2021, v2", date(2021, 12, 31)),
        ("Valeurs 2021 et 2022", date(2022, 12, 31)),
    ],
)
def test_the_period_of_a_title_is_found_among_its_words(title, day):
    assert period_in(title) == day


@pytest.mark.parametrize("title", ["2022 03", "2022-13", "31/02/2022", "03/31/2022", "2021-22", "2022 (1)", "2022, T5"])
def test_a_year_beside_figures_that_are_not_understood_is_no_period(title):
    assert period_in(f"Valeurs {title}") is None


def a_resource(title: str, created_at: str = "") -> Ressource:
    return Ressource(f"id-{title}", title, "u", "u", None, created_at)


def test_the_latest_resource_is_that_of_the_greatest_period_in_the_titles():
    found = [a_resource("T4 2021", "2022-09-01"), a_resource("T2 2022", "2022-07-01"), a_resource("T1 2022")]
    assert latest(found).title == "T2 2022"
    assert [r.title for r in oldest_first(found)] == ["T4 2021", "T1 2022", "T2 2022"]


def test_a_day_in_a_title_is_compared_with_a_quarter_in_another():
    assert latest([a_resource("Valeurs au 31/03/2022"), a_resource("Valeurs T2 2022")]).title == "Valeurs T2 2022"


def test_where_a_title_has_no_period_the_last_created_resource_is_the_latest():
    found = [a_resource("Valeurs T2 2022", "2022-07-01T10:00:00.123000+00:00")]
    found += [a_resource("Valeurs", "2022-07-01T12:00:00+01:00"), a_resource("Avant", "2022-06-30T23:00:00+00:00")]
    assert latest(found).title == "Valeurs"


def test_of_two_resources_as_recent_none_is_chosen_and_both_are_named(portal, tmp_path):
    portal.add("r1", "Valeurs 2022-T1 (csv)")
    portal.add("r2", "Valeurs T1 2022")
    told = fetch(tmp_path, ressources="^Valeurs", choix="derniere").failure
    assert "'Valeurs 2022-T1 (csv)' (r1) and 'Valeurs T1 2022' (r2), neither is the more recent" in told


def test_a_resource_whose_age_nothing_tells_is_named(portal, tmp_path):
    portal.add("r1", "Valeurs", created_at="2022-04-01T00:00:00+00:00")
    portal.add("r2", "Autres valeurs", last_modified="2022-04-02T00:00:00+00:00")
    told = fetch(tmp_path, ressources="aleurs", choix="derniere").failure
    assert "nothing tells how recent the resource 'Autres valeurs' (r2) is" in told


def test_the_latest_resource_only_is_downloaded(portal, tmp_path):
    portal.add("r1", "Valeurs 2021-T4", b"old\n")
    portal.add("r2", "Valeurs 2022-T1")
    outcome = fetch(tmp_path, ressources="^Valeurs", choix="derniere")
    assert [(fichier.taille, fichier.nom) for fichier in outcome.manifest.fichiers] == [(len(CSV), "a.csv")]
    assert not any("r1" in path for path in portal.paths)


@pytest.mark.parametrize(
    ("keys", "told"),
    [
        ({"datagouv": {"jeu": "j", "ressource": "r", "choix": "derniere"}}, "choix: only ressources are several"),
        ({"datagouv": {"jeu": "j", "ressources": "(?=a)"}}, "is not a pattern of RE2"),
        ({"priorite": "la_plus_recente", "url": "f.csv", "datagouv": None}, "priorite: only all the ressources"),
        (
            {"priorite": "la_plus_recente", "datagouv": {"jeu": "j", "ressources": "r", "choix": "derniere"}},
            "priorite: only all the ressources",
        ),
    ],
)
def test_what_makes_no_sense_is_told_when_the_catalogue_is_checked(keys, told):
    with pytest.raises(ValueError, match=told):
        a_delivery(**{"url": None, "format": "csv", **keys})


def with_files(project, portal, priorite: str, **contents: bytes):
    """Deliver the values of `nb-alertes` as the resources of a dataset, one a quarter."""
    for quarter, content in contents.items():
        portal.add(quarter, f"indicateurs-{quarter.replace('_', '-')}.csv", content)
    path = project.catalogue / "livraisons" / "air.yaml"
    before, _, after = path.read_text(encoding="utf-8").partition("- id: alertes\n")
    others = after[after.index("- id: alertes-objectifs") :]
    path.write_text(before + ALERTES.strip().replace("PRIORITE", priorite) + "\n" + others, encoding="utf-8")


def test_a_newer_files_value_replaces_an_older_ones_and_is_told(project, portal):
    with_files(project, portal, "}\n  priorite: la_plus_recente", **{"2022_T1": NEWER, "2021_T4": OLDER})
    code, _, errors = project.run()
    assert code == 0, errors
    detail = [line.split(",")[-3:-1] for line in project.published("essai-detail-national.csv") if "nb-alertes" in line]
    assert detail == [["2021-09-30", "5.0"], ["2021-12-31", "7.1"], ["2022-03-31", "8.0"]]
    facts = json.loads((project.home / "rapports" / EDITION / "rapport.json").read_text(encoding="utf-8"))
    (rule,) = [rule for rule in facts["regles"] if rule["regle"] == "valeur_remplacee"]
    assert (rule["statut"], rule["nombre"], rule["lignes"][0]["ligne"]) == ("alerte", 1, 3)
    assert {d["livraison"]: d["remplacees"] for d in facts["livraisons"]}["alertes"] == 1
    page = (project.home / "rapports" / EDITION / "index.html").read_text(encoding="utf-8")
    assert "par un fichier plus récent" in page and "a-2.csv\u00a0: 7.1." in page


def test_without_priority_two_files_that_differ_contradict_one_another(project, portal):
    with_files(project, portal, "}", **{"2022_T1": NEWER, "2021_T4": OLDER})
    failed(project.run(), "valeurs_contradictoires", "7.1")


def test_a_contradiction_within_the_newer_file_is_still_one(project, portal):
    twice = NEWER + b"nationale,FR,2021-12-31,7.3\n"
    with_files(project, portal, "}\n  priorite: la_plus_recente", **{"2022_T1": twice, "2021_T4": OLDER})
    failed(project.run(), "valeurs_contradictoires", "7.3")


def test_archives_whose_members_have_one_name_cannot_be_told_apart(project, portal):
    zips = {"2022_T1": zip_of({"valeurs.csv": NEWER}), "2021_T4": zip_of({"valeurs.csv": OLDER})}
    with_files(project, portal, "}\n  priorite: la_plus_recente", **zips)
    failed(project.run(), "alertes: two of its archives have a member of the same name", "valeurs.csv")


def test_an_objective_of_a_newer_file_replaces_an_older_ones(project, portal):
    rows = b"maille,code,cible,fin\nnationale,FR,%s,2025-12-31\n"
    portal.add("a", "cibles-2022-T1.csv", rows % b"6")
    portal.add("b", "cibles-2021-T4.csv", rows % b"5")
    path = project.catalogue / "livraisons" / "air.yaml"
    before = path.read_text(encoding="utf-8").partition("- id: alertes-objectifs")[0]
    delivery = """- id: cibles
  contenu: objectifs
  url: null
  datagouv: {jeu: jeu, ressources: '^cibles-'}
  priorite: la_plus_recente
  format: csv
  colonnes: {maille: maille, territoire: code, cible: cible, date_cible: fin}
"""
    path.write_text(before + delivery, encoding="utf-8")
    code, _, errors = project.run("--no-publish")
    assert code == 0, errors
    with duckdb.connect(str(project.home / "editions" / EDITION / "edition.duckdb"), read_only=True) as built:
        assert built.execute("select cible from stg_objectifs where id_indicateur = 'nb-alertes'").fetchall() == [(6,)]
        told = built.execute("select colonne, contenu from stg_rejets where regle = 'valeur_remplacee'").fetchall()
    assert told == [("cible", "5.0")]
