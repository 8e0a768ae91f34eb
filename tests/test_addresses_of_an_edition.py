"""Addresses with the edition in them: one configuration for every edition, each with its own files."""

import shutil
from pathlib import Path

import pytest
from dagster import AssetKey, DagsterInstance

from barometre_pipeline.catalogue.by_edition import catalogues_in
from barometre_pipeline.definitions import JOB, build_definitions
from barometre_pipeline.editions import Edition
from barometre_pipeline.errors import CatalogueError
from barometre_pipeline.runs.partitions import partition_key
from barometre_pipeline.settings import Settings
from tests.deliveries import delivery
from tests.projects import EDITION, failed, project  # noqa: F401 - a fixture
from tests.small_project import PUITS

pytestmark = pytest.mark.long

BEFORE = "2021-T4"
WORDS = {"edition": "2022-T1", "annee": "2022", "trimestre": "1", "mois": "03"}


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def by_edition(folder: Path) -> Path:
    """Move a folder into one for the edition and one for the edition before; return their common name."""
    for edition in (EDITION, BEFORE):
        shutil.copytree(folder, folder.with_name("par-edition") / edition / folder.name)
    shutil.rmtree(folder)
    return folder.with_name("par-edition") / "{edition}" / folder.name


@pytest.mark.parametrize(("word", "filled"), WORDS.items())
def test_each_placeholder_stands_for_a_part_of_the_edition(word, filled):
    assert Edition(2022, 1).fill(f"a-{{{word}}}.csv") == f"a-{filled}.csv"


def test_a_secret_and_a_pattern_are_no_placeholders():
    text = r"https://example.org/${edition}?q=^\d{4}$"
    assert Edition(2022, 1).fill(text) == text
    assert delivery("d", datagouv={"jeu": "j", "ressources": r"^\d{4}-T\d{1}$"}, format="csv")


def test_every_text_of_a_place_is_filled():
    place = {"jeu": "jeu-{annee}", "ressources": "^Valeurs {edition}"}
    found = delivery("d", datagouv=place, fichier="{mois}.csv", feuille=None).at(Edition(2022, 1))
    assert (found.datagouv.jeu, found.datagouv.ressources, found.fichier) == ("jeu-2022", "^Valeurs 2022-T1", "03.csv")
    sheet = delivery("d", url="t{trimestre}.xlsx", feuille="T{trimestre}").at(Edition(2022, 4))
    assert (sheet.url, sheet.feuille) == ("t4.xlsx", "T4")


@pytest.mark.parametrize(
    "key",
    ["url: eau/puits-{editon}.csv", "url: eau/puits.zip\n  fichier: '{Mois}.csv'", "url: 'eau/{ edition }.csv'"],
)
def test_an_unknown_placeholder_is_told_with_its_line_when_the_catalogue_is_checked(project, key):
    edit(project.catalogue / "livraisons" / "eau.yaml", "url: eau/puits.csv", key)
    outcome = project.barometre("catalogue", "check", "--catalogue", project.catalogue)
    failed(outcome, "livraisons/eau.yaml, line ", "stands for nothing", "the closest is {", status=2)


def test_what_is_sent_to_a_service_is_filled():
    asked = {
        "methode": "POST",
        "entetes": {"X-Annee": "{annee}"},
        "parametres": {"quand": "{edition}", "cle": "${CLE}"},
        "corps": {"le": ["{annee}-{mois}", 1], "query": "{ stations { nom } }"},
    }
    found = delivery("d", "https://exemple.fr/a.json", requete=asked).at(Edition(2022, 1)).requete
    assert (found.entetes, found.parametres) == ({"X-Annee": "2022"}, {"quand": "2022-T1", "cle": "${CLE}"})
    assert found.corps == {"le": ["2022-03", 1], "query": "{ stations { nom } }"}
    text = delivery("d", "https://exemple.fr/a.json", requete={"methode": "POST", "corps": "t={trimestre}"})
    assert text.at(Edition(2022, 1)).requete.corps == "t=1"


def test_a_placeholder_where_none_is_filled_is_told():
    with pytest.raises(
        ValueError, match=r"feuilles: \{edition\} is filled only in url, datagouv, fichier, feuille and"
    ):
        delivery("d", url="a.xlsx", feuilles={"Valeurs {edition}": "nationale"})


@pytest.mark.parametrize("option", ["--sources", "--catalogue"])
def test_an_unknown_placeholder_in_an_option_is_a_wrong_command(project, option):
    outcome = project.barometre("run", EDITION, option, "here/{edtion}", "--home", project.home)
    failed(outcome, f"BAROMETRE_{option[2:].upper()} is ", "{edtion} stands for nothing", "{edition}", status=2)


def test_an_edition_asks_the_address_of_its_own_files(project):
    edit(project.catalogue / "livraisons" / "eau.yaml", "eau/puits.csv", "eau/puits-{annee}-{mois}.csv")
    puits = project.deliveries / "eau" / "puits.csv"
    puits.rename(puits.with_name("puits-2022-03.csv"))
    project.write("eau/puits-2022-06.csv", PUITS.replace(";200", ";201"))
    for edition, value in ((EDITION, "200.0"), ("2022-T2", "201.0")):
        code, _, errors = project.run("--no-publish", edition=edition)
        assert code == 0, errors
        detail = project.home / "editions" / edition / "publication" / "essai-detail-departemental.csv"
        assert f",2022-01-31,{value}," in detail.read_text(encoding="utf-8")


def test_a_late_file_is_read_by_the_names_of_its_own_edition(project):
    edit(
        project.catalogue / "livraisons" / "eau.yaml",
        "url: eau/puits.csv",
        "url: puits.zip\n  fichier: '{edition}.csv'",
    )
    shutil.make_archive(str(project.deliveries / "puits"), "zip", _folder_of_puits(project))
    assert project.run("--no-publish")[0] == 0
    (project.deliveries / "puits.zip").unlink()
    code, _, errors = project.run("--no-publish", "--allow-late", edition="2022-T2")
    assert code == 0, errors


def _folder_of_puits(project) -> Path:
    folder = project.deliveries.with_name("archive")
    folder.mkdir()
    (folder / f"{EDITION}.csv").write_bytes(PUITS.encode("cp1252"))
    return folder


def test_one_configuration_has_a_folder_of_deliveries_and_a_catalogue_for_each_edition(project):
    project.deliveries, project.catalogue = by_edition(project.deliveries), by_edition(project.catalogue)
    edit(_own(project.catalogue, EDITION) / "mesures" / "eau.yaml", "Nombre de puits", "Puits creusés")
    assert project.run("--no-publish")[0] == 0
    tree = project.home / "editions" / EDITION / "publication"
    assert "Puits creusés" in (tree / "essai-synthese-national.csv").read_text(encoding="utf-8")


def test_the_catalogue_of_each_edition_is_checked(project):
    folder = by_edition(project.catalogue)
    code, output, _ = project.barometre("catalogue", "check", "--catalogue", folder)
    assert (code, output.count("is valid"), BEFORE in output) == (0, 2, True)
    edit(_own(folder, BEFORE) / "mesures" / "eau.yaml", "sens: hausse", "sens: monte")
    told = f"{_own(folder, BEFORE)}/mesures/eau.yaml, line "
    failed(project.barometre("catalogue", "check", "--catalogue", folder), told, "'monte'", status=2)


def test_an_edition_without_a_catalogue_is_a_wrong_command(project):
    folder = by_edition(project.catalogue)
    outcome = project.barometre("run", "2020-T1", "--catalogue", folder, "--home", project.home)
    failed(outcome, "2020-T1/catalogue: there is no such folder", status=2)


def test_a_name_that_leads_to_no_catalogue_is_told(tmp_path):
    with pytest.raises(CatalogueError, match="for any edition, as "):
        catalogues_in(tmp_path / "{edition}")


def test_the_ui_knows_the_deliveries_of_every_edition_and_skips_those_that_one_does_not_have(project):
    project.catalogue = by_edition(project.catalogue)
    _without_objectives(_own(project.catalogue, EDITION))
    settings = Settings(home=project.home, catalogue=project.catalogue, sources=str(project.deliveries))
    definitions = build_definitions(settings, catalogues_in(project.catalogue))
    job = definitions.resolve_job_def(JOB)
    only = [key for key in job.asset_layer.selected_asset_keys if key.path[0] not in ("depot", "portail", "entrepot")]
    with DagsterInstance.ephemeral() as instance:
        made = job.execute_in_process(
            partition_key=partition_key(Edition.parse(EDITION)),
            asset_selection=[key for key in only if key != AssetKey("rapport")],
            instance=instance,
        )
        materialized = {m.asset_key for m in made.asset_materializations_for_node("extract")}
    assert made.success
    assert AssetKey(["livraisons", "objectifs"]) in only
    assert AssetKey(["livraisons", "objectifs"]) not in materialized
    assert AssetKey(["livraisons", "puits"]) in materialized
    assert (project.home / "editions" / EDITION / "construction.json").is_file()


def _own(folder: Path, edition: str) -> Path:
    return Path(str(folder).replace("{edition}", edition))


def _without_objectives(catalogue: Path) -> None:
    text = (catalogue / "livraisons" / "air.yaml").read_text(encoding="utf-8")
    (catalogue / "livraisons" / "air.yaml").write_text(text[: text.index("- id: objectifs\n")], encoding="utf-8")
