"""Which assets a run was asked for, and which of them it shows as made: not those that it found made already.

What was made has, where it is known, the version of its contents: by it the UI tells what was made from other ones.
"""

from __future__ import annotations

from collections.abc import Mapping, Set
from typing import Any

from dagster import (
    AssetCheckExecutionContext,
    AssetExecutionContext,
    AssetKey,
    AssetRecordsFilter,
    DataVersion,
    MaterializeResult,
)

from barometre_pipeline.runs.names import bare_key, own_key

# By this mark Dagster makes no materialization of what a step yields, and what comes after goes on: a step that yields
# nothing has all that depends on it skipped. It has no public name; remove it when there is one for this.
_NOT_MADE = "__source_asset_observation__"


def assets_of_run(context: AssetExecutionContext | AssetCheckExecutionContext) -> Set[AssetKey]:
    """Return the assets that the whole run was asked to make."""
    nom = _name(context)
    return {bare_key(nom, key) for key in context.job_def.asset_layer.selected_asset_keys}


def assets_of_step(context: AssetExecutionContext) -> Set[AssetKey]:
    """Return the assets that the step is asked to make."""
    nom = _name(context)
    return {bare_key(nom, key) for key in context.selected_asset_keys}


def made(
    context: AssetExecutionContext, key: AssetKey, facts: Mapping[str, Any], version: str | None = None
) -> MaterializeResult[None]:
    """Return what a step yields for an asset that it made; `version` is the same for the same contents."""
    known = DataVersion(version) if version else None
    return MaterializeResult(asset_key=own_key(_name(context), key), metadata=facts, data_version=known)


def not_made(context: AssetExecutionContext, key: AssetKey, why: Mapping[str, Any]) -> MaterializeResult[None]:
    """Return what a step yields for an asset for which it did nothing: what comes after goes on."""
    return made(context, key, {**why, _NOT_MADE: True})


def found_made(
    context: AssetExecutionContext, key: AssetKey, facts: Mapping[str, Any], version: str | None = None
) -> MaterializeResult[None]:
    """Return what a step yields for an asset that it found made: shown only where no run of this instance showed it."""
    of_this_edition = AssetRecordsFilter(own_key(_name(context), key), asset_partitions=[context.partition_key])
    if context.instance.fetch_materializations(of_this_edition, limit=1).records:
        return not_made(context, key, facts)
    return made(context, key, facts, version)


def _name(context: AssetCheckExecutionContext | AssetExecutionContext) -> str | None:
    """Return the name of the barometer of the settings, which every step asks for."""
    name: str | None = context.op_execution_context.resources.settings.nom
    return name
