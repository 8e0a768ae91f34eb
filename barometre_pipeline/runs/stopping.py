"""Runs that somebody stops from elsewhere, as the UI does: they end before their next effect outside.

Dagster interrupts the runs that its own programs started, but not one of a terminal; and one that is stopped by force
is only said to be. What a run is said to be is read here; how an interrupted one ends is Dagster's.
"""

from __future__ import annotations

import logging
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, Thread

from dagster import DagsterExecutionInterruptedError, DagsterInstance, DagsterRunStatus

STOPPED = "Stopped from Dagster: nothing more is done; running again finishes the work."

_EVERY_SECONDS = 1.0
_SAID_TO_BE = (DagsterRunStatus.CANCELING, DagsterRunStatus.CANCELED)
_log = logging.getLogger(__name__)


def was_stopped(instance: DagsterInstance, run_id: str) -> bool:
    """Tell whether somebody stopped the run, by force or not."""
    run = instance.get_run_by_id(run_id)
    return run is not None and run.status in _SAID_TO_BE


def end_if_stopped(instance: DagsterInstance, run_id: str) -> None:
    """Interrupt the step where somebody stopped its run: what comes next cannot be taken back.

    As an interruption and not as an error: a step that fails would have a run stopped by force end as failed.
    """
    if was_stopped(instance, run_id):
        raise DagsterExecutionInterruptedError(STOPPED)


@contextmanager
def interrupted_when_stopped(instance: DagsterInstance, run_id: str) -> Iterator[None]:
    """Interrupt the main thread of this process, once, as soon as the run that the block makes is stopped."""
    ended = Event()
    watch = Thread(target=_watch, args=(instance, run_id, ended), name="stopped-runs", daemon=True)
    watch.start()
    try:
        yield
    finally:
        ended.set()
        watch.join()


def _watch(instance: DagsterInstance, run_id: str, ended: Event) -> None:
    while not ended.wait(_EVERY_SECONDS):
        try:
            stopped = was_stopped(instance, run_id)
        except Exception as error:
            # A database that is busy for a while says nothing of the run, whose own steps tell one that fails.
            _log.debug("Whether the run is stopped could not be read: %s", error)
            continue
        if stopped and not ended.is_set():
            os.kill(os.getpid(), signal.SIGINT)
            return
