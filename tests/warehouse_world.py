"""The small barometer after three publications: 2022-T1, 2022-T2, then a correction of the first; made once."""

import os
import shutil
from pathlib import Path

import duckdb
import pytest

from tests.once import made_once
from tests.projects import Project, as_left, project, publish_once  # noqa: F401 - one is a fixture
from tests.small_project import PUITS


class _Unheard:
    """Stands for capsys where a fixture lives longer than a test."""

    def readouterr(self) -> tuple[str, str]:
        return "", ""


@pytest.fixture(scope="session")
def published_thrice(tmp_path_factory) -> Path:
    """A folder with the three publications: to be read or copied, and left alone."""

    def make(folder: Path) -> None:
        shutil.copytree(publish_once(tmp_path_factory), folder, dirs_exist_ok=True)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("os.environ", os.environ.copy())
            one = Project(folder, patch, _Unheard())
            one.write("eau/puits.csv", PUITS + "L\u2019ile haute;31/03/2022;31\n")
            assert one.run(edition="2022-T2")[0] == 0
            one.write("eau/puits.csv", PUITS.replace("1\u00a0100", "1\u00a0200"))
            assert one.run(edition="2022-T1")[0] == 0

    return made_once(tmp_path_factory, "publie-trois-fois", make)


@pytest.fixture
def history(project, published_thrice) -> Project:
    """The project after the three publications, for tests that read only: a copy takes longer than most of them."""
    return project.at(published_thrice)


@pytest.fixture
def copied(project, published_thrice) -> Project:
    """The same, in a copy of the test's own."""
    return as_left(project, published_thrice)


def warehouse(project: Project) -> Path:
    return project.home / "entrepot" / "barometre.duckdb"


def asked(project: Project, query: str) -> list[tuple]:
    with duckdb.connect(str(warehouse(project)), read_only=True) as connection:
        return connection.execute(query).fetchall()


def options(project: Project) -> tuple:
    return ("--catalogue", project.catalogue, "--depot", project.depot, "--home", project.home)
