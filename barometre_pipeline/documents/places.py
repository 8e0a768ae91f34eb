"""Where something is written: the file, the line, the path of keys that leads to it.

A path is a tuple of keys and ranks from 0; people read it as `indicateurs[1].sens`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

KeyPath = tuple[Any, ...]


@dataclass(frozen=True)
class Place:
    """One object of a file. `label` is what leads to it; `line_of` gives the line of a path within it.

    `is_told` says whether what is wrong with the value of a path was said when the file was read.
    """

    file: str
    label: str
    data: Any
    line_of: Callable[[KeyPath], int]
    is_told: Callable[[KeyPath], bool] = lambda path: False

    def at(self, *path: Any) -> str:
        """Say where a path of the object is: `mesures/eau.yaml, line 12: indicateurs[1].sens`."""
        said = ": ".join(part for part in (self.label, spelled(path)) if part)
        return f"{self.file}, line {self.line_of(path)}{f': {said}' if said else ''}"

    def __str__(self) -> str:
        return self.at()


def spelled(path: KeyPath) -> str:
    """Write a path for people, ranks from 1."""
    return ".".join(f"[{p + 1}]" if isinstance(p, int) else str(p) for p in path).replace(".[", "[")


def own_path(data: Any, path: KeyPath, is_absent: bool) -> KeyPath:
    """Return a path of pydantic's without what is not in the file: the member of a union, the mark of a key.

    `is_absent` says that the last part is a key which the file should have, or is not expected to have.
    """
    kept = []
    for rank, part in enumerate(path):
        if isinstance(data, dict) and part in data:
            data = data[part]
        elif isinstance(data, list) and isinstance(part, int):
            data = data[part] if part < len(data) else None
        elif not (is_absent and rank == len(path) - 1):
            continue
        kept.append(part)
    return tuple(kept)
