"""`dagster.yaml`: the operator's file. It is made once; later, what it does not say is added at its end.

Nothing that stands in it is ever changed: a storage, a queue or a log that the operator chose is kept.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from barometre_pipeline.errors import UsageError
from barometre_pipeline.package_files import INSTANCE_FILE
from barometre_pipeline.resources.atomic import write_file
from barometre_pipeline.runs.event_log import KeptOpenEventLog

# What says the same as a part of ours, under another name: Dagster refuses both together.
_SAID_BY = {
    "event_log_storage": {"storage", "run_storage", "schedule_storage"},
    "concurrency": {"run_queue", "run_coordinator"},
}


def complete_instance_file(folder: Path) -> None:
    """Make the file of this instance, or add to it what it lacks; UsageError where it cannot be understood."""
    file = folder / "dagster.yaml"
    written = file.read_text(encoding="utf-8") if file.exists() else INSTANCE_FILE.read_text(encoding="utf-8")
    said = _said(written, file)
    lacking = {name: part for name, part in _ours().items() if not ({name} | _SAID_BY.get(name, set())) & set(said)}
    if lacking:
        added = yaml.safe_dump(lacking, allow_unicode=True)
        written += f"\n# Added by the barometer: what the file did not say.\n{added}"
    if lacking or not file.exists():
        write_file(file, written)


def _ours() -> dict[str, Any]:
    ours: dict[str, Any] = yaml.safe_load(INSTANCE_FILE.read_text(encoding="utf-8"))
    log = {"module": KeptOpenEventLog.__module__, "class": KeptOpenEventLog.__name__}
    # By the variable: a home that is moved or restored elsewhere keeps its file.
    ours["event_log_storage"] = {**log, "config": {"home": {"env": "DAGSTER_HOME"}}}
    return ours


def _said(written: str, file: Path) -> Mapping[str, Any]:
    try:
        said = yaml.safe_load(written) or {}
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f", line {mark.line + 1}" if mark else ""
        raise UsageError(f"{file}{line}: {getattr(error, 'problem', None) or 'it is not YAML'}.") from None
    if not isinstance(said, dict):
        raise UsageError(f"{file}: the settings of Dagster are names with their values, as in `telemetry: …`.")
    return said
