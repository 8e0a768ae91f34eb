"""The daily sensor: it has what changed read again, without publishing, and records how fresh each delivery is."""

import hashlib
import json
import logging
from collections.abc import Sequence
from typing import Any

from dagster import (
    AssetCheckEvaluation,
    AssetKey,
    DefaultSensorStatus,
    RunRequest,
    SensorDefinition,
    SensorEvaluationContext,
    SensorResult,
    SkipReason,
    sensor,
)

from barometre_pipeline.catalogue import Catalogues
from barometre_pipeline.errors import BuildError
from barometre_pipeline.runs.partitions import last_closed_edition, partition_key
from barometre_pipeline.sensors.changes import changed_deliveries
from barometre_pipeline.sensors.freshness import evaluations, today
from barometre_pipeline.settings import Settings

NAME = "livraisons_changees"
_EVERY_SECONDS = 86_400
_log = logging.getLogger(__name__)


def build_daily_watch(
    settings: Settings, catalogues: Catalogues, job: Any, remade: Sequence[AssetKey]
) -> SensorDefinition:
    """Build the sensor; `remade` are the assets that a change has made again, up to the files, not published.

    Only the last closed quarter is looked at, once it was collected: of an older edition the stored files are kept.
    A look that cannot tell how fresh the deliveries are says so, and goes on.
    """

    @sensor(
        name=NAME,
        job=job,
        minimum_interval_seconds=_EVERY_SECONDS,
        default_status=DefaultSensorStatus.RUNNING if settings.veille else DefaultSensorStatus.STOPPED,
        description="Chaque jour : relit sans publier ce qui a changé aux adresses, juge la fraîcheur des livraisons.",
    )
    def watch(context: SensorEvaluationContext) -> SensorResult:
        events, told = _freshness(settings)
        edition = last_closed_edition()
        collected = settings.sources is not None and settings.home.deliveries(edition).is_dir()
        changed = changed_deliveries(settings, catalogues.of(edition), edition) if collected else {}
        if not changed:
            why = "Rien n’a changé." if collected else f"{edition} n’est pas collectée."
            return SensorResult(skip_reason=SkipReason(f"{why} {told}".strip()), asset_events=events)
        digest = hashlib.sha256(json.dumps(changed, sort_keys=True).encode()).hexdigest()[:12]
        request = RunRequest(
            # With the day: what a run that failed did not build is tried again at the next look.
            run_key=f"{edition} {today()} {digest}",
            partition_key=partition_key(edition),
            asset_selection=list(remade),
            run_config={"ops": {"extract": {"config": {"fichiers": "sources"}}}},
            tags={"livraisons_changees": ", ".join(changed)},
        )
        return SensorResult(run_requests=[request], asset_events=events)

    return watch


def _freshness(settings: Settings) -> tuple[list[AssetCheckEvaluation], str]:
    """Return today's verdicts, where they are wanted, or the sentence that says why there are none."""
    try:
        return (evaluations(settings) if settings.veille else []), ""
    except BuildError as error:
        _log.warning("%s", error)
        return [], str(error)
