"""What Dagster's daemon does at each minute: ends dead runs, forgets old ones, says that it lives, sends alerts."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

from dagster import (
    DagsterInstance,
    DefaultSensorStatus,
    SensorDefinition,
    SensorEvaluationContext,
    SkipReason,
    sensor,
)

from barometre_pipeline.alerts import messages
from barometre_pipeline.alerts.channels import channels_of
from barometre_pipeline.alerts.heartbeat import beat
from barometre_pipeline.alerts.messages import Alert
from barometre_pipeline.alerts.news import News
from barometre_pipeline.alerts.sent import Sent
from barometre_pipeline.catalogue import Catalogues
from barometre_pipeline.runs.dead_runs import end_dead_runs
from barometre_pipeline.runs.old_runs import editions_to_clean, forget_old_runs
from barometre_pipeline.schedules import NAME, Collection
from barometre_pipeline.settings import Settings

_EVERY_SECONDS = 60
_LATE_TICK = timedelta(hours=1)
_FIRED = ("SUCCESS", "SKIPPED")  # the status of a tick that did its work: one that failed launched nothing
_log = logging.getLogger(__name__)


def build_watch(settings: Settings, catalogues: Catalogues) -> SensorDefinition:
    """Build the sensor that watches over the runs, whatever people turn on: it launches none."""
    days: list[date] = []  # the last one on which this process began to forget old runs
    to_clean: list[str] = []  # the editions whose runs are still to be looked at then: one a minute

    @sensor(
        name="surveillance",
        minimum_interval_seconds=_EVERY_SECONDS,
        default_status=DefaultSensorStatus.RUNNING,
        description="Marque en échec les exécutions dont le processus n’existe plus, oublie les anciennes, alerte.",
    )
    def watch(context: SensorEvaluationContext) -> SkipReason:
        now = datetime.now(UTC)
        ended = end_dead_runs(context.instance, settings)
        if settings.historique_jours:
            before = now - timedelta(days=settings.historique_jours)
            if now.date() not in days:
                days[:], to_clean[:] = [now.date()], editions_to_clean(context.instance, before, settings.nom)
            if to_clean:
                forget_old_runs(context.instance, settings.instance, before, to_clean.pop(), settings.nom)
        silent = beat(settings, now)
        failures = [*([silent] if silent else []), *tell(context.instance, settings, catalogues, context.cursor, now)]
        # What happened before the first look is not told; what could not be sent is looked at again for two days.
        context.update_cursor(context.cursor or now.isoformat())
        for failure in failures:
            _log.warning("%s", failure)
        return SkipReason(" ".join([f"Exécutions interrompues : {len(ended)}.", *failures]))

    return watch


def tell(
    instance: DagsterInstance, settings: Settings, catalogues: Catalogues, since: str | None, now: datetime
) -> list[str]:
    """Send what happened since this moment and was not sent; return a sentence for each way that failed."""
    channels = channels_of(settings)
    if not channels:
        return []
    start = datetime.fromisoformat(since) if since else now
    alerts = [
        *News(instance, settings, catalogues, now).since(start),
        *_missed_ticks(instance, settings, now),
    ]
    return Sent(settings.home.alerts).send(alerts, channels)


def _missed_ticks(instance: DagsterInstance, settings: Settings, now: datetime) -> Iterator[Alert]:
    due = Collection.of(settings).last_due(now)
    if now - due < _LATE_TICK:
        return
    for state in instance.all_instigator_state():
        begun = getattr(state.instigator_data, "start_timestamp", None)
        ours = state.origin.repository_origin.code_location_origin.location_name == settings.location
        if not ours or state.name != NAME or state.status.value == "STOPPED" or not begun or begun > due.timestamp():
            continue
        ticks = instance.get_ticks(state.instigator_origin_id, state.selector_id, after=due.timestamp() - 1)
        if not any(tick.status.value in _FIRED for tick in ticks):
            yield messages.missed_tick(NAME, f"{due:%d/%m/%Y à %H:%M}")
