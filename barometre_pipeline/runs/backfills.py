"""How many editions were asked for together: by a backfill's record, which its runs name in a tag, or by a command."""

from __future__ import annotations

from collections.abc import Mapping

from dagster import AssetExecutionContext

_BACKFILL = "dagster/backfill"  # the tag has no public name in Dagster
TOGETHER = "barometre/editions"  # tag of a run of a command that asks for several: how many
_UNKNOWN = 2  # of a backfill whose record is gone, one edition cannot be held


def editions_launched(context: AssetExecutionContext) -> int:
    """Return how many editions the launch of this run asks for: 1 but for a backfill, or a command that names more."""
    tags: Mapping[str, str] = context.run.tags
    if _BACKFILL not in tags:
        return int(tags.get(TOGETHER, 1))
    record = context.instance.get_backfill(tags[_BACKFILL])
    if record is None:
        return _UNKNOWN
    if not record.is_asset_backfill:
        return len(record.partition_names or ())
    data = record.get_asset_backfill_data(context.job_def.asset_layer.asset_graph)
    return max(map(len, data.target_subset.partitions_subsets_by_asset_key.values()), default=1)
