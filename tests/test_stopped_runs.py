"""A run stopped from the UI, by force too, publishes nothing more, whatever started it, and ends as stopped."""

import os
import subprocess
import threading
import time

import pytest
from dagster import DagsterInstance, DagsterRunStatus

from barometre_pipeline.catalogue.by_edition import catalogues_in
from barometre_pipeline.definitions import JOB, build_definitions
from barometre_pipeline.runs.instance import opened_instance, prepare_instance
from barometre_pipeline.runs.lock import run_lock
from barometre_pipeline.settings import Settings
from tests.projects import BAROMETRE, EDITION, Project, project  # noqa: F401 - a fixture

# As the UI says it of a run: that it is to stop, or, by force, that it has.
STOPS = {"stopped": DagsterInstance.report_run_canceling, "by force": DagsterInstance.report_run_canceled}
SECONDS = 60


@pytest.fixture
def instance(project):
    """The instance of the home, as the UI has it open."""
    prepare_instance(project.home / "dagster")
    with opened_instance(project.home / "dagster") as opened:
        yield opened


def begun(instance: DagsterInstance):
    """Wait for the only run to begin, and return it."""
    until = time.monotonic() + SECONDS
    while time.monotonic() < until:
        for run in instance.get_runs():
            if run.status == DagsterRunStatus.STARTED:
                return run
        time.sleep(0.05)
    raise AssertionError("no run began")


def published_nothing(project: Project) -> bool:
    return not project.depot.exists() or project.git("rev-list", "--all") == ""


@pytest.mark.long
@pytest.mark.parametrize("how", STOPS)
def test_a_run_of_a_terminal_that_is_stopped_from_the_ui_ends_at_once_and_publishes_nothing(project, instance, how):
    places = ["--sources", project.deliveries, "--catalogue", project.catalogue, "--depot", project.depot]
    # It waits for a home that is never free: only being stopped ends it.
    environment = os.environ | {"BAROMETRE_ATTENTE": "600"}
    with run_lock(project.home, "a test"):
        command = [BAROMETRE, "run", EDITION, *places, "--home", project.home]
        process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=environment)
        run = begun(instance)
        STOPS[how](instance, run)
        _, errors = process.communicate(timeout=SECONDS)
    assert (process.returncode, errors.splitlines()[-1]) == (
        1,
        "Stopped from Dagster: nothing more is done; running again finishes the work.",
    )
    assert "Traceback" not in errors
    assert instance.get_run_by_id(run.run_id).status == DagsterRunStatus.CANCELED
    assert published_nothing(project)


@pytest.mark.long
@pytest.mark.parametrize("how", STOPS)
def test_a_run_that_nothing_interrupts_looks_whether_it_is_stopped_before_it_pushes(project, instance, how):
    settings = Settings(
        home=project.home, catalogue=project.catalogue, sources=str(project.deliveries), depot=str(project.depot)
    ).model_copy(update={"wait": float(SECONDS)})
    job = build_definitions(settings, catalogues_in(project.catalogue)).resolve_job_def(JOB)
    asked = {"instance": instance, "tags": {"dagster/partition": "2022-01-01"}, "raise_on_error": False}
    running = threading.Thread(target=job.execute_in_process, kwargs=asked)
    with run_lock(project.home, "a test"):
        running.start()
        run = begun(instance)
        STOPS[how](instance, run)
    running.join()
    assert instance.get_run_by_id(run.run_id).status == DagsterRunStatus.CANCELED
    assert (project.home / "editions").exists() and published_nothing(project)
