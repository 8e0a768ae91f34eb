"""How long a request may last, which of its failures are worth another attempt, and when.

A retry only where the same request may well succeed in a moment; everything else is told at once. The
messages are clauses that follow the URL. The requests themselves are made in `http`.
"""

from __future__ import annotations

import datetime as dt
import email.utils
import http.client
import logging
import math
import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import requests
import tenacity
import urllib3

from barometre_pipeline.errors import SourceError

_PASSING = (408, 425, 429)  # and every 5xx
_LONGEST_PAUSE = 5.0  # seconds, unless the server asks for more
_GRANTED = 5.0  # seconds that a steady body is given again and again
_STEADY = 100_000  # bytes a second that are steady where the body's length is not announced


@dataclass(frozen=True)
class Limits:
    """What a request may cost: times in seconds."""

    connect: float = 5
    read: float = 15  # without one byte
    deadline: float = 35  # in all, retries included, unless the body arrives steadily
    longest: float = 300  # in all, even then
    attempts: int = 6
    pause: float = 0.3  # before the second attempt; each next one waits longer
    redirects: int = 5


class HttpError(SourceError):
    """A request that failed for good."""


class RefusedAddressError(HttpError):
    """A host or an address that may not be asked."""


class TransientError(HttpError):
    """A request that may succeed in a moment, or in `retry_after` seconds where the server says so."""

    may_pass = True

    def __init__(self, message: str, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class DeadlineError(SourceError):
    """The deadline has passed."""


class Deadline:
    """A deadline in `seconds` from now; steady bodies may put it off, up to `longest` seconds from now."""

    def __init__(self, seconds: float, longest: float) -> None:
        now = time.monotonic()
        self._until = now + seconds
        self._last = now + max(seconds, longest)
        self._given_up = threading.Event()

    @property
    def remaining(self) -> float:
        """Return the seconds left, 0 once over."""
        return 0.0 if self.given_up else max(0.0, self._until - time.monotonic())

    @property
    def is_spent(self) -> bool:
        """Tell whether the longest time in all has passed."""
        return time.monotonic() >= self._last

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

    def meet(self) -> None:
        """End it in time: what is still to be done has a limit of its own."""
        self.check()
        self._until = self._last = math.inf

    def check(self) -> None:
        """Raise DeadlineError once the deadline has passed."""
        if not self.remaining:
            raise DeadlineError("it takes too long")

    def sleep(self, seconds: float) -> None:
        """Wait, but no longer than the deadline."""
        self._given_up.wait(min(seconds, self.remaining))

    def put_off(self, seconds: float) -> None:
        """Give that many seconds from now on to what advances, up to the longest in all."""
        self._until = max(self._until, min(time.monotonic() + seconds, self._last))

    def note_progress(self, received: int, expected: int | None, seconds: float) -> None:
        """Take note of the bytes received in that many seconds, of `expected` where that is announced."""
        now = time.monotonic()
        rate = received / max(seconds, 0.001)
        ends_in_time = expected is not None and rate > 0 and now + (expected - received) / rate <= self._last
        if ends_in_time or (expected is None and rate >= _STEADY):
            self.put_off(_GRANTED)
        self.check()


def may_pass(status: int) -> bool:
    """Tell whether the same request may well have another status in a moment."""
    return status in _PASSING or status >= 500


def retry_after(header: str | None) -> float | None:
    """Return the seconds that a Retry-After header asks for, written as a number or as a date."""
    if not header:
        return None
    if header.strip().isdecimal():
        return float(header)
    try:
        then = email.utils.parsedate_to_datetime(header)
    except (ValueError, OverflowError):
        return None
    if then.tzinfo is None:
        then = then.replace(tzinfo=dt.UTC)
    return max(0.0, (then - dt.datetime.now(dt.UTC)).total_seconds())


def pause(first: float) -> Callable[[tenacity.RetryCallState], float]:
    """Build the rule of the seconds before the next attempt: what the server asks, else growing ones with jitter."""
    growing = tenacity.wait_exponential(multiplier=first, max=_LONGEST_PAUSE) + tenacity.wait_random(0, first)

    def seconds(state: tenacity.RetryCallState) -> float:
        error = state.outcome.exception() if state.outcome else None
        asked = error.retry_after if isinstance(error, TransientError) else None
        return growing(state) if asked is None else asked

    return seconds


def told_attempts(attempts: int, retry_after: float | None) -> str:
    """Say what was tried, and what can be done."""
    tried = f", {attempts} times in a row" if attempts > 1 else ""
    later = f"it asks to come back in {retry_after:,.0f} s" if retry_after else "run it again later"
    return f"{tried}; {later}"


def last_attempt(attempts: int, deadline: Deadline) -> Callable[[tenacity.RetryCallState], bool]:
    """Build the rule that stops after so many attempts, or where the next one would come after the deadline."""
    return lambda state: state.attempt_number >= attempts or state.upcoming_sleep >= deadline.remaining


def repeating(
    url: str, deadline: Deadline, attempts: int, first_pause: float, log: logging.Logger
) -> tenacity.Retrying:
    """Build what repeats a request while it fails in a way that may pass."""
    return tenacity.Retrying(
        retry=tenacity.retry_if_exception_type(TransientError),
        stop=last_attempt(attempts, deadline),
        wait=pause(first_pause),
        sleep=deadline.sleep,
        before_sleep=lambda state: log.info("%s: %s; trying again", url, state.outcome and state.outcome.exception()),
        reraise=True,
    )


def clause(error: SourceError, attempts: tenacity.Retrying, seconds: float) -> str:
    """Return the clause that follows the URL of a request that failed, tried within that many seconds."""
    if isinstance(error, DeadlineError):
        return f"takes too long: it was given up after {seconds:.0f} s"
    if isinstance(error, TransientError):
        return str(error) + told_attempts(attempts.statistics["attempt_number"], error.retry_after)
    return str(error)


def failure_of(error: Exception, read_timeout: float) -> HttpError:
    """Say in our words what went wrong below: the libraries' own messages hold URLs, hence secrets."""
    causes = list(causes_of(error))
    if any("CERTIFICATE_VERIFY_FAILED" in str(cause) for cause in causes):
        return HttpError("has a certificate that cannot be verified: the connection is not safe")
    if isinstance(error, requests.exceptions.InvalidProxyURL):
        return HttpError("cannot be asked for: the proxy that the environment gives is not a URL")
    if isinstance(error, (requests.exceptions.InvalidURL, requests.exceptions.InvalidSchema, ValueError)):
        return HttpError("is not a URL that can be asked for")
    if isinstance(error, requests.exceptions.ProxyError):
        return TransientError("cannot be reached through the proxy that the environment gives")
    if isinstance(error, requests.exceptions.ConnectTimeout):
        return TransientError("cannot be reached: the server does not take the connection")
    if any(isinstance(c, (requests.exceptions.ReadTimeout, urllib3.exceptions.ReadTimeoutError)) for c in causes):
        return TransientError(f"does not answer: nothing came for {read_timeout:g} s")
    if any(isinstance(cause, (socket.gaierror, urllib3.exceptions.NameResolutionError)) for cause in causes):
        return TransientError("cannot be reached: the name of its server is unknown")
    if any(isinstance(cause, ConnectionRefusedError) for cause in causes):
        return TransientError("cannot be reached: the server refuses the connection")
    if any(isinstance(cause, (http.client.IncompleteRead, urllib3.exceptions.IncompleteRead)) for cause in causes):
        return TransientError("is truncated: the connection was closed before the end that it announces")
    return TransientError("is cut: the server closed the connection without a whole answer")


def causes_of(error: BaseException | None) -> Iterator[BaseException]:
    """Yield an error and what caused it, the nearest cause first."""
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        reason = getattr(error, "reason", None)
        inner = next((arg for arg in error.args if isinstance(arg, BaseException)), None)
        error = reason if isinstance(reason, BaseException) else inner or error.__cause__ or error.__context__
