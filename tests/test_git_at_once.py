"""Several homes that publish to one depot at the same moment: each one ends, and the depot has what all wrote."""

import multiprocessing
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest

from barometre_pipeline.depot import attempts
from barometre_pipeline.depot.options import Depot, GitOptions
from barometre_pipeline.depot.remote import create_depot
from barometre_pipeline.editions import Edition
from barometre_pipeline.publish.publication import publish_tree
from tests.git_servers import git

pytestmark = pytest.mark.long

HOMES = 5


def at_once(one: Callable, *arguments: tuple) -> list:
    """Return what each home's process gives, all begun at the same moment."""
    context = multiprocessing.get_context("forkserver")  # a fork of a process that has threads may wait for ever
    with context.Manager() as manager, ProcessPoolExecutor(HOMES, context) as homes:
        barrier = manager.Barrier(HOMES)
        begun = [homes.submit(one, barrier, *each) for each in arguments]
        return [done.result() for done in begun]


def publish(barrier: Barrier, folder: Path, home: int, edition: Edition, content: str) -> str | None:
    source = folder / str(home) / "built"
    source.mkdir(parents=True)
    (source / "a.csv").write_text(content)
    barrier.wait()
    clone = folder / str(home) / "publication"
    done = publish_tree(source, clone, str(folder / "depot.git"), edition, GitOptions())
    assert git(clone, "rev-parse", "HEAD") == done.head
    return done.tag


def published_at_once(folder: Path, *what: tuple[Edition, str]) -> list[str | None]:
    return at_once(publish, *((folder, n, *one) for n, one in enumerate(what)))


def written_on_the_branch(folder: Path) -> list[str]:
    """The edition of each commit, and that its tag is on it."""
    named = "--format=%(trailers:key=Publication,valueonly,separator=)"
    commits = git(folder / "depot.git", "log", named, "HEAD").splitlines()
    assert [git(folder / "depot.git", "log", "-1", named, tag) for tag in commits] == commits
    return sorted(commits)


def test_five_editions_published_at_once_all_end(tmp_path):
    editions = [Edition(2021, 1), Edition(2021, 2), Edition(2021, 3), Edition(2021, 4), Edition(2022, 1)]
    tags = published_at_once(tmp_path, *((edition, str(edition)) for edition in editions))
    depot = tmp_path / "depot.git"
    assert tags == [str(edition) for edition in editions] == git(depot, "tag", "--list").split()
    assert [git(depot, "show", f"{tag}:a.csv") for tag in tags] == tags
    assert git(depot, "show", "HEAD:a.csv") == "2022-T1"


def test_five_corrections_of_one_edition_published_at_once_all_end(tmp_path):
    tags = published_at_once(tmp_path, *((Edition(2022, 1), f"contenu {n}") for n in range(HOMES)))
    assert sorted(tags) == ["2022-T1", *(f"2022-T1.{n}" for n in range(1, HOMES))] == written_on_the_branch(tmp_path)


def test_one_edition_published_at_once_by_five_homes_is_published_once(tmp_path):
    tags = published_at_once(tmp_path, *[(Edition(2022, 1), "contenu")] * HOMES)
    assert {"2022-T1"} <= set(tags) <= {"2022-T1", None}  # the same commit, of the same second, is everybody's
    assert written_on_the_branch(tmp_path) == ["2022-T1"]


def make(barrier: Barrier, folder: Path) -> None:
    barrier.wait()
    create_depot(Depot.parse(str(folder / "depot.git")), "main")


def test_a_depot_that_several_homes_make_at_once_is_made_once(tmp_path):
    at_once(make, *[(tmp_path,)] * HOMES)
    assert git(tmp_path / "depot.git", "rev-parse", "--is-bare-repository") == "true"
    assert [p.name for p in tmp_path.iterdir()] == ["depot.git"]


def test_pauses_grow_but_not_without_end(monkeypatch):
    pauses = []
    monkeypatch.setattr(attempts.time, "sleep", pauses.append)
    monkeypatch.setattr(attempts.random, "uniform", lambda _, longest: longest)
    assert list(attempts.spaced_attempts()) == list(range(attempts.ATTEMPTS))
    assert pauses == sorted(pauses) == pytest.approx([0.2, 0.4, 0.8, 1.6, 3.2, 6.4, 10, 10, 10])
