"""Runs the Dagster job of an edition in this process, in the home's own instance, and tells how it ended."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import typer
from dagster import (
    AssetKey,
    DagsterExecutionInterruptedError,
    DagsterInstance,
    DagsterRunStatus,
    Definitions,
    ExecuteInProcessResult,
    RunsFilter,
)
from dagster._utils.error import SerializableErrorInfo

from barometre_pipeline.catalogue import Catalogue
from barometre_pipeline.cli.display import shown_progress
from barometre_pipeline.definitions import JOB, build_definitions
from barometre_pipeline.editions import Edition
from barometre_pipeline.errors import BarometreError, UsageError
from barometre_pipeline.publish import PUBLISHED_ASSETS, is_demonstration
from barometre_pipeline.quality.judge import early_judge
from barometre_pipeline.runs.failures import told_by
from barometre_pipeline.runs.instance import prepare_instance
from barometre_pipeline.runs.partitions import partition_key
from barometre_pipeline.settings import Settings

WORKSPACE = Path(__file__).parents[2] / "workspace.yaml"

# The tag of a run that tells which process of this machine it is in.
_PROCESS = "barometre/processus"

_INTERRUPTED = "Interrupted: nothing more is done; running again finishes the work."
_INTERRUPTED_STATUS = 130

# Dagster's own log is in the UI; the terminal shows ours.
_QUIET = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}


class RunFailedError(BarometreError):
    """A step failed; the text is the step's own sentence."""

    def __init__(self, sentence: str, exit_status: int):
        self.exit_status = exit_status
        super().__init__(sentence)


@contextmanager
def _told_when_interrupted() -> Iterator[None]:
    """Make an error of ours of Ctrl-C, with the status that a shell expects."""
    try:
        yield
    except (KeyboardInterrupt, DagsterExecutionInterruptedError):
        raise RunFailedError(_INTERRUPTED, _INTERRUPTED_STATUS) from None


@_told_when_interrupted()
def run_edition(settings: Settings, catalogue: Catalogue, edition: Edition, *, fetch: dict, publish: bool) -> None:
    """Run the job for an edition, and say where the results are; RunFailedError where a step fails."""
    run_config = {"ops": {"extract": {"config": fetch}}} if fetch else {}
    with early_judge() as judge:
        definitions = build_definitions(settings, catalogue, judge)
        _execute(settings, definitions, edition, run_config, excluded=() if publish else PUBLISHED_ASSETS)
    typer.echo(_results(settings, edition, published=publish))


@_told_when_interrupted()
def publish_edition(settings: Settings, catalogue: Catalogue, edition: Edition, *, dry_run: bool) -> None:
    """Publish an edition already built; UsageError where it is not."""
    if not settings.home.files(edition).is_dir():
        raise UsageError(f"{edition} is not built in {settings.home.root}: first run `barometre run {edition}`.")
    definitions = build_definitions(settings, catalogue)
    if dry_run:
        dry = {"ops": {"portail": {"config": {"dry_run": True}}}}
        _execute(settings, definitions, edition, dry, only=("portail",))
        typer.echo(f"Nothing was sent. `barometre publish {edition}` publishes the edition.")
        return
    _execute(settings, definitions, edition, {}, only=PUBLISHED_ASSETS)
    typer.echo(_results(settings, edition, published=True))


def open_ui(settings: Settings, port: int) -> None:
    """Become the Dagster UI, on the instance of the runs made in a terminal."""
    prepare_instance(settings.home.dagster)
    program = str(Path(sys.executable).with_name("dagster"))
    os.execv(program, [program, "dev", "--workspace", str(WORKSPACE), "--port", str(port)])


def _execute(
    settings: Settings,
    definitions: Definitions,
    edition: Edition,
    run_config: dict,
    *,
    only: tuple = (),
    excluded: tuple = (),
) -> None:
    """Run the job, all of it but some assets, or some only; RunFailedError where a step fails."""
    job = definitions.resolve_job_def(JOB)
    everything = job.asset_layer.selected_asset_keys
    selection = [AssetKey(a) for a in only] or sorted(everything - {AssetKey(a) for a in excluded})
    prepare_instance(settings.home.dagster)
    with DagsterInstance.get() as instance, shown_progress():
        _end_dead_runs(instance)
        result = job.execute_in_process(
            run_config=_QUIET | run_config,
            instance=instance,
            partition_key=partition_key(edition),
            asset_selection=selection,
            tags={_PROCESS: str(os.getpid())},
            raise_on_error=False,
        )
    if not result.success:
        raise _failure(result)


def _end_dead_runs(instance: DagsterInstance) -> None:
    """Say that a run failed where its process was killed: it would seem to run for ever, and hold up the queue."""
    for run in instance.get_runs(RunsFilter(statuses=[DagsterRunStatus.STARTING, DagsterRunStatus.STARTED])):
        process = run.tags.get(_PROCESS)
        if process and not _is_alive(int(process)):
            instance.report_run_failed(run, f"The process {process} was killed.")


def _is_alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _failure(result: ExecuteInProcessResult) -> RunFailedError:
    """Return what failed, in the words of our own errors where they are ours."""
    errors = [getattr(event.event_specific_data, "error", None) for event in result.all_events]
    if any(map(_is_interruption, filter(None, errors))):
        return RunFailedError(_INTERRUPTED, _INTERRUPTED_STATUS)
    told = dict.fromkeys(filter(None, map(told_by, errors)))
    if told:
        return RunFailedError("\n".join(sentence for sentence, _ in told), max(status for _, status in told))
    return _unexpected([error for error in errors if error])


def _is_interruption(error: SerializableErrorInfo) -> bool:
    cause = _first_cause(error)
    # In the midst of a query, DuckDB turns the signal into an error of its own.
    return cause.cls_name == DagsterExecutionInterruptedError.__name__ or "Query interrupted" in cause.message


def _unexpected(errors: list[SerializableErrorInfo]) -> RunFailedError:
    if not errors:
        return RunFailedError("The run failed; the Dagster UI (make dev) shows why.", 1)
    trace = f"{errors[0].to_string()}\n" if "--debug" in sys.argv else ""
    return RunFailedError(
        f"{trace}Unexpected error, a defect of this program: {_first_cause(errors[0]).message.strip()}", 1
    )


def _first_cause(error: SerializableErrorInfo) -> SerializableErrorInfo:
    while error.cause:
        error = error.cause
    return error


def _results(settings: Settings, edition: Edition, *, published: bool) -> str:
    """Say where everything is, and what to do next."""
    home = settings.home
    places = [("report", home.report(edition) / "index.html"), ("files", home.files(edition))]
    if published:
        places += [
            ("publication", home.publication),
            ("depot", settings.depot or home.default_depot),
            ("warehouse", home.warehouse),
        ]
    head = f"Edition {edition} is {'published' if published else 'built, and not published'}."
    if is_demonstration(home.files(edition)):
        head += " It is made of the demonstration deliveries: every number is fictitious."
    lines = [head, *(f"  {name:<12} {place}" for name, place in places)]
    next_ = "`make dev` opens the Dagster UI" if published else f"`barometre publish {edition}` publishes it"
    return "\n".join([*lines, f"Next: open the report, then {next_}."])
