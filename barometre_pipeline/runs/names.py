"""How a barometer is told from the others of a Dagster instance, by its short name: its assets, its location, its runs.

Dagster has one list of assets an instance: those of a barometer that has a name are below it, `lyon/detail`. Without a
name, as where an instance has one barometer, everything is as it is written in the code: the stages know no name.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping

from dagster import AssetChecksDefinition, AssetKey, AssetsDefinition, BetaWarning, DagsterRun

from barometre_pipeline.setting_rules import LOCATION

# The tag of a run that tells which process it is in.
PROCESS = "barometre/processus"
NAMED = "barometre/nom"  # the tag of a run that tells its code location, where an instance has several


def own_key(nom: str | None, key: AssetKey) -> AssetKey:
    """Return an asset's key in the instance."""
    return key.with_prefix(nom) if nom else key


def bare_key(nom: str | None, key: AssetKey) -> AssetKey:
    """Return an asset's key as the stages know it; that of another barometer as it is."""
    return AssetKey(key.path[1:]) if nom and key.path[0] == nom and len(key.path) > 1 else key


def renamed(nom: str | None, asset: AssetsDefinition) -> AssetsDefinition:
    """Return a step with its assets, what they depend on and their checks below the name."""
    if not nom:
        return asset
    keys = {*asset.keys, *(dep.asset_key for spec in asset.specs for dep in spec.deps)}
    keys |= {check.asset_key for check in asset.check_specs}
    return asset.with_attributes(asset_key_replacements={key: own_key(nom, key) for key in keys})


def renamed_checks(nom: str | None, checks: AssetChecksDefinition) -> AssetChecksDefinition:
    """Return a step of checks with their assets below the name."""
    with warnings.catch_warnings():
        # Of what Dagster itself passes on: the pin of Dagster says when to look again.
        warnings.simplefilter("ignore", BetaWarning)
        return AssetChecksDefinition(**renamed(nom, checks).get_attributes_dict()) if nom else checks


def name_tags(nom: str | None) -> Mapping[str, str]:
    """Return what tells a run of this barometer from those of others; nothing where it has no name."""
    return {NAMED: nom} if nom else {}


def is_ours(run: DagsterRun, nom: str | None) -> bool:
    """Tell whether a run is of this barometer: an instance may have those of others.

    One that has begun, or that waited in a queue for several, is tagged; another, only from where it was launched.
    """
    location = nom or LOCATION
    if NAMED in run.tags:
        return run.tags[NAMED] == location
    if nom is None and PROCESS in run.tags:
        return True
    return run.remote_job_origin is not None and run.remote_job_origin.location_name == location
