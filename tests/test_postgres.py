"""Dagster's history in a real PostgreSQL: runs of the terminal, the daemon's queue, and what is said where it fails."""

import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from itertools import pairwise

import pytest
from dagster import DagsterEventType, DagsterInstance, DagsterRun, DagsterRunStatus

from barometre_pipeline.errors import BarometreError
from barometre_pipeline.home import Home
from barometre_pipeline.runs.dead_runs import end_dead_runs
from barometre_pipeline.runs.holder import holder_of
from barometre_pipeline.runs.instance import opened_instance
from barometre_pipeline.runs.lock import locked
from barometre_pipeline.runs.names import PROCESS
from barometre_pipeline.runs.shared_lock import IDENTITY, connected, shared_lock
from barometre_pipeline.settings import Settings
from tests.installation import installed, wait_until
from tests.postgres_server import postgres  # noqa: F401 - a fixture
from tests.projects import Project, failed, project  # noqa: F401 - a fixture


@pytest.fixture
def on_postgres(project, postgres, monkeypatch) -> Project:
    monkeypatch.setenv("BAROMETRE_POSTGRES", postgres)
    return project


def test_a_run_of_the_terminal_is_recorded_there_and_no_file_of_sqlite_is(on_postgres):
    assert on_postgres.run()[0] == 0
    folder = on_postgres.home / "dagster"
    with opened_instance(folder) as instance:
        assert "Postgres" in type(instance.run_storage).__name__
        (run,) = instance.get_runs(limit=1)
        assert run.status == DagsterRunStatus.SUCCESS and instance.all_logs(run.run_id)
    assert not (folder / "history").exists()
    assert "mot-de-passe" not in (folder / "dagster.yaml").read_text("utf-8")


def test_a_failure_is_told_once_there_too(on_postgres):
    (on_postgres.deliveries / "air.csv").unlink()
    failed(on_postgres.run(), "air.csv")
    with opened_instance(on_postgres.home / "dagster") as instance:
        (run,) = instance.get_runs(limit=1)
        (ended,) = instance.all_logs(run.run_id, of_type=DagsterEventType.RUN_FAILURE)
    facts = ended.dagster_event.job_failure_data
    assert facts.error is None and facts.first_step_failure_event is None and "air.csv" not in str(ended)


@pytest.mark.long
def test_the_queue_launches_from_there(postgres, tmp_path):
    with installed(tmp_path, BAROMETRE_POSTGRES=postgres) as installation:
        run = installation.launch("2022-01-01")
        wait_until(lambda: installation.status(run) in ("SUCCESS", "FAILURE"), 300)
        assert installation.status(run) == "SUCCESS"
    assert not (tmp_path / "home" / "dagster" / "history").exists()


def test_a_database_that_does_not_answer_is_told_without_its_password(on_postgres, postgres, monkeypatch):
    monkeypatch.setenv("BAROMETRE_POSTGRES", postgres.rpartition(":")[0].rpartition("@")[0] + "@127.0.0.1:9/postgres")
    outcome = on_postgres.run()
    failed(outcome, "The database of BAROMETRE_POSTGRES cannot be used", "refused")
    assert "mot-de-passe" not in outcome[2]


def test_the_status_is_told_all_the_same(on_postgres, monkeypatch):
    on_postgres.home.joinpath("dagster").mkdir(parents=True)
    on_postgres.home.joinpath("dagster", "dagster.yaml").touch()
    monkeypatch.setenv("BAROMETRE_POSTGRES", "postgresql://u:p@127.0.0.1:9/b")
    code, output, _ = on_postgres.barometre("status", "--home", on_postgres.home)
    assert code == 1 and "The database of BAROMETRE_POSTGRES cannot be used" in output


def test_a_wrong_password_is_told_without_it(on_postgres, postgres, monkeypatch):
    monkeypatch.setenv("BAROMETRE_POSTGRES", postgres.replace("mot-de-passe-du-test", "autre-secret"))
    outcome = on_postgres.run()
    failed(outcome, "password authentication failed")
    assert "autre-secret" not in outcome[2]


# -- one run in a home that machines share


HOLD = """
import sys, time
from barometre_pipeline.runs.lock import locked
from barometre_pipeline.settings import Settings
with locked(Settings(home=sys.argv[1]), "run 2022-T1"):
    print("held", flush=True)
    time.sleep(60)
"""


@pytest.fixture
def elsewhere(postgres, tmp_path, monkeypatch) -> Iterator[tuple[subprocess.Popen, Settings]]:
    """A run of another machine, and the settings of this one: the same volume, mounted at another place."""
    monkeypatch.setenv("BAROMETRE_POSTGRES", postgres)
    there, here = tmp_path / "there", tmp_path / "here"
    with subprocess.Popen([sys.executable, "-c", HOLD, there], stdout=subprocess.PIPE) as process:
        assert process.stdout.readline() == b"held\n"
        here.mkdir()
        shutil.copy(there / IDENTITY, here / IDENTITY)
        yield process, Settings(home=here)
        process.kill()


def test_a_run_of_another_machine_in_the_same_home_is_told(elsewhere):
    _, settings = elsewhere
    said = r"« run 2022-T1 » \(another machine's, connected since 20.* is running in"
    with pytest.raises(BarometreError, match=said), locked(settings, "run 2022-T2"):
        pass


def test_the_home_is_free_once_the_other_machine_is_dead(elsewhere):
    process, settings = elsewhere
    process.kill()
    with locked(settings.model_copy(update={"wait": 20.0}), "run 2022-T2"):
        assert process.wait(5) == -signal.SIGKILL


def test_another_home_in_the_same_database_is_held_by_itself(elsewhere, tmp_path):
    _, settings = elsewhere
    with locked(settings.model_copy(update={"home": Home(tmp_path / "other")}), "run 2022-T2"):
        assert (tmp_path / "other" / IDENTITY).read_text() != (tmp_path / "here" / IDENTITY).read_text()
        with pytest.raises(BarometreError):
            shared_lock(settings.postgres_address, tmp_path / "other", "x").__enter__()


TURN = """
import sys, time
from pathlib import Path
from barometre_pipeline.runs.lock import locked
from barometre_pipeline.settings import Settings
with locked(Settings(home=sys.argv[1], wait=60), f"run {sys.argv[2]}"):
    began = time.monotonic()
    print("in", flush=True)
    time.sleep(60 if sys.argv[2] == "killed" else 0.3)
    Path(sys.argv[1], "turn").write_text(f"{began} {time.monotonic()}")
"""


def test_of_several_machines_one_works_at_a_time_and_one_that_is_killed_holds_nobody(postgres, tmp_path, monkeypatch):
    monkeypatch.setenv("BAROMETRE_POSTGRES", postgres)
    # The same volume as each mounts it: no lock of a file is seen by another.
    homes = [tmp_path / name for name in ("killed", "a", "b", "c")]
    for home in homes:
        home.mkdir()
        (home / IDENTITY).write_text("le même volume\n")
    commands = [[sys.executable, "-c", TURN, home, home.name] for home in homes]
    with subprocess.Popen(commands[0], stdout=subprocess.PIPE) as killed:
        assert killed.stdout.readline() == b"in\n"
        others = [subprocess.Popen(command, stdout=subprocess.DEVNULL) for command in commands[1:]]
        ended = time.monotonic() + 5
        while time.monotonic() < ended:  # while it lives, none of them has its turn
            assert all(one.poll() is None for one in others)
            time.sleep(0.2)
        died = time.monotonic()
        killed.kill()
    assert [one.wait(60) for one in others] == [0, 0, 0]
    turns = sorted(tuple(map(float, (home / "turn").read_text().split())) for home in homes[1:])
    assert turns[0][0] > died and not (homes[0] / "turn").exists()
    assert all(earlier[1] <= later[0] for earlier, later in pairwise(turns))


def test_a_run_of_another_machine_is_alive_while_the_database_holds_its_home(elsewhere, monkeypatch):
    process, settings = elsewhere
    assert "« run 2022-T1 »" in holder_of(settings)
    with DagsterInstance.ephemeral() as instance:
        run = DagsterRun("edition", status=DagsterRunStatus.STARTED, tags={PROCESS: "1:1:elsewhere"})
        there = instance.add_run(run).run_id
        assert end_dead_runs(instance, settings) == []
        process.kill()
        process.wait()
        wait_until(lambda: holder_of(settings) is None, 20)
        assert end_dead_runs(instance, settings) == [there]


def test_the_status_tells_the_run_of_another_machine(elsewhere, on_postgres):
    _, settings = elsewhere
    _, output, _ = on_postgres.barometre("status", "--home", settings.home.root)
    assert "running   « run 2022-T1 » (another machine's" in output


_KEPT_ALIVE = ("idle", "interval", "count")


def test_the_server_misses_a_machine_that_says_nothing_in_two_minutes(postgres):
    with connected(Settings(BAROMETRE_POSTGRES=postgres).postgres_address, "x") as connection:
        asked = [int(connection.exec_driver_sql(f"show tcp_keepalives_{name}").scalar()) for name in _KEPT_ALIVE]
    assert asked[0] + asked[1] * asked[2] <= 120
