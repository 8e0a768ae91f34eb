"""A failure that the UI shows as its sentence alone, once: no traceback, no second telling, no red line a dependant.

Where this goes through what Dagster has no public name for, the pin of its version says when to look again.
"""

from __future__ import annotations

import logging

from dagster import DagsterEventType, DagsterInstance, EventLogEntry, Failure
from dagster._core.errors import DagsterUserCodeProcessError
from dagster._utils.error import SerializableErrorInfo  # type: ignore[attr-defined]  # not of its own package

_DEPENDANT = ("Dependencies for step ", "Not executing.")  # how Dagster says that a step waits for one that failed


class _ToldAloneError(DagsterUserCodeProcessError):
    """An error that Dagster shows as it is given: here, without a traceback."""

    def __init__(self, sentence: str) -> None:
        shown = [SerializableErrorInfo(sentence, [], None)]
        super().__init__(sentence, user_code_process_error_infos=shown)  # type: ignore[no-untyped-call]


class PlainFailureError(Failure, _ToldAloneError):
    """A failure with its sentence and metadata."""


def tell_once(log: logging.Logger, instance: DagsterInstance) -> None:
    """Leave out of what is kept of this log's run what another event says: of dependants, and of the run's failure."""
    for handler in log.handlers:
        for event_log in getattr(handler, "_handlers", ()):
            if _is_no_dependant not in event_log.filters:
                event_log.addFilter(_is_no_dependant)
    kept = instance.event_log_storage
    if "store_event" not in vars(kept):  # a process may have several runs
        # Whatever keeps the events, SQLite or PostgreSQL; that of a run's failure passes through no log of its steps.
        store = kept.store_event
        kept.store_event = lambda event: store(_without_repetition(event))  # type: ignore[method-assign]


def _is_no_dependant(record: logging.LogRecord) -> bool:
    text = str(getattr(record, "dagster_meta", {}).get("orig_message"))
    return not (text.startswith(_DEPENDANT[0]) and text.endswith(_DEPENDANT[1]))


def _without_repetition(entry: EventLogEntry) -> EventLogEntry:
    """Return an event as it is kept: from the run's failure, the error of its first failed step is left out."""
    event = entry.dagster_event
    if event is None or event.event_type != DagsterEventType.RUN_FAILURE:
        return entry
    kept = event.event_specific_data  # nothing of a run that another process says to have failed
    if kept is None or event.job_failure_data.first_step_failure_event is None:
        return entry
    facts = event.job_failure_data._replace(error=None, first_step_failure_event=None)
    return entry._replace(dagster_event=event._replace(event_specific_data=facts))
