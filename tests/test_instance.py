"""The Dagster instance is the operator's: where it is, what its file says, for how long runs are kept."""

from datetime import UTC, datetime, timedelta

import pytest
import yaml
from dagster import AssetKey, DagsterInstance, DagsterRun, DagsterRunStatus, asset, job, materialize
from dagster._core.remote_origin import RegisteredCodeLocationOrigin, RemoteJobOrigin, RemoteRepositoryOrigin

from barometre_pipeline.errors import UsageError
from barometre_pipeline.runs import dead_runs
from barometre_pipeline.runs.dead_runs import PROCESS, end_dead_runs, this_process
from barometre_pipeline.runs.instance import opened_instance, prepare_instance
from barometre_pipeline.runs.old_runs import forget_old_runs
from tests.projects import project, published, published_once  # noqa: F401 - fixtures

SQLITE_LOG = "KeptOpenEventLog"


# -- where it is


def test_an_instance_of_the_operators_own_is_the_one_that_runs_are_recorded_in(project, monkeypatch, tmp_path):
    own = tmp_path / "instance"
    own.mkdir()
    theirs = "# Ours.\nrun_queue: {max_concurrent_runs: 2}\n"
    (own / "dagster.yaml").write_text(theirs, "utf-8")
    monkeypatch.setenv("DAGSTER_HOME", str(own))
    assert project.run("--no-publish")[0] == 0
    assert not (project.home / "dagster").exists()
    assert (own / "dagster.yaml").read_text("utf-8").startswith(theirs)
    assert SQLITE_LOG not in (own / "dagster.yaml").read_text("utf-8")  # other programs of theirs do not have it
    with opened_instance(own) as instance:
        assert [run.status for run in instance.get_runs()] == [DagsterRunStatus.SUCCESS]
    assert project.barometre("settings")[1].count(str(own)) == 1


def test_two_homes_in_one_process_each_have_their_instance(project):
    homes = [project.home, project.home.with_name("autre")]
    for project.home in homes:
        assert project.run("--no-publish")[0] == 0
    for home in homes:
        with opened_instance(home / "dagster") as instance:
            assert len(instance.get_runs()) == 1


# -- its file


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


# -- a run that died before it said where it lived


def started_in(instance: DagsterInstance, location: str) -> str:
    """Record a run of this code location that has begun, and said nothing of its process."""
    origin = RemoteJobOrigin(
        RemoteRepositoryOrigin(RegisteredCodeLocationOrigin(location), "__repository__"), "edition"
    )
    run = DagsterRun("edition", status=DagsterRunStatus.STARTED, remote_job_origin=origin)
    return instance.add_run(run).run_id


def test_a_run_that_never_said_which_process_it_is_in_ends_after_two_minutes(tmp_path, monkeypatch):
    with DagsterInstance.ephemeral() as instance:
        ours, _ = started_in(instance, "barometre"), started_in(instance, "autre")
        assert end_dead_runs(instance, tmp_path) == []
        monkeypatch.setattr(dead_runs, "_SAID_WITHIN", -1)
        assert end_dead_runs(instance, tmp_path) == [ours]


# -- for how long runs are kept


def made(instance: DagsterInstance, name: str) -> str:
    """Make one asset of 2022-T1 in a run of ours; return its id."""

    @asset(name=name)
    def one():
        """Nothing."""

    tags = {PROCESS: this_process(), "dagster/partition": "2022-01-01"}
    return materialize([one], instance=instance, tags=tags).run_id


def test_old_runs_are_forgotten_with_their_files_but_what_made_the_edition(tmp_path):
    prepare_instance(tmp_path)
    tomorrow = datetime.now(UTC) + timedelta(days=1)
    with opened_instance(tmp_path) as instance:
        remade, alone, last = made(instance, "a"), made(instance, "b"), made(instance, "a")
        assert forget_old_runs(instance, tmp_path, datetime.now(UTC) - timedelta(days=1)) == []
        assert forget_old_runs(instance, tmp_path, tomorrow) == [remade]
        assert {run.run_id for run in instance.get_runs()} == {alone, last}
        files = {path.stem for path in (tmp_path / "history" / "runs").glob("*.db")}
        assert {alone, last} <= files and remade not in files
        assert instance.get_latest_materialization_event(AssetKey("b")).run_id == alone
        assert forget_old_runs(instance, tmp_path, tomorrow) == []


@job
def edition():
    """A job of no step: only its runs are looked at."""


def test_runs_of_others_in_the_same_instance_are_never_forgotten(tmp_path):
    with DagsterInstance.ephemeral() as instance:
        for _ in range(2):
            instance.create_run_for_job(
                edition, tags={"dagster/partition": "2022-01-01"}, status=DagsterRunStatus.SUCCESS
            )
        assert forget_old_runs(instance, tmp_path, datetime.now(UTC) + timedelta(days=1)) == []
