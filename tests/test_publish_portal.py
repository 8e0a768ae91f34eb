"""The publication to data.gouv.fr, against the real udata, alone and behind a portal that fails."""

import hashlib
import io
import time
import zipfile
from dataclasses import replace
from datetime import date

import pytest

from barometre_pipeline.catalogue.model import Contact, Licence
from barometre_pipeline.editions import Edition
from barometre_pipeline.errors import PublicationError
from barometre_pipeline.publish.journal import Journal
from barometre_pipeline.publish.portal import sync as module
from barometre_pipeline.publish.portal.actions import KEY
from barometre_pipeline.publish.portal.client import Datagouv
from barometre_pipeline.publish.portal.public import public_edition
from barometre_pipeline.publish.portal.resources import wanted_resources
from barometre_pipeline.publish.portal.sync import sync_dataset
from tests.published_trees import CATALOGUE, SCHEMA, summed, write_tree
from tests.udata import a_portal
from tests.udata.faults import faulty_portal

T1 = Edition(2022, 1)
TABLES = 6 + len(SCHEMA.whole)  # as CSV files, each with the description of its columns
RESOURCES = 2 * TABLES + 10
FEW = ("csv/detail-national", "xlsx/data", "documentation/licence", "documentation/nouveautes")


class Place:
    """A dataset of its own on the real udata, and a built tree."""

    def __init__(self, folder, udata):
        self.folder, self.udata = folder, udata
        self.id = udata.new_dataset()
        self.tree, self.workspace = folder / "built", folder / "portail"
        self.portal = a_portal(udata.base_url, self.id, udata.editor_api_key)

    def sync(self, content="1", portal=None, only="", edition=T1, catalogue=CATALOGUE, **options):
        write_tree(self.tree, content, only)
        return sync_dataset(
            self.tree, catalogue, SCHEMA, edition, portal or self.portal, date(2010, 1, 31), self.workspace, **options
        )

    def dataset(self):
        return self.udata.dataset(self.id)

    def ours(self):
        return {r["extras"][KEY]: r for r in self.dataset()["resources"] if KEY in r["extras"]}

    def sha1_by_title(self):
        return sorted((r["title"], r["checksum"]["value"]) for r in self.dataset()["resources"])

    def writes(self):
        return [m for m in self.udata.requests_on(self.id) if m != "GET"]


@pytest.fixture
def place(tmp_path, udata) -> Place:
    return Place(tmp_path, udata)


@pytest.fixture
def few(place, monkeypatch) -> Place:
    """The same with three resources, as udata takes 40 ms a request, and shorter waits between uploads."""

    def three_of_them(*arguments):
        wanted, refused = wanted_resources(*arguments)
        return [one for one in wanted if one.cle in FEW], refused

    monkeypatch.setattr(module, "wanted_resources", three_of_them)
    monkeypatch.setattr(module, "_BETWEEN_UPLOADS", 0.4)
    return place


def sha1(content: bytes) -> str:
    return hashlib.sha1(content).hexdigest()


def test_the_dataset_is_made_equal_to_each_edition_then_nothing_is_sent(place):
    for content, edition in (("t3", Edition(2021, 3)), ("t4", Edition(2021, 4)), ("t1", T1)):
        assert not place.sync(content, edition=edition).unchanged
        resources = place.dataset()["resources"]
        assert len(resources) == len(place.ours()) == RESOURCES
        for name in ("barometre-resultats-detail-national.csv", "json/barometre-resultats-synthese-regional.json"):
            key = f"{name.rpartition('.')[2]}/{'-'.join(name.rpartition('.')[0].split('-')[-2:])}"
            assert place.ours()[key]["checksum"]["value"] == sha1((place.tree / name).read_bytes())
    before, writes, began = place.dataset(), place.writes(), time.perf_counter()
    assert place.sync("t1").unchanged
    assert time.perf_counter() - began < 2
    assert place.dataset() == before
    assert place.writes() == writes


def test_resources_have_titles_types_order_and_keys(place):
    place.sync()
    resources = place.dataset()["resources"]
    assert resources[0]["title"] == f"{CATALOGUE.general.titre} – 2022-T1 – Synthèse, France (CSV)"
    assert resources[2]["title"] == f"{CATALOGUE.general.titre} – 2022-T1 – Synthèse, départements (CSV)"
    assert [r["type"] for r in resources] == ["main"] * (TABLES + 8) + ["documentation"] * (2 + TABLES)
    assert all(r["description"].endswith(f"{CATALOGUE.general.titre}, édition 2022-T1.") for r in resources)
    keys = [r["extras"][KEY] for r in resources]
    assert keys[0] == "csv/synthese-national"
    assert [k.split("/")[0] for k in keys] == [
        *["csv"] * TABLES,
        *["json"] * 6,
        *["xlsx", "zip"],
        *["documentation"] * (2 + TABLES),
    ]


def test_each_resource_with_rows_names_the_schema_of_its_columns(place):
    place.sync()
    ours = place.ours()
    for key, resource in ours.items():
        form, _, name = key.partition("/")
        if form in ("csv", "json"):
            assert resource["schema"]["url"] == ours[f"documentation/schema-{name}"]["latest"]


def test_the_dataset_says_its_tags_coverage_frequency_licence_and_contact(few):
    few.sync()
    dataset = few.dataset()
    assert "education-jeunesse" in dataset["tags"]
    assert dataset["temporal_coverage"] == {"start": "2010-01-31", "end": "2022-03-31"}
    assert (dataset["frequency"], dataset["license"]) == ("quarterly", "lov2")
    assert [p["name"] for p in dataset["contact_points"]] == [CATALOGUE.general.contact.nom]
    assert dataset["spatial"]["zones"] == ["country:fr"]


def test_the_real_portals_quality_score_is_full(place):
    assert place.dataset()["quality"]["score"] < 0.5
    place.sync()
    quality = place.dataset()["quality"]
    assert quality["score"] == 1.0, quality
    assert sum(1 for name, kept in quality.items() if name != "score" and kept) == 9 + 1  # has_resources counts none


def test_what_others_wrote_on_the_dataset_stays(few):
    fields = {"tags": ["leur-etiquette"], "extras": {"leur": "cle"}, "acronym": "BRAP"}
    few.udata.call("PUT", f"/api/1/datasets/{few.id}/", json=fields)
    few.sync()
    few.sync("2", edition=Edition(2022, 2))
    dataset = few.dataset()
    assert {"leur-etiquette", "logement"} <= set(dataset["tags"])
    assert (dataset["extras"]["leur"], dataset["acronym"]) == ("cle", "BRAP")


def edited(place, **fields):
    """Change fields of the dataset as a person does, and return what they are then."""
    there = place.dataset()
    kept = {name: there[name] for name in ("tags", "temporal_coverage")}
    assert place.udata.call("PUT", f"/api/1/datasets/{place.id}/", json={**kept, **fields}).ok
    return {name: place.dataset()[name] for name in fields}


def test_the_texts_that_others_wrote_stay_in_any_home(few):
    few.sync()
    theirs = edited(few, title="Leur titre", description="Leur texte.", spatial={"granularity": "poi", "zones": []})
    assert few.sync().unchanged
    few.workspace = few.folder / "un autre home"
    report = few.sync("2", edition=Edition(2022, 2))
    assert {name: few.dataset()[name] for name in theirs} == theirs
    assert [r for r in report.remarks if "Others wrote" in r] == [
        f"Others wrote the dataset's {name}: it is kept." for name in ("title", "description", "spatial coverage")
    ]


def test_texts_last_set_by_us_follow_the_edition_and_the_catalogue(few):
    edited(few, title=CATALOGUE.general.titre, description="Un jeu de données.")
    few.sync()
    assert few.dataset()["description"].startswith("Un jeu de données.\n\nBaromètre")
    general = CATALOGUE.general.model_copy(update={"titre": "Un autre baromètre"})
    few.sync("2", edition=Edition(2022, 2), catalogue=replace(CATALOGUE, general=general))
    dataset = few.dataset()
    assert dataset["title"] == "Un autre baromètre"
    assert dataset["description"].startswith("Un jeu de données.\n\nUn autre baromètre, édition 2022-T2 :")
    assert "2022-T1" not in str(
        [dataset["description"], *(r["title"] + r["description"] for r in dataset["resources"])]
    )


def test_a_whole_that_the_portal_does_not_know_is_said_and_has_no_zone(few):
    whole, *parts = CATALOGUE.territoires
    elsewhere = replace(CATALOGUE, territoires=(whole.model_copy(update={"libelle": "Ailleurs"}), *parts))
    assert any("knows no such territory" in remark for remark in few.sync(catalogue=elsewhere).remarks)
    assert few.sync(catalogue=elsewhere).unchanged
    few.sync()
    assert few.dataset()["spatial"]["zones"] == ["country:fr"]


def test_a_long_description_that_was_there_before_us_is_kept(few):
    theirs = edited(few, description="Un texte écrit à la main. " * 8)
    assert "Others wrote the dataset's description: it is kept." in few.sync().remarks
    assert few.dataset()["description"] == theirs["description"]


def test_tags_that_others_removed_stay_removed_unless_all_are(few):
    few.sync()
    edited(few, tags=["logement", "leur-etiquette"])
    report = few.sync()
    assert report.unchanged and any("education-jeunesse" in remark for remark in report.remarks)
    assert few.dataset()["tags"] == ["leur-etiquette", "logement"]
    edited(few, tags=[])
    few.sync()
    assert "education-jeunesse" in few.dataset()["tags"]


def test_the_title_and_description_that_others_gave_a_resource_stay(few):
    few.sync()
    resource = few.ours()["csv/detail-national"]
    theirs = {"title": "Leur titre", "description": "Leur texte."}
    path = f"/api/1/datasets/{few.id}/resources/{resource['id']}/"
    few.udata.call("PUT", path, json={**theirs, "extras": resource["extras"]})
    report = few.sync("2", edition=Edition(2022, 2))
    assert theirs.items() <= few.ours()["csv/detail-national"].items()
    assert sum("barometre-resultats-detail-national.csv" in remark for remark in report.remarks) == 2


def test_the_publication_that_is_public_is_read_from_the_dataset(few):
    assert public_edition(few.portal) is None
    few.sync()
    assert public_edition(few.portal) == "2022-T1"
    few.sync(publication="2022-T1.1")
    assert public_edition(few.portal) == "2022-T1.1"
    few.sync(edition=Edition(2022, 2), publication="2022-T2")
    assert public_edition(few.portal) == "2022-T2"


def test_going_back_to_an_older_edition_leaves_what_it_would_have_left(few):
    def public():
        dataset = few.dataset()
        resources = [
            (r["title"], r["description"], r["checksum"]["value"], sorted(r["extras"].items()), r["id"])
            for r in dataset["resources"]
        ]
        names = ("title", "description", "tags", "temporal_coverage", "spatial", "license", "frequency", "extras")
        return {name: dataset[name] for name in names} | {"resources": resources}

    few.sync("t4", edition=Edition(2021, 4), publication="2021-T4")
    before = public()
    few.sync("t1", publication="2022-T1")
    assert public()["temporal_coverage"]["end"] == "2022-03-31"
    few.sync("t4", edition=Edition(2021, 4), publication="2021-T4")
    assert public() == before
    assert few.sync("t4", edition=Edition(2021, 4), publication="2021-T4").unchanged


def test_the_reason_of_a_withdrawal_is_told_and_goes_with_it(few):
    write_tree(few.tree, "1")
    (few.tree / "NOUVEAUTES.md").write_text(
        "# Nouveautés\n\n## Retrait de la publication 2022-T1.1\n\nMotif : des valeurs\nde test, <b>à</b> ignorer.\n\n"
        "## Édition 2022-T1\n\nMotif : aucun.\n",
        encoding="utf-8",
    )
    few.sync()
    told = "Retrait de la publication 2022-T1.1 : des valeurs de test, <b>à</b> ignorer."
    assert told in few.dataset()["description"]
    assert told in few.ours()["documentation/nouveautes"]["description"]
    assert few.ours()["documentation/nouveautes"]["title"].endswith("2022-T1 – Nouveautés")
    assert few.sync().unchanged
    (few.tree / "NOUVEAUTES.md").write_text("# Nouveautés\n\n## Édition 2022-T1\n", encoding="utf-8")
    few.sync()
    assert "Retrait" not in few.dataset()["description"] + few.ours()["documentation/nouveautes"]["description"]
    (few.tree / "NOUVEAUTES.md").unlink()
    few.sync()
    assert "documentation/nouveautes" not in few.ours()


def test_tags_and_a_contact_that_the_catalogue_no_longer_gives_go(few):
    few.sync()
    general = CATALOGUE.general.model_copy(update={"contact": Contact(nom="Autre", courriel="autre@example.org")})
    few.sync(catalogue=replace(CATALOGUE, general=general, secteurs=CATALOGUE.secteurs[1:]))
    dataset = few.dataset()
    assert "education-jeunesse" not in dataset["tags"]
    assert [p["name"] for p in dataset["contact_points"]] == ["Autre"]


def test_a_licence_that_the_portal_does_not_know_is_said_and_not_sent(few):
    general = CATALOGUE.general.model_copy(update={"licence": Licence(id="inconnue", libelle="?")})
    odd = replace(CATALOGUE, general=general)
    before = few.dataset()["license"]
    report = few.sync(catalogue=odd)
    assert any("inconnue" in remark for remark in report.remarks)
    assert few.dataset()["license"] == before
    assert few.sync(catalogue=odd).unchanged


def test_resources_of_others_are_never_touched(few):
    path = f"/api/1/datasets/{few.id}/"
    few.udata.call("POST", f"{path}upload/", files={"file": ("barometre-resultats-data.xlsx", b"leur fichier")})
    remote = {"title": "Site", "url": "https://example.org/", "filetype": "remote", "type": "other", "format": "html"}
    few.udata.call("POST", f"{path}resources/", json=remote)
    theirs = few.dataset()["resources"]
    time.sleep(1.1)  # udata answers 500 to the same name twice within one second
    few.sync()
    few.sync("2")
    assert [r for r in few.dataset()["resources"] if KEY not in r["extras"]] == theirs


def test_a_resource_removed_by_hand_comes_back_and_a_stale_one_goes(few):
    few.sync()
    path = f"/api/1/datasets/{few.id}/resources/"
    few.udata.call("DELETE", f"{path}{few.ours()['xlsx/data']['id']}/")
    stale = few.ours()["csv/detail-national"]["id"]
    few.udata.call("PUT", f"{path}{stale}/", json={"extras": {KEY: "csv/ancien"}})
    few.sync()
    assert len(few.ours()) == 3
    assert "csv/ancien" not in few.ours()


def test_the_stable_links_survive_an_edition(few):
    few.sync()
    before = {key: r["latest"] for key, r in few.ours().items()}
    few.sync("2")
    assert {key: r["latest"] for key, r in few.ours().items()} == before


ROLLUPS = 4  # the tables of avancement/, in Parquet too


def test_parquet_is_sent_only_where_the_portal_takes_it(place):
    parquet = place.folder / "parquet"
    parquet.mkdir()
    for table in SCHEMA.parquet:
        (parquet / f"{table}.parquet").write_bytes(b"PAR1")
    report = place.sync(parquet=parquet, dry_run=True)
    assert sum("parquet" in remark for remark in report.remarks) == len(SCHEMA.parquet) + ROLLUPS

    class TakesParquet(Datagouv):
        def extensions(self):
            return super().extensions() | {"parquet", "md"}

    takes = TakesParquet(place.udata.base_url, place.id, place.portal.key, place.portal.door)
    report = place.sync(portal=takes, parquet=parquet, dry_run=True)
    assert sum("(Parquet)" in line for line in report.done) == len(SCHEMA.parquet) + ROLLUPS
    assert any("lisez-moi.md" in line for line in report.done)


def test_the_parquet_of_another_edition_goes_where_this_one_has_none(few):
    few.sync()
    path = f"/api/1/datasets/{few.id}/resources/{few.ours()['csv/detail-national']['id']}/"
    few.udata.call("PUT", path, json={"extras": {KEY: "parquet/detail"}})
    few.sync(parquet=None)
    assert sorted(few.ours()) == sorted(set(FEW) - {"documentation/nouveautes"})


def test_a_dry_run_says_what_would_be_done_and_does_nothing(place):
    before = place.dataset()
    report = place.sync(dry_run=True)
    assert sum(line.startswith("create ") for line in report.done) == RESOURCES
    assert any("tags" in line for line in report.done)
    assert place.dataset() == before


def test_demonstration_data_are_never_sent(place):
    report = place.sync(demonstration=True)
    assert "fictitious" in report.remarks[0]
    assert place.writes() == []


def test_a_tree_that_lacks_a_file_is_an_error_before_anything_is_sent(place):
    write_tree(place.tree, "1")
    (place.tree / "README.md").unlink()
    with pytest.raises(PublicationError, match=r"README\.md cannot be read"):
        sync_dataset(place.tree, CATALOGUE, SCHEMA, T1, place.portal, date(2010, 1, 31), place.workspace)
    assert place.writes() == []


def test_the_zip_is_that_of_the_tree_or_where_it_has_none_one_of_the_same_bytes(tmp_path):
    name = f"{CATALOGUE.general.prefixe}-data.zip"
    made = []
    for home in ("1", "2"):
        tree = write_tree(tmp_path / home / "tree", "1")
        wanted, _ = wanted_resources(tree, CATALOGUE, SCHEMA, T1, tmp_path / home, {"csv", "json", "xlsx", "zip", "md"})
        (zipped,) = [one for one in wanted if one.cle == "zip/tout"]
        made.append(zipped.file.read_bytes())
        assert zipped.nom == name
    assert made[0] == made[1]
    names = zipfile.ZipFile(io.BytesIO(made[0])).namelist()
    assert "departements/detail/a-2A.csv" in names and "README.md" not in names
    assert not [one for one in names if one.startswith(("reference/", "schema/"))]
    (tree / name).write_bytes(b"that of the tree")
    wanted, _ = wanted_resources(summed(tree), CATALOGUE, SCHEMA, T1, tmp_path / "3", {"zip", "csv", "json", "md"})
    assert [one.file for one in wanted if one.cle == "zip/tout"] == [tree / name]


def test_the_journal_says_what_was_sent(few):
    journal = Journal(few.folder / "publication.json")
    few.sync(journal=journal)
    assert len(journal.read()["portal"]["done"]) > 3


def test_a_stranger_is_refused_in_a_plain_sentence(few):
    stranger = a_portal(few.udata.base_url, few.id, few.udata.outsider_api_key)
    with pytest.raises(PublicationError, match=r"403.*editor's role") as error:
        few.sync(portal=stranger)
    assert few.udata.outsider_api_key not in str(error.value)


def test_a_deleted_dataset_is_an_error_in_a_plain_sentence(few):
    few.udata.call("DELETE", f"/api/1/datasets/{few.id}/")
    with pytest.raises(PublicationError, match=r"410.*was deleted"):
        few.sync()


@pytest.mark.parametrize(
    ("fault", "method", "said"),
    [
        (401, "GET", "key in DATAGOUV_API_KEY"),
        (403, "POST", "may not change this dataset"),
        (413, "POST", "too big"),
        (500, "POST", "has failed"),
        (500, "PUT", "has failed"),
        (500, "GET", "has failed"),
        ("cut", "POST", "is cut"),
        ("done then cut", "PUT", "is cut"),
        ("done then late", "PUT", "does not answer"),
    ],
)
def test_a_lasting_fault_is_a_plain_sentence_and_the_next_run_repairs(few, fault, method, said):
    few.sync("1")
    with faulty_portal(few.udata.base_url) as portal:
        door = a_portal(portal.base_url, few.id, few.udata.editor_api_key, connect=2, read=0.5)
        portal.fault = lambda m, path: fault if m == method else None
        with pytest.raises(PublicationError, match=said) as error:
            few.sync("2", portal=door, only="detail")
    assert few.udata.editor_api_key not in str(error.value)
    assert "Traceback" not in str(error.value)
    few.sync("2", only="detail")
    assert len(few.dataset()["resources"]) == 3
    assert few.sync("2", only="detail").unchanged


@pytest.mark.parametrize("fault", [500, "cut", "done then cut", "done then late"])
def test_a_passing_fault_of_an_upload_makes_no_duplicate(few, fault):
    with faulty_portal(few.udata.base_url) as portal:
        door = a_portal(portal.base_url, few.id, few.udata.editor_api_key, connect=2, read=1)
        faults = iter([None, fault, None, None, fault])
        portal.fault = lambda method, path: next(faults, None) if method == "POST" and "upload" in path else None
        few.sync(portal=door)
    assert len(few.dataset()["resources"]) == len(few.ours()) == 3
    assert few.sync().unchanged


def test_an_upload_that_the_portal_ends_late_is_not_left_behind(few):
    few.sync()
    missing = few.ours()["csv/detail-national"]
    few.udata.call("DELETE", f"/api/1/datasets/{few.id}/resources/{missing['id']}/")
    few.sync()
    # What the portal was still doing when we sent the file again:
    content = (few.tree / "barometre-resultats-detail-national.csv").read_bytes()
    name = "barometre-resultats-detail-national.csv"
    time.sleep(1.1)  # udata answers 500 to the same name twice within one second
    few.udata.call("POST", f"/api/1/datasets/{few.id}/upload/", files={"file": (name, content)})
    assert len(few.dataset()["resources"]) == 4
    few.sync()
    assert len(few.dataset()["resources"]) == 3


def test_a_title_changed_on_the_portal_moves_the_slug_and_nothing_breaks(few):
    slug = few.dataset()["slug"]
    few.udata.call("PUT", f"/api/1/datasets/{few.id}/", json={"title": "Un tout autre titre"})
    few.sync(portal=a_portal(few.udata.base_url, slug, few.udata.editor_api_key))
    assert len(few.ours()) == 3
