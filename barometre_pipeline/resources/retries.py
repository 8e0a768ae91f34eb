"""Which failures of a request are worth another attempt, and when.

A retry only where the same request may well succeed in a moment; everything else is told at once. The
messages are clauses that follow the URL. The requests themselves are made in `http`.
"""

from __future__ import annotations

import datetime as dt
import email.utils
import http.client
import socket
from collections.abc import Callable

import requests
import tenacity
import urllib3

from barometre_pipeline.errors import SourceError
from barometre_pipeline.resources.deadline import Deadline

RETRIED_STATUS = (408, 425, 429)  # and every 5xx
_BACKOFF = tenacity.wait_exponential(multiplier=0.3, max=5) + tenacity.wait_random(0, 0.3)  # seconds


class HttpError(SourceError):
    """A request that failed for good."""


class TransientError(HttpError):
    """A request that may succeed in a moment, or in `retry_after` seconds where the server says so."""

    def __init__(self, message: str, retry_after: float | None = None):
        super().__init__(message)
        self.retry_after = retry_after


def retry_after(header: str | None) -> float | None:
    """Return the seconds that a Retry-After header asks for, written as a number or as a date."""
    if not header:
        return None
    if header.strip().isdecimal():
        return float(header)
    try:
        then = email.utils.parsedate_to_datetime(header)
    except ValueError:
        return None
    if then.tzinfo is None:
        then = then.replace(tzinfo=dt.UTC)
    return max(0.0, (then - dt.datetime.now(dt.UTC)).total_seconds())


def pause(state: tenacity.RetryCallState) -> float:
    """Return the seconds before the next attempt: what the server asks, else growing ones with jitter."""
    error = state.outcome.exception()
    asked = error.retry_after if isinstance(error, TransientError) else None
    return _BACKOFF(state) if asked is None else asked


def told_attempts(attempts: int, retry_after: float | None) -> str:
    """Say what was tried, and what can be done."""
    tried = f", {attempts} times in a row" if attempts > 1 else ""
    later = f"it asks to come back in {retry_after:,.0f} s" if retry_after else "run it again later"
    return f"{tried}; {later}"


def too_late(deadline: Deadline) -> Callable[[tenacity.RetryCallState], bool]:
    """Build the rule that stops where the next attempt would come after the deadline."""
    return lambda state: state.upcoming_sleep >= deadline.remaining


def failure_of(error: Exception, read_timeout: float) -> HttpError:
    """Say in our words what went wrong below: the libraries' own messages hold URLs, hence secrets."""
    causes = list(_causes(error))
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
        return TransientError(f"does not answer: nothing came for {read_timeout:.0f} s")
    if any(isinstance(cause, (socket.gaierror, urllib3.exceptions.NameResolutionError)) for cause in causes):
        return TransientError("cannot be reached: the name of its server is unknown")
    if any(isinstance(cause, ConnectionRefusedError) for cause in causes):
        return TransientError("cannot be reached: the server refuses the connection")
    if any(isinstance(cause, (http.client.IncompleteRead, urllib3.exceptions.IncompleteRead)) for cause in causes):
        return TransientError("is truncated: the connection was closed before the end that it announces")
    return TransientError("is cut: the server closed the connection without a whole answer")


def _causes(error: BaseException | None):
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        reason = getattr(error, "reason", None)
        inner = next((arg for arg in error.args if isinstance(arg, BaseException)), None)
        error = reason if isinstance(reason, BaseException) else inner or error.__cause__ or error.__context__
