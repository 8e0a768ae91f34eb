"""What one download from a store may cost, looked at while it lasts."""

from __future__ import annotations

import time

from barometre_pipeline.resources.http_bodies import too_big
from barometre_pipeline.resources.retries import Deadline, HttpError, TransientError


class Watch:
    """The bytes that a download may have, the seconds that it may take, and those without a byte."""

    def __init__(self, limit: int, deadline: Deadline, silence: float) -> None:
        self._limit, self._deadline, self._silence = limit, deadline, silence
        self.begin()

    def begin(self) -> None:
        """Start an attempt."""
        self._last = self._began = time.monotonic()
        self._expected: int | None = None

    def expect(self, size: int) -> None:
        """Take note of the announced size, before anything of it is taken."""
        if size > self._limit:
            raise HttpError(too_big(self._limit))
        self.begin()
        self._expected = size

    def note(self, received: int) -> None:
        """Take note of the bytes received so far."""
        if received > self._limit:
            raise HttpError(too_big(self._limit))
        self._last = time.monotonic()
        self._deadline.note_progress(received, self._expected, self._last - self._began)

    def check(self) -> None:
        """Raise where it takes too long, or nothing comes any more."""
        self._deadline.check()
        if time.monotonic() - self._last > self._silence:
            raise TransientError(f"does not answer: nothing came for {self._silence:g} s")
