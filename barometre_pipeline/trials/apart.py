"""A file looked at in a process of its own, within bounds: whoever proposes a delivery has not made it."""

from __future__ import annotations

from pathlib import Path

from barometre_pipeline.catalogue import Catalogue
from barometre_pipeline.errors import ReadingError, UsageError
from barometre_pipeline.resources.bounded import BoundedProcesses, Bounds, StoppedError
from barometre_pipeline.trials.proposing import proposed_delivery

_MEMORY, _SECONDS = 1_000_000_000, 60.0
_LIMITS = {
    "memory": f"it needs more than {_MEMORY // 1_000_000:,} MB",
    "time": f"it is not over after {_SECONDS:.0f} s",
}


def proposed_apart(path: Path, catalogue: Catalogue) -> str:
    """Return the YAML of a delivery that reads this file; ReadingError or UsageError where it cannot be looked at."""
    processes = BoundedProcesses(__name__, 1)
    try:
        answer = processes.call(_proposed, path.absolute(), catalogue, bounds=Bounds(_MEMORY, _SECONDS))
    except StoppedError as stopped:
        why = _LIMITS.get(stopped.why, "it is damaged, or of no format that is known")
        raise ReadingError(f"{path.name} cannot be looked at: {why}.") from stopped
    finally:
        processes.stop()
    if "refused" in answer:
        raise (UsageError if answer["usage"] else ReadingError)(answer["refused"])
    return str(answer["yaml"])


def _proposed(path: Path, catalogue: Catalogue) -> dict[str, str | bool]:
    try:
        return {"yaml": proposed_delivery(path, catalogue)}
    except (ReadingError, UsageError) as error:
        return {"refused": str(error), "usage": isinstance(error, UsageError)}
