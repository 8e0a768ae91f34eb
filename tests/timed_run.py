"""A command in a process of its own, timed, with the memory of all its processes together: for `make bench`."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from barometre_pipeline.runs.instance import opened_instance

BAROMETRE = Path(sys.executable).with_name("barometre")
_EVERY = 0.2  # seconds between two looks at the memory
# What is told apart, by a word of its command.
_KINDS = {
    "ExecutorBackend": "Spark's executor",
    "SparkSubmit": "Spark's driver",
    "pyspark": "Spark's Python",
    "quality.judge": "the judge",
    "bounded_server": "a reader",
    "publish.apart": "site or documentation",
}


@dataclass
class Timed:
    """What a command printed, its seconds, and what its processes took, together or each kind: memory and processor.

    Memory in bytes, at its highest; what they share counts once (PSS). Processor in seconds, as last seen of each.
    """

    printed: str = ""
    seconds: float = 0.0
    peak: int = 0
    peaks: dict[str, int] = field(default_factory=dict)
    _worked: dict[int, tuple[str, float]] = field(default_factory=dict)

    @property
    def worked(self) -> dict[str, float]:
        """The seconds of processor of each kind of process."""
        return {kind: sum(s for k, s in self._worked.values() if k == kind) for kind, _ in self._worked.values()}

    def look(self, process: int, others: Iterable[int] = ()) -> None:
        """Look at a process, at what descends from it, and at others with theirs."""
        found = {one: _memory(one) for one in _family(process, *others)}
        self.peak = max(self.peak, sum(found.values()))
        for one, memory in found.items():
            kind = "main process" if one == process else _kind(one)
            self.peaks[kind] = max(self.peaks.get(kind, 0), memory)
            if found[one]:  # a process that has ended has no memory, and no name
                self._worked[one] = (kind, _processor(one))


def timed_run(
    edition: str, home: Path, *options: object, program: Sequence[object] = (BAROMETRE,), others: Iterable[int] = ()
) -> tuple[dict[str, float], Timed]:
    """Run an edition, or several; return the seconds of each stage of the last one and of the whole, and the memory."""
    done = timed([*program, "run", *edition.split(), "--home", home, *options], others)
    with opened_instance(home / "dagster") as instance:
        (record,) = instance.get_runs(limit=1)
        stats = {s.step_key: s.end_time - s.start_time for s in instance.get_run_step_stats(record.run_id)}
    return {**stats, "start and end": done.seconds - sum(stats.values()), "whole run": done.seconds}, done


def timed(command: Sequence[object], others: Iterable[int] = ()) -> Timed:
    """Run a command, and look at the memory of `others` too, processes that work for it; SystemExit where it fails."""
    # Users' Python keeps the compiled modules; a shell that forbids it would measure their compilation.
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    began, done = time.perf_counter(), Timed()
    with tempfile.TemporaryFile() as printed, tempfile.TemporaryFile() as said:
        with subprocess.Popen(list(map(str, command)), env=environment, stdout=printed, stderr=said) as running:
            while running.poll() is None:
                done.look(running.pid, others)
                time.sleep(_EVERY)
        done.seconds = time.perf_counter() - began
        for file in (printed, said):
            file.seek(0)
        if running.returncode:
            raise SystemExit(said.read().decode() or running.returncode)
        done.printed = printed.read().decode()
        return done


def _family(*processes: int) -> list[int]:
    """Return processes and all that descend from them."""
    children: dict[int, list[int]] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            _, _, after = stat.read_text(encoding="utf-8", errors="replace").rpartition(") ")
            children.setdefault(int(after.split()[1]), []).append(int(stat.parent.name))
    found = list(processes)
    for one in found:
        found += children.get(one, [])
    return found


def _kind(process: int) -> str:
    """Return what a process is, from its command."""
    with suppress(OSError):
        command = Path(f"/proc/{process}/cmdline").read_bytes().decode(errors="replace").split("\0")
        for word, kind in _KINDS.items():
            if any(word in one for one in command):
                return kind
    return "others"


def _memory(process: int) -> int:
    with suppress(OSError, IndexError, ValueError):
        rollup = Path(f"/proc/{process}/smaps_rollup").read_text(encoding="utf-8")
        return int(rollup.partition("\nPss:")[2].split()[0]) * 1024
    return 0


def _processor(process: int) -> float:
    with suppress(OSError):
        stat = Path(f"/proc/{process}/stat").read_text(encoding="utf-8", errors="replace")
        user, system = stat.rpartition(") ")[2].split()[11:13]
        return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")
    return 0.0
