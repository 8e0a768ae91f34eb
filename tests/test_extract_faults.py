"""Fetching from servir.py, the server of misbehaving deliveries: every fault, alone and combined."""

import hashlib
import json
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

import pytest

from barometre_pipeline.editions import Edition
from barometre_pipeline.extract.fetching import failures_sentence, fetch_deliveries
from barometre_pipeline.resources.http import HttpDoor, Limits
from barometre_pipeline.resources.secrets import Secrets
from tests.deliveries import CSV, delivery, write_all

EDITION = Edition(2022, 1)
QUICK = Limits(connect=1, read=1, deadline=10, longest=12)


def quick() -> HttpDoor:
    return HttpDoor(Secrets(), QUICK)


PASSING = {
    "sans-panne": [],
    "503-deux-fois": ["503", "503"],
    "trop-de-demandes": ["429:2"],
    "lent": ["lent:1000"],
    "coupe-une-fois": ["coupe"],
    "tronque-une-fois": ["tronque"],
    "attente-une-fois": ["attente:30"],
    "500": ["500"],
    "408-puis-425": ["408", "425"],
    "tourne-une-fois": ["boucle"],
    "redirige": ["vers:/sans-panne.csv"],
    "tout-ensemble": ["503", "coupe", "tronque", "503", "lent:5000"],
    "redirige-apres-coupure": ["coupe", "vers:/sans-panne.csv", "503"],
}
FAILING = {
    "toujours-503": (["503", "toujours"], "answers 503"),
    "absent": (["404", "toujours"], "answers 404 (Not Found)"),
    "interdit": (["403", "toujours"], "answers 403"),
    "page": (["html"], "is a web page (HTML) and not a csv file"),
    "vide": (["vide"], "is empty (0 bytes)"),
    "infini": (["infini"], "is bigger than the 5 MB allowed"),
    "coupe-toujours": (["coupe", "toujours"], "is cut"),
    "tronque-toujours": (["tronque", "toujours"], "is truncated"),
    "attente-toujours": (["attente:30", "toujours"], "does not answer"),
    "boucle": (["boucle", "toujours"], "redirects more than 5 times"),
    "vers-fichier": (["vers:file:///etc/passwd"], "redirects to a file: address"),
    "vers-page": (["vers:/page.csv", "vers:/page.csv"], "is a web page"),
    "plus-tard": (["429:3600"], "asks to come back in 3,600 s"),
    "coupe-puis-page": (["coupe", "503", "html"], "is a web page"),
    "lent-sans-fin": (["infini", "toujours"], "is bigger than"),
}


@contextmanager
def serve(outils: Path, folder: Path, faults: dict | None = None):
    """Run servir.py on a folder; yields its base URL and a function that reads its journal."""
    pannes, journal = folder.with_suffix(".pannes"), folder.with_suffix(".journal")
    pannes.write_text(json.dumps(faults or {}))
    command = [sys.executable, outils / "servir.py", folder, "--pannes", pannes, "--journal", journal]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        try:
            url = json.loads(process.stdout.readline())["base_url"]
            yield url, lambda: [json.loads(line) for line in journal.read_text().splitlines()]
        finally:
            process.terminate()


def livraisons_of(names):
    return [delivery(name, taille_maximale=5_000_000) for name in names]


@pytest.fixture(scope="module")
def suffered(outils, tmp_path_factory):
    """One fetch in which every delivery has its fault, and a second one on the same server."""
    root = tmp_path_factory.mktemp("pannes")
    faults = {f"{name}.csv": list(steps) for name, steps in PASSING.items()}
    faults |= {f"{name}.csv": list(steps) for name, (steps, _) in FAILING.items()}
    # The page behind a redirect stays one for its own delivery and for the redirected one.
    faults["page.csv"] = ["html"] * 3
    source = write_all(root / "source", *faults)
    with serve(outils, source, faults) as (url, journal):
        livraisons = livraisons_of([*PASSING, *FAILING])
        began = time.monotonic()
        first = fetch_deliveries(livraisons, url, root / "2022-T1", EDITION, door=quick())
        seconds = time.monotonic() - began
        yield {one.livraison: one for one in first}, root / "2022-T1", seconds, journal()


@pytest.mark.parametrize("name", PASSING)
def test_a_fault_that_passes_ends_in_the_very_file(name, suffered):
    outcomes, folder, _, _ = suffered
    assert outcomes[name].failure is None
    [fichier] = outcomes[name].manifest.fichiers
    kept = (folder / name / fichier.nom).read_bytes()
    assert (kept, fichier.sha256, fichier.taille) == (CSV, hashlib.sha256(CSV).hexdigest(), len(CSV))


@pytest.mark.parametrize("name", FAILING)
def test_a_fault_that_stays_is_told_in_one_sentence(name, suffered):
    outcomes, _, _, _ = suffered
    told = outcomes[name].failure
    assert told.startswith(f"Delivery {name}: http://") and told.endswith(".") and "\n" not in told
    assert FAILING[name][1] in told


@pytest.mark.parametrize("name", FAILING)
def test_a_failed_delivery_has_no_file_to_stage(name, suffered):
    outcomes, folder, _, _ = suffered
    assert outcomes[name].manifest is None
    assert not (folder / name / "manifest.json").exists()


def test_all_failures_are_told_at_once(suffered):
    outcomes, _, _, _ = suffered
    assert len(failures_sentence(list(outcomes.values())).splitlines()) == len(FAILING)


def test_all_the_faults_together_end_in_bounded_time(suffered):
    assert suffered[2] < QUICK.deadline + 5


def test_nothing_half_done_is_left_behind(suffered):
    assert [path.name for path in suffered[1].iterdir() if path.name.startswith(".")] == []


@pytest.mark.parametrize("name", ["page", "coupe-puis-page"])
def test_what_was_refused_is_kept_aside_with_its_reason(name, suffered):
    folder = suffered[1] / name / "refuse"
    assert b"Service momentan" in (folder / f"{name}.csv").read_bytes()
    assert "is a web page" in json.loads((folder / "refus.json").read_text())["motif"]


def test_a_second_run_downloads_only_what_was_not_good(outils, tmp_path):
    source = write_all(tmp_path / "source", "bonne.csv", "mauvaise.csv")
    livraisons = livraisons_of(["bonne", "mauvaise"])
    with serve(outils, source, {"mauvaise.csv": ["html"]}) as (url, journal):
        fetch_deliveries(livraisons, url, tmp_path / "f", EDITION, door=quick())
        again = fetch_deliveries(livraisons, url, tmp_path / "f", EDITION, door=quick())
        seen = [(line["path"], line["status"]) for line in journal()[2:]]
    assert sorted(seen) == [("/bonne.csv", 304), ("/mauvaise.csv", 200)]
    assert [one.reused for one in again] == [True, False]
    assert not (tmp_path / "f/mauvaise/refuse").exists()


def test_a_second_run_on_a_server_that_moved_downloads_nothing_good_again(outils, tmp_path):
    source = write_all(tmp_path / "source", "a.csv")
    for expected in (200, 304):
        with serve(outils, source) as (url, journal):
            [outcome] = fetch_deliveries(livraisons_of(["a"]), url, tmp_path / "f", EDITION, door=quick())
            assert journal()[-1]["status"] == expected
    assert outcome.manifest.fichiers[0].url == f"{url}/a.csv"


def test_a_damaged_stored_file_is_downloaded_again(outils, tmp_path):
    source = write_all(tmp_path / "source", "a.csv")
    with serve(outils, source) as (url, journal):
        fetch_deliveries(livraisons_of(["a"]), url, tmp_path / "f", EDITION, door=quick())
        (tmp_path / "f/a/a.csv").write_bytes(b"damaged")
        [outcome] = fetch_deliveries(livraisons_of(["a"]), url, tmp_path / "f", EDITION, door=quick())
        assert [line["status"] for line in journal()] == [200, 200]
    assert (tmp_path / "f/a/a.csv").read_bytes() == CSV
    assert not outcome.reused


def test_a_file_that_did_not_change_since_the_last_edition_is_not_downloaded_again(outils, tmp_path):
    source = write_all(tmp_path / "source", "a.csv")
    with serve(outils, source) as (url, journal):
        fetch_deliveries(livraisons_of(["a"]), url, tmp_path / "2021-T4", EDITION.previous, door=quick())
        earlier = [(EDITION.previous, tmp_path / "2021-T4")]
        [now] = fetch_deliveries(livraisons_of(["a"]), url, tmp_path / "2022-T1", EDITION, earlier, door=quick())
        assert [line["status"] for line in journal()] == [200, 304]
    assert (now.manifest.edition, (tmp_path / "2022-T1/a/a.csv").read_bytes()) == ("2022-T1", CSV)


def test_two_deliveries_of_the_same_file_download_it_once(outils, tmp_path):
    source = write_all(tmp_path / "source", "a.csv")
    livraisons = [delivery("valeurs", "a.csv"), delivery("autres", "a.csv", indicateur="j")]
    with serve(outils, source) as (url, journal):
        outcomes = fetch_deliveries(livraisons, url, tmp_path / "f", EDITION, door=quick())
        assert len(journal()) == 1
    assert [one.livraison for one in outcomes] == ["valeurs", "autres"]
    assert (tmp_path / "f/autres/a.csv").read_bytes() == CSV


def test_servers_that_all_hang_do_not_add_up(outils, tmp_path):
    names = [f"d{i:02}" for i in range(40)]
    source = write_all(tmp_path / "source", *[f"{name}.csv" for name in names])
    door = HttpDoor(Secrets(), Limits(connect=1, read=0.5, deadline=1, longest=2))
    with serve(outils, source, {f"{name}.csv": ["attente:30", "toujours"] for name in names}) as (url, _):
        began = time.monotonic()
        outcomes = fetch_deliveries(livraisons_of(names), url, tmp_path / "f", EDITION, door=door)
    assert sum(one.blocking for one in outcomes) == 40
    assert time.monotonic() - began < 6


def test_fourteen_deliveries_take_less_than_a_second(outils, tmp_path):
    names = [f"d{i:02}" for i in range(14)]
    source = write_all(tmp_path / "source", *[f"{name}.csv" for name in names])
    with serve(outils, source) as (url, _):
        began = time.monotonic()
        fetch_deliveries(livraisons_of(names), url, tmp_path / "f", EDITION)
        assert time.monotonic() - began < 1
