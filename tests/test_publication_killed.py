"""A publication killed at any moment: the old state or the new one is visible, and the next run finishes the work."""

import filecmp
import os
import random
import signal
import subprocess
import time
from datetime import date
from pathlib import Path

import pytest

from barometre_pipeline.depot.options import GitOptions
from barometre_pipeline.editions import Edition
from barometre_pipeline.publish.journal import Journal
from barometre_pipeline.publish.portal import sync as portal_module
from barometre_pipeline.publish.portal.plan import KEY
from barometre_pipeline.publish.portal.resources import wanted_resources
from barometre_pipeline.publish.portal.sync import sync_dataset
from barometre_pipeline.publish.publication import publish_tree
from barometre_pipeline.runs.lock import run_lock
from tests.published_trees import CATALOGUE, SCHEMA, write_tree
from tests.udata import a_portal

pytestmark = pytest.mark.long

LOTS, KILLS = int(os.environ.get("KILL_LOTS", "2")), 6  # in lots, which the test processes share
EDITION = Edition(2022, 1)
SENT = {"csv/detail-national": "barometre-resultats-detail-national.csv", "documentation/licence": "LICENCE.md"}


def git(folder: Path, *arguments: str) -> str:
    return subprocess.run(["git", "-C", folder, *arguments], check=True, capture_output=True, text=True).stdout.strip()


class World:
    """A depot, a dataset and a home, all empty at first; `publish` does all that a run does to publish."""

    def __init__(self, folder: Path, udata):
        self.home, self.depot, self.udata = folder / "home", folder / "depot.git", udata
        self.clone, self.built = self.home / "publication", self.home / "built"
        self.dataset = udata.new_dataset()
        self.portal = a_portal(udata.base_url, self.dataset, udata.editor_api_key)
        self.corrections = 0

    def build(self, content: str) -> None:
        self.corrections += 1
        write_tree(self.built, content)

    def publish(self) -> tuple[bool, bool]:
        """Publish what is built; say whether git and the portal had nothing to do."""
        journal = Journal(self.home / "publication.json")
        with run_lock(self.home, "publish 2022-T1", wait_seconds=5):
            done = publish_tree(self.built, self.clone, str(self.depot), EDITION, GitOptions(), journal=journal)
            first = date(2010, 1, 31)
            report = sync_dataset(
                self.built, CATALOGUE, SCHEMA, EDITION, self.portal, first, self.home / "portail", journal=journal
            )
        return done.unchanged, report.unchanged

    def state(self) -> dict:
        """Return all that anybody can see of the publication."""
        resources = self.udata.dataset(self.dataset)["resources"]
        return {
            "commits": int(git(self.depot, "rev-list", "--count", "HEAD")),
            "tags": len(git(self.depot, "tag", "--list").split()),
            "tagged": git(self.depot, "rev-parse", "HEAD") in git(self.depot, "show-ref", "--tags", "-d"),
            "clone": git(self.clone, "rev-parse", "HEAD") == git(self.depot, "rev-parse", "HEAD"),
            "dirt": git(self.clone, "status", "--porcelain", "--ignored"),
            "differences": differences(filecmp.dircmp(self.built, self.clone, ignore=[".git"])),
            "resources": sorted((r["extras"].get(KEY), r["checksum"]["value"]) for r in resources),
            "leftovers": [p.name for p in self.home.iterdir() if p.name.startswith(".")],
        }

    def undisturbed_state(self) -> dict:
        """Return what `state` must be after so many corrections, had nothing been killed."""
        digests = {key: subprocess.check_output(["sha1sum", self.built / name]) for key, name in SENT.items()}
        return {
            "commits": self.corrections,
            "tags": self.corrections,
            "tagged": True,
            "clone": True,
            "dirt": "",
            "differences": [],
            "resources": sorted((key, line.split()[0].decode()) for key, line in digests.items()),
            "leftovers": [],
        }


def differences(compared: filecmp.dircmp) -> list[str]:
    below = [name for sub in compared.subdirs.values() for name in differences(sub)]
    return [*compared.left_only, *compared.right_only, *compared.diff_files, *below]


def publish_and_be_killed(world: World, after: float) -> bool:
    """Publish in a process of its own, kill it after so many seconds; say whether it was still working."""
    pid = os.fork()
    if pid == 0:
        try:
            os.setsid()
            world.publish()
        finally:
            os._exit(0)
    time.sleep(after)
    os.kill(pid, signal.SIGKILL)
    return os.WIFSIGNALED(os.waitpid(pid, 0)[1])


@pytest.fixture
def two_resources(monkeypatch):
    """Send two resources only: udata takes 40 ms a request."""

    def some(*arguments):
        wanted, refused = wanted_resources(*arguments)
        return [one for one in wanted if one.cle in SENT], refused

    monkeypatch.setattr(portal_module, "wanted_resources", some)


@pytest.mark.parametrize("lot", range(LOTS))
def test_a_run_killed_at_any_moment_is_finished_by_the_next_one(tmp_path, udata, two_resources, lot):
    moments = random.Random(20220331 + lot)
    world = World(tmp_path / "0", udata)
    duration = undisturbed_seconds(world)
    kills = 0
    for number in range(1, 5 * KILLS):
        if number % 4 == 0:  # a first publication is not like the ones that follow it
            world = World(tmp_path / str(number), udata)
        world.build(f"contenu {number}")
        if publish_and_be_killed(world, moments.uniform(0.0, duration)):
            kills += 1
        else:
            duration *= 0.8  # it was measured at a slow moment of the machine
        if world.clone.exists():
            assert git(world.clone, "status", "--porcelain") == "", "half a publication is visible"
        world.publish()
        assert world.state() == world.undisturbed_state(), f"after kill {kills}"
        if kills == KILLS:
            break
    assert kills == KILLS, "the runs ended before they were killed"
    assert world.publish() == (True, True)


def undisturbed_seconds(world: World) -> float:
    """Publish twice, and return how long the second time took."""
    for content in ("première", "deuxième"):
        world.build(content)
        began = time.perf_counter()
        world.publish()
    assert world.state() == world.undisturbed_state()
    return time.perf_counter() - began
