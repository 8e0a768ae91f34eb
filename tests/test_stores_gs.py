"""Deliveries in Google Cloud Storage: the back end, before a server that answers two of its calls as it does."""

import base64
import hashlib
import json
from urllib.parse import unquote

import pytest

from barometre_pipeline.editions import Edition
from barometre_pipeline.extract.fetching import fetch_deliveries
from barometre_pipeline.resources.http import HttpDoor, Limits
from barometre_pipeline.resources.secrets import Secrets
from tests.deliveries import CSV, delivery
from tests.loopback import Request, loopback

pytest.importorskip("gcsfs", reason="gcsfs is not installed (pip install 'barometre-pipeline[gs]')")

EDITION = Edition(2022, 1)
QUICK = Limits(connect=2, read=3, deadline=12, longest=15, pause=0.05, attempts=3)


MD5 = base64.b64encode(hashlib.md5(CSV).digest()).decode()


def store(request: Request) -> None:
    """Describe and give what is asked of the bucket `seau`, but for what the file's name says."""
    name = unquote(request.path).rpartition("/o/")[2].partition(".csv")[0]
    if "/o/" not in request.path:  # a list
        request.reply(403 if "secret" in request.path else 200, b"{}", Content_Type="application/json")
    elif name in ("absent", "secret", "panne"):
        request.reply({"absent": 404, "secret": 403, "panne": 503}[name], b"{}")
    elif request.path.startswith("/download/"):
        request.reply(body=CSV.upper() if name == "abime" else CSV, Content_Type="text/csv", X_Goog_Hash=f"md5={MD5}")
    else:
        facts = {"name": f"{name}.csv", "bucket": "seau", "size": str(len(CSV)), "etag": "CJ+1", "md5Hash": MD5}
        facts |= {"updated": "2022-04-01T10:00:00.000Z", "contentType": "text/csv", "generation": "1"}
        request.reply(body=json.dumps(facts).encode(), Content_Type="application/json")


@pytest.fixture
def outcomes(tmp_path, monkeypatch):
    """The outcomes of the second of two fetches, and of what it downloaded again."""
    names = ("a", "absent", "panne", "secret", "abime")
    asked: list[str] = []

    def answers(request: Request) -> None:
        asked.append(request.path)
        store(request)

    with loopback(answers) as server:
        monkeypatch.setenv("STORAGE_EMULATOR_HOST", server.url)
        monkeypatch.setenv("NO_GCE_CHECK", "true")
        for _ in range(2):
            livraisons = [delivery(name, f"gs://seau/{name}.csv") for name in names]
            done = fetch_deliveries(livraisons, None, tmp_path, EDITION, door=HttpDoor(Secrets(), QUICK))
    assert len([path for path in asked if path.startswith("/download/") and "/a.csv" in path]) == 1
    return {one.livraison: one for one in done}


def test_an_object_is_fetched_once_while_it_does_not_change(outcomes, tmp_path):
    [fichier] = outcomes["a"].manifest.fichiers
    assert (fichier.etag, fichier.derniere_modification) == ('"CJ+1"', "Fri, 01 Apr 2022 10:00:00 GMT")
    assert (tmp_path / "a/a.csv").read_bytes() == CSV and outcomes["a"].reused


@pytest.mark.parametrize(
    "name, told",
    [
        ("absent", "answers 404: there is no such file there"),
        ("panne", "answers 503, 3 times in a row"),
        ("secret", "answers 403: the key that it needs is missing or wrong (GOOGLE_APPLICATION_CREDENTIALS)"),
        ("abime", "does not have the checksum that its store announces"),
    ],
)
def test_a_fault_of_the_store_is_told(name, told, outcomes):
    assert told in outcomes[name].failure
