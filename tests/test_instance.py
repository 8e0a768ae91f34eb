"""The Dagster instance is the operator's: where it is, what its file says, for how long runs are kept."""

import json
import os
import sqlite3
import sys
import threading
from datetime import UTC, datetime, timedelta

import pytest
import yaml
from dagster import (
    AssetKey,
    DagsterInstance,
    DagsterRun,
    DagsterRunStatus,
    RunsFilter,
    asset,
    job,
    materialize,
    op,
    reconstructable,
)
from dagster._core.remote_origin import RegisteredCodeLocationOrigin, RemoteJobOrigin, RemoteRepositoryOrigin
from dagster._core.workspace.context import WorkspaceProcessContext
from dagster._daemon.run_coordinator.queued_run_coordinator_daemon import QueuedRunCoordinatorDaemon

from barometre_pipeline.errors import MachineError, UsageError
from barometre_pipeline.runs import dead_runs
from barometre_pipeline.runs.compute_logs import PrintedInFiles
from barometre_pipeline.runs.dead_runs import end_dead_runs, this_process
from barometre_pipeline.runs.failures import TERMINAL
from barometre_pipeline.runs.instance import one_at_a_time, opened_instance, prepare_instance
from barometre_pipeline.runs.names import PROCESS
from barometre_pipeline.runs.old_runs import editions_to_clean, forget_old_runs
from barometre_pipeline.settings import Settings
from tests.projects import project  # noqa: F401 - a fixture

SQLITE_LOG = "KeptOpenEventLog"
PARTITION = "2022-01-01"


# -- where it is


@pytest.mark.long
def test_an_instance_of_the_operators_own_is_the_one_that_runs_are_recorded_in(project, monkeypatch, tmp_path):
    own = tmp_path / "instance"
    own.mkdir()
    theirs = "# Ours.\nrun_queue: {max_concurrent_runs: 2}\n"
    (own / "dagster.yaml").write_text(theirs, "utf-8")
    monkeypatch.setenv("DAGSTER_HOME", str(own))
    assert project.run("--no-publish")[0] == 0
    assert not (project.home / "dagster").exists()
    text = (own / "dagster.yaml").read_text("utf-8")
    assert text.startswith("# Ours.\n") and yaml.safe_load(text)["run_queue"]["max_concurrent_runs"] == 2
    assert SQLITE_LOG not in (own / "dagster.yaml").read_text("utf-8")  # other programs of theirs do not have it
    with opened_instance(own) as instance:
        assert [run.status for run in instance.get_runs()] == [DagsterRunStatus.SUCCESS]
    assert project.barometre("settings")[1].count(str(own)) == 1


@pytest.mark.long
def test_two_homes_in_one_process_each_have_their_instance(project):
    homes = [project.home, project.home.with_name("autre")]
    for project.home in homes:
        assert project.run("--no-publish")[0] == 0
    for home in homes:
        with opened_instance(home / "dagster") as instance:
            assert len(instance.get_runs()) == 1


# -- its file


def test_a_run_that_a_cut_left_starting_is_told_within_three_minutes(tmp_path):
    prepare_instance(tmp_path)
    with opened_instance(tmp_path) as instance:
        assert instance.run_monitoring_start_timeout_seconds + instance.run_monitoring_poll_interval_seconds <= 180


@pytest.mark.parametrize("several", [False, True])
def test_what_waits_while_the_code_comes_back_is_not_dropped(tmp_path, several):
    prepare_instance(tmp_path, several=several)
    with opened_instance(tmp_path) as instance:
        queue = instance.get_concurrency_config().run_queue_config
    assert queue.max_user_code_failure_retries * queue.user_code_failure_retry_delay == 600


def test_a_queue_that_the_operator_chose_is_left_as_it_is_where_there_are_several(tmp_path):
    theirs = "run_coordinator: {module: dagster.core.run_coordinator, class: DefaultRunCoordinator}\n"
    (tmp_path / "dagster.yaml").write_text(theirs, "utf-8")
    prepare_instance(tmp_path, several=True)
    with opened_instance(tmp_path) as instance:
        assert type(instance.run_coordinator).__name__ != "OneRunAHome"


def test_the_file_that_is_made_keeps_the_history_in_sqlite(tmp_path):
    prepare_instance(tmp_path)
    assert SQLITE_LOG in (tmp_path / "dagster.yaml").read_text("utf-8")
    assert yaml.safe_load((tmp_path / "dagster.yaml").read_text("utf-8"))["concurrency"] == {
        "runs": {"max_concurrent_runs": 1}
    }


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("storage: {postgres: {postgres_url: 'postgresql://u:p@h/b'}}", "needs the driver psycopg2"),
        ("storage: {postgres: {postgres_db: {username: u, hostname: h, db_name: b}}}", "needs the driver psycopg2"),
        ("storage: {postgres: {postgres_url: {env: BAROMETRE_POSTGRES}}}", "BAROMETRE_POSTGRES, which is not set"),
    ],
)
def test_a_history_that_cannot_be_kept_as_the_file_says_is_told(tmp_path, written, said):
    (tmp_path / "dagster.yaml").write_text(written, "utf-8")
    with pytest.raises(UsageError, match=said):
        prepare_instance(tmp_path)
    assert (tmp_path / "dagster.yaml").read_text("utf-8") == written


def test_a_history_in_sqlite_does_not_become_one_in_postgresql_by_itself(tmp_path):
    prepare_instance(tmp_path)
    with pytest.raises(UsageError, match=r"keeps the history elsewhere .* remove its part event_log_storage"):
        prepare_instance(tmp_path, "postgresql+psycopg2://u:p@127.0.0.1:9/b")


def test_the_file_is_completed_by_one_process_at_a_time(tmp_path):
    with one_at_a_time(tmp_path):
        preparing = threading.Thread(target=prepare_instance, args=(tmp_path,))
        preparing.start()
        preparing.join(0.3)
        assert preparing.is_alive() and not (tmp_path / "dagster.yaml").exists()
    preparing.join()
    assert (tmp_path / "dagster.yaml").exists()


# -- a run that died before it said where it lived


def of_location(name: str) -> RemoteJobOrigin:
    return RemoteJobOrigin(RemoteRepositoryOrigin(RegisteredCodeLocationOrigin(name), "__repository__"), "edition")


def started_in(instance: DagsterInstance, location: str) -> str:
    """Record a run of this code location that has begun, and said nothing of its process."""
    run = DagsterRun("edition", status=DagsterRunStatus.STARTED, remote_job_origin=of_location(location))
    return instance.add_run(run).run_id


def test_a_run_that_never_said_which_process_it_is_in_ends_after_two_minutes(tmp_path, monkeypatch):
    with DagsterInstance.ephemeral() as instance:
        ours, _ = started_in(instance, "barometre"), started_in(instance, "autre")
        assert end_dead_runs(instance, Settings(home=tmp_path)) == []
        monkeypatch.setattr(dead_runs, "_SAID_WITHIN", -1)
        assert end_dead_runs(instance, Settings(home=tmp_path)) == [ours]


# -- for how long runs are kept


def made(instance: DagsterInstance, name: str) -> str:
    """Make one asset of 2022-T1 in a run of ours; return its id."""

    @asset(name=name)
    def one():
        """Nothing."""

    tags = {PROCESS: this_process(), "dagster/partition": PARTITION}
    return materialize([one], instance=instance, tags=tags).run_id


def test_old_runs_are_forgotten_with_their_files_but_what_made_the_edition(tmp_path):
    prepare_instance(tmp_path)
    tomorrow, yesterday = (datetime.now(UTC) + timedelta(days=n) for n in (1, -1))
    with opened_instance(tmp_path) as instance:
        remade, alone, last = made(instance, "a"), made(instance, "b"), made(instance, "a")
        assert editions_to_clean(instance, yesterday) == [] and editions_to_clean(instance, tomorrow) == [PARTITION]
        assert forget_old_runs(instance, tmp_path, yesterday, PARTITION) == []
        assert (tmp_path / "storage" / remade).is_dir()
        assert forget_old_runs(instance, tmp_path, tomorrow, PARTITION) == [remade]
        assert not (tmp_path / "storage" / remade).exists()
        assert {run.run_id for run in instance.get_runs()} == {alone, last}
        files = {path.stem for path in (tmp_path / "history" / "runs").glob("*.db")}
        assert {alone, last} <= files and remade not in files
        assert instance.get_latest_materialization_event(AssetKey("b")).run_id == alone
        assert forget_old_runs(instance, tmp_path, tomorrow, PARTITION) == []


def test_what_an_old_run_printed_is_forgotten_where_the_instance_keeps_it(tmp_path):
    """As on Kubernetes, where each pod has its own folder of the instance."""
    told = {"module": PrintedInFiles.__module__, "class": "PrintedInFiles", "config": {"home": str(tmp_path / "kept")}}
    folder = tmp_path / "instance"
    folder.mkdir()
    (folder / "dagster.yaml").write_text(yaml.safe_dump({"compute_logs": told}), "utf-8")
    prepare_instance(folder)
    with opened_instance(folder) as instance:
        first, last = made(instance, "a"), made(instance, "a")
        assert (tmp_path / "kept" / "storage" / first).is_dir()
        assert forget_old_runs(instance, folder, datetime.now(UTC) + timedelta(days=1), PARTITION) == [first]
    assert [path.name for path in (tmp_path / "kept" / "storage").iterdir()] == [last]


@job
def edition():
    """A job of no step: only its runs are looked at."""


def test_runs_of_others_in_the_same_instance_are_never_forgotten(tmp_path):
    with DagsterInstance.ephemeral() as instance:
        for _ in range(2):
            instance.create_run_for_job(edition, tags={"dagster/partition": PARTITION}, status=DagsterRunStatus.SUCCESS)
        tomorrow = datetime.now(UTC) + timedelta(days=1)
        assert editions_to_clean(instance, tomorrow) == forget_old_runs(instance, tmp_path, tomorrow, PARTITION) == []


def test_runs_of_others_do_not_wait_in_our_status(project):
    prepare_instance(project.home / "dagster")
    with opened_instance(project.home / "dagster") as instance:
        for location, key in (("barometre", PARTITION), ("autre", "2022-04-01")):
            told = {"status": DagsterRunStatus.QUEUED, "remote_job_origin": of_location(location)}
            instance.create_run_for_job(edition, tags={"dagster/partition": key}, **told)
    _, told, _ = project.barometre("status", "--home", project.home, "--format", "json")
    assert json.loads(told)["en_attente"] == ["2022-T1"]


@pytest.mark.long
def test_twenty_launches_end_one_by_one_in_their_order(tmp_path):
    here = {"module": "dagster._core.launcher.sync_in_memory_run_launcher", "class": "SyncInMemoryRunLauncher"}
    (tmp_path / "dagster.yaml").write_text(yaml.safe_dump({"run_launcher": here}), "utf-8")
    prepare_instance(tmp_path)
    with opened_instance(tmp_path) as instance, WorkspaceProcessContext(instance, None) as workspace:
        code = reconstructable(edition).get_python_origin()
        told = {"status": DagsterRunStatus.QUEUED, "job_code_origin": code, "remote_job_origin": of_location("ici")}
        keys = [f"{2021 + n // 4}-{n % 4 * 3 + 1:02}-01" for n in range(20)]
        runs = [instance.create_run_for_job(edition, tags={"dagster/partition": key}, **told).run_id for key in keys]
        queue = QueuedRunCoordinatorDaemon(interval_seconds=1)
        for count in range(1, len(runs) + 1):
            list(queue.run_iteration(workspace))
            ended = instance.get_runs(RunsFilter(statuses=[DagsterRunStatus.SUCCESS]))
            assert [run.run_id for run in reversed(ended)] == runs[:count]


# -- what steps print


@op
def prints():
    """Print in both streams, as a library does."""
    print("sorti")
    os.write(sys.stderr.fileno(), b"dit\n")


@job
def printing():
    """A job that prints."""
    prints()


@pytest.mark.parametrize("tags", [{}, {TERMINAL: "oui"}])
def test_what_a_run_prints_is_kept_on_the_disk_but_for_one_of_a_terminal(tmp_path, tags, capfd):
    prepare_instance(tmp_path)
    with opened_instance(tmp_path) as instance:
        run = printing.execute_in_process(instance=instance, tags=tags).run_id
        kept = instance.compute_log_manager
        (mark,) = (tmp_path / "storage" / run / "compute_logs").glob("*.complete")
        data = kept.get_log_data([run, "compute_logs", mark.stem])
    shown = capfd.readouterr()
    assert ("sorti" in shown.out, "dit" in shown.err) == (bool(tags), bool(tags))
    assert data.stdout == (None if tags else b"sorti\n") and (b"dit" in (data.stderr or b"")) == (not tags)


def test_a_history_that_cannot_be_written_is_told_with_the_folder_that_it_is_in(tmp_path):
    folder = tmp_path / "elsewhere"
    prepare_instance(folder)
    with pytest.raises(MachineError, match=f"in {folder} .database or disk is full.") as told, opened_instance(folder):
        raise sqlite3.OperationalError("database or disk is full")
    assert isinstance(told.value.__cause__, sqlite3.OperationalError)
