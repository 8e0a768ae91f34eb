"""A backfill as Dagster records it, for the runs of a test."""

import time

from dagster import DagsterInstance
from dagster._core.execution.backfill import BulkActionStatus, PartitionBackfill

from barometre_pipeline.editions import Edition
from barometre_pipeline.runs.partitions import partition_key


def recorded_backfill(instance: DagsterInstance, *editions: str) -> dict[str, str]:
    """Record a backfill of these editions, and return the tags of its runs."""
    record = PartitionBackfill(
        "passe",
        BulkActionStatus.REQUESTED,
        from_failure=False,
        tags={},
        backfill_timestamp=time.time(),
        partition_names=[partition_key(Edition.parse(edition)) for edition in editions],
    )
    instance.add_backfill(record)
    return {"dagster/backfill": record.backfill_id}
