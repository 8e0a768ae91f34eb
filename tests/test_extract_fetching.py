"""Fetching without a network: folders, snapshots, lateness; and secrets, which nothing may show."""

import logging
import os
import time
from pathlib import Path

import pytest

from barometre_pipeline.editions import Edition
from barometre_pipeline.errors import UsageError
from barometre_pipeline.extract.fetching import FetchOptions, failures_sentence, fetch_deliveries
from barometre_pipeline.extract.pool import Job, run_jobs
from barometre_pipeline.resources.http import HttpDoor, Limits
from barometre_pipeline.resources.retries import Deadline
from barometre_pipeline.resources.secrets import Secrets
from tests.deliveries import CSV, delivery, write_all, zip_of
from tests.loopback import loopback

EDITION = Edition(2022, 1)


@pytest.fixture
def source(tmp_path) -> Path:
    return write_all(tmp_path / "source", "a.csv", "b.csv")


@pytest.fixture
def folder(tmp_path) -> Path:
    return tmp_path / "livraisons" / "2022-T1"


def fetch(base, folder, *livraisons, **options):
    livraisons = livraisons or (delivery("a"), delivery("b"))
    earlier, limits = options.pop("earlier", ()), options.pop("limits", None)
    door = HttpDoor(Secrets(), limits)
    return fetch_deliveries(livraisons, base, folder, EDITION, earlier, FetchOptions(**options), door=door)


@pytest.mark.parametrize("form", ["{}", "{}/", "file://{}", "file://{}/"])
def test_a_folder_is_a_base_however_it_is_written(form, source, folder):
    fetch(form.format(source), folder)
    assert (folder / "a/a.csv").read_bytes() == CSV


def test_the_outcomes_come_in_the_order_of_the_catalogue(source, folder):
    assert [one.livraison for one in fetch(source, folder)] == ["a", "b"]


def test_each_delivery_that_is_done_is_told(source, folder):
    done = []
    fetch_deliveries([delivery("a"), delivery("b")], source, folder, EDITION, on_done=done.append)
    assert sorted(done) == ["a", "b"]


def test_one_bad_delivery_does_not_cost_the_others(source, folder):
    (source / "b.csv").unlink()
    a, b = fetch(source, folder)
    assert a.manifest and not a.blocking
    assert failures_sentence([a, b]) == f"Delivery b: there is no file b.csv in {source}; the closest there is a.csv."


def test_a_base_that_is_no_folder_is_a_wrong_command(folder, tmp_path):
    with pytest.raises(UsageError, match="there is no folder"):
        fetch(tmp_path / "absent", folder)


def test_an_unchanged_folder_leaves_the_manifest_as_it_was(source, folder):
    fetch(source, folder)
    before = (folder / "a/manifest.json").read_bytes()
    os.utime(source / "a.csv")
    assert [one.reused for one in fetch(source, folder)] == [True, True]
    assert (folder / "a/manifest.json").read_bytes() == before


def test_a_changed_file_replaces_the_stored_one(source, folder):
    fetch(source, folder)
    (source / "a.csv").write_bytes(b"code,date,valeur\n")
    fetch(source, folder)
    assert (folder / "a/a.csv").read_bytes() == b"code,date,valeur\n"


def test_a_file_over_the_deliverys_own_limit_is_refused(source, folder):
    a, b = fetch(source, folder, delivery("a", taille_maximale=10), delivery("b"))
    assert "bigger than" in a.failure and not b.failure


def test_bad_data_do_not_overwrite_what_is_stored(source, folder):
    fetch(source, folder)
    (source / "a.csv").write_bytes(b"<!DOCTYPE html><html></html>")
    a, _ = fetch(source, folder)
    assert a.blocking and (folder / "a/a.csv").read_bytes() == CSV
    assert (folder / "a/refuse/a.csv").read_bytes() == b"<!DOCTYPE html><html></html>"


def test_a_good_file_takes_away_what_was_refused(source, folder):
    fetch(source, folder)
    (source / "a.csv").write_bytes(b"")
    fetch(source, folder)
    write_all(source, "a.csv")
    fetch(source, folder)
    assert not (folder / "a/refuse").exists()


def test_a_zip_that_two_deliveries_read_is_judged_for_each(tmp_path, folder):
    source = write_all(tmp_path / "s", "x.zip", content=zip_of({"a.csv": CSV, "b.csv": b"<html></html>"}))
    a, b = fetch(source, folder, delivery("a", "x.zip", fichier="a.csv"), delivery("b", "x.zip", fichier="b.csv"))
    assert not a.failure and "b.csv that is a web page" in b.failure


# -- snapshots


def test_a_snapshot_needs_no_source(source, folder):
    first = fetch(source, folder)
    again = fetch(None, folder, from_snapshot=True)
    assert [one.manifest for one in again] == [one.manifest for one in first]


def test_a_snapshot_that_was_never_taken_is_a_failure(folder):
    a, _ = fetch(None, folder, from_snapshot=True)
    assert a.failure == "Delivery a: it was never fetched for 2022-T1: fetch it once before."


@pytest.mark.parametrize("damage", ["file", "manifest", "gone"])
def test_a_damaged_snapshot_is_a_failure(damage, source, folder):
    fetch(source, folder)
    path = folder / "a" / ("manifest.json" if damage == "manifest" else "a.csv")
    path.unlink() if damage == "gone" else path.write_bytes(b"damaged")
    a, b = fetch(None, folder, from_snapshot=True)
    assert "damaged" in a.failure and not b.failure


def test_one_delivery_alone_is_fetched_and_the_others_are_taken_as_stored(source, folder):
    fetch(source, folder)
    write_all(source, "a.csv", "b.csv", content=b"code,date,valeur\n")
    fetch(source, folder, livraison="a")
    assert (folder / "a/a.csv").read_bytes() != CSV
    assert (folder / "b/b.csv").read_bytes() == CSV


def test_one_delivery_alone_needs_the_others_to_be_stored(source, folder):
    a, b = fetch(source, folder, livraison="a")
    assert not a.failure and "never fetched" in b.failure


def test_a_delivery_that_the_catalogue_does_not_have_is_a_wrong_command(source, folder):
    with pytest.raises(UsageError, match="no delivery 'c'; the catalogue has a, b"):
        fetch(source, folder, livraison="c")


@pytest.mark.parametrize("crash", ["before", "between", "after"])
def test_a_crash_while_replacing_leaves_a_whole_snapshot(crash, source, folder):
    fetch(source, folder)
    new, old = folder / ".a.nouveau", folder / ".a.ancien"
    if crash == "before":
        write_all(new, "a.csv", content=b"half")
    else:
        (folder / "a").rename(old)
        if crash == "after":
            fetch(source, folder, livraison="a")
            write_all(old, "a.csv", content=b"old")
    a, _ = fetch(None, folder, from_snapshot=True)
    assert not a.failure and (folder / "a/a.csv").read_bytes() == CSV


# -- lateness


@pytest.fixture
def earlier(source, tmp_path):
    """An earlier edition whose file differs from today's."""
    folder = tmp_path / "livraisons" / "2021-T4"
    old = write_all(tmp_path / "old", "a.csv", content=b"code,date,valeur\n01,2021-12-31,1\n")
    fetch_deliveries([delivery("a")], old, folder, EDITION.previous)
    return [(EDITION.previous, folder)]


def test_a_late_delivery_stops_the_run_by_default(tmp_path, folder, earlier):
    [a] = fetch(tmp_path, folder, delivery("a"), earlier=earlier)
    assert a.blocking and a.late_from is None


@pytest.mark.parametrize("how", ["allow_late", "tolerance"])
def test_a_late_delivery_may_be_replaced_by_the_last_valid_one(how, tmp_path, folder, earlier):
    late = delivery("a", tolerance="derniere_valide") if how == "tolerance" else delivery("a")
    [a] = fetch(tmp_path, folder, late, earlier=earlier, allow_late=how == "allow_late")
    assert (a.late_from, a.blocking, a.manifest.edition) == (EDITION.previous, False, "2021-T4")
    assert "there is no file" in a.failure  # never silently
    assert (folder / "a/a.csv").read_bytes().endswith(b"2021-12-31,1\n")


def test_a_late_delivery_is_still_told_when_rebuilt_from_the_snapshot(tmp_path, folder, earlier):
    fetch(tmp_path, folder, delivery("a"), earlier=earlier, allow_late=True)
    [a] = fetch(None, folder, delivery("a"), from_snapshot=True)
    assert a.late_from == EDITION.previous


def test_a_late_delivery_that_arrives_at_last_takes_its_place(source, tmp_path, folder, earlier):
    fetch(tmp_path, folder, delivery("a"), earlier=earlier, allow_late=True)
    [a] = fetch(source, folder, delivery("a"), earlier=earlier, allow_late=True)
    assert (a.late_from, a.manifest.edition, (folder / "a/a.csv").read_bytes()) == (None, "2022-T1", CSV)


def test_a_damaged_earlier_file_is_not_used(tmp_path, folder, earlier):
    (earlier[0][1] / "a/a.csv").write_bytes(b"damaged")
    [a] = fetch(tmp_path, folder, delivery("a"), earlier=earlier, allow_late=True)
    assert a.blocking


# -- secrets


def test_the_key_of_a_delivery_is_nowhere_in_what_is_written_or_said(folder, monkeypatch, caplog):
    caplog.set_level(logging.DEBUG)
    monkeypatch.setenv("CLE_ESSAI", "tr3s-s3cr3t")

    def answer(request):
        if request.path.startswith("/bonne"):
            request.reply(302, Location=request.path.replace("bonne", "suite"))
        elif request.path.startswith("/suite"):
            request.reply(body=CSV)
        elif request.path.startswith("/page"):
            request.reply(body=b"<html>token=tr3s-s3cr3t</html>")
        else:
            request.reply(404)

    with loopback(answer) as server:
        names = ("bonne", "page", "absente")
        path_key = delivery("chemin", f"{server.url}/bonne/${{CLE_ESSAI}}", format="csv")
        livraisons = [delivery(n, f"{server.url}/{n}.csv?apikey=${{CLE_ESSAI}}", format="csv") for n in names]
        outcomes = fetch(None, folder, *livraisons, path_key)
        assert "tr3s-s3cr3t" in server.seen[0].path
    # The refused body itself is kept as received; everything that we write is clean.
    written = "".join(path.read_text() for path in folder.rglob("*.json"))
    assert "apikey=${CLE_ESSAI}" in written
    named = " ".join(str(path) for path in folder.rglob("*"))
    assert "tr3s-s3cr3t" not in written + named + caplog.text + repr(outcomes)


def test_a_key_that_is_written_in_the_catalogue_is_masked_all_the_same(folder, caplog):
    caplog.set_level(logging.DEBUG)
    with loopback(lambda r: r.reply(body=CSV) if "bonne" in r.path else r.reply(404)) as server:
        names = ("bonne", "absente")
        livraisons = [delivery(n, f"{server.url}/{n}.csv?access_token=tr3ss3cr3t", format="csv") for n in names]
        outcomes = fetch(None, folder, *livraisons)
    written = (folder / "bonne/manifest.json").read_text()
    assert "access_token=***" in written
    assert "tr3ss3cr3t" not in written + caplog.text + repr(outcomes)


def test_a_key_that_is_not_in_the_environment_is_asked_for_by_name(folder, monkeypatch):
    monkeypatch.delenv("CLE_ABSENTE", raising=False)
    [a] = fetch(None, folder, delivery("a", "https://exemple.invalid/a.csv?key=${CLE_ABSENTE}", format="csv"))
    assert "environment variable CLE_ABSENTE" in a.failure


# -- what cannot be stopped is left behind


def test_a_job_that_never_ends_does_not_hold_up_the_others():
    def work(deadline):
        time.sleep(30)

    stuck = Job(lambda: Deadline(0.1, 0.1), work, lambda: "overdue")
    quick = Job(lambda: Deadline(5, 5), lambda deadline: "done", lambda: "overdue")
    assert sorted(run_jobs([stuck, quick, quick], workers=1)) == [(0, "overdue"), (1, "done"), (2, "done")]


def test_headers_that_trickle_for_ever_are_left_behind(folder):
    def trickle(request):
        for _ in range(200):
            request.wfile.write(b"HTTP/1.1 200 OK\r\n"[:1])
            request.wfile.flush()
            time.sleep(0.1)

    with loopback(trickle) as server:
        began = time.monotonic()
        [a] = fetch(server.url, folder, delivery("a"), limits=Limits(read=1, deadline=1, longest=2))
    assert a.blocking and time.monotonic() - began < 6
