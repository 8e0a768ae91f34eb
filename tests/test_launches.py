"""An edition is right whatever started it: the same checks and the same words, and tags by which a run is found."""

import os
import re
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
import yaml
from dagster import DagsterInstance, DagsterRun, DagsterRunStatus, build_schedule_context, job

from barometre_pipeline.catalogue.by_edition import catalogues_in
from barometre_pipeline.definitions import JOB, build_definitions
from barometre_pipeline.editions import Edition
from barometre_pipeline.errors import UsageError
from barometre_pipeline.launches import check_launch, launch_tags
from barometre_pipeline.runs import failures
from barometre_pipeline.runs.dead_runs import end_dead_runs, this_process
from barometre_pipeline.runs.instance import opened_instance, prepare_instance
from barometre_pipeline.runs.lock import run_lock
from barometre_pipeline.runs.names import PROCESS
from barometre_pipeline.runs.partitions import edition_of
from barometre_pipeline.runs.plain_failure import PlainFailureError
from barometre_pipeline.schedules import NAME
from barometre_pipeline.settings import Settings
from tests.projects import Project, failed, project, published, published_once  # noqa: F401 - fixtures

TAGS = {"edition": "2022-T1", "demonstration": "non", "engine": "duckdb"}


# The tags of a launch of several partitions in one run; they have no public name in Dagster.
RANGE = ("dagster/asset_partition_range_start", "dagster/asset_partition_range_end")


def launched(project: Project, key: str, ops: dict | None = None):
    """Run the job as a launch of GraphQL does: with any text for a key, and any value for an option."""
    return executed(project, {"dagster/partition": key}, ops)


def executed(project: Project, tags: dict[str, str], ops: dict | None = None):
    """Run the job as it is launched with these tags."""
    settings = Settings(
        home=project.home, catalogue=project.catalogue, sources=str(project.deliveries), depot=str(project.depot)
    )
    job = build_definitions(settings, catalogues_in(project.catalogue)).resolve_job_def(JOB)
    with DagsterInstance.ephemeral() as instance:
        return job.execute_in_process(instance=instance, tags=tags, run_config={"ops": ops or {}}, raise_on_error=False)


def told(result) -> str:
    failures = [e.step_failure_data.user_failure_data for e in result.all_events if e.is_step_failure]
    return " ".join(one.description for one in failures if one)


@pytest.mark.parametrize(
    ("key", "said"),
    [
        ("2127-01-01", "2127-T1 is not a closed quarter: the last one is "),
        ("2022-02-01", "2022-02-01 is not the key of an edition: that of 2022-T1 is 2022-01-01."),
        ("2019-01-01", "2019-T1 is before the first edition, 2021-T1: premiere_edition, in catalogue.yaml"),
    ],
)
def test_an_edition_that_may_not_be_made_is_refused_before_anything_is_written(project, key, said):
    result = launched(project, key)
    assert not result.success and said in told(result)
    assert not any(error.stack for error in failures.other_errors(result.all_events))
    assert not project.home.exists() and not project.depot.exists()


@pytest.mark.parametrize("key", ["abc", "2022-13-01", ""])
def test_a_key_that_is_no_day_is_told_in_the_same_words_by_the_launch_and_by_a_step(project, key):
    said = f"{key} is not the key of an edition: that of 2022-T1 is 2022-01-01."
    run = DagsterRun("edition", tags={"dagster/partition": key})
    with pytest.raises(UsageError, match=said):
        check_launch(run, catalogues_in(project.catalogue), Edition(2021, 1))
    with pytest.raises(PlainFailureError, match=said):
        edition_of(run)


@pytest.mark.parametrize("tags", [{}, dict.fromkeys(RANGE, "2022-01-01")])
def test_a_launch_of_no_edition_is_told_to_choose_one_and_nothing_is_written(project, tags):
    result = executed(project, tags)
    assert told(result) == "No edition was chosen: choose its partition, as in 2022-01-01 for 2022-T1."
    assert not any(error.stack for error in failures.other_errors(result.all_events))
    assert not project.home.exists() and not project.depot.exists()


@pytest.mark.parametrize(
    ("edition", "said"), [("2127-T1", "is not a closed quarter"), ("2019-T1", "is before the first edition, 2021-T1")]
)
def test_the_terminal_says_it_in_the_same_words(project, edition, said):
    failed(project.run(edition=edition), said, status=2)
    assert not project.home.exists()


def test_a_delivery_that_does_not_exist_is_refused_before_anything_is_written(project):
    result = launched(project, "2022-01-01", {"extract": {"config": {"livraison": "puit"}}})
    assert "livraison: 'puit' is not a delivery of the catalogue, whose deliveries are " in told(result)
    assert not project.home.exists()


def test_the_catalogue_says_where_the_barometer_begins(project):
    general = project.catalogue / "catalogue.yaml"
    general.write_text(f"{general.read_text('utf-8')}premiere_edition: 2022-T1\n", "utf-8")
    failed(project.run(edition="2021-T4"), "2021-T4 is before the first edition, 2022-T1", status=2)


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("spark://host:7077", "spark://host:7077"),
        ("k8s://https://ada:secret@host:6443", "k8s://https://host:6443"),
    ],
)
def test_the_engine_that_a_run_carries_tells_no_secret(address, shown):
    settings = Settings().model_copy(update={"engine": address})
    assert launch_tags(settings, Edition(2022, 1))["engine"] == shown


def test_a_run_carries_what_it_makes_and_from_what(published):
    published.monkeypatch.setenv("DAGSTER_HOME", str(published.home / "dagster"))
    with DagsterInstance.get() as instance:
        (run,) = instance.get_runs()
    assert {name: run.tags[name] for name in TAGS} == TAGS
    assert run.tags["sources"].endswith("livraisons") and run.tags["catalogue"].endswith("catalogue")
    assert len(run.tags["code"]) == 64


def test_a_run_carries_them_from_its_launch_on_whatever_launches_it(project):
    settings = Settings(home=project.home, catalogue=project.catalogue, sources=str(project.deliveries))
    definitions = build_definitions(settings, catalogues_in(project.catalogue))
    job, due = definitions.resolve_job_def(JOB), datetime(2022, 4, 15, 6, tzinfo=ZoneInfo("Europe/Paris"))
    with DagsterInstance.ephemeral() as instance:
        tick = definitions.resolve_schedule_def(NAME).evaluate_tick(
            build_schedule_context(
                instance, scheduled_execution_time=due, repository_def=definitions.get_repository_def()
            )
        )
    (request,) = tick.run_requests
    for tags in (job.get_tags_for_partition_key("2022-01-01", None), request.tags):
        assert {name: tags[name] for name in TAGS} == TAGS and tags["dagster/partition"] == "2022-01-01"
    assert request.run_config["ops"]["depot"] == {"config": {"publish": True, "replace_public": False}}


def test_a_run_that_is_refused_carries_them_too(project):
    settings = Settings(home=project.home, catalogue=project.catalogue, sources=str(project.deliveries))
    job = build_definitions(settings, catalogues_in(project.catalogue)).resolve_job_def(JOB)
    with DagsterInstance.ephemeral() as instance:
        tags = {"dagster/partition": "2022-02-01"}
        run = job.execute_in_process(instance=instance, tags=tags, raise_on_error=False).run_id
        kept = instance.get_run_by_id(run)
    assert not kept.is_success and {name: kept.tags[name] for name in TAGS} == TAGS


def test_the_operators_file_is_completed_and_never_changed(tmp_path):
    folder = tmp_path / "dagster"
    folder.mkdir()
    theirs = "# Ours, at the ministry.\ntelemetry:\n  enabled: false\nrun_queue:\n  max_concurrent_runs: 3\n"
    (folder / "dagster.yaml").write_text(theirs, "utf-8")
    for _ in range(2):
        prepare_instance(folder)
    written = (folder / "dagster.yaml").read_text("utf-8")
    assert written.startswith(theirs) and written.count("Added by the barometer") == 2  # in their part, and at the end
    said = yaml.safe_load(written)
    assert said["run_queue"]["max_concurrent_runs"] == 3 and "concurrency" not in said
    assert said["run_monitoring"]["enabled"] is True


PARTIAL = """\
# Ours.
concurrency:
  pools: {default_limit: 2}  # of the database
run_monitoring: {poll_interval_seconds: 30}
retention:
  sensor:
    purge_after_days:
      skipped: 1  # ours
  # Nothing of the schedules.

telemetry:
  enabled: true
"""


@pytest.mark.parametrize("written", [PARTIAL, PARTIAL.rstrip(), PARTIAL.replace("  pools: {default_limit: 2}", "  {}")])
def test_a_part_that_the_operator_began_is_completed_inside_and_says_what_it_said(tmp_path, written):
    (tmp_path / "dagster.yaml").write_text(written, "utf-8")
    for _ in range(2):
        prepare_instance(tmp_path)
    completed = (tmp_path / "dagster.yaml").read_text("utf-8")
    said, theirs = yaml.safe_load(completed), yaml.safe_load(written)
    assert said["concurrency"] == {**theirs["concurrency"], "runs": {"max_concurrent_runs": 1}}
    assert said["run_monitoring"]["poll_interval_seconds"] == 30 and said["run_monitoring"]["enabled"] is True
    assert said["retention"]["sensor"] == {"purge_after_days": {"skipped": 1, "failure": 90, "success": 90}}
    assert said["retention"]["schedule"] == {"purge_after_days": 400} and said["telemetry"] == {"enabled": True}
    assert [comment for comment in re.findall("#.*", written) if comment not in completed] == []
    with opened_instance(tmp_path) as instance:
        assert instance.get_concurrency_config().run_queue_config.max_concurrent_runs == 1


@pytest.mark.parametrize(
    "written",
    [
        "---\ntelemetry:\n  enabled: true\n...\n",
        '{"telemetry": {"enabled": true}}',
        "concurrency:  # one day\ntelemetry: {enabled: true}\r\n",
        "concurrency:\n  runs:\ntelemetry: {enabled: true}\n",
    ],
)
def test_a_file_is_completed_however_it_is_written_and_never_spoilt(tmp_path, written):
    (tmp_path / "dagster.yaml").write_bytes(written.encode())
    for _ in range(2):
        prepare_instance(tmp_path)
    completed = (tmp_path / "dagster.yaml").read_bytes().decode()
    assert yaml.safe_load(completed)["telemetry"] == {"enabled": True}
    rest = iter(completed)
    assert all(character in rest for character in written)  # not one of theirs is gone or moved
    with opened_instance(tmp_path) as instance:
        assert instance.get_concurrency_config().run_queue_config.max_concurrent_runs == 1


@pytest.mark.parametrize("written", [b"false\n", b"- telemetry\n", "# \u00e9t\u00e9\n".encode("latin-1")])
def test_a_file_that_is_no_settings_is_told_and_left_as_it_is(tmp_path, written):
    (tmp_path / "dagster.yaml").write_bytes(written)
    with pytest.raises(UsageError, match=r"dagster\.yaml: "):
        prepare_instance(tmp_path)
    assert (tmp_path / "dagster.yaml").read_bytes() == written


def test_a_key_that_dagster_does_not_know_is_told_as_the_operators(tmp_path):
    (tmp_path / "dagster.yaml").write_text("telemtry: {enabled: true}\n", "utf-8")
    prepare_instance(tmp_path)
    said = r'dagster\.yaml: Received unexpected config entry "telemtry" at the root\.$'
    with pytest.raises(UsageError, match=said), opened_instance(tmp_path):
        pass


def test_a_file_with_anchors_is_left_as_it_says(tmp_path):
    written = "retention:\n  schedule: &days {purge_after_days: {skipped: 5}}\n  sensor: *days\n"
    (tmp_path / "dagster.yaml").write_text(written, "utf-8")
    prepare_instance(tmp_path)
    assert (
        yaml.safe_load((tmp_path / "dagster.yaml").read_text("utf-8"))["retention"]
        == yaml.safe_load(written)["retention"]
    )


@job
def anything():
    """A job of no step: only how its runs end is looked at."""


@pytest.mark.parametrize("process", ["{pid}:0:{place}", "999999999:{start}:{place}"])
def test_a_run_whose_process_is_no_more_ends(tmp_path, process):
    pid, start, place = this_process().split(":", 2)
    with DagsterInstance.ephemeral() as instance:
        dead, alive = (
            instance.create_run_for_job(anything, tags={PROCESS: one}, status=DagsterRunStatus.STARTED).run_id
            for one in (process.format(pid=pid, start=start, place=place), this_process())
        )
        assert end_dead_runs(instance, Settings(home=tmp_path)) == [dead]
        assert instance.get_run_by_id(dead).status == DagsterRunStatus.FAILURE
        assert instance.get_run_by_id(alive).status == DagsterRunStatus.STARTED


def test_a_run_of_another_container_lives_for_as_long_as_the_home_is_held(tmp_path):
    process = f"{os.getpid()}:1:elsewhere"
    with DagsterInstance.ephemeral() as instance:
        run = instance.create_run_for_job(anything, tags={PROCESS: process}, status=DagsterRunStatus.STARTED).run_id
        with run_lock(tmp_path, "edition 2022-T1"):
            assert end_dead_runs(instance, Settings(home=tmp_path)) == []
        assert end_dead_runs(instance, Settings(home=tmp_path)) == [run]


@pytest.mark.long
def test_a_depot_that_does_not_answer_is_tried_again_three_times_and_nobody_waits_at_a_terminal(project):
    project.monkeypatch.setattr(failures, "PAUSES", (0, 0, 0))
    project.depot = "http://127.0.0.1:9/depot.git"
    failed(project.run(), "its host does not answer")
    result = launched(project, "2022-01-01")
    assert "its host does not answer" in told(result)
    tries = [e.step_key for e in result.all_events if e.event_type_value == "STEP_UP_FOR_RETRY"]
    assert tries == ["depot"] * 3
