"""Does a run do without the network? The command line says so in a tag, the launchpad in the extraction's options."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dagster import DagsterRun

OFFLINE = "barometre/hors_ligne"


def is_offline(run: DagsterRun) -> bool:
    """Tell whether a run works from the stored files, without any network."""
    config: Mapping[str, Any] = run.run_config
    asked = config.get("ops", {}).get("extract", {}).get("config", {})
    return OFFLINE in run.tags or bool(asked.get("from_snapshot"))
