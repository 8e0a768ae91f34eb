"""When an edition is made: each quarter, once the ministries have delivered.

Off until turned on: by the setting that says when, or in the UI.
"""

from dataclasses import dataclass
from datetime import datetime, time
from typing import Any, Self
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
from barometre_pipeline.settings import Settings

NAME = "chaque_trimestre"
_USUAL = "15 06:00"


@dataclass(frozen=True)
class Collection:
    """The day of the month that follows a quarter, and the time in Paris, at which its edition is made."""

    day: int
    time: time

    @classmethod
    def of(cls, settings: Settings) -> Self:
        """Return what the settings say, else the 15th at six in the morning."""
        day, _, clock = (settings.calendrier or _USUAL).partition(" ")
        return cls(int(day), time.fromisoformat(clock))

    @property
    def cron(self) -> str:
        """Return it as Dagster has it."""
        return f"{self.time.minute} {self.time.hour} {self.day} 1,4,7,10 *"

    def last_due(self, now: datetime) -> datetime:
        """Return the last moment, at or before this one, at which an edition was to be launched."""
        local = now.astimezone(ZoneInfo(TIMEZONE))
        quarter = Edition.containing(local.date())
        due = [self._due(one) for one in (quarter, quarter.previous)]
        return next(moment for moment in due if moment <= local)

    def _due(self, quarter: Edition) -> datetime:
        return datetime.combine(quarter.start.replace(day=self.day), self.time, ZoneInfo(TIMEZONE))


def build_schedule(job: Any, settings: Settings) -> ScheduleDefinition:
    """Build the quarterly schedule of this job, for the quarter that has just closed."""
    # The type of `job`, what define_asset_job gives, has no public name in Dagster.

    # Dagster's ready-made partitioned schedule takes no hour with a quarterly cron.
    @schedule(
        name=NAME,
        job=job,
        cron_schedule=Collection.of(settings).cron,
        execution_timezone=TIMEZONE,
        default_status=DefaultScheduleStatus.RUNNING if settings.calendrier else DefaultScheduleStatus.STOPPED,
    )
    def quarterly(context: ScheduleEvaluationContext) -> RunRequest:
        edition = Edition.last_closed(context.scheduled_execution_time.date())
        return RunRequest(run_key=str(edition), partition_key=partition_key(edition))

    return quarterly
