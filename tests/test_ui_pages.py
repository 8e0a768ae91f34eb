"""The pages of Dagster's UI as a browser shows them: the graph, a table, its checks, the launchpad, a failed run."""

import html
import json
import os
import re
import shutil
import signal
import subprocess
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.installation import wait_until
from tests.once import made_once
from tests.ports import free_port
from tests.projects import BAROMETRE, EDITION, published_once  # noqa: F401 - a fixture

pytestmark = [pytest.mark.long, pytest.mark.servers]

CHROMIUM = shutil.which("chromium")
RUNS = "{ runsOrError { ... on Runs { results { runId status } } } repositoriesOrError { __typename } }"
PLACES = {"catalogue": "catalogue", "sources": "livraisons", "depot": "depot.git", "home": "home"}
_NOT_SHOWN = re.compile(r"<(script|style)\b.*?</\1>|<[^>]+>", re.DOTALL)


def commanded(folder: Path, *command: str) -> list[str]:
    """Return a command line of the program on the barometer of this folder."""
    return [str(BAROMETRE), *command, *(part for o, name in PLACES.items() for part in (f"--{o}", str(folder / name)))]


@pytest.fixture(scope="session")
def then_failed(tmp_path_factory, published_once) -> Path:
    """A folder where an edition was published, and then lacked a delivery."""

    def make(folder: Path) -> None:
        shutil.copytree(published_once, folder, dirs_exist_ok=True)
        (folder / "livraisons" / "air.csv").unlink()
        assert subprocess.run(commanded(folder, "run", EDITION), capture_output=True).returncode == 1

    return made_once(tmp_path_factory, "publie-puis-manque", make)


@pytest.fixture
def shown(then_failed, tmp_path) -> Iterator[Callable[[str], str]]:
    """Give what a browser shows of a page of the UI: shown("/runs/{failed}"), its text."""
    if CHROMIUM is None:
        pytest.skip("chromium is not installed")
    port = free_port()
    with (tmp_path / "ui.log").open("wb") as log:
        command = commanded(then_failed, "ui", "--port", str(port))
        clean = {n: v for n, v in os.environ.items() if not n.startswith(("BAROMETRE_", "DATAGOUV_", "DAGSTER_"))}
        ui = subprocess.Popen(command, env=clean, stdout=log, stderr=log, start_new_session=True)
    runs: dict[str, str] = {}

    def is_ready() -> bool:
        body = json.dumps({"query": RUNS}).encode()
        headers = {"Content-Type": "application/json"}
        try:
            request = urllib.request.Request(f"http://127.0.0.1:{port}/graphql", body, headers)
            with urllib.request.urlopen(request, timeout=20) as answer:
                found = json.load(answer)["data"]
        except OSError:
            return False
        runs.update({run["status"].lower(): run["runId"] for run in found["runsOrError"]["results"]})
        return found["repositoriesOrError"]["__typename"] == "RepositoryConnection"

    def page(path: str) -> str:
        address = f"http://127.0.0.1:{port}{path.format(failed=runs['failure'])}"
        options = [
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--window-size=1280,1000",
            "--virtual-time-budget=30000",
        ]
        browser = [CHROMIUM, *options, f"--user-data-dir={tmp_path / 'browser'}", "--dump-dom", address]
        document = subprocess.run(browser, capture_output=True, text=True, timeout=180, check=True).stdout
        return " ".join(html.unescape(_NOT_SHOWN.sub(" ", document)).split())

    try:
        wait_until(is_ready, 120)
        yield page
    finally:
        os.killpg(ui.pid, signal.SIGTERM)
        ui.wait(120)  # it waits for each of its programs, which a busy machine makes slow


def filled(shown: Callable[[str], str], path: str, words: list[str]) -> str:
    """Return a page once it has these words, else as it was last: on a busy machine its parts come after it."""
    page = shown(path)
    for _ in range(2):
        if all(word in page for word in words):
            break
        page = shown(path)
    return page


def test_the_pages_show_what_a_data_engineer_looks_for(shown):
    looked_for = {
        "/asset-groups": ["Global asset lineage", "ministere_de_l_eau", "precedente", "publication", "Materialize all"],
        "/assets/synthese": ["Row count", "Where each indicator stands", "Valeur", "[source: catalogue]"],
        "/assets/synthese?view=checks": ["Checks (4)", "taux_hors_bornes", "Passed", "blocking asset check"],
        "/locations/barometre/jobs/edition/playground": [
            "allow_late : false",
            "from_snapshot : false",
            "publish : true",
        ],
        "/runs/{failed}": ["Failure", "partition: 2022-01-01", "Errored (1)", "there is no file air.csv"],
    }
    seen = {path: filled(shown, path, words) for path, words in looked_for.items()}
    missing = {path: [w for w in words if w not in seen[path]] for path, words in looked_for.items()}
    assert not any(missing.values()), (missing, seen)
    assert "Traceback" not in seen["/runs/{failed}"]
