"""How a step fails in Dagster: with the sentence of our own error, without a traceback around it.

The UI shows the sentence, and the command line prints it (`sentence_of`).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from dagster import DagsterEvent, Failure, MetadataValue
from dagster._utils.error import SerializableErrorInfo

from barometre_pipeline.errors import BarometreError

_STATUS = "statut_de_sortie"


@contextmanager
def told_plainly() -> Iterator[None]:
    """Turn an error of ours into a Dagster failure that says the same sentence; let others through."""
    try:
        yield
    except BarometreError as error:
        metadata = {_STATUS: MetadataValue.int(error.exit_status)}
        raise Failure(description=str(error), metadata=metadata, allow_retries=False) from error


def sentence_of(event: DagsterEvent) -> tuple[str | None, int, SerializableErrorInfo | None]:
    """Return what a failed step says, its exit status, and the error itself where it is not one of ours."""
    data = event.step_failure_data
    told = data.user_failure_data
    if told and told.description:
        status = told.metadata.get(_STATUS)
        return told.description, int(status.value) if status else 1, data.error
    return None, 1, data.error
