"""A barometer in miniature with its command line: a home, a catalogue, deliveries and a depot in a folder."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from barometre_pipeline.cli.app import main
from barometre_pipeline.quality.gx_import import import_gx
from tests.once import made_once
from tests.small_project import write_catalogue, write_deliveries

import_gx()  # once here: the gate judges in this process and starts no other
EDITION, NEXT = "2022-T1", "2022-T2"
BAROMETRE = Path(sys.executable).with_name("barometre")


class Project:
    """A home, a catalogue, deliveries and a depot in a folder, and the command line on them."""

    def __init__(self, folder: Path, monkeypatch, capsys):
        self.monkeypatch, self.capsys = monkeypatch, capsys
        self.home, self.depot = folder / "home", folder / "depot.git"
        self.catalogue = write_catalogue(folder / "catalogue")
        self.deliveries = write_deliveries(folder / "livraisons")

    def barometre(self, *arguments) -> tuple[int, str, str]:
        """Run the command line in this process; return its exit status, output and errors."""
        self.monkeypatch.setattr("sys.argv", ["barometre", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            main()
        return (ended.value.code or 0, *self.capsys.readouterr())

    def run(self, *more, edition=EDITION) -> tuple[int, str, str]:
        options = ["--catalogue", self.catalogue, "--depot", self.depot, "--home", self.home]
        return self.barometre("run", *edition.split(), "--sources", self.deliveries, *options, *more)

    def at(self, folder: Path) -> "Project":
        """Look at the home, depot and deliveries of another folder, which tests leave as they are."""
        self.home, self.depot, self.deliveries = folder / "home", folder / "depot.git", folder / "livraisons"
        return self

    def published(self, name: str) -> list[str]:
        return (self.home / "publication" / name).read_text(encoding="utf-8").splitlines()

    def git(self, *arguments) -> str:
        done = subprocess.run(["git", "-C", self.depot, *arguments], capture_output=True, text=True, check=True)
        return done.stdout

    def write(self, name: str, content: str | bytes) -> None:
        content = content.encode("cp1252") if isinstance(content, str) else content
        (self.deliveries / name).write_bytes(content)


@pytest.fixture
def project(tmp_path, monkeypatch, capsys):
    for name in [n for n in os.environ if n.startswith(("BAROMETRE_", "DATAGOUV_", "DAGSTER_"))]:
        monkeypatch.delenv(name)
    # The command line puts its options into the environment: each test gives the old one back.
    monkeypatch.setattr("os.environ", os.environ.copy())
    return Project(tmp_path, monkeypatch, capsys)


@pytest.fixture(scope="session")
def published_once(tmp_path_factory) -> Path:
    """A folder where the edition was published once, by the true program: to be read or copied, and left alone."""
    return publish_once(tmp_path_factory)


def publish_once(temporary: pytest.TempPathFactory) -> Path:
    def make(folder: Path) -> None:
        write_catalogue(folder / "catalogue")
        write_deliveries(folder / "livraisons")
        _publish(folder, EDITION)

    return made_once(temporary, "publie-une-fois", make)


@pytest.fixture(scope="session")
def published_twice(tmp_path_factory, published_once) -> Path:
    """The same, with the next edition published after it."""

    def make(folder: Path) -> None:
        shutil.copytree(published_once, folder, dirs_exist_ok=True)
        _publish(folder, NEXT)

    return made_once(tmp_path_factory, "publie-deux-fois", make)


def _publish(folder: Path, edition: str) -> None:
    places = {"catalogue": "catalogue", "sources": "livraisons", "depot": "depot.git", "home": "home"}
    options = [part for option, name in places.items() for part in (f"--{option}", folder / name)]
    clean = {n: v for n, v in os.environ.items() if not n.startswith(("BAROMETRE_", "DATAGOUV_", "DAGSTER_"))}
    done = subprocess.run([BAROMETRE, "run", edition, *options], capture_output=True, text=True, env=clean)
    assert done.returncode == 0, done.stderr


@pytest.fixture
def published(project, published_once) -> Project:
    """The project after a first publication."""
    return as_left(project, published_once)


@pytest.fixture
def both_published(project, published_twice) -> Project:
    """The project after the publication of two editions, in order."""
    return as_left(project, published_twice)


def as_left(project: Project, folder: Path) -> Project:
    """Give the project what was left in this folder, in a copy of its own."""
    for name in ("home", "depot.git", "livraisons"):
        shutil.copytree(folder / name, project.home.with_name(name), dirs_exist_ok=True)
    return project


def failed(outcome: tuple[int, str, str], *told: str, status: int = 1) -> None:
    """Hold that a run failed with this status, a sentence that says all this, and no traceback."""
    code, output, errors = outcome
    assert code == status
    for words in told:
        assert words in errors
    assert "Traceback" not in output + errors
