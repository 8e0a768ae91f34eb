"""Editions as Dagster partitions: one quarter each, in the time of Paris.

Dagster writes a partition's key as the quarter's first day; people write `2022-T1`.
"""

from __future__ import annotations

from datetime import date, datetime
from functools import cache
from zoneinfo import ZoneInfo

from dagster import TimeWindowPartitionsDefinition

from barometre_pipeline.editions import Edition

TIMEZONE = "Europe/Paris"
PARTITION = "dagster/partition"  # the tag of a run that has its key; it has no public name in Dagster


@cache
def build_editions(first: Edition) -> TimeWindowPartitionsDefinition:
    """Build the partitions of the assets: an edition each, from the first one to the last closed quarter."""
    return TimeWindowPartitionsDefinition(
        start=first.start.isoformat(), fmt="%Y-%m-%d", cron_schedule="0 0 1 1,4,7,10 *", timezone=TIMEZONE
    )


def last_closed_edition() -> Edition:
    """Return the edition of the last quarter that is over today, in Paris."""
    return Edition.last_closed(datetime.now(ZoneInfo(TIMEZONE)).date())


def partition_key(edition: Edition) -> str:
    """Return the key of an edition's partition: `2022-01-01` for 2022-T1."""
    return edition.start.isoformat()


def edition_of(key: str) -> Edition:
    """Return the edition of a partition's key."""
    return Edition.containing(date.fromisoformat(key))
