"""A lasting installation, by its own units: three programs of Dagster, a run killed, and all started again."""

import json
import os
import shlex
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.ports import free_port
from tests.small_project import write_catalogue, write_deliveries

pytestmark = [pytest.mark.long, pytest.mark.servers]

UNITS = Path(__file__).parents[1] / "deploy" / "systemd"
PARTS = ("code", "webserver", "daemon")
LAUNCH = """mutation($run: ExecutionParams!) { launchRun(executionParams: $run) { __typename
  ... on LaunchRunSuccess { run { runId } } ... on PythonError { message } } }"""
STATUS = "query($id: ID!) { runOrError(runId: $id) { ... on Run { status tags { key value } } } }"


class Installation:
    """The home of an installation, and the processes that its units start."""

    def __init__(self, folder: Path):
        self.folder, self.ui, self.code = folder, free_port(), free_port()
        self.processes: list[subprocess.Popen] = []
        kept = {n: v for n, v in os.environ.items() if not n.startswith(("BAROMETRE_", "DATAGOUV_", "DAGSTER_"))}
        self.environment = kept | {
            "BAROMETRE_HOME": str(folder / "home"),
            "BAROMETRE_CATALOGUE": str(write_catalogue(folder / "catalogue")),
            "BAROMETRE_SOURCES": str(write_deliveries(folder / "livraisons")),
        }

    def start(self) -> None:
        for part in PARTS:
            lines = (UNITS / f"barometre-{part}.service").read_text("utf-8").splitlines()
            (command,) = (line.removeprefix("ExecStart=") for line in lines if line.startswith("ExecStart="))
            program, *arguments = shlex.split(command)
            here = str(Path(sys.executable).with_name(Path(program).name))
            log = (self.folder / f"{part}.log").open("ab")
            places = ["--code", f"127.0.0.1:{self.code}", "--port", str(self.ui)]
            self.processes.append(
                subprocess.Popen(
                    [here, *arguments, *places], env=self.environment, stdout=log, stderr=log, start_new_session=True
                )
            )
        wait_until(self.is_loaded, 120)

    def is_loaded(self) -> bool:
        """Tell whether the UI answers, and has the code's jobs."""
        answer = self.answers(
            "{ repositoriesOrError { ... on RepositoryConnection { nodes { pipelines { name } } } } }"
        )
        return bool(answer) and "edition" in json.dumps(answer)

    def kill(self) -> None:
        """End everything at once, as a power cut does."""
        for process in self.processes:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        self.processes.clear()

    def answers(self, query: str, **variables) -> dict | None:
        body = json.dumps({"query": query, "variables": variables}).encode()
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.ui}/graphql", body, {"Content-Type": "application/json"}
        )
        try:
            with urllib.request.urlopen(request, timeout=20) as answer:
                return json.load(answer)["data"]
        except OSError:
            return None

    def launch(self, edition: str, key: str) -> str:
        """Launch an edition as the UI does."""
        selector = {
            "repositoryName": "__repository__",
            "repositoryLocationName": "barometre",
            "jobName": "edition",
        }
        tags = [{"key": "dagster/partition", "value": key}]
        run = {"selector": selector, "runConfigData": {}, "mode": "default", "executionMetadata": {"tags": tags}}
        launched = self.answers(LAUNCH, run=run)["launchRun"]
        assert "run" in launched, launched
        return launched["run"]["runId"]

    def status(self, run: str) -> str:
        answer = self.answers(STATUS, id=run)
        return answer["runOrError"]["status"] if answer else "?"


def wait_until(true, seconds: float) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it took too long"
        time.sleep(0.5)


@contextmanager
def installed(folder: Path) -> Iterator[Installation]:
    installation = Installation(folder)
    try:
        installation.start()
        yield installation
    finally:
        installation.kill()


def test_after_a_cut_no_run_seems_to_go_on_and_the_edition_is_made_again(tmp_path):
    with installed(tmp_path) as installation:
        refused = installation.launch("2127-T1", "2127-01-01")
        wait_until(lambda: installation.status(refused) == "FAILURE", 120)
        assert not (tmp_path / "home" / "editions").exists()

        cut = installation.launch("2022-T1", "2022-01-01")
        wait_until(lambda: installation.status(cut) == "STARTED", 120)
        wait_until(lambda: any((tmp_path / "home" / "editions").glob(".*")), 60)
        installation.kill()

        installation.start()
        wait_until(lambda: installation.status(cut) == "FAILURE", 180)
        again = installation.launch("2022-T1", "2022-01-01")
        wait_until(lambda: installation.status(again) in ("SUCCESS", "FAILURE"), 180)
        assert installation.status(again) == "SUCCESS"
