"""data.gouv.fr as a source: a small stand-in for the cases, the real udata for what it really answers."""

import hashlib
import json

import pytest

from barometre_pipeline.editions import Edition
from barometre_pipeline.extract.fetching import fetch_deliveries
from barometre_pipeline.resources.http import HttpDoor, Limits
from barometre_pipeline.resources.secrets import Secrets
from barometre_pipeline.settings import Settings
from tests.deliveries import CSV, delivery
from tests.loopback import loopback

EDITION = Edition(2022, 1)
QUICK = Limits(connect=1, read=2, deadline=5, longest=6, attempts=2)


class Portal:
    """A stand-in for the portal: `resources` as the API gives them, `files` by path."""

    def __init__(self, server):
        self.server = server
        self.resources: list[dict] = []
        self.files: dict[str, bytes] = {}

    def add(self, id_: str, title: str, content: bytes = CSV, name: str = "a.csv", **facts) -> None:
        checksum = {"type": "sha1", "value": hashlib.sha1(content).hexdigest()}
        path = f"/files/{id_}/{name}"
        self.files[path] = content
        latest = f"{self.server.url}/api/1/datasets/r/{id_}"
        one = {"id": id_, "title": title, "url": self.server.url + path, "latest": latest, "checksum": checksum}
        self.resources.append(one | facts)

    def answer(self, request) -> None:
        if request.path == "/api/1/datasets/jeu/":
            request.reply(body=json.dumps({"license": "lov2", "resources": self.resources}).encode())
        elif request.path.startswith("/api/1/datasets/r/"):
            url = next(one["url"] for one in self.resources if one["id"] == request.path.rsplit("/", 1)[1])
            request.reply(302, Location=url)
        elif request.path in self.files:
            request.reply(body=self.files[request.path])
        else:
            request.reply(404)

    @property
    def paths(self) -> list[str]:
        return [request.path for request in self.server.seen]


@pytest.fixture
def portal(monkeypatch):
    with loopback(lambda request: portal.answer(request)) as server:
        portal = Portal(server)
        monkeypatch.setenv("BAROMETRE_DATAGOUV_URL", server.url + "/")
        yield portal


def fetch(tmp_path, jeu="jeu", **place):
    livraisons = [delivery("d", datagouv={"jeu": jeu} | place, format="csv")]
    door, portal = HttpDoor(Secrets(), QUICK), Settings.read().portal_read
    [outcome] = fetch_deliveries(livraisons, None, tmp_path, EDITION, door=door, portal=portal)
    return outcome


def test_a_resource_is_found_by_its_title(portal, tmp_path):
    portal.add("r1", "Autre", b"autre")
    portal.add("r2", "Valeurs", name="valeurs.csv")
    outcome = fetch(tmp_path, ressource="Valeurs")
    [fichier] = outcome.manifest.fichiers
    assert (fichier.nom, fichier.licence) == ("valeurs.csv", "lov2")
    assert (tmp_path / "d/valeurs.csv").read_bytes() == CSV


def test_the_stable_url_is_the_one_that_is_downloaded(portal, tmp_path):
    portal.add("r1", "Valeurs")
    outcome = fetch(tmp_path, ressource="Valeurs")
    assert outcome.manifest.fichiers[0].url.endswith("/api/1/datasets/r/r1")
    assert outcome.manifest.fichiers[0].url_finale.endswith("/files/r1/a.csv")


def test_a_resource_that_leads_where_its_portal_may_not_is_refused(portal, tmp_path):
    portal.add("r1", "Valeurs", latest=None, url="http://169.254.169.254/latest/meta-data.csv")
    assert "169.254.169.254, which is no public address (link-local)" in fetch(tmp_path, ressource="Valeurs").failure


def test_a_resource_is_found_by_its_id_before_its_title(portal, tmp_path):
    portal.add("r1", "r2", b"wrong\n")
    portal.add("r2", "Valeurs")
    assert fetch(tmp_path, ressource="r2").manifest.fichiers[0].taille == len(CSV)


def test_two_resources_of_the_same_title_need_the_id(portal, tmp_path):
    portal.add("r1", "Valeurs")
    portal.add("r2", "Valeurs")
    assert "name one by its id (r1, r2)" in fetch(tmp_path, ressource="Valeurs").failure


def test_a_resource_that_is_not_there_is_told_with_those_that_are(portal, tmp_path):
    portal.add("r1", "Valeurs")
    assert "has no resource 'Objectifs'; it has 'Valeurs'" in fetch(tmp_path, ressource="Objectifs").failure


def test_a_dataset_that_is_not_there_is_told(portal, tmp_path):
    assert "/api/1/datasets/absent/ answers 404" in fetch(tmp_path, jeu="absent", ressource="x").failure


def test_all_the_resources_that_match_are_taken_by_title_under_distinct_names(portal, tmp_path):
    portal.add("r3", "Valeurs 2022", b"2022\n")
    portal.add("r1", "Valeurs 2021", b"2021\n")
    portal.add("r2", "Notice", b"notice\n")
    outcome = fetch(tmp_path, ressources=r"^Valeurs \d{4}$")
    assert [fichier.nom for fichier in outcome.manifest.fichiers] == ["a.csv", "a-2.csv"]
    assert [(tmp_path / "d" / f.nom).read_bytes() for f in outcome.manifest.fichiers] == [b"2021\n", b"2022\n"]


def test_no_resource_that_matches_is_told_with_those_that_are(portal, tmp_path):
    portal.add("r1", "Notice")
    assert "matches '^Valeurs'; it has 'Notice'" in fetch(tmp_path, ressources="^Valeurs").failure


def test_a_file_that_is_not_the_announced_one_is_refused(portal, tmp_path):
    portal.add("r1", "Valeurs", checksum={"type": "sha1", "value": "0" * 40})
    assert "does not have the sha1 that data.gouv.fr announces" in fetch(tmp_path, ressource="Valeurs").failure


def test_a_resource_without_a_checksum_is_taken(portal, tmp_path):
    portal.add("r1", "Valeurs", checksum=None)
    assert fetch(tmp_path, ressource="Valeurs").failure is None


def test_a_resource_whose_checksum_is_that_of_the_stored_file_is_not_downloaded(portal, tmp_path):
    portal.add("r1", "Valeurs")
    fetch(tmp_path, ressource="Valeurs")
    before = len(portal.paths)
    outcome = fetch(tmp_path, ressource="Valeurs")
    assert outcome.reused and portal.paths[before:] == ["/api/1/datasets/jeu/"]


@pytest.mark.parametrize("answer", [b"[]", b'{"resources": 1}', b'{"resources": [{}]}', b"{}", b"<html>", b"null"])
def test_an_answer_that_is_not_the_portals_is_told(answer, monkeypatch, tmp_path):
    with loopback(lambda request: request.reply(body=answer)) as server:
        monkeypatch.setenv("BAROMETRE_DATAGOUV_URL", server.url)
        told = fetch(tmp_path, ressource="x").failure
    assert "is not JSON" in told or "does not answer as data.gouv.fr does" in told


def test_a_resource_that_leads_to_a_file_of_this_machine_is_refused(portal, tmp_path):
    portal.add("r1", "Valeurs", url="file:///etc/passwd", latest=None)
    assert "is not a URL that can be asked for" in fetch(tmp_path, ressource="Valeurs").failure


def test_the_real_portal_gives_a_resource_and_its_licence(udata, monkeypatch, tmp_path):
    monkeypatch.setenv("BAROMETRE_DATAGOUV_URL", udata.base_url)
    jeu = udata.new_dataset()
    sent = udata.call("POST", f"/api/1/datasets/{jeu}/upload/", files={"file": ("valeurs-mars.csv", CSV)})
    assert sent.status_code == 201
    outcome = fetch(tmp_path, jeu=jeu, ressource=sent.json()["id"])
    assert outcome.failure is None
    [fichier] = outcome.manifest.fichiers
    assert (tmp_path / "d" / fichier.nom).read_bytes() == CSV
    assert fichier.url.endswith(f"/api/1/datasets/r/{sent.json()['id']}")


def test_the_real_portal_gives_all_the_resources_that_match(udata, monkeypatch, tmp_path):
    monkeypatch.setenv("BAROMETRE_DATAGOUV_URL", udata.base_url)
    jeu = udata.new_dataset()
    for name in ("valeurs-2021.csv", "valeurs-2022.csv", "notice.csv"):
        udata.call("POST", f"/api/1/datasets/{jeu}/upload/", files={"file": (name, CSV + name.encode())})
    outcome = fetch(tmp_path, jeu=jeu, ressources="valeurs")
    assert [fichier.taille for fichier in outcome.manifest.fichiers] == [len(CSV) + 16] * 2
    assert fetch(tmp_path, jeu=jeu, ressources="valeurs").reused
