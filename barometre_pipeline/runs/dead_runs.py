"""Runs whose process is no more: killed, or gone with its machine or its container. They would run for ever.

A process is known by its number, when it started and where: the same number is given again, after a reboot or in
another container. Where it cannot be seen from here, the home's lock, which the kernel holds for it, tells.
"""

from __future__ import annotations

import os
import platform
from pathlib import Path

from dagster import DagsterInstance, DagsterRunStatus, RunsFilter

from barometre_pipeline.runs.lock import run_under_way

# The tag of a run that tells which process it is in.
PROCESS = "barometre/processus"

_PROCESSES = Path("/proc")
_STARTED_AT = 19  # of the fields of /proc/PID/stat that come after the program's name


def this_process() -> str:
    """Return what identifies this process among all, on this machine, since it was started."""
    return f"{os.getpid()}:{_start_of(os.getpid())}:{_place()}"


def end_dead_runs(instance: DagsterInstance, home: Path) -> list[str]:
    """Say that a run failed where its process is no more; return the ids of these runs.

    `home` is the folder that the runs of this instance hold while they last.
    """
    ended = []
    for run in instance.get_runs(RunsFilter(statuses=[DagsterRunStatus.STARTED, DagsterRunStatus.CANCELING])):
        process = run.tags.get(PROCESS)
        if process and not _is_alive(process, home):
            instance.report_run_failed(run, f"Its process ({process.partition(':')[0]}) was killed: run it again.")
            ended.append(run.run_id)
    return ended


def _is_alive(process: str, home: Path) -> bool:
    number, _, rest = process.partition(":")
    started, _, place = rest.partition(":")
    if place != _place():
        return run_under_way(home) is not None
    return _start_of(int(number)) == started


def _start_of(number: int) -> str | None:
    """Return when a process started, in ticks since the machine did, or nothing on macOS; None where there is none."""
    if not _PROCESSES.is_dir():
        return "" if _answers(number) else None
    try:
        stat = (_PROCESSES / str(number) / "stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None
    state, *fields = stat.rpartition(")")[2].split()
    return None if state == "Z" else fields[_STARTED_AT - 1]


def _place() -> str:
    """Return the machine since it was started, and the container, whose processes have these numbers."""
    if not _PROCESSES.is_dir():
        return platform.node()
    boot = (_PROCESSES / "sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    return f"{boot}:{(_PROCESSES / 'self/ns/pid').readlink()}"


def _answers(number: int) -> bool:
    try:
        os.kill(number, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
