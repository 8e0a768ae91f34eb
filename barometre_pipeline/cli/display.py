"""Shows the progress of a run: bars on a terminal, plain lines elsewhere.

The stages report through the `barometre` logger: a message, and `done` and `total` where they count. Dagster keeps
the messages among the run's events (dagster.yaml), so that the UI and the schedule have them too.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn

TITLES = {
    "extract": "Fetching the deliveries",
    "stage": "Reading the deliveries",
    "transform": "Computing the tables",
    "check": "Checking the quality",
    "publish": "Publishing",
}


@contextmanager
def shown_progress() -> Iterator[None]:
    """Show the stages' progress on standard error while the block runs."""
    logger = logging.getLogger("barometre")
    level, propagate = logger.level, logger.propagate
    handler = _Bars() if sys.stderr.isatty() else _Lines()
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    logger.propagate = False
    try:
        yield
    finally:
        logger.removeHandler(handler)
        handler.end()
        logger.setLevel(level)
        logger.propagate = propagate


def _stage(record: logging.LogRecord) -> str:
    return record.name.split(".")[1] if "." in record.name else ""


class _Lines(logging.Handler):
    """One line when a count is complete, and one for each message that counts nothing."""

    def emit(self, record: logging.LogRecord) -> None:
        title, total = TITLES.get(_stage(record), ""), getattr(record, "total", None)
        if total is None:
            print(f"{title}: {record.getMessage()}" if title else record.getMessage(), file=sys.stderr, flush=True)
        elif getattr(record, "done", None) == total:
            print(f"{title}: {total}/{total}", file=sys.stderr, flush=True)

    def end(self) -> None:
        """Do nothing: each line is already out."""


class _Bars(logging.Handler):
    """One bar a stage; messages that count nothing scroll above the bars."""

    def __init__(self) -> None:
        super().__init__()
        columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
        detail = TextColumn("[dim]{task.fields[what]}")
        self.progress = Progress(*columns, TimeElapsedColumn(), detail, console=Console(stderr=True))
        self.tasks: dict[str, TaskID] = {}
        self.progress.start()

    def emit(self, record: logging.LogRecord) -> None:
        stage = _stage(record)
        done, total = getattr(record, "done", None), getattr(record, "total", None)
        if total is None:
            self.progress.console.print(record.getMessage(), markup=False, highlight=False)
            return
        if stage not in self.tasks:
            self.tasks[stage] = self.progress.add_task(TITLES.get(stage, stage), what="")
        what = "" if done == total else record.getMessage()
        self.progress.update(self.tasks[stage], completed=done, total=total, what=what)

    def end(self) -> None:
        """Leave the bars as they are."""
        # Not `close`: whoever configures logging meanwhile closes every handler, as Dagster does.
        self.progress.stop()
