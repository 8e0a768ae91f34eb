"""A command in a process of its own, timed, with the memory of all its processes together: for `make bench`."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from barometre_pipeline.runs.instance import opened_instance

BAROMETRE = Path(sys.executable).with_name("barometre")
_EVERY = 0.2  # seconds between two looks at the memory


def timed_run(edition: str, home: Path, *options: object) -> tuple[dict[str, float], int]:
    """Run an edition; return the seconds of each stage and of the whole, and the memory of its processes in bytes."""
    _, whole, peak = timed([BAROMETRE, "run", edition, "--home", home, *options])
    with opened_instance(home / "dagster") as instance:
        (record,) = instance.get_runs(limit=1)
        stats = {s.step_key: s.end_time - s.start_time for s in instance.get_run_step_stats(record.run_id)}
    return {**stats, "start and end": whole - sum(stats.values()), "whole run": whole}, peak


def timed(command: Sequence[object]) -> tuple[str, float, int]:
    """Run a command; return what it printed, its seconds, and the peak memory of its processes in bytes.

    What they share counts once (PSS). SystemExit with what it said where it fails.
    """
    # Users' Python keeps the compiled modules; a shell that forbids it would measure their compilation.
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    began, peak = time.perf_counter(), 0
    with tempfile.TemporaryFile() as printed, tempfile.TemporaryFile() as said:
        with subprocess.Popen(list(map(str, command)), env=environment, stdout=printed, stderr=said) as running:
            while running.poll() is None:
                peak = max(peak, sum(map(_memory, _family(running.pid))))
                time.sleep(_EVERY)
        seconds = time.perf_counter() - began
        for file in (printed, said):
            file.seek(0)
        if running.returncode:
            raise SystemExit(said.read().decode() or running.returncode)
        return printed.read().decode(), seconds, peak


def _family(process: int) -> list[int]:
    """Return a process and all that descend from it."""
    children: dict[int, list[int]] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            _, _, after = stat.read_text(encoding="utf-8", errors="replace").rpartition(") ")
            children.setdefault(int(after.split()[1]), []).append(int(stat.parent.name))
    found = [process]
    for one in found:
        found += children.get(one, [])
    return found


def _memory(process: int) -> int:
    with suppress(OSError, IndexError, ValueError):
        rollup = Path(f"/proc/{process}/smaps_rollup").read_text(encoding="utf-8")
        return int(rollup.partition("\nPss:")[2].split()[0]) * 1024
    return 0
