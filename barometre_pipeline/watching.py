"""What the daemon looks at every minute, whatever people turn on: the runs that died without saying so."""

from __future__ import annotations

from dagster import DefaultSensorStatus, SensorDefinition, SensorEvaluationContext, SkipReason, sensor

from barometre_pipeline.runs.dead_runs import end_dead_runs
from barometre_pipeline.settings import Settings

_EVERY_SECONDS = 60


def build_dead_runs_sensor(settings: Settings) -> SensorDefinition:
    """Build the sensor that ends the runs whose process is no more: it launches none."""

    @sensor(
        name="runs_interrompus",
        minimum_interval_seconds=_EVERY_SECONDS,
        default_status=DefaultSensorStatus.RUNNING,
        description="Marque en échec les exécutions dont le processus n’existe plus (coupure, redémarrage).",
    )
    def dead_runs(context: SensorEvaluationContext) -> SkipReason:
        ended = end_dead_runs(context.instance, settings.home.root)
        return SkipReason(f"Exécutions interrompues : {', '.join(ended)}" if ended else "Aucune exécution interrompue.")

    return dead_runs
