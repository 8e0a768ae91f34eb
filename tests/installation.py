"""A lasting installation as its own units start it: the processes of Dagster's programs, and what the UI asks them."""

import json
import os
import shlex
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from tests.ports import free_port
from tests.small_project import write_catalogue, write_deliveries

UNITS = Path(__file__).parents[1] / "deploy" / "systemd"
PARTS = ("code", "webserver", "daemon")
LAUNCH = """mutation($run: ExecutionParams!) { launchRun(executionParams: $run) { __typename
  ... on LaunchRunSuccess { run { runId } } ... on PythonError { message } } }"""
STATUS = "query($id: ID!) { runOrError(runId: $id) { ... on Run { status startTime endTime } } }"


class Installation:
    """The home of an installation, and the processes that its units start."""

    def __init__(self, folder: Path, **variables: str):
        self.folder, self.ui, self.code = folder, free_port(), free_port()
        self.processes: list[subprocess.Popen] = []
        self.others: dict[str, dict[str, str]] = {}  # the environment of each barometer beside, by its name
        kept = {n: v for n, v in os.environ.items() if not n.startswith(("BAROMETRE_", "DATAGOUV_", "DAGSTER_"))}
        self.environment = kept | {
            "BAROMETRE_HOME": str(folder / "home"),
            "BAROMETRE_CATALOGUE": str(write_catalogue(folder / "catalogue")),
            "BAROMETRE_SOURCES": str(write_deliveries(folder / "livraisons")),
            **variables,
        }

    def start(self, refused: str = "") -> None:
        """Start every program, and wait until the UI has the code's jobs, or says in these words why it does not."""
        places = ["--port", str(self.ui)]
        if not self.others:
            places += ["--code", f"127.0.0.1:{self.code}"]
        for part in PARTS:
            self._start_unit(f"barometre-{part}", self.environment, *places)
        for environment in self.others.values():
            self._start_unit("barometre-code@", environment)
        wait_until((lambda: refused in self.refusal()) if refused else self.is_loaded, 120)

    def _start_unit(self, unit: str, environment: dict[str, str], *places: str) -> None:
        lines = (UNITS / f"{unit}.service").read_text("utf-8").splitlines()
        (command,) = (line.removeprefix("ExecStart=") for line in lines if line.startswith("ExecStart="))
        program, *arguments = shlex.split(command)
        here = str(Path(sys.executable).with_name(Path(program).name))
        log = (self.folder / f"{unit.removeprefix('barometre-')}.log").open("ab")
        self.processes.append(
            subprocess.Popen(
                [here, *arguments, *places], env=environment, stdout=log, stderr=log, start_new_session=True
            )
        )

    def is_loaded(self) -> bool:
        """Tell whether the UI answers, and has the jobs of each code."""
        answer = self.answers(
            "{ repositoriesOrError { ... on RepositoryConnection { nodes { pipelines { name } } } } }"
        )
        return json.dumps(answer).count('"edition"') == 1 + len(self.others)

    def refusal(self) -> str:
        """Return all that the UI says of why it could not load the code; nothing while it has, or may still."""
        answer = self.answers(
            "{ workspaceOrError { ... on Workspace { locationEntries { locationOrLoadError { ... on PythonError"
            " { message causes { message } } } } } } }"
        )
        return json.dumps(answer)

    def processes_of(self, program: str) -> int:
        """Count the processes, below those of the installation, whose command names this."""
        found = 0
        for process in Path("/proc").glob("[0-9]*"):
            try:
                command = (process / "cmdline").read_bytes().decode(errors="replace")
                session = int((process / "stat").read_text().rpartition(")")[2].split()[3])
            except OSError:
                continue  # it has just ended
            found += program in command and session in {one.pid for one in self.processes}
        return found

    def kill(self) -> None:
        """End everything at once, as a power cut does."""
        for process in self.processes:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        self.processes.clear()

    def answers(self, query: str, variables: dict | None = None, **more) -> dict | None:
        body = json.dumps({"query": query, "variables": {**(variables or {}), **more}}).encode()
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.ui}/graphql", body, {"Content-Type": "application/json"}
        )
        try:
            with urllib.request.urlopen(request, timeout=20) as answer:
                return json.load(answer)["data"]
        except OSError:
            return None

    def launch(self, key: str, location: str = "barometre", assets: Sequence[Sequence[str]] = ()) -> str:
        """Launch the edition of this partition as the UI does, or some of its assets; return the run's id."""
        selector = {
            "repositoryName": "__repository__",
            "repositoryLocationName": location,
            "jobName": "__ASSET_JOB" if assets else "edition",
        }
        if assets:
            selector |= {"assetSelection": [{"path": path} for path in assets], "assetCheckSelection": []}
        tags = [{"key": "dagster/partition", "value": key}]
        run = {"selector": selector, "runConfigData": {}, "mode": "default", "executionMetadata": {"tags": tags}}
        launched = self.answers(LAUNCH, run=run)["launchRun"]
        assert "run" in launched, launched
        return launched["run"]["runId"]

    def status(self, run: str) -> str:
        answer = self.answers(STATUS, id=run)
        return answer["runOrError"]["status"] if answer else "?"

    def times(self, run: str) -> tuple[float, float]:
        """Return when a run began and ended."""
        found = self.answers(STATUS, id=run)["runOrError"]
        return found["startTime"], found["endTime"]


def wait_until(true, seconds: float) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it took too long"
        time.sleep(0.5)


@contextmanager
def installed(folder: Path, **variables: str) -> Iterator[Installation]:
    """Start an installation with these settings beside its own, and end it whatever happens."""
    installation = Installation(folder, **variables)
    try:
        installation.start()
        yield installation
    finally:
        installation.kill()
