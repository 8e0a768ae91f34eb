"""Serves the real udata on loopback, in an environment of its own: its pins are not ours.

The environment is built once, in `.venv-udata/` at the project's root, from `requirements.lock` beside this file.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import subprocess
import sys
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import requests

_ROOT = Path(__file__).parents[2]
_LOCK_FILE = Path(__file__).with_name("requirements.lock")
_ENVIRONMENT = _ROOT / ".venv-udata"


@dataclass(frozen=True)
class Udata:
    """A running udata: a member's key, a stranger's, the organization; `new_dataset` gives each test its own."""

    base_url: str
    editor_api_key: str
    outsider_api_key: str
    organization_id: str
    access_log: Path

    def call(self, method: str, path: str, **options: Any) -> requests.Response:
        """Call the API as the member does."""
        headers = {"X-API-KEY": self.editor_api_key}
        return requests.request(method, self.base_url + path, headers=headers, timeout=30, **options)

    def new_dataset(self) -> str:
        """Make a dataset and return its id."""
        fields = {"title": f"Essai {uuid.uuid4()}", "description": "Essai.", "organization": self.organization_id}
        return self.call("POST", "/api/1/datasets/", json={**fields, "frequency": "unknown"}).json()["id"]

    def dataset(self, id_: str) -> dict[str, Any]:
        """Return a dataset as anybody sees it."""
        return self.call("GET", f"/api/1/datasets/{id_}/").json()

    def requests_on(self, dataset: str) -> list[str]:
        """Return the method of each request made so far about a dataset."""
        lines = [json.loads(line) for line in self.access_log.read_text().splitlines()]
        return [line["method"] for line in lines if dataset in line["path"]]


@pytest.fixture(scope="session")
def udata(outils: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Udata]:
    """The real udata, running (about 8 s to start, once for each test process that needs it)."""
    folder = tmp_path_factory.mktemp("udata")
    log = folder / "access.jsonl"
    command = [_python(), outils / "serve_udata.py", "--port", "0", "--storage", folder / "files", "--access-log", log]
    with (folder / "stderr").open("wb") as errors:
        server = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=errors)
    try:
        line = server.stdout.readline()
        if not line:
            pytest.fail(f"udata did not start: {(folder / 'stderr').read_text()[-2000:]}")
        facts = json.loads(line)
        wanted = ("base_url", "editor_api_key", "outsider_api_key", "organization_id")
        yield Udata(**{name: facts[name] for name in wanted}, access_log=log)
    finally:
        server.terminate()
        server.wait(timeout=10)


def _python() -> Path:
    """Return the Python of udata's environment, built first where it is missing or its lock file has changed."""
    ready = _ENVIRONMENT / ".ready"
    python = _ENVIRONMENT / "bin" / "python"
    digest = hashlib.sha256(_LOCK_FILE.read_bytes()).hexdigest()
    _ENVIRONMENT.mkdir(exist_ok=True)
    with (_ENVIRONMENT / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # the test processes wait for the one that builds
        if not (ready.is_file() and ready.read_text() == digest):
            (_ENVIRONMENT / ".gitignore").write_text("*\n")
            subprocess.run([sys.executable, "-m", "venv", _ENVIRONMENT], check=True)
            _install(python)
            ready.write_text(digest)
    return python


def _install(python: Path) -> None:
    """Install the lock file: by uv, ten times faster, else by pip, which knows the machine's own mirrors."""
    what = ("--quiet", "--no-deps", "--require-hashes", "--requirement", _LOCK_FILE)
    by_uv = (sys.executable, "-m", "uv", "pip", "install", "--python", python, *what)
    by_pip = (python, "-m", "pip", "install", "--disable-pip-version-check", *what)
    try:
        subprocess.run(by_uv, check=True, stderr=subprocess.DEVNULL, timeout=40)
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired):
        subprocess.run(by_pip, check=True, stderr=subprocess.DEVNULL)
