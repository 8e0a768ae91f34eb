"""How a step fails in Dagster: with the sentence of our own error, without a traceback around it.

The UI shows the sentence, and the command line prints it (`told_by`).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from dagster import Failure
from dagster._utils.error import SerializableErrorInfo

from barometre_pipeline.errors import BarometreError


@contextmanager
def told_plainly() -> Iterator[None]:
    """Turn an error of ours into a Dagster failure that says the same sentence; let others through."""
    try:
        yield
    except BarometreError as error:
        raise Failure(description=str(error), allow_retries=False) from error


def told_by(error: SerializableErrorInfo | None) -> tuple[str, int] | None:
    """Return the sentence and exit status of the error of ours behind one of Dagster's, None where there is none."""
    ours = {cls.__name__: cls.exit_status for cls in _with_subclasses(BarometreError)}
    while error:
        if error.cls_name in ours:
            # Dagster keeps what `traceback` prints: the class, a colon, the text.
            return error.message.partition(": ")[2].strip(), ours[error.cls_name]
        error = error.cause
    return None


def _with_subclasses(cls: type[BarometreError]) -> Iterator[type[BarometreError]]:
    yield cls
    for subclass in cls.__subclasses__():
        yield from _with_subclasses(subclass)
