"""How a step fails in Dagster: with the sentence and the exit status of our own error, without a traceback around it.

Both are in the failure's own metadata: the UI shows them, and the command line reads them back. A machine that fails
has its sentence too, whatever the library that met it.
"""

from __future__ import annotations

import errno
import os
import re
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

import duckdb
from dagster import AssetExecutionContext, DagsterEvent, DagsterExecutionInterruptedError, RetryRequested

from barometre_pipeline.errors import BarometreError, MachineError, StoppedError
from barometre_pipeline.runs.plain_failure import PlainFailureError

# Tag of a run that somebody waits for.
TERMINAL = "barometre/terminal"
PAUSES = (60, 180, 360)  # seconds before a step that publishes is tried again

_STATUS = "exit_status"
_DELIVERIES = "livraisons"
_STOPPED = "arretee_par_les_controles"
_WRITABLE = "check its rights and its owner, or give another home with --home"
_CAUSES = {
    errno.ENOSPC: "the disk is full: make room, then run again",
    errno.EDQUOT: "the quota of its disk is used up: make room, then run again",
    errno.EFBIG: "the file would be bigger than what is allowed here: raise the limit (ulimit -f), then run again",
    errno.EROFS: "its disk can only be read: give another home with --home",
    errno.EACCES: f"it may not be read or written: {_WRITABLE}",
    errno.EPERM: f"it may not be changed: {_WRITABLE}",
    errno.EEXIST: "there is a file where a folder is needed: move it away, then run again",
    errno.ENOTDIR: "there is a file where a folder is needed: move it away, then run again",
    errno.EISDIR: "there is a folder where a file is needed: move it away, then run again",
    errno.EIO: "its disk fails: check it, or give another home with --home",
    errno.ELOOP: "it is a link that goes round in circles: remove it, then run again",
    errno.ENAMETOOLONG: "its name is too long for the disk: give a home with a shorter path",
    errno.EMFILE: "too many files are open: raise the limit (ulimit -n), then run again",
    errno.ENFILE: "too many files are open on this machine: run again when it does less",
    errno.ENOMEM: "there is not enough memory: run again when the machine does less",
}
_FULL = os.strerror(errno.ENOSPC)  # as libraries write it in their own errors
_PATH = re.compile(r"""['"](/[^'"]+)['"]""")
_SOMEWHERE = "A file of the home"
_INTERRUPTED = "Query interrupted"  # in the midst of a query, DuckDB makes an error of its own of the signal
_DUCKDB = (duckdb.IOException, duckdb.SerializationException, duckdb.FatalException, duckdb.OutOfMemoryException)


@contextmanager
def told_plainly() -> Iterator[None]:
    """Turn an error of ours, or of the machine, into a Dagster failure that says its sentence; let others through."""
    try:
        yield
    except Exception as error:
        ours = error if isinstance(error, BarometreError) else machine_error(error)
        if ours is None:
            raise
        facts: dict[str, Any] = {_STATUS: ours.exit_status}
        if ours.livraisons:
            facts[_DELIVERIES] = list(ours.livraisons)
        if isinstance(ours, StoppedError):
            facts[_STOPPED] = True
        raise PlainFailureError(str(ours), metadata=facts, allow_retries=False) from error


@contextmanager
def tried_again(context: AssetExecutionContext) -> Iterator[None]:
    """As `told_plainly`; what may pass is tried again by the step, three times in ten minutes.

    Not where somebody waits at a terminal, who sees the sentence and decides.
    """
    with told_plainly():
        try:
            yield
        except BarometreError as error:
            passes = any(getattr(cause, "may_pass", False) for cause in _causes(error))
            if not passes or TERMINAL in context.run.tags or context.retry_number == len(PAUSES):
                raise
            pause = PAUSES[context.retry_number]
            context.log.warning("%s Tried again in %d s.", error, pause)
            raise RetryRequested(max_retries=len(PAUSES), seconds_to_wait=pause) from error


def told_failures(events: Sequence[DagsterEvent]) -> list[tuple[str, int]]:
    """Return the sentence and exit status of every step that failed with an error of ours, each once."""
    failures = (event.step_failure_data.user_failure_data for event in events if event.is_step_failure)
    told = ((one.description or "", one.metadata[_STATUS].value) for one in failures if one and _STATUS in one.metadata)
    return list(dict.fromkeys((sentence, status) for sentence, status in told if isinstance(status, int)))


def stopped_by_gate(events: Sequence[DagsterEvent]) -> bool:
    """Tell whether a blocking rule failed; its step fails for other reasons too."""
    failures = (event.step_failure_data.user_failure_data for event in events if event.is_step_failure)
    return any(one and _STOPPED in one.metadata for one in failures)


def failed_deliveries(events: Sequence[DagsterEvent]) -> list[str]:
    """Return the ids of the deliveries that failed steps say to be to blame, each once."""
    failures = (event.step_failure_data.user_failure_data for event in events if event.is_step_failure)
    named = (one.metadata[_DELIVERIES].value for one in failures if one and _DELIVERIES in one.metadata)
    return list(
        dict.fromkeys(str(livraison) for several in named if isinstance(several, list) for livraison in several)
    )


class KeptError(Protocol):
    """An error as Dagster keeps it, in a type of its own that has no public name."""

    cls_name: str | None
    message: str
    cause: Any  # another one, or None

    def to_string(self) -> str:
        """Return it with its traceback."""
        ...


def other_errors(events: Sequence[DagsterEvent]) -> list[KeptError]:
    """Return what Dagster kept of every error, the first one first."""
    found = (getattr(event.event_specific_data, "error", None) for event in events)
    return [error for error in found if error]


def was_interrupted(events: Sequence[DagsterEvent]) -> bool:
    """Tell whether somebody stopped the run: Ctrl-C, or a signal."""
    causes = list(map(first_cause, other_errors(events)))
    return any(
        cause.cls_name == DagsterExecutionInterruptedError.__name__ or _INTERRUPTED in cause.message for cause in causes
    )


def first_cause(error: KeptError) -> KeptError:
    """Return the error that is behind one that Dagster kept."""
    while error.cause:
        error = error.cause
    return error


def machine_error(error: BaseException, instance: Path | None = None) -> MachineError | None:
    """Return what a failure of the machine is in plain words; None where the machine is not to blame.

    `instance` is the folder of Dagster's databases, which do not say where they are.
    """
    for cause in _causes(error):
        if isinstance(cause, OSError) and cause.errno in _CAUSES:
            return MachineError(f"{cause.filename or _SOMEWHERE}: {_CAUSES[cause.errno]}.")
        if _FULL in str(cause):
            return MachineError(f"{_place(cause)}: {_CAUSES[errno.ENOSPC]}.")
        if isinstance(cause, _DUCKDB):
            return MachineError(
                f"DuckDB could not use its file: {_first_line(cause)}. Check the room and the rights of that folder; "
                "where the file is damaged, remove it: a run makes it again."
            )
        if isinstance(cause, sqlite3.DatabaseError) and not isinstance(cause, sqlite3.ProgrammingError):
            place = instance or "the folder dagster of the home"
            return MachineError(
                f"Dagster could not write its history, in {place} ({_first_line(cause)}): check "
                "the room and the rights of that folder, then run again."
            )
    return None


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = getattr(error, "orig", None) or error.__cause__


def _place(error: BaseException) -> str:
    return next(iter(_PATH.findall(str(error))[-1:]), _SOMEWHERE)


def _first_line(error: BaseException) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0].rstrip(".")
