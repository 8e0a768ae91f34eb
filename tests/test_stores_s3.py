"""Deliveries in an object store: moto's S3, with its faults and those of the way to it."""

import logging
import resource
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from barometre_pipeline.editions import Edition
from barometre_pipeline.extract.fetching import FetchOptions, fetch_deliveries
from barometre_pipeline.extract.stores import StoreDoor
from barometre_pipeline.resources.http import HttpDoor, Limits
from barometre_pipeline.resources.secrets import Secrets
from tests.deliveries import CSV, delivery
from tests.moto_server import BUCKET, Moto, moto
from tests.proxy import Proxy, proxy

EDITION = Edition(2022, 1)
QUICK = Limits(connect=2, read=3, deadline=12, longest=15, pause=0.05, attempts=3)
BIG = 3_000_000
BASE = f"s3://{BUCKET}"


@pytest.fixture(scope="module")
def running() -> Iterator[Moto]:
    with moto() as server:
        server.put("a.csv", CSV)
        server.put("mars/données de mars.csv", CSV)
        server.put("gros.csv", CSV + b" " * BIG)
        yield server


@pytest.fixture
def s3(running, monkeypatch, tmp_path) -> Moto:
    """The store, and an environment that leads to it and to no other place."""
    for name in ("AWS_SHARED_CREDENTIALS_FILE", "AWS_CONFIG_FILE"):
        monkeypatch.setenv(name, str(tmp_path / "absent"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    for name, value in running.variables.items():
        monkeypatch.setenv(name, value)
    return running


@pytest.fixture
def way(s3, monkeypatch) -> Iterator[Proxy]:
    """The way to the store, which a test may spoil."""
    with proxy(int(s3.url.rpartition(":")[2])) as one:
        monkeypatch.setenv("AWS_ENDPOINT_URL_S3", f"http://127.0.0.1:{one.port}")
        yield one


def fetch(folder, *livraisons, base=None, **options):
    door = HttpDoor(Secrets(), options.pop("limits", QUICK), options.pop("hosts", None))
    return fetch_deliveries(livraisons, base, folder / "2022-T1", EDITION, door=door, **options)


def failure(folder, url, **keys):
    [outcome] = fetch(folder, delivery("a", url, **keys))
    assert outcome.manifest is None and outcome.failure.startswith("Delivery a: s3://")
    return outcome.failure


def test_an_object_is_fetched_by_its_address_with_what_the_store_says_of_it(s3, tmp_path):
    [a] = fetch(tmp_path, delivery("a", f"{BASE}/mars/donn%C3%A9es de mars.csv"))
    assert a.failure is None
    [fichier] = a.manifest.fichiers
    assert (tmp_path / "2022-T1/a/données de mars.csv").read_bytes() == CSV
    assert (fichier.nom, fichier.taille, fichier.statut_http) == ("données de mars.csv", len(CSV), None)
    assert len(fichier.etag) == 34 and fichier.derniere_modification.endswith("GMT")


def test_a_relative_url_is_below_a_bucket(s3, tmp_path):
    a, b = fetch(tmp_path, delivery("a", "données de mars.csv"), delivery("b", "../a.csv"), base=f"{BASE}/mars/")
    assert a.manifest.fichiers[0].url == f"{BASE}/mars/donn%C3%A9es%20de%20mars.csv"
    assert "leads outside of the base" in b.failure


def test_an_object_that_did_not_change_is_not_downloaded_again(way, tmp_path):
    fetch(tmp_path, delivery("a", f"{BASE}/gros.csv"))
    before = (tmp_path / "2022-T1/a/manifest.json").read_bytes()
    assert way.sent > BIG
    way.sent = 0
    [a] = fetch(tmp_path, delivery("a", f"{BASE}/gros.csv"))
    assert (a.reused, way.sent < 10_000) == (True, True)
    assert (tmp_path / "2022-T1/a/manifest.json").read_bytes() == before


def test_an_object_of_an_earlier_edition_is_not_downloaded_again(way, tmp_path):
    fetch(tmp_path, delivery("a", f"{BASE}/gros.csv"))
    way.sent = 0
    earlier = [(EDITION, tmp_path / "2022-T1")]
    one = delivery("a", f"{BASE}/gros.csv")
    [a] = fetch_deliveries(
        [one], None, tmp_path / "2022-T2", Edition(2022, 2), earlier, door=HttpDoor(Secrets(), QUICK)
    )
    assert (a.reused, a.manifest.edition, way.sent < 10_000) == (True, "2022-T2", True)
    assert (tmp_path / "2022-T2/a/gros.csv").stat().st_size > BIG


def test_an_object_that_changed_takes_the_place_of_the_stored_one(s3, tmp_path):
    s3.put("change.csv", CSV)
    fetch(tmp_path, delivery("a", f"{BASE}/change.csv"))
    s3.put("change.csv", CSV + b"2A,2022-01-31,1\n")
    [a] = fetch(tmp_path, delivery("a", f"{BASE}/change.csv"))
    assert not a.reused and (tmp_path / "2022-T1/a/change.csv").read_bytes().endswith(b"2A,2022-01-31,1\n")


def test_what_is_no_csv_is_refused_and_kept_aside(s3, tmp_path):
    s3.put("page.csv", b"<!DOCTYPE html><html></html>")
    assert "is a web page" in failure(tmp_path, f"{BASE}/page.csv")
    assert (tmp_path / "2022-T1/a/refuse/page.csv").exists()


@pytest.mark.parametrize(
    "url, told",
    [
        (f"{BASE}/absent.csv", "answers 404: there is no such file there; correct its url in the catalogue."),
        ("s3://autre-seau/a.csv", "there is no bucket autre-seau; correct its url in the catalogue."),
        (f"{BASE}/mars", "is a folder, not a file."),
        (BASE, "names no file: write it as in s3://bucket/path."),
        (f"{BASE}/a.csv?versionId=3", "a store has no queries: write %3F where the name has one."),
    ],
)
def test_an_address_that_leads_to_no_object_is_told(url, told, s3, tmp_path):
    assert failure(tmp_path, url, format="csv").endswith(told)


@pytest.mark.parametrize(
    "variables, told",
    [
        ({"AWS_SECRET_ACCESS_KEY": "faux" * 10}, "answers 403: the key that it needs is missing or wrong (AWS_ACCESS"),
        ({"AWS_ACCESS_KEY_ID": "AKIAINCONNUE"}, "answers 403: the key that it needs is missing or wrong (AWS_ACCESS"),
        ({"AWS_ACCESS_KEY_ID": ""}, "answers 403: the key that it needs is missing or wrong (AWS_ACCESS"),
        ({"AWS_SECRET_ACCESS_KEY": ""}, "Partial credentials found in env, missing: AWS_SECRET_ACCESS_KEY."),
        ({"AWS_ENDPOINT_URL_S3": "pas une adresse"}, "Invalid endpoint: pas une adresse."),
        (
            {"AWS_ENDPOINT_URL_S3": "http://127.0.0.1:9"},
            "cannot be reached: the server refuses the connection, 3 times",
        ),
    ],
)
def test_a_wrong_key_or_endpoint_is_told_with_its_variable(variables, told, s3, tmp_path, monkeypatch):
    for name, value in variables.items():
        monkeypatch.setenv(name, value) if value else monkeypatch.delenv(name)
    assert told in failure(tmp_path, f"{BASE}/a.csv")


def test_the_host_of_the_endpoint_must_be_listed_and_not_the_bucket(s3, tmp_path):
    [refused] = fetch(tmp_path, delivery("a", f"{BASE}/a.csv"), hosts=("www.data.gouv.fr",))
    assert "leads to 127.0.0.1, which `hotes_autorises` of catalogue.yaml does not list: refused" in refused.failure
    [taken] = fetch(tmp_path, delivery("a", f"{BASE}/a.csv"), hosts=("127.0.0.1",))
    assert taken.failure is None


def test_without_an_endpoint_amazons_must_be_listed(s3, tmp_path, monkeypatch):
    monkeypatch.delenv("AWS_ENDPOINT_URL_S3")
    [refused] = fetch(tmp_path, delivery("a", f"{BASE}/a.csv"), hosts=("127.0.0.1",))
    assert "amazonaws.com, which `hotes_autorises` of catalogue.yaml does not list: refused" in refused.failure


def test_without_a_key_what_is_public_is_read(s3, tmp_path, monkeypatch):
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    s3.client.put_object(Bucket=BUCKET, Key="public.csv", Body=CSV, ACL="public-read")
    with s3.keys_unchecked():
        a, b = fetch(tmp_path, delivery("a", f"{BASE}/public.csv"), delivery("b", f"{BASE}/a.csv"))
    assert a.failure is None and "answers 403" in b.failure


def test_an_object_that_is_too_big_is_refused_before_it_is_downloaded(way, tmp_path):
    told = failure(tmp_path, f"{BASE}/gros.csv", taille_maximale=1_000_000)
    assert told.endswith("is bigger than the 1 MB allowed (taille_maximale).")
    assert way.sent < 10_000


def test_a_connection_that_is_cut_in_the_middle_is_made_again(way, tmp_path):
    way.faults = ["cut:1000000"]
    [a] = fetch(tmp_path, delivery("a", f"{BASE}/gros.csv"))
    assert a.manifest.fichiers[0].taille == len(CSV) + BIG


@pytest.mark.parametrize(
    "fault, told",
    [
        ("cut:1000000", "is cut: the server closed the connection without a whole answer, 3 times in a row"),
        ("silent:1000000", "does not answer: nothing came for 1 s, "),
        ("silent:0", "does not answer: nothing came for 1 s, "),
        ("slow:100000", "takes too long: it was given up after 4 s."),
        ("flip:1000000", "does not have the checksum that its store announces: it was damaged on the way, 3 times"),
    ],
)
def test_a_bad_way_is_told_in_bounded_time(fault, told, way, tmp_path):
    way.always = fault
    # What has its own limit may take its time on a machine that does much else; only what drips meets the deadline.
    deadline = 4 if fault.startswith("slow") else 40
    limits = Limits(connect=10, read=1, deadline=deadline, longest=deadline + 2, pause=0.05, attempts=3)
    began = time.monotonic()
    [a] = fetch(tmp_path, delivery("a", f"{BASE}/gros.csv"), limits=limits)
    assert told in a.failure and time.monotonic() - began < 60


def test_one_bad_object_does_not_cost_the_others_side_by_side(s3, tmp_path):
    names = [f"a{n}" for n in range(20)]
    for name in names[1:]:
        s3.put(f"{name}.csv", CSV)
    outcomes = fetch(tmp_path, *(delivery(name) for name in names), base=BASE)
    assert [one.livraison for one in outcomes if one.failure] == ["a0"]


def test_no_thread_is_left(s3, tmp_path):
    fetch(tmp_path, delivery("a", f"{BASE}/a.csv"))  # the processes that verify have threads of their own
    before = set(threading.enumerate())
    fetch(tmp_path, delivery("a", f"{BASE}/a.csv"), delivery("b", f"{BASE}/absent.csv"))
    time.sleep(0.2)
    assert set(threading.enumerate()) - before == set()


def test_the_key_is_in_no_log_and_in_nothing_that_is_written_or_said(s3, way, tmp_path, monkeypatch, caplog):
    caplog.set_level(logging.DEBUG)
    monkeypatch.setenv("AWS_SESSION_TOKEN", "jeton-de-session-secret")
    way.faults = ["cut:300"]
    outcomes = fetch(tmp_path, delivery("a", f"{BASE}/a.csv"), delivery("b", f"{BASE}/absent.csv"))
    written = "".join(path.read_text() for path in tmp_path.rglob("*") if path.is_file())
    assert "botocore" in {record.name.split(".")[0] for record in caplog.records}
    for secret in (s3.variables["AWS_SECRET_ACCESS_KEY"], "jeton-de-session-secret"):
        assert secret not in written + repr(outcomes) + caplog.text


def test_a_back_end_that_is_not_installed_is_told_with_its_extra(s3, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "s3fs", None)
    told = failure(tmp_path, f"{BASE}/a.csv")
    assert told.endswith("cannot be read: s3fs is not installed; pip install 'barometre-pipeline[s3]'.")


def test_a_snapshot_needs_neither_store_nor_back_end(s3, tmp_path, monkeypatch):
    fetch(tmp_path, delivery("a", f"{BASE}/a.csv"))
    monkeypatch.setitem(sys.modules, "s3fs", None)
    [a] = fetch(tmp_path, delivery("a", f"{BASE}/a.csv"), options=FetchOptions(from_snapshot=True))
    assert a.failure is None


@contextmanager
def small_disk(most: int) -> Iterator[None]:
    """No file may grow beyond so many bytes."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (most, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_full_disk_is_not_the_stores_fault(s3, tmp_path):
    with StoreDoor(Secrets(), QUICK) as door, small_disk(1_000_000), pytest.raises(OSError, match="File too large"):
        door.download(f"{BASE}/gros.csv", tmp_path / "gros", limit=10_000_000, deadline=HttpDoor(Secrets()).deadline())
