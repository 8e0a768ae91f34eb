"""The locks of other people's git: the one in the way of a push is removed where nobody holds it, and no other."""

import os
import subprocess
import time
from contextlib import contextmanager

import pytest

from barometre_pipeline.depot import locks
from barometre_pipeline.depot.locks import lock_is_gone
from barometre_pipeline.depot.options import Depot, GitOptions
from barometre_pipeline.editions import Edition
from barometre_pipeline.errors import PublicationError
from barometre_pipeline.publish.publication import publish_tree
from tests.git_servers import bare, git, git_daemon, hook, processes_with, source  # noqa: F401 - a fixture

T1 = Edition(2022, 1)
LONG_AGO = time.time() - 3600


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    monkeypatch.setattr(locks, "_SECONDS", 0.3)


@pytest.fixture
def depot(tmp_path, source):
    """A depot to which an edition was published, and another is to be."""
    path = bare(tmp_path / "depot.git")
    publish_tree(source, tmp_path / "publication", str(path), T1, GitOptions())
    (source / "a.csv").write_text("2\n")
    return path


def publish(source, depot):
    return publish_tree(source, source.with_name("publication"), str(depot), T1, GitOptions()).tag


def old_lock(path):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch()
    os.utime(path, (LONG_AGO, LONG_AGO))
    return path


@pytest.mark.parametrize("name", ["refs/heads/main.lock", "refs/tags/2022-T1.1.lock", "HEAD.lock"])
def test_a_lock_in_the_way_that_nobody_holds_is_removed(source, depot, name):
    lock = old_lock(depot / name)
    assert publish(source, depot) == "2022-T1.1"
    assert not lock.exists()


def test_locks_that_are_not_in_the_way_stay(source, depot):
    others = ["index.lock", "config.lock", "refs/heads/autre.lock", "packed-refs.lock", "objects/maintenance.lock"]
    kept = [old_lock(depot / name) for name in others]
    old_lock(depot / "refs/heads/main.lock")
    assert publish(source, depot) == "2022-T1.1"
    assert [lock for lock in kept if not lock.exists()] == []


def test_a_colleague_who_writes_a_commit_in_the_depot_loses_nothing(source, tmp_path):
    depot = tmp_path / "de-travail"
    git(tmp_path, "init", "--quiet", "-b", "travail", str(depot))
    (depot / "notes.txt").write_text("brouillon\n")
    git(depot, "add", "-A")
    editor = f"sh -c 'touch {tmp_path}/ouvert; while [ ! -e {tmp_path}/fini ]; do sleep 0.1; done; echo Notes > $1' --"
    command = ["git", "-c", "user.name=Collègue", "-c", "user.email=c@example.org", "commit", "--quiet", "-a"]
    commit = subprocess.Popen(command, cwd=depot, env={**os.environ, "GIT_EDITOR": editor})
    try:
        while not (tmp_path / "ouvert").exists():
            time.sleep(0.02)
        old_lock(depot / ".git/refs/heads/publie.lock")
        publish_tree(source, tmp_path / "publication", str(depot), T1, GitOptions(branche="publie"))
        assert (depot / ".git" / "index.lock").exists()
    finally:
        (tmp_path / "fini").touch()
        commit.wait()
    assert commit.returncode == 0
    assert git(depot, "log", "--format=%s", "travail") == "Notes"
    assert git(depot, "show", "publie:a.csv") == "un\ndeux"


@contextmanager
def a_git_that_holds(depot, name):
    """Another git, which works from another folder, and has closed the file of the lock."""
    command = ["git", f"--git-dir={depot}", "update-ref", "--stdin"]
    with subprocess.Popen(command, cwd="/", stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
        try:
            other.stdin.write(f"start\nupdate {name} {git(depot, 'rev-parse', 'main')}\nprepare\n")
            other.stdin.flush()
            assert [other.stdout.readline() for _ in range(2)] == ["start: ok\n", "prepare: ok\n"]
            yield
        finally:
            other.stdin.close()


def test_a_lock_that_a_living_git_holds_is_told_and_left(source, depot):
    with a_git_that_holds(depot, "refs/heads/main"):
        with pytest.raises(PublicationError, match=r"main\.lock, which another git may hold: it was left alone"):
            publish(source, depot)
        assert (depot / "refs/heads/main.lock").exists()
    assert publish(source, depot) == "2022-T1.1"


def test_a_lock_that_a_program_has_open_is_left(source, depot):
    lock = old_lock(depot / "refs/heads/main.lock")
    with subprocess.Popen(["tail", "-f", lock]) as program:
        try:
            with pytest.raises(PublicationError, match="left alone"):
                publish(source, depot)
        finally:
            program.kill()
    assert lock.exists()


def test_the_daemon_that_serves_a_depot_holds_no_lock(depot):
    with git_daemon(depot.parent) as port:
        daemons = processes_with(f"--port={port}")
        lock = depot / "refs/heads/main.lock"
        lock.touch()
        assert daemons and not any(locks._may_hold(one, lock.stat(), depot) for one in daemons)


def test_a_lock_that_goes_away_by_itself_is_only_awaited(source, depot, monkeypatch):
    monkeypatch.setattr(locks, "_SECONDS", 30)
    hook(depot, "reference-transaction", 'test "$1" != prepared || sleep 1')
    old = git(depot, "rev-parse", "main")
    with subprocess.Popen(["git", "update-ref", "refs/heads/main", old], cwd=depot):
        time.sleep(0.3)
        assert publish(source, depot) == "2022-T1.1"


@pytest.mark.parametrize("name", ["index.lock", "config.lock", "refs/lien.lock", "../autre/refs/x.lock"])
def test_a_lock_that_is_not_one_of_the_depots_references_is_never_removed(depot, name):
    old_lock(depot / "../autre/refs/x.lock")
    (depot / "refs/lien.lock").symlink_to("../../autre/refs/x.lock")
    lock = depot / name
    lock.touch()
    with pytest.raises(PublicationError, match=r"is locked by the file \S+, .* remove the file; then run again"):
        lock_is_gone(Depot.parse(str(depot)), f"remote: error: Unable to create '{lock}': File exists.")
    assert lock.exists()


def test_the_lock_of_a_server_is_not_looked_for(tmp_path):
    lock = old_lock(tmp_path / "refs" / "x.lock")
    said = f"remote: error: cannot lock ref 'refs/x': Unable to create '{lock}': File exists."
    assert lock_is_gone(Depot.parse("https://forge.exemple.fr/d.git"), said)
    assert lock.exists()
    assert not lock_is_gone(Depot.parse("https://forge.exemple.fr/d.git"), "remote: error: non")


def test_a_lock_of_another_account_is_left(depot, monkeypatch):
    lock = old_lock(depot / "refs/heads/main.lock")
    monkeypatch.setattr(os, "geteuid", lambda: lock.stat().st_uid + 1)
    with pytest.raises(PublicationError, match="left alone"):
        lock_is_gone(Depot.parse(str(depot)), f"error: Unable to create '{lock}': File exists.")
    assert lock.exists()
