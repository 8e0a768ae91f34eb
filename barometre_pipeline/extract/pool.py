"""Jobs side by side on a bounded number of threads, none of which can hold up the others for ever.

A thread cannot be stopped (a name that does not resolve, a header that trickles): one that is overdue is left
behind and another takes its place. What the jobs do is not known here.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from barometre_pipeline.resources.retries import Deadline

Result = TypeVar("Result")

_GRACE = 3.0  # seconds after its deadline that a job has to say itself why it failed
_LOOK = 0.1  # seconds between two looks at the deadlines


@dataclass(frozen=True)
class Job(Generic[Result]):
    """`start` begins its clock, `work` does it, `overdue` is its result where it never ends."""

    start: Callable[[], Deadline]
    work: Callable[[Deadline], Result]
    overdue: Callable[[], Result]


def run_jobs(jobs: Sequence[Job[Result]], workers: int) -> Iterator[tuple[int, Result]]:
    """Yield the rank and result of each job as it ends; an exception of a job is raised here."""
    run = _Run(jobs)
    for _ in range(min(workers, len(jobs))):
        run.add_worker()
    left = set(range(len(jobs)))
    while left:
        for rank, result in run.ended():
            if rank in left:
                left.remove(rank)
                if isinstance(result, BaseException):
                    raise result
                yield rank, result


class _Run(Generic[Result]):
    def __init__(self, jobs: Sequence[Job[Result]]) -> None:
        self._jobs = jobs
        self._waiting: queue.SimpleQueue[int] = queue.SimpleQueue()
        self._results: queue.SimpleQueue[tuple[int, Result | BaseException]] = queue.SimpleQueue()
        self._running: dict[int, Deadline] = {}
        for rank in range(len(jobs)):
            self._waiting.put(rank)

    def add_worker(self) -> None:
        threading.Thread(target=self._work, name="livraisons", daemon=True).start()

    def ended(self) -> Iterator[tuple[int, Result | BaseException]]:
        """Yield the next result, if one comes soon, and those of jobs that are overdue."""
        try:
            yield self._results.get(timeout=_LOOK)
        except queue.Empty:
            for rank, deadline in list(self._running.items()):
                if deadline.overdue(_GRACE) and self._running.pop(rank, None) is not None:
                    deadline.give_up()
                    self.add_worker()
                    yield rank, self._jobs[rank].overdue()

    def _work(self) -> None:
        while True:
            try:
                rank = self._waiting.get_nowait()
            except queue.Empty:
                return
            deadline = self._running[rank] = self._jobs[rank].start()
            try:
                result: Result | BaseException = self._jobs[rank].work(deadline)
            except BaseException as error:  # raised again by run_jobs, where it is seen
                result = error
            if self._running.pop(rank, None) is None:
                return  # left behind: another thread has taken over
            self._results.put((rank, result))
