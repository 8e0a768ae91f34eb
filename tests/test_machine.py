"""A machine that fails is no defect of the program: one sentence, the path, what to do, and no traceback."""

import os
import shutil
import stat
import subprocess
from pathlib import Path

import pytest

from tests.projects import (  # noqa: F401 - some are fixtures
    BAROMETRE,
    EDITION,
    Project,
    failed,
    project,
    published,
    published_once,
)

pytestmark = pytest.mark.long

OWN_MOUNTS = ("unshare", "--mount", "--map-root-user", "sh", "-c")
CAN_MOUNT = not subprocess.run([*OWN_MOUNTS, "mount -t tmpfs tmpfs /mnt"], capture_output=True).returncode
needs_mounts = pytest.mark.skipif(not CAN_MOUNT, reason="this machine lets nobody mount a small or a read-only disk")


def run_in(project: Project, mounts: str) -> tuple[int, str, str]:
    """Run the true program where these commands, which only it sees, have mounted other disks."""
    options = f"--catalogue {project.catalogue} --sources {project.deliveries} --depot {project.depot}"
    command = f"{mounts} && exec {BAROMETRE} run {EDITION} {options} --home {project.home}"
    done = subprocess.run([*OWN_MOUNTS, command], capture_output=True, text=True, timeout=300)
    return done.returncode, done.stdout, done.stderr


@needs_mounts
@pytest.mark.parametrize("folder", ["dagster", "livraisons", "editions"])
def test_a_full_disk_is_told_with_its_path(project, folder):
    place = project.home / folder
    failed(run_in(project, f"mkdir -p {place} && mount -t tmpfs -o size=16k tmpfs {place}"), "full", folder)
    assert not project.depot.exists()


@needs_mounts
def test_a_home_that_can_only_be_read_is_told(project):
    place = project.home
    mounts = f"mkdir -p {place} && mount --bind {place} {place} && mount -o remount,bind,ro {place}"
    failed(run_in(project, mounts), str(place), "can only be read", "--home")


def test_a_file_bigger_than_what_is_allowed_is_told(project):
    options = f"--catalogue {project.catalogue} --sources {project.deliveries} --home {project.home}"
    command = f"ulimit -f 40 && exec {BAROMETRE} run {EDITION} {options}"
    done = subprocess.run(["sh", "-c", command], capture_output=True, text=True, timeout=300)
    failed((done.returncode, done.stdout, done.stderr), f"in {project.home / 'dagster'} (disk I/O error)")


def test_a_home_that_is_a_file_is_told(project):
    project.home.write_text("")
    failed(project.run(), f"{project.home} is a file", "--home", status=2)
    failed(project.barometre("status", "--home", project.home), f"{project.home} is a file", "--home", status=2)
    project.home = project.home / "maison"
    failed(project.run(), f"{project.home} is below {project.home.parent}, which is a file", "--home", status=2)


def test_a_home_that_is_empty_is_refused_before_anything_is_done(project, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    project.home = ""
    failed(project.run(), "--home is empty", status=2)
    assert not (tmp_path / "verrou.json").exists()


def test_a_home_that_cannot_be_made_is_told(project):
    project.home = Path("/proc/nulle-part")
    failed(project.run(), str(project.home), "cannot be made", "--home")


def test_a_file_where_a_folder_is_needed_is_told(project):
    project.home.mkdir()
    (project.home / "editions").write_text("")
    failed(project.run(), str(project.home / "editions"), "move it away")


def test_a_damaged_history_of_runs_is_put_aside_and_stops_nothing(published):
    history = published.home / "dagster" / "history"
    (history / "runs.db").write_bytes(b"pas une base de donnees" * 500)
    code, _, errors = published.run("--no-publish")
    assert code == 0 and "put aside as history.abime-" in errors and "Traceback" not in errors
    assert published.run("--no-publish")[2].count("put aside") == 0
    assert len(list(history.parent.glob("history.abime-*"))) == 1


@pytest.mark.parametrize("name", ["history", "schedules/schedules.db"])
def test_a_history_that_is_something_else_is_put_aside(published, name):
    place = published.home / "dagster" / name
    if place.is_dir():
        shutil.rmtree(place)
        place.write_text("")
    else:
        place.unlink()
        place.mkdir()
    code, _, errors = published.run("--no-publish")
    assert code == 0 and "put aside" in errors


def test_a_stray_folder_or_file_in_the_home_stops_nothing(published):
    for name in ("editions/foo", "editions/2021-T9", "livraisons/2021-T3/x", "livraisons/2022-T9", "rapports/x"):
        (published.home / name).mkdir(parents=True)
    for name in ("livraisons/2021-T2", "editions/2021-T1", "x"):
        (published.home / name).write_text("")
    assert published.run()[0] == 0


# -- who may read the home


def modes(folder: Path) -> dict[str, int]:
    return {
        path.relative_to(folder).as_posix(): stat.S_IMODE(path.stat().st_mode)
        for path in [folder, *folder.rglob("*")]
        if not path.is_symlink()
    }


def test_the_home_is_its_owners_alone_but_for_what_is_public(project):
    before = os.umask(0o022)
    try:
        assert project.run()[0] == 0
        assert os.umask(0o022) == 0o022, "a run leaves the umask as it was"
    finally:
        os.umask(before)
    found = modes(project.home)
    public = ("publication", "entrepot", "rapports")
    for name, mode in found.items():
        readable = 0o055 if (project.home / name).is_dir() else 0o044
        assert mode & 0o077 == (readable if name.startswith(public) else 0), f"{name}: {mode:o}"
    assert modes(project.depot)["HEAD"] == 0o644, "a depot that somebody gives is theirs"


def test_the_depot_of_the_home_is_as_private_as_the_home(project):
    arguments = ("run", EDITION, "--catalogue", project.catalogue, "--sources", project.deliveries)
    assert project.barometre(*arguments, "--home", project.home)[0] == 0
    assert {mode & 0o077 for mode in modes(project.home / "depot.git").values()} == {0}


def test_a_home_that_was_there_keeps_its_mode(project):
    project.home.mkdir()
    project.home.chmod(0o711)
    project.run("--no-publish")
    assert modes(project.home)["."] == 0o711
