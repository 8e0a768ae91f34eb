"""How long git may take: as long as it says or takes something, however slow the line, and no longer."""

import os
import time

import pytest

from barometre_pipeline.depot.command import GitError, run_git
from barometre_pipeline.depot.objects import NewCommit, entry
from barometre_pipeline.depot.options import Depot
from barometre_pipeline.depot.process import run_program
from barometre_pipeline.depot.remote import remote_refs
from barometre_pipeline.depot.repository import GitRepository
from tests.git_servers import bare, git_daemon, hook, processes_with
from tests.proxy import proxy

BIG = 6_000_000  # bytes that cannot be compressed: four times what the system takes at once, to send it by itself


@pytest.fixture
def way(tmp_path):
    """A depot that git's daemon serves, and the way to it."""
    bare(tmp_path / "depot.git")
    with git_daemon(tmp_path) as port, proxy(port) as one:
        yield one


def a_clone(folder, way, silence=2.0) -> GitRepository:
    return GitRepository(folder, Depot.parse(f"git://127.0.0.1:{way.port}/depot.git", silence=silence))


def big_commit(repository, folder) -> str:
    file = folder / "gros"
    file.write_bytes(os.urandom(BIG))
    repository.write_blobs([file])
    new = NewCommit(None, [], {"gros": entry(file.read_bytes())}, "Moi <moi@localhost>", "message")
    return repository.write_commit(new)


@pytest.mark.long
def test_a_large_depot_on_a_slow_line_is_pushed_and_cloned(way, tmp_path):
    one, other = a_clone(tmp_path / "un", way, silence=6), a_clone(tmp_path / "deux", way, silence=6)
    one.clone()
    commit = big_commit(one, tmp_path)
    way.always = f"slow-up:{BIG // 8}"  # eight seconds
    one.push(commit, "main", ())
    way.always = f"slow:{BIG // 7}"
    other.clone()
    assert other.refs().branches == {"main": commit}


@pytest.mark.parametrize("heard", [0, 100])
def test_a_depot_that_falls_silent_is_left(way, tmp_path, heard):
    way.always = f"silent:{heard}"
    with pytest.raises(GitError, match=r"ls-remote was stopped: the depot git://\S+ said nothing for 2 s\. Run again"):
        remote_refs(a_clone(tmp_path / "un", way).depot)


def test_a_push_to_a_depot_that_falls_silent_is_left(way, tmp_path):
    repository = a_clone(tmp_path / "un", way)
    repository.clone()
    commit = big_commit(repository, tmp_path)
    hook(tmp_path / "depot.git", "pre-receive", f"while [ ! -e {tmp_path}/fin ]; do sleep 0.1; done")
    with pytest.raises(GitError, match="git push was stopped"):
        repository.push(commit, "main", ())
    (tmp_path / "fin").touch()


def test_a_depot_that_takes_its_time_and_says_so_is_awaited(way, tmp_path):
    repository = a_clone(tmp_path / "un", way, silence=6)
    repository.clone()
    commit = big_commit(repository, tmp_path)
    hook(tmp_path / "depot.git", "pre-receive", "for n in 1 2 3 4 5 6 7; do sleep 1; echo contrôle $n >&2; done")
    repository.push(commit, "main", ())


def test_what_is_fed_slowly_is_awaited(tmp_path):
    def slowly():
        for piece in (b"blob\n", b"data 2\n", b"un", b"\n", b"done\n"):
            time.sleep(0.6)
            yield piece

    run_git("init", "--quiet", str(tmp_path))
    run_git("fast-import", "--quiet", "--done", folder=tmp_path, stdin=slowly(), silence=2)


def test_a_program_that_does_nothing_is_ended_with_all_that_it_started(tmp_path):
    (tmp_path / "dort").touch()
    with pytest.raises(TimeoutError):
        run_program(["sh", "-c", f"tail -f {tmp_path}/dort & wait"], dict(os.environ), silence=1)
    assert processes_with(f"{tmp_path}/dort") == []


def test_local_git_that_does_nothing_is_a_sentence(tmp_path):
    os.mkfifo(tmp_path / "tube")
    with pytest.raises(GitError, match="git hash-object was stopped: it said and did nothing for 1 s"):
        run_git("hash-object", str(tmp_path / "tube"), silence=1)
