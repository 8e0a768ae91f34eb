"""The Dagster instance of a home: the project's own settings, in a DAGSTER_HOME of its own."""

from __future__ import annotations

import os
from pathlib import Path

import yaml

from barometre_pipeline.runs.event_log import KeptOpenEventLog

PROJECT_SETTINGS = Path(__file__).parents[2] / "dagster.yaml"


def prepare_instance(home: Path) -> None:
    """Write the settings of the instance in this folder, and make it the one that Dagster opens."""
    settings = yaml.safe_load(PROJECT_SETTINGS.read_text(encoding="utf-8"))
    settings["event_log_storage"] = {
        "module": KeptOpenEventLog.__module__,
        "class": KeptOpenEventLog.__name__,
        "config": {"base_dir": str(home / "history" / "runs")},
    }
    home.mkdir(parents=True, exist_ok=True)
    unfinished = home / ".dagster.yaml.partiel"
    unfinished.write_text(yaml.safe_dump(settings, allow_unicode=True), encoding="utf-8")
    unfinished.replace(home / "dagster.yaml")
    os.environ["DAGSTER_HOME"] = str(home)
