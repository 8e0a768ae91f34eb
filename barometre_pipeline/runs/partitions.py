"""Editions as Dagster partitions: one quarter each, in the time of Paris.

Dagster writes a partition's key as the quarter's first day; people write `2022-T1`.
"""

from __future__ import annotations

from datetime import date, datetime
from functools import cache
from zoneinfo import ZoneInfo

from dagster import DagsterRun, TimeWindowPartitionsDefinition

from barometre_pipeline.editions import Edition
from barometre_pipeline.errors import UsageError
from barometre_pipeline.runs.failures import told_plainly

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


def read_key(key: str) -> Edition:
    """Return the edition of a partition's key; UsageError where it is none: Dagster takes any text."""
    try:
        return Edition.containing(date.fromisoformat(key))
    except ValueError:
        raise UsageError(f"{key} is not the key of an edition: that of 2022-T1 is 2022-01-01.") from None


def chosen_key(run: DagsterRun) -> str:
    """Return the key of the partition that a run is of; UsageError where it has none, or a range of them."""
    key: str | None = run.tags.get(PARTITION)
    if key is None:
        raise UsageError("No edition was chosen: choose its partition, as in 2022-01-01 for 2022-T1.")
    return key


@told_plainly()
def edition_of(run: DagsterRun) -> Edition:
    """Return the edition that a step is to make; where its run has no key of one, the step fails and says so."""
    return read_key(chosen_key(run))


def shown_edition(key: str) -> str:
    """Return the edition of a partition's key as people write it; what is no key, as it is."""
    try:
        return str(read_key(key))
    except UsageError:
        return key
