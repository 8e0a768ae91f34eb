"""Runs the Dagster job of editions in this process, in the home's own instance, and tells how it ended."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any
from uuid import uuid4

import typer
from dagster import (
    AssetKey,
    DagsterEvent,
    DagsterExecutionInterruptedError,
    DagsterInstance,
    DagsterRunStatus,
    Definitions,
)

from barometre_pipeline.catalogue import Catalogues
from barometre_pipeline.cli.display import shown_progress
from barometre_pipeline.definitions import JOB, PUBLICATION, build_both_ends, build_definitions
from barometre_pipeline.editions import Edition
from barometre_pipeline.errors import BarometreError, UsageError
from barometre_pipeline.extract import FetchOptions, received_keys
from barometre_pipeline.publish.assets import ASKED
from barometre_pipeline.publish.tree.manifest import is_demonstration
from barometre_pipeline.quality.judge import Judge, early_judge
from barometre_pipeline.readers.workers import start_workers
from barometre_pipeline.resources.modes import private_umask
from barometre_pipeline.resources.secrets import Secrets
from barometre_pipeline.runs.backfills import TOGETHER
from barometre_pipeline.runs.dead_runs import end_dead_runs, this_process
from barometre_pipeline.runs.failures import TERMINAL, first_cause, other_errors, told_failures, was_interrupted
from barometre_pipeline.runs.instance import opened_instance, prepare_instance
from barometre_pipeline.runs.lock import make_home
from barometre_pipeline.runs.names import PROCESS, name_tags, own_key
from barometre_pipeline.runs.offline import OFFLINE
from barometre_pipeline.runs.partitions import partition_key
from barometre_pipeline.runs.stopping import STOPPED, interrupted_when_stopped
from barometre_pipeline.settings import Settings
from barometre_pipeline.stage import built_already
from barometre_pipeline.unchanged import may_be_unchanged, told

_INTERRUPTED = "Interrupted: nothing more is done; running again finishes the work."
_INTERRUPTED_STATUS = 130
_NOTHING_NEW = "barometre/rien_de_nouveau"  # tag of a run that publishes a build taken as it is

# Dagster's own log is in the UI; the terminal shows ours.
_QUIET = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}


class RunFailedError(BarometreError):
    """A step failed; the text is the step's own sentence."""

    def __init__(self, sentence: str, exit_status: int) -> None:
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
def run_editions(
    settings: Settings,
    editions: Mapping[Edition, Catalogues],
    *,
    fetch: FetchOptions,
    publish: bool,
    wishes: Mapping[str, bool],
) -> None:
    """Run the job for one edition after the other, and say where the results are.

    RunFailedError where a step fails: those that come after are then not begun.
    """
    asked = {"extract": {"config": fetch.model_dump(mode="json", exclude_defaults=True)}}
    wanted = _publishing(wishes) if publish else {}
    kept = () if publish else PUBLICATION
    tags = {OFFLINE: "oui"} if fetch.from_snapshot else {}
    if len(editions) > 1:
        tags[TOGETHER] = str(len(editions))
    waiting = list(editions)
    with ExitStack() as until_the_last:
        judge: Judge | None = None
        for edition, catalogues in editions.items():
            waiting.remove(edition)
            try:
                if may_be_unchanged(settings.home, edition, catalogues.of(edition)):
                    _run_what_is_new(settings, catalogues, edition, asked, wanted, kept, tags, judge)
                else:
                    start_workers()
                    judge = judge or until_the_last.enter_context(early_judge(1 + len(waiting)))
                    definitions = build_definitions(settings, catalogues, judge)
                    with _recorded_runs(settings, edition) as runs:
                        runs.execute(definitions, {**asked, **wanted}, excluded=kept, tags=tags)
            except RunFailedError as error:
                raise _of_several(error, edition, waiting) if len(editions) > 1 else error from None
            typer.echo(_results(settings, edition, published=publish))


def _of_several(error: RunFailedError, edition: Edition, waiting: Sequence[Edition]) -> RunFailedError:
    """Say in which edition a run of several failed, and which ones were not begun."""
    rest = f"\nNot begun: {', '.join(map(str, waiting))}." if waiting else ""
    return RunFailedError(f"{edition}: {error}{rest}", error.exit_status)


def _run_what_is_new(
    settings: Settings,
    catalogues: Catalogues,
    edition: Edition,
    asked: dict[str, Any],
    wanted: dict[str, Any],
    kept: Sequence[str],
    tags: Mapping[str, str],
    judge: Judge | None,
) -> None:
    """Fetch first: where nothing is new, the steps between that and the publication need not even be planned.

    `asked` and `wanted` configure the extraction and the publication; `kept` are the latter's assets, where it is
    not wanted.
    """
    ends, received = build_both_ends(settings, catalogues), received_keys(catalogues)
    with _recorded_runs(settings, edition) as runs:
        runs.execute(ends, asked, only=received, tags=tags)
        build = built_already(settings, edition, catalogues.of(edition), offline=OFFLINE in tags)
        if build is None:
            runs.execute(build_definitions(settings, catalogues, judge), wanted, excluded=(*received, *kept), tags=tags)
            return
        typer.echo(f"Nothing new: the build of {build.record.fait_le.date()} is taken as it is.", err=True)
        if not kept:
            runs.execute(ends, wanted, only=PUBLICATION, tags={**tags, _NOTHING_NEW: told(build)})


@_told_when_interrupted()
def publish_edition(
    settings: Settings, catalogues: Catalogues, edition: Edition, *, dry_run: bool, wishes: Mapping[str, bool]
) -> None:
    """Publish an edition already built; UsageError where it is not."""
    if not settings.home.build(edition).root.is_dir():
        raise UsageError(f"{edition} is not built in {settings.home.root}: first run `barometre run {edition}`.")
    definitions = build_definitions(settings, catalogues)
    with _recorded_runs(settings, edition) as runs:
        if dry_run:
            dry = {"portail": {"config": {"dry_run": True, "as_is": wishes["as_is"]}}}
            runs.execute(definitions, dry, only=("portail",))
            typer.echo(f"Nothing was sent. `barometre publish {edition}` publishes the edition.")
            return
        runs.execute(definitions, _publishing(wishes), only=PUBLICATION)
    typer.echo(_results(settings, edition, published=True))


def _publishing(wishes: Mapping[str, bool]) -> dict[str, Any]:
    """Return the configuration of the steps of the publication: what somebody asks knowingly."""
    asked = {name: True for name, wanted in wishes.items() if wanted}
    return {step: {"config": asked} for step in ASKED} if asked else {}


@dataclass(frozen=True)
class _Runs:
    """The runs of the job for an edition, and the instance that records them."""

    settings: Settings
    edition: Edition
    instance: DagsterInstance

    def execute(
        self,
        definitions: Definitions,
        ops: dict[str, Any],
        *,
        only: Sequence[str | AssetKey] = (),
        excluded: Sequence[str | AssetKey] = (),
        tags: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        """Run the job, all of it but some assets, or some only; RunFailedError where a step fails."""
        job = definitions.resolve_job_def(JOB)
        everything = job.asset_layer.selected_asset_keys
        selection = self._own(only) or sorted(everything - set(self._own(excluded)))
        run_id = str(uuid4())
        with shown_progress(), interrupted_when_stopped(self.instance, run_id):
            result = job.execute_in_process(
                run_id=run_id,
                run_config=_QUIET | {"ops": ops},
                instance=self.instance,
                partition_key=partition_key(self.edition),
                asset_selection=selection,
                tags={TERMINAL: "oui", PROCESS: this_process(), **name_tags(self.settings.nom), **tags},
                raise_on_error=False,
            )
        if result.dagster_run.status == DagsterRunStatus.CANCELED:
            raise RunFailedError(STOPPED, 1)
        if not result.success:
            raise _failure(result.all_events, self.settings)

    def _own(self, assets: Sequence[str | AssetKey]) -> list[AssetKey]:
        return [own_key(self.settings.nom, AssetKey.from_coercible(asset)) for asset in assets]


@contextmanager
def _recorded_runs(settings: Settings, edition: Edition) -> Iterator[_Runs]:
    """Open the instance of the home: once for all runs, as that takes as long as a short one."""
    prepare(settings)
    with private_umask(), opened_instance(settings.instance) as instance:
        end_dead_runs(instance, settings)
        yield _Runs(settings, edition, instance)


def prepare(settings: Settings, *, several: bool = False) -> None:
    """Make the home ready for Dagster, and say what people must know of it; a barometer with a name has others beside.

    `several` says that the instance has some all the same.
    """
    make_home(settings.home.root)
    with private_umask():
        told = prepare_instance(
            settings.instance, settings.postgres_address, several=several or settings.nom is not None
        )
    for sentence in told:
        typer.echo(sentence, err=True)


def _failure(events: Sequence[DagsterEvent], settings: Settings) -> RunFailedError:
    """Return what failed, in the words of our own errors where they are ours."""
    if was_interrupted(events):
        return RunFailedError(_INTERRUPTED, _INTERRUPTED_STATUS)
    failures = told_failures(events)
    if failures:
        return RunFailedError("\n".join(sentence for sentence, _ in failures), max(status for _, status in failures))
    errors = other_errors(events)
    if not errors:
        return RunFailedError(f"The run failed; the Dagster UI (`{_ui(settings)}`) shows why.", 1)
    secrets = Secrets(*settings.secret_values)
    trace = f"{errors[0].to_string()}\n" if "--debug" in sys.argv else ""
    cause = first_cause(errors[0]).message.strip()
    return RunFailedError(secrets.scrub(f"{trace}Unexpected error, a defect of this program: {cause}"), 1)


def _results(settings: Settings, edition: Edition, *, published: bool) -> str:
    """Say where everything is, and what to do next."""
    home = settings.home
    places: list[tuple[str, Path | str]] = [
        ("report", home.report(edition) / "index.html"),
        ("files", home.build(edition).files),
    ]
    if published:
        places += [
            ("publication", home.publication),
            ("depot", settings.depot or home.default_depot),
            ("warehouse", home.warehouse),
        ]
    review = settings.git_branche_revue
    done = f"on the branch {review}, for a review" if review else "published"
    head = f"Edition {edition} is {done if published else 'built, and not published'}."
    if is_demonstration(home.build(edition).files):
        head += " It is made of the demonstration deliveries: every number is fictitious."
    lines = [head, *(f"  {name:<12} {place}" for name, place in places)]
    next_ = f"`{_ui(settings)}` opens the Dagster UI" if published else f"`barometre publish {edition}` publishes it"
    return "\n".join([*lines, f"Next: open the report, then {next_}."])


def _ui(settings: Settings) -> str:
    return shlex.join(["barometre", "ui", "--home", str(settings.home.root)])
