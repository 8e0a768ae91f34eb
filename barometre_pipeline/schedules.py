"""When an edition is made: each quarter, once the ministries have delivered. Off until turned on in the UI."""

from datetime import datetime, time
from typing import Any
from zoneinfo import ZoneInfo

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
_DAY, _HOUR = 15, 6
QUARTERLY = f"0 {_HOUR} {_DAY} 1,4,7,10 *"
NAME = "chaque_trimestre"


def last_due(now: datetime) -> datetime:
    """Return the last moment, at or before this one, at which the schedule was to launch an edition."""
    local = now.astimezone(ZoneInfo(TIMEZONE))
    quarter = Edition.containing(local.date())
    due = [_due(one) for one in (quarter, quarter.previous)]
    return next(moment for moment in due if moment <= local)


def _due(quarter: Edition) -> datetime:
    return datetime.combine(quarter.start.replace(day=_DAY), time(_HOUR), ZoneInfo(TIMEZONE))


def build_schedule(job: Any) -> ScheduleDefinition:
    """Build the quarterly schedule of this job, for the quarter that has just closed."""
    # The type of `job`, what define_asset_job gives, has no public name in Dagster.

    # Dagster's ready-made partitioned schedule takes no hour with a quarterly cron.
    @schedule(
        name=NAME,
        job=job,
        cron_schedule=QUARTERLY,
        execution_timezone=TIMEZONE,
        default_status=DefaultScheduleStatus.STOPPED,
    )
    def quarterly(context: ScheduleEvaluationContext) -> RunRequest:
        edition = Edition.last_closed(context.scheduled_execution_time.date())
        return RunRequest(run_key=str(edition), partition_key=partition_key(edition))

    return quarterly
