"""What each step of an edition's publication did, written down as it is done: files, commit, push, portal.

For people, and for saying what a run that was killed had done. Nothing is decided from it: what is true is asked of
the depot and of the portal.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from barometre_pipeline.resources.atomic import read_record, write_record

STEPS = ("files", "commit", "push", "portal")


@dataclass(frozen=True)
class Journal:
    """The record of one edition, a JSON file replaced whole at each step."""

    path: Path

    def read(self) -> dict[str, dict[str, Any]]:
        """Return what each step did last; {} before the first, or when the file cannot be read."""
        return read_record(self.path)

    def record(self, step: str, **facts: Any) -> None:
        """Write what a step did; the steps after it are forgotten, as they were of an earlier publication."""
        rank = STEPS.index(step)
        before = {name: value for name, value in self.read().items() if name in STEPS[:rank]}
        done_at = datetime.now(UTC).isoformat(timespec="seconds")
        write_record(self.path, {**before, step: {"done_at": done_at, **facts}})
