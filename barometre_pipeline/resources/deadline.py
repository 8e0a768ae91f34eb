"""How long one download may last: a deadline that only a body that arrives steadily puts off.

Thread-safe as far as it is used: one thread downloads, another one may look or give up.
"""

from __future__ import annotations

import threading
import time

from barometre_pipeline.errors import SourceError

_GRANTED = 5.0  # seconds that a steady body is given again and again
_STEADY = 100_000  # bytes a second that are steady where the body's length is not announced


class DeadlineError(SourceError):
    """The deadline has passed."""


class Deadline:
    """A deadline in `seconds` from now; steady bodies may put it off, up to `longest` seconds from now."""

    def __init__(self, seconds: float, longest: float):
        now = time.monotonic()
        self._until = now + seconds
        self._last = now + max(seconds, longest)
        self._given_up = threading.Event()

    @property
    def remaining(self) -> float:
        """Return the seconds left, 0 once over."""
        return 0.0 if self.given_up else max(0.0, self._until - time.monotonic())

    @property
    def given_up(self) -> bool:
        """Tell whether another thread ended it."""
        return self._given_up.is_set()

    def overdue(self, seconds: float) -> bool:
        """Tell whether the deadline passed more than `seconds` ago."""
        return time.monotonic() > self._until + seconds

    def give_up(self) -> None:
        """End it from another thread: nothing that is still going on may be kept."""
        self._given_up.set()

    def check(self) -> None:
        """Raise DeadlineError once the deadline has passed."""
        if not self.remaining:
            raise DeadlineError("it takes too long")

    def sleep(self, seconds: float) -> None:
        """Wait, but no longer than the deadline."""
        self._given_up.wait(min(seconds, self.remaining))

    def note_progress(self, received: int, expected: int | None, seconds: float) -> None:
        """Take note of the bytes received in that many seconds, of `expected` where that is announced."""
        now = time.monotonic()
        rate = received / max(seconds, 0.001)
        ends_in_time = expected is not None and rate > 0 and now + (expected - received) / rate <= self._last
        if ends_in_time or (expected is None and rate >= _STEADY):
            self._until = max(self._until, min(now + _GRANTED, self._last))
        self.check()
