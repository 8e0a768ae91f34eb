"""When an edition is made: each quarter, once the ministries have delivered. Off until turned on in the UI."""

from typing import Any

from dagster import (
    DefaultScheduleStatus,
    RunRequest,
    ScheduleDefinition,
    ScheduleEvaluationContext,
    schedule,
)

from barometre_pipeline.editions import Edition
from barometre_pipeline.runs.partitions import TIMEZONE, partition_key

# The 15th of the month after the quarter, at 6 in the morning of Paris.
QUARTERLY = "0 6 15 1,4,7,10 *"


def build_schedule(job: Any) -> ScheduleDefinition:
    """Build the quarterly schedule of this job, for the quarter that has just closed."""
    # The type of `job`, what define_asset_job gives, has no public name in Dagster.

    # Dagster's ready-made partitioned schedule takes no hour with a quarterly cron.
    @schedule(
        name="chaque_trimestre",
        job=job,
        cron_schedule=QUARTERLY,
        execution_timezone=TIMEZONE,
        default_status=DefaultScheduleStatus.STOPPED,
    )
    def quarterly(context: ScheduleEvaluationContext) -> RunRequest:
        edition = Edition.last_closed(context.scheduled_execution_time.date())
        return RunRequest(run_key=str(edition), partition_key=partition_key(edition))

    return quarterly
