"""The door to HTTP: downloads within limits, with retries and redirects that can do no harm.

It knows nothing of deliveries: it gives a file and what the server said of it, or a sentence that says why not.
Secrets in URLs are filled in before and scrubbed here from messages and logs (`secrets`); deadlines are `deadline`.
"""

from __future__ import annotations

import http.client
import json
import logging
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit

import requests
import tenacity
import urllib3

from barometre_pipeline.errors import SourceError
from barometre_pipeline.resources.deadline import Deadline, DeadlineError
from barometre_pipeline.resources.http_bodies import write_body
from barometre_pipeline.resources.retries import (
    RETRIED_STATUS,
    HttpError,
    TransientError,
    failure_of,
    pause,
    retry_after,
    told_attempts,
    too_late,
)
from barometre_pipeline.resources.secrets import ScrubbingFilter, Secrets

_LOGGERS = ("urllib3.connectionpool", "urllib3.connection", "urllib3.util.retry", "requests")
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Limits:
    """What a download may cost: times in seconds."""

    connect: float = 5
    read: float = 15  # without one byte
    deadline: float = 35  # in all, retries included, unless the body arrives steadily
    longest: float = 300  # in all, even then
    attempts: int = 6
    redirects: int = 5


@dataclass(frozen=True)
class Answer:
    """What the server said: status 200 or 304, the URL that answered, and the body's description."""

    status: int
    final_url: str
    etag: str | None
    last_modified: str | None
    content_type: str


class HttpDoor:
    """One run's sessions, one a thread; a context manager that closes them."""

    def __init__(self, secrets: Secrets, limits: Limits | None = None):
        self.secrets = secrets
        self.limits = limits or Limits()
        self._threads = threading.local()
        self._sessions: list[requests.Session] = []
        self._filter = ScrubbingFilter(secrets)

    def __enter__(self) -> HttpDoor:
        # The filters stay: a request that was left behind may log its URL when the door is closed.
        for name in (*_LOGGERS, __name__):
            logging.getLogger(name).addFilter(self._filter)
        return self

    def __exit__(self, *exc_info: object) -> None:
        for session in self._sessions:
            session.close()

    def deadline(self, seconds: float | None = None) -> Deadline:
        """Start the clock of one download."""
        return Deadline(self.limits.deadline if seconds is None else seconds, self.limits.longest)

    def download(
        self, url: str, target: Path, *, limit: int, deadline: Deadline, headers: Mapping[str, str] | None = None
    ) -> Answer:
        """Write the body to `target` (at most `limit` bytes); a 304, which conditional `headers` allow, writes nothing.

        Raises SourceError with a clause that begins with the URL, secrets masked.
        """
        retrying = tenacity.Retrying(
            retry=tenacity.retry_if_exception_type(TransientError),
            stop=tenacity.stop_any(tenacity.stop_after_attempt(self.limits.attempts), too_late(deadline)),
            wait=pause,
            sleep=deadline.sleep,
            before_sleep=lambda state: _log.info("%s: %s; trying again", url, state.outcome.exception()),
            reraise=True,
        )
        try:
            return retrying(self._attempt, url, target, limit, deadline, dict(headers or {}))
        except DeadlineError:
            reason = f"takes too long: it was given up after {self.limits.deadline:.0f} s"
        except SourceError as error:
            reason = str(error)
            if isinstance(error, TransientError):
                reason += told_attempts(retrying.statistics["attempt_number"], error.retry_after)
        raise SourceError(self.secrets.scrub(f"{url} {reason}"))

    def read_json(self, url: str, target: Path, deadline: Deadline, limit: int = 20_000_000) -> Any:
        """Return the JSON document at this URL, by way of the file `target`."""
        answer = self.download(url, target, limit=limit, deadline=deadline, headers={"Accept": "application/json"})
        try:
            return json.loads(target.read_bytes())
        except ValueError:
            told = self.secrets.scrub(answer.final_url)
            raise SourceError(f"{told} answers {answer.content_type or 'something'} that is not JSON") from None
        finally:
            target.unlink(missing_ok=True)

    def _session(self) -> requests.Session:
        session = getattr(self._threads, "session", None)
        if session is None:
            session = self._threads.session = requests.Session()
            session.headers.update({"User-Agent": "barometre-pipeline", "Accept-Encoding": "identity"})
            self._sessions.append(session)
        return session

    def _attempt(self, url: str, target: Path, limit: int, deadline: Deadline, headers: dict[str, str]) -> Answer:
        self._session().cookies.clear()
        try:
            with self._follow(url, deadline, headers) as response:
                self._refuse_status(response, "If-None-Match" in headers or "If-Modified-Since" in headers)
                if response.status_code != 304:
                    with target.open("wb") as file:
                        write_body(response, file, limit, deadline)
                return _answer(response)
        except (requests.RequestException, urllib3.exceptions.HTTPError, http.client.HTTPException) as error:
            raise failure_of(error, self.limits.read) from None
        except UnicodeError:
            raise HttpError("is not a URL that can be asked for") from None

    def _follow(self, url: str, deadline: Deadline, headers: dict[str, str]) -> requests.Response:
        """Ask for a URL and follow its redirects by hand: only http and https, never from https back to http."""
        auth = None
        for _ in range(self.limits.redirects + 1):
            deadline.check()
            timeout = (min(self.limits.connect, deadline.remaining), min(self.limits.read, deadline.remaining))
            response = self._session().get(
                url, headers=headers, auth=auth, timeout=timeout, stream=True, allow_redirects=False
            )
            if not response.is_redirect:
                return response
            target = urljoin(url, self._session().get_redirect_target(response))
            auth = _kept_credentials(url, target, auth)
            response.close()
            refuse_target(url, target)
            url = target
        raise HttpError(f"redirects more than {self.limits.redirects} times: it goes round in circles")

    def _refuse_status(self, response: requests.Response, conditional: bool) -> None:
        status = response.status_code
        if status in (200, 203) or (status == 304 and conditional):
            return
        told = f"answers {status}" + (f" ({response.reason})" if response.reason else "")
        if status in RETRIED_STATUS or status >= 500:
            raise TransientError(told, retry_after(response.headers.get("Retry-After")))
        if status in (401, 403):
            told += ": the key that it needs is missing or wrong"
        elif status in (404, 410):
            told += ": there is no such file there; correct its url in the catalogue"
        raise HttpError(told)


def _answer(response: requests.Response) -> Answer:
    header = response.headers.get
    return Answer(
        response.status_code, response.url, header("ETag"), header("Last-Modified"), header("Content-Type", "").lower()
    )


def _kept_credentials(url: str, target: str, auth: Any) -> Any:
    """Return the credentials that a redirect may carry on: those of the same scheme, host and port."""
    here, there = urlsplit(url), urlsplit(target)
    if (here.scheme, here.hostname, here.port) != (there.scheme, there.hostname, there.port):
        return None
    return auth or (requests.utils.get_auth_from_url(url) if here.password else None)


def refuse_target(url: str, target: str) -> None:
    """Refuse a redirect to anything but http and https, and from https to http; HttpError says so."""
    scheme, before = urlsplit(target).scheme.lower(), urlsplit(url).scheme.lower()
    if scheme not in ("http", "https"):
        raise HttpError(f"redirects to a {scheme}: address, which is not followed (only http and https are)")
    if before == "https" and scheme == "http":
        raise HttpError("redirects from https to http, which is not followed: what arrives could be anyone's")
