"""What comes with the numbers: in the tree of an edition published after another, by the true program."""

import csv
import datetime as dt
import hashlib
import io
import json
import re
import zipfile
from pathlib import Path
from types import SimpleNamespace

import duckdb
import pyarrow.parquet as pq
import pytest

from barometre_pipeline.extract import receiving
from barometre_pipeline.publish.companions import commitments
from barometre_pipeline.publish.companions.archive import zipped
from barometre_pipeline.publish.companions.datapackage import package_name
from barometre_pipeline.publish.companions.method import method
from barometre_pipeline.publish.companions.news import as_message, in_short, nature_in_words
from barometre_pipeline.publish.tree.manifest import is_data
from tests.marts_to_publish import CATALOGUE
from tests.projects import Project, both_published, project, published_once, published_twice  # noqa: F401
from tests.small_world import a_catalogue, a_value, an_indicator, an_objective, build  # noqa: F401
from tests.warehouse_world import history, published_thrice  # noqa: F401

LISTED = {
    "REVISIONS.csv": "edition_avant,edition_apres,table,champ,id_indicateur,libelle_indicateur,maille,code,"
    "libelle_territoire,date,avant,apres,ecart,ecart_pct,nature,cause",
    "reference/indicateurs.csv": "id_indicateur,libelle_indicateur,id_mesure,libelle_mesure,id_secteur,libelle_secteur,"
    "unite,note_unite,sens,lecture,serie,multiplicateur,agregation_territoriale,poids,periode,frequence,producteur,"
    "contact_nom,contact_courriel,mailles,premiere_date,derniere_date,territoires,origine,methode",
    "reference/territoires.csv": "maille,code,territoire,libelle_territoire,parent_maille,parent_code,zone_id",
    "reference/secteurs.csv": "id_secteur,libelle_secteur,dossier,prefixe",
    "reference/mailles.csv": "maille,libelle,libelle_pluriel,parent,nom,rang",
    "reference/agregations.csv": "id_indicateur,maille,code,date,methode,maille_source,enfants,enfants_attendus",
    "qualite/anomalies.csv": "regle,phrase,severite,ministere,id_indicateur,libelle_indicateur,maille,code,"
    "libelle_territoire,date,valeur,detail,livraison,fichier,feuille,ligne,colonne",
    "qualite/explications.csv": "id_indicateur,maille,code,date_cible,origine,texte,date,lien,contact",
}
AVANCEMENT = ("avancement_mesures", "avancement_secteurs", "avancement_territoires", "progression")


@pytest.fixture
def tree(published_twice) -> Path:
    """The tree of the second edition, which tests only read."""
    return published_twice / "home" / "publication"


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_each_table_that_is_listed_is_there_with_its_columns(tree):
    for path, header in LISTED.items():
        assert (tree / path).read_text("utf-8").partition("\n")[0] == header, path


def test_rollups_are_in_csv_and_in_parquet_in_words_and_with_the_same_rows(tree):
    for name in AVANCEMENT:
        written = rows(tree / f"avancement/{name}.csv")
        table = pq.read_table(tree / f"avancement/{name}.parquet")
        assert written and table.num_rows == len(written) and table.column_names == list(written[0])
        assert not {"tau", "phi", "vc", "dvc"} & set(table.column_names)
    progression = rows(tree / "avancement/progression.csv")
    assert {"valeur_comparable", "date_valeur_comparable", "part_parcourue", "part_du_temps"} <= set(progression[0])
    assert {row["chemin"] for row in progression} <= {"vrai", "faux", ""}


def test_a_territory_says_what_holds_it(tree):
    (amont,) = [r for r in rows(tree / "reference/territoires.csv") if r["libelle_territoire"] == "Amont"]
    assert (amont["territoire"], amont["parent_maille"], amont["parent_code"]) == (
        "departementale-02",
        "regionale",
        "01",
    )


def test_each_link_of_the_readme_leads_to_a_file_or_a_folder_of_the_tree(tree):
    links = re.findall(r"\]\(([^)#:]+)\)", (tree / "README.md").read_text("utf-8"))
    assert len(links) > 10
    assert [link for link in links if not (tree / link).exists()] == []


def test_the_readme_says_how_many_targets_there_are_and_where_each_file_comes_from(tree):
    readme = (tree / "README.md").read_text("utf-8")
    targets = [row for m in ("national", "regional", "departemental") for row in rows(tree / f"essai-synthese-{m}.csv")]
    told = f"{sum(bool(r['cible']) for r in targets)} lignes sur {len(targets)} ont une cible"
    assert told in readme
    digest = json.loads((tree / "manifeste.json").read_text("utf-8"))["livraisons"][0]["fichiers"][0]["sha256"]
    assert f"`{digest}`" in readme and "eau/puits.csv" in readme
    assert "`progression_derniere_maj` est une valeur" in readme


def test_the_readme_leads_to_the_documentation_and_says_the_order_of_each_table_once(tree):
    readme = (tree / "README.md").read_text("utf-8")
    assert "](documentation/index.md)" in readme and "| `documentation/` |" in readme
    sections = [part for part in readme.partition("## Les colonnes")[2].split("\n### ")[1:] if "reference/" not in part]
    orders = {part.partition("\n")[0]: re.findall(r"Ordre des lignes : (.*)\.$", part, re.M) for part in sections}
    assert all(len(said) == (name not in ("synthese", "detail")) for name, said in orders.items()), orders
    assert "catalogue" in orders["agregations"][0] and "d'abord" not in readme.partition("## Les colonnes")[2]


def test_the_readme_of_a_first_edition_does_not_promise_what_changed(both_published):
    assert "Une ligne par indicateur dans" not in both_published.git("show", "2022-T1:README.md")
    assert "Une ligne par indicateur dans" in both_published.git("show", "2022-T2:README.md")


def test_the_method_explains_each_way_of_computing_a_value_and_has_an_example_of_each_column(tree):
    method = (tree / "METHODE.md").read_text("utf-8")
    for said in (
        "`moyenne_ponderee` :",
        "`ratio` :",
        "`recopie` :",
        "premières valeurs peuvent être écartées",
        "arrondies",
    ):
        assert said in method, said
    assert "n'a pas de" not in method and "date d'arrêt" in method
    rates = method.partition("## `pourcentage_cible`")[2]
    assert rates.partition("Recul depuis")[0].count("Exemple : ") == 1


def test_the_method_shows_sums_that_come_out_before_those_of_rounded_values(build):
    """From 1,25 to 2,75 is 120 %: of the published 3, a reader would find 140."""
    catalogue = a_catalogue(an_indicator("arrondi", arrondi=0), an_indicator("exact"))
    values = [a_value("nationale FR", "2022-01", 2.75, i) for i in ("arrondi", "exact")]
    goals = [an_objective("nationale FR", i, valeur_initiale=1.25, cible=9.0) for i in ("arrondi", "exact")]
    contents = SimpleNamespace(connection=build(catalogue, values, goals), catalogue=catalogue, edition="2022-T1")
    ((_, written),) = method(contents)
    said = written.decode()
    assert "« Libellé de exact », Pays (pays), unités. 2,75 − 1,25, arrondi : 2" in said
    assert "« Libellé de exact », Pays (pays), unités. 2,75 − 1,25 donne 2." in said
    assert "Libellé de arrondi" not in said.partition("## Les statuts")[0]


def test_the_method_says_of_how_many_a_sum_is_whatever_the_gender_of_their_name(build):
    catalogue = a_catalogue(an_indicator("i", agregation_territoriale="somme"))
    values = [a_value(f"regionale {code}", "2022-03", 2.0) for code in ("01", "02")]
    contents = SimpleNamespace(connection=build(catalogue, values), catalogue=catalogue, edition="2022-T1")
    ((_, written),) = method(contents)
    said = " ".join(written.decode().split())
    assert "4 est la somme de 2 régions qui ont une valeur, sur 2 territoires attendus." in said


def test_the_method_does_not_say_that_a_yearly_count_is_missing_where_twelve_months_are_not_known(build):
    catalogue = a_catalogue(an_indicator("feux", lecture="cumul_annuel"))
    values = [a_value("nationale FR", f"2022-0{month}", 4.0, "feux") for month in (1, 2)]
    goals = [an_objective("nationale FR", "feux", valeur_initiale=9.0, cible=1.0)]
    contents = SimpleNamespace(connection=build(catalogue, values, goals), catalogue=catalogue, edition="2022-T1")
    ((_, written),) = method(contents)
    said = written.decode().partition("date_valeur_actuelle`")[2].partition("\n## ")[0]
    assert "Valeur actuelle : 8 du 1er janvier au 28/02/2022." in said and "Aucune ligne" not in said


def test_an_edition_after_another_says_what_changed(tree):
    news = (tree / "NOUVEAUTES.md").read_text("utf-8")
    assert news.startswith("# Nouveautés\n\n## 2022-T2, comparée à 2022-T1\n")
    assert {row["edition_avant"] for row in rows(tree / "REVISIONS.csv")} <= {"2022-T1"}


@pytest.fixture
def changes():
    """The tables that the news are counted from, without a row."""
    with duckdb.connect(config={"threads": 1}) as connection:
        connection.execute("""
            create table nouveautes (rang int, champ text, mouvement text, lignes bigint, id_indicateur text);
            create schema precedente;
            create table precedente.engagements (id_engagement text, statut text, calendrier text);
            create table engagements (ordre int, id_engagement text, libelle text, statut text, calendrier text)
        """)
        yield connection


def test_changes_of_deadlines_and_names_alone_are_not_told_as_nothing(changes):
    assert in_short(changes) == ["Rien n'a changé."]
    changes.execute(
        "insert into nouveautes values (1, 'date_cible', 'changement', 2, 'i'), (3, 'libelle', 'ajout', 1, 'i')"
    )
    (told,) = in_short(changes)
    assert "2 échéances déplacées" in told.replace("\u00a0", " ") and "1 nom donné" in told.replace("\u00a0", " ")


@pytest.mark.parametrize(
    ("nature", "several", "told"),
    [
        ("territoire_retire", 1, ["territoire retiré"]),
        ("territoire_retire", 2, ["territoires retirés"]),
        ("periode_nouvelle", 1, ["nouvelle période"]),
        ("indicateur_nouveau", 9, ["nouvel indicateur"]),
        ("revisee", 1, []),
    ],
)
def test_a_change_of_one_territory_or_date_is_told_as_one(nature, several, told):
    assert nature_in_words(nature, several) == told


def test_what_moved_of_the_commitments_is_told_with_what_it_was(changes):
    changes.execute("""
        insert into precedente.engagements values ('1', 'partiel', 'conforme'), ('2', 'partiel', 'conforme'),
            ('4', 'complet', 'conforme');
        insert into engagements values (1, '1', 'Dire *tout*', 'substantiel', 'retarde'), (2, '2', 'Faire', 'partiel',
            'conforme'), (3, '3', 'Ouvrir', 'partiel', null)
    """)
    rows = commitments.moved_commitments(changes)
    assert [line for line in "".join(commitments.section(rows)).splitlines() if line.startswith("-")] == [
        "- **1. Dire \\*tout\\*** : statut « partiel » → « substantiel » ; calendrier « conforme » → « retardé ».",
        "- **3. Ouvrir** : nouvel engagement, statut « partiel ».",
        "- **4** : n'est plus publié.",
    ]
    (short,) = in_short(changes)
    assert "1 statut changé, 1 calendrier changé, 1 nouveau et 1 retiré." in short.replace("\u00a0", " ")


def test_commitments_are_not_all_new_after_an_edition_that_published_none(changes):
    changes.execute("insert into engagements values (1, '1', 'Dire', 'partiel', 'conforme')")
    assert commitments.moved_commitments(changes) == []


def test_the_first_edition_says_that_nothing_is_before_it(both_published):
    first = both_published.git("show", "2022-T1:NOUVEAUTES.md")
    assert "Aucune édition publiée ne précède celle-ci" in first
    assert both_published.git("show", "2022-T1:REVISIONS.csv").count("\n") == 1


def test_the_news_are_in_the_body_of_the_commit_and_of_the_tag(both_published):
    body = as_message((both_published.home / "publication/NOUVEAUTES.md").read_text("utf-8"))
    assert "#" not in body and "**" not in body
    for told in (both_published.git("log", "-1", "--format=%B"), both_published.git("tag", "-l", "-n999", "2022-T2")):
        assert [line for line in body.splitlines() if line not in told] == []


def test_the_zip_holds_the_data_files_and_nothing_else(tree):
    with zipfile.ZipFile(tree / "essai-data.zip") as whole:
        names = whole.namelist()
        assert names == sorted(names)
        assert {info.date_time for info in whole.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        for name in names:
            assert whole.read(name) == (tree / name).read_bytes()
    listed = {line.partition("  ")[2] for line in (tree / "SHA256SUMS").read_text("utf-8").splitlines()}
    assert set(names) == {path for path in listed if is_data(path)} - {"essai-data.zip"}
    assert zipped(tree, names).tobytes() == (tree / "essai-data.zip").read_bytes()


def test_what_comes_with_the_data_is_no_data_but_for_the_zip(tree):
    official = re.compile(r"(essai-|json/|departements/|secteur-action-publique/)")
    for path in (p.relative_to(tree).as_posix() for p in tree.rglob("*") if p.is_file() and ".git" not in p.parts):
        assert is_data(path) == bool(official.match(path)), path


def test_workbooks_say_what_they_are_and_filter_their_rows(tree):
    with zipfile.ZipFile(tree / "essai-data.xlsx") as book:
        about = book.read("docProps/core.xml").decode()
        assert "<dc:title>Baromètre d'essai – 2022-T2</dc:title>" in about
        assert "<dc:creator>Essai</dc:creator>" in about and "Licence Ouverte 2.0" in about
        assert b"<autoFilter" in book.read("xl/worksheets/sheet1.xml")


def test_the_package_lists_each_table_with_its_size_and_its_digest(tree):
    package = json.loads((tree / "datapackage.json").read_text("utf-8"))
    assert package["$schema"].endswith("/2.0/datapackage.json") and package["licenses"][0]["name"] == "lov2"
    assert re.fullmatch(r"2022\.2\.0\+[0-9a-f]{12}", package["version"])
    paths = {one["path"] for one in package["resources"]}
    assert {*LISTED, *(f"avancement/{n}.csv" for n in AVANCEMENT), "essai-synthese-national.csv"} <= paths
    for one in package["resources"]:
        content = (tree / one["path"]).read_bytes()
        assert one["bytes"] == len(content) and one["hash"] == f"sha256:{hashlib.sha256(content).hexdigest()}"
        fields = json.loads((tree / one["schema"]).read_text("utf-8"))["fields"]
        assert [f["name"] for f in fields] == next(csv.reader(io.StringIO(content.decode())))
        assert {f["type"] for f in fields if f["name"] in ("code", "code_departement", "parent_code")} <= {"string"}


def test_two_publications_of_an_edition_have_two_versions_and_every_package_a_name(history):
    packages = [json.loads(history.git("show", f"{tag}:datapackage.json")) for tag in ("2022-T1", "2022-T1.1")]
    assert len({package["version"] for package in packages}) == 2
    assert package_name(CATALOGUE.general.model_copy(update={"jeu_de_donnees": "Барометр"})) == "essai"


def test_each_schema_is_laid_out_as_a_repository_of_one_schema(tree, monkeypatch):
    from frictionless import Resource, Schema  # takes half a second, which other tests do without

    monkeypatch.chdir(tree)
    folders = sorted(Path("schema").iterdir())
    assert len(folders) == 6 + len(LISTED) + len(AVANCEMENT)
    for folder in folders:
        assert {p.name for p in folder.iterdir()} == {"schema.json", "README.md", "CHANGELOG.md", "exemple-valide.csv"}
        schema = json.loads((folder / "schema.json").read_text("utf-8"))
        assert re.fullmatch(r"\d+\.\d+\.\d+", schema["version"]) and schema["created"] <= schema["lastModified"]
        assert f"## {schema['version']} (" in (folder / "CHANGELOG.md").read_text("utf-8")
        example = str(folder / schema["resources"][0]["path"])
        report = Resource(example, schema=Schema(str(folder / "schema.json"))).validate()
        assert report.flatten(["type", "note"]) == [], folder


def test_frictionless_finds_the_package_valid(tree, monkeypatch):
    from frictionless import Package  # takes half a second, which other tests do without

    monkeypatch.chdir(tree)
    report = Package("datapackage.json").validate()
    assert report.flatten(["type", "note"]) == [] and report.stats["tasks"] == 6 + len(LISTED) + len(AVANCEMENT)


@pytest.mark.long
def test_another_home_and_another_depot_give_the_same_bytes(both_published, tmp_path, monkeypatch):
    there: Project = both_published
    sums = [there.git("show", f"{tag}:SHA256SUMS") for tag in ("2022-T1", "2022-T2")]
    received = [last_reception(there.git("show", f"{tag}:manifeste.json")) for tag in ("2022-T1", "2022-T2")]
    there.home, there.depot = tmp_path / "autre", tmp_path / "autre.git"
    for edition, noon, told in zip(("2022-T1", "2022-T2"), received, sums, strict=True):
        # The day of reception is data, and nothing brings it to another depot: midnight in Paris may lie between.
        monkeypatch.setattr(receiving, "_now", lambda noon=noon: noon)
        there.run(edition=edition)
        assert there.git("show", f"{edition}:SHA256SUMS") == told


def last_reception(manifest: str) -> dt.datetime:
    files = [file for delivery in json.loads(manifest)["livraisons"] for file in delivery["fichiers"]]
    return dt.datetime.fromisoformat(max(file["recu_le"] for file in files) + "T12:00:00+00:00")


@pytest.mark.long
def test_the_zip_may_be_left_to_the_portal(both_published, monkeypatch, tmp_path):
    there: Project = both_published
    there.home, there.depot = tmp_path / "autre", tmp_path / "autre.git"
    assert there.run("--no-publish")[0] == 0
    monkeypatch.setenv("BAROMETRE_GIT_ZIP", "non")
    code, _, errors = there.run("--no-publish")
    assert code == 0 and "Nothing new" not in errors, errors
    files = there.home / "editions/2022-T1/publication"
    assert not (files / "essai-data.zip").exists()
    assert "essai-data.zip" not in (files / "README.md").read_text("utf-8")
