"""Assembles the pipeline for Dagster: what workspace.yaml loads. Nothing but assembly."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import nullcontext
from typing import Any

from dagster import (
    AssetChecksDefinition,
    AssetKey,
    AssetsDefinition,
    AssetSelection,
    AssetSpec,
    DagsterInvariantViolationError,
    Definitions,
    InitResourceContext,
    PartitionedConfig,
    ResourceDefinition,
    define_asset_job,
    definitions,
    in_process_executor,
    resource,
)

from barometre_pipeline.alerts.loading import told_where_it_fails
from barometre_pipeline.alerts.sensor import build_watch
from barometre_pipeline.catalogue import Catalogues
from barometre_pipeline.catalogue.by_edition import catalogues_in
from barometre_pipeline.edited_files.engines import refuse_unstated
from barometre_pipeline.edited_files.project import read_catalogue, read_project
from barometre_pipeline.editions import Edition
from barometre_pipeline.errors import BarometreError
from barometre_pipeline.extract import build_extract
from barometre_pipeline.launches import asked_tags, check_launch, first_edition, launch_tags
from barometre_pipeline.publish.assets import PUBLISHED_ASSETS, build_publication
from barometre_pipeline.publish.tree.layout import published_paths
from barometre_pipeline.quality.gate import build_checks, build_published_report
from barometre_pipeline.quality.judge import Judge, early_judge
from barometre_pipeline.resources.lone_arrow import leave_pandas_aside
from barometre_pipeline.runs.dead_runs import this_process
from barometre_pipeline.runs.lock import held_home, refused_settings
from barometre_pipeline.runs.names import PROCESS, name_tags, own_key, renamed, renamed_checks
from barometre_pipeline.runs.partitions import build_editions, read_key
from barometre_pipeline.runs.plain_failure import tell_once
from barometre_pipeline.schedules import build_schedule
from barometre_pipeline.sensors import build_daily_watch, build_freshness
from barometre_pipeline.settings import Settings
from barometre_pipeline.stage import PREVIOUS_EDITION, build_stage
from barometre_pipeline.transform import build_transform
from barometre_pipeline.warehouse.assets import build_warehouse

JOB = "edition"
# What `barometre publish` runs, and --no-publish leaves out.
PUBLICATION = (*PUBLISHED_ASSETS, "rapport")

# What the launchpad shows once an edition is chosen there: the options that people change, at their defaults.
_OPTIONS = {
    "ops": {
        "extract": {"config": {"allow_late": False, "from_snapshot": False}},
        "depot": {"config": {"publish": True, "replace_public": False}},
    }
}


def build_definitions(settings: Settings, catalogues: Catalogues, judge: Judge | None = None) -> Definitions:
    """Build the whole graph for these catalogues; EditedFileError where a file that people edit is wrong.

    `judge` is one that is already under way; else the run starts its own.
    """
    leave_pandas_aside()
    project = read_project(catalogues.latest.mailles, sound=settings.home.sound)
    refuse_unstated(project, settings.engine)
    first = first_edition(settings, catalogues.latest)
    assets = [
        build_extract(catalogues),
        build_stage(catalogues, published_paths),
        build_transform(project.models, project.columns),
        *build_publication(catalogues, project.models, project.companions),
        build_warehouse(catalogues, project.warehouse),
        build_published_report(PUBLISHED_ASSETS),
    ]
    before = [key for one in assets for key in one.keys if key not in map(AssetKey, PUBLICATION)]
    remade = [own_key(settings.nom, key) for key in before]
    freshness = [renamed_checks(settings.nom, build_freshness(settings, catalogues))] if settings.veille else []
    checks = build_checks(catalogues, project.suites, build_editions(first))
    job = _job(settings, first, freshness)
    return Definitions(
        assets=[_previous_edition(settings), *(_by_edition(settings, one, first) for one in assets)],
        asset_checks=[renamed_checks(settings.nom, checks), *freshness],
        jobs=[job],
        schedules=[build_schedule(job, settings)],
        sensors=[
            build_watch(settings, catalogues),
            build_daily_watch(settings, catalogues, job, remade),
        ],
        resources={"settings": _held_settings(settings, catalogues, first), "judge": _judge(judge)},
        executor=in_process_executor,
    )


def build_both_ends(settings: Settings, catalogues: Catalogues) -> Definitions:
    """Build what is before and after the making of an edition: all that a run needs where nothing is new."""
    first = first_edition(settings, catalogues.latest)
    assets = [
        build_extract(catalogues),
        *build_publication(catalogues, []),
        build_warehouse(catalogues, None),
        build_published_report(PUBLISHED_ASSETS),
    ]
    return Definitions(
        assets=[_by_edition(settings, one, first) for one in assets],
        jobs=[_job(settings, first)],
        resources={"settings": _held_settings(settings, catalogues, first)},
        executor=in_process_executor,
    )


def _job(settings: Settings, first: Edition, freshness: Sequence[AssetChecksDefinition] = ()) -> Any:
    """Build the job of an edition, without the checks of freshness, which are no matter of an edition.

    Its runs have their tags from the launch on, by which those that wait are found too; a run of assets alone, which
    Dagster gives no tags of ours, has them as it begins.
    """
    options = PartitionedConfig(
        build_editions(first),
        run_config_for_partition_key_fn=lambda _: _OPTIONS,
        tags_for_partition_key_fn=lambda key: launch_tags(settings, read_key(key)),
    )
    # Its type has no public name in Dagster.
    return define_asset_job(
        JOB,
        selection=AssetSelection.all() - AssetSelection.checks(*freshness) if freshness else AssetSelection.all(),
        description="One edition, from the ministries' files to the published tree.",
        config=options,
        # A step costs 0.2 s in this process, 3.3 s in one of its own.
        executor_def=in_process_executor,
    )


def _previous_edition(settings: Settings) -> AssetSpec:
    return PREVIOUS_EDITION.replace_attributes(key=own_key(settings.nom, PREVIOUS_EDITION.key))


def _by_edition(settings: Settings, asset: AssetsDefinition, first: Edition) -> AssetsDefinition:
    return renamed(settings.nom, asset).map_asset_specs(
        lambda spec: spec.replace_attributes(partitions_def=build_editions(first))
    )


def _held_settings(settings: Settings, catalogues: Catalogues, first: Edition) -> ResourceDefinition:
    """Build the resource that every step asks for: the settings, with the home held for the whole run.

    The run is given its tags, wherever it was launched from; then what was asked is judged, and the home held.
    """

    @resource(description="Where the run works. The home is locked while it lasts.")
    def held_settings(context: InitResourceContext) -> Iterator[Settings]:
        run, instance = context.run, context.instance
        if run is None or instance is None:
            raise DagsterInvariantViolationError("The settings are those of a run.")
        instance.add_run_tags(
            run.run_id, {PROCESS: this_process(), **name_tags(settings.nom), **asked_tags(settings, run)}
        )
        if context.log:
            tell_once(context.log, instance)
        try:
            edition = check_launch(run, catalogues, first)
        except BarometreError as refusal:
            yield refused_settings(settings, refusal)
            return
        with held_home(settings, f"{run.job_name} {edition}") as held:
            yield held

    return held_settings


def _judge(under_way: Judge | None) -> ResourceDefinition:
    """Build the resource that the gate asks for: Great Expectations, being imported from the run's start."""

    @resource(description="Evaluates the expectation suites, in a process started with the run.")
    def judge(context: InitResourceContext) -> Iterator[Judge]:
        with nullcontext(under_way) if under_way else early_judge() as evaluate:
            yield evaluate

    return judge


@definitions
def barometre() -> Definitions:
    """Load the pipeline with the settings of the environment."""
    with told_where_it_fails():
        settings = Settings.read()
        return build_definitions(settings, catalogues_in(settings.catalogue, read_catalogue))
