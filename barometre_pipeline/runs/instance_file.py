"""`dagster.yaml`: the operator's file. It is made once; later, what it does not say is added, within its parts too.

Nothing that stands in it is ever changed: a storage, a queue or a log that the operator chose is kept.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from barometre_pipeline.errors import UsageError
from barometre_pipeline.package_files import INSTANCE_FILE
from barometre_pipeline.resources.atomic import write_file
from barometre_pipeline.runs.compute_logs import NOWHERE, PrintedInFiles
from barometre_pipeline.runs.event_log import KeptOpenEventLog
from barometre_pipeline.runs.home_queue import LIMITS, OneRunAHome
from barometre_pipeline.runs.yaml_completion import completed_inside, reads_as

POSTGRES = "BAROMETRE_POSTGRES"
_HISTORY = ("storage", "event_log_storage", "run_storage", "schedule_storage")
_QUEUE = re.compile(r"^concurrency:\n( .*\n)+#.*\nrun_queue:\n( .*\n)+", re.MULTILINE)
# What says the same as a part of ours, under another name: Dagster refuses both together.
_SAID_BY = {name: set(_HISTORY) for name in _HISTORY} | {
    "concurrency": {"run_queue", "run_coordinator"},
    "run_queue": {"run_coordinator"},
    "run_coordinator": {"run_queue", "concurrency"},
}


def complete_instance_file(folder: Path, *, in_postgres: bool = False, several: bool = False) -> None:
    """Make the file of this instance, or add to it what it lacks; UsageError where it cannot be as it is.

    The history is kept `in_postgres`, at the address of the variable, or else in files of SQLite. Of `several`
    barometers each has a run at a time.
    """
    file = folder / "dagster.yaml"
    is_new = not file.exists()
    written = _new(several) if is_new else _read(file)
    said = _said(written, file)
    _check_history(said, file, in_postgres)
    parts = _ours(several)
    ours = parts | _history(in_postgres, is_new) | _printed(is_new)
    own = {name: part for name, part in ours.items() if not _SAID_BY.get(name, set()) & set(said)}
    lacking = {name: part for name, part in own.items() if name not in said}
    begun = {name: own[name] for name in parts if name in own and name in said}
    completed = completed_inside(written, {n: part for n, part in begun.items() if not _is_of_another(said[n], part)})
    if lacking:
        completed = _with_at_the_end(completed, lacking, file)
    if completed != written or is_new:
        write_file(file, completed)


def _is_of_another(said: Any, ours: Any) -> bool:
    """Tell whether a part is of another class than ours, which may not take what ours does."""
    return isinstance(said, dict) and isinstance(ours, dict) and said.get("class") != ours.get("class")


def _with_at_the_end(written: str, lacking: Mapping[str, Any], file: Path) -> str:
    """Return the text with these parts; UsageError where no place is found for them, and the file stays as it is."""
    added = yaml.safe_dump(lacking, allow_unicode=True)
    wanted = {**_said(written, file), **lacking}
    at_the_end = f"{written}\n# Added by the barometer: what the file did not say.\n{added}"
    # Nothing may follow a brace that closes the whole, nor the three dots that end a document.
    for completed in (at_the_end, completed_inside(written, lacking)):
        if reads_as(completed, wanted):
            return completed
    raise UsageError(f"{file} lacks what this barometer needs, and could not be completed: write in it\n{added}")


def _new(several: bool) -> str:
    """Return the file as it is made; of several barometers the limit of runs is a home's, not the instance's."""
    written = INSTANCE_FILE.read_text(encoding="utf-8")
    queue = {"module": OneRunAHome.__module__, "class": OneRunAHome.__name__, "config": LIMITS}
    return _QUEUE.sub(yaml.safe_dump({"run_coordinator": queue}), written) if several else written


def _ours(several: bool) -> dict[str, Any]:
    ours: dict[str, Any] = yaml.safe_load(_new(several))
    return ours


def _history(in_postgres: bool, is_new: bool) -> dict[str, Any]:
    """Return where the history is kept; nothing of ours in a file that is the operator's."""
    if in_postgres:
        return {"storage": {"postgres": {"postgres_url": {"env": POSTGRES}}}}
    if not is_new:
        return {}
    return {"event_log_storage": _of_the_folder(KeptOpenEventLog)}


def _printed(is_new: bool) -> dict[str, Any]:
    """Return where what the steps print is kept; nowhere in a file that is the operator's, whose programs may lack us.

    Dagster's own files of it would take four processes a run.
    """
    return {"compute_logs": _of_the_folder(PrintedInFiles) if is_new else NOWHERE}


def _of_the_folder(kind: type) -> dict[str, Any]:
    # By the variable: a home that is moved or restored elsewhere keeps its file.
    return {"module": kind.__module__, "class": kind.__name__, "config": {"home": {"env": "DAGSTER_HOME"}}}


def _check_history(said: Mapping[str, Any], file: Path, in_postgres: bool) -> None:
    """Raise UsageError where the file and the variable disagree, or where the file names no driver that works."""
    chosen = [name for name in _HISTORY if name in said]
    storage = said.get("storage")
    database = storage.get("postgres") if isinstance(storage, dict) else None
    if in_postgres and chosen and not database and not _in_dagster_postgres(said):
        raise UsageError(
            f"{file} keeps the history elsewhere than {POSTGRES}: remove its part {', '.join(chosen)}, or unset the "
            "variable. The history that is there stays there."
        )
    if not isinstance(database, dict):
        return
    address, parts = database.get("postgres_url"), database.get("postgres_db")
    if address == {"env": POSTGRES} and not in_postgres:
        raise UsageError(f"{file} keeps the history in the database of {POSTGRES}, which is not set: set it.")
    named = isinstance(parts, dict) and not str(parts.get("scheme", "")).endswith("+psycopg2")
    if named or (isinstance(address, str) and "+psycopg2://" not in address):
        raise UsageError(
            f"{file}: with PostgreSQL, Dagster needs the driver psycopg2: write postgres_url: "
            f"postgresql+psycopg2://…, or scheme: postgresql+psycopg2 in postgres_db, or set {POSTGRES} instead."
        )


def _in_dagster_postgres(said: Mapping[str, Any]) -> bool:
    """Tell whether each part of the history is kept in PostgreSQL by its class, as Dagster's Helm chart writes it."""
    parts = [said.get(name) for name in _HISTORY if name != "storage"]
    return all(isinstance(part, dict) and str(part.get("module")).startswith("dagster_postgres.") for part in parts)


def _read(file: Path) -> str:
    try:
        return file.read_bytes().decode("utf-8")  # with its line ends
    except UnicodeDecodeError as error:
        raise UsageError(f"{file}: it is not in UTF-8 (byte {error.start + 1}): save it so.") from None


def _said(written: str, file: Path) -> Mapping[str, Any]:
    try:
        said = yaml.safe_load(written)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f", line {mark.line + 1}" if mark else ""
        raise UsageError(f"{file}{line}: {getattr(error, 'problem', None) or 'it is not YAML'}.") from None
    if said is None:
        return {}
    if not isinstance(said, dict):
        raise UsageError(f"{file}: the settings of Dagster are names with their values, as in `telemetry: …`.")
    return said
