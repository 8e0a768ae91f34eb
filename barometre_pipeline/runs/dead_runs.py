"""Runs whose process is no more: killed, or gone with its machine or its container. They would run for ever.

A process is known by its number, when it started and where: the same number is given again, after a reboot or in
another container. Where it cannot be seen from here, the home's lock, which the kernel or the database holds for it,
tells.
A run that was killed before it said which process it is in has only its age.
"""

from __future__ import annotations

import os
import platform
import time
from pathlib import Path

from dagster import DagsterInstance, DagsterRunStatus, RunRecord, RunsFilter

from barometre_pipeline.runs.holder import holder_of
from barometre_pipeline.runs.names import PROCESS, is_ours
from barometre_pipeline.settings import Settings

_SAID_WITHIN = 120  # seconds: it is the first thing that a run does

_PROCESSES = Path("/proc")
_STARTED_AT = 19  # of the fields of /proc/PID/stat that come after the program's name


def this_process() -> str:
    """Return what identifies this process among all, on this machine, since it was started."""
    return f"{os.getpid()}:{_start_of(os.getpid())}:{_place()}"


def end_dead_runs(instance: DagsterInstance, settings: Settings) -> list[str]:
    """Say that a run failed where its process is no more; return the ids of these runs.

    Only those of this barometer, which hold its home while they last.
    """
    ended = []
    statuses = [DagsterRunStatus.STARTED, DagsterRunStatus.CANCELING]
    for record in instance.get_run_records(RunsFilter(statuses=statuses)):
        run = record.dagster_run
        if not is_ours(run, settings.nom):
            continue
        process = run.tags.get(PROCESS)
        if _never_said(record) if process is None else not _is_alive(process, settings):
            told = f" ({process.partition(':')[0]})" if process else ""
            instance.report_run_failed(run, f"Its process{told} was killed: run it again.")
            ended.append(run.run_id)
    return ended


def _never_said(record: RunRecord) -> bool:
    """Tell whether a run should have said long ago which process it is in."""
    began = record.start_time or record.create_timestamp.timestamp()
    return time.time() - began > _SAID_WITHIN


def _is_alive(process: str, settings: Settings) -> bool:
    number, _, rest = process.partition(":")
    started, _, place = rest.partition(":")
    if place != _place():
        return holder_of(settings) is not None
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
