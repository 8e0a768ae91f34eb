"""The door to HTTP: downloads and calls within limits, with retries and redirects that can do no harm.

It knows nothing of deliveries or portals: it gives a file or an answer, or a clause that says why not. Secrets are
masked in its messages and logs (`secrets`); how long it tries is in `retries`, how it reads a body in `http_bodies`.
"""

from __future__ import annotations

import http.client
import io
import json
import logging
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit

import requests
import tenacity
import urllib3

from barometre_pipeline.errors import SourceError
from barometre_pipeline.resources.http_bodies import write_body
from barometre_pipeline.resources.retries import (
    Deadline,
    DeadlineError,
    HttpError,
    TransientError,
    clause,
    failure_of,
    may_pass,
    repeating,
    retry_after,
)
from barometre_pipeline.resources.secrets import ScrubbingFilter, Secrets

_LOGGERS = ("urllib3.connectionpool", "urllib3.connection", "urllib3.util.retry", "requests")
_MOST_ANSWERED = 20_000_000  # bytes of an answer that is not a file
_log = logging.getLogger(__name__)


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


@dataclass(frozen=True)
class Answer:
    """What the server said of a download: status 200 or 304, the URL that answered, and the body's description."""

    status: int
    final_url: str
    etag: str | None
    last_modified: str | None
    content_type: str


@dataclass(frozen=True)
class Reply:
    """What the server answered to a call; `retry_after` is in seconds, where it says."""

    status: int
    body: bytes
    retry_after: float | None = None

    def json(self) -> Any:
        """Return the document that the body is; ValueError where it is none."""
        return json.loads(self.body)


class _FailedReplyError(TransientError):
    def __init__(self, reply: Reply) -> None:
        super().__init__(f"answers {reply.status}", reply.retry_after)
        self.reply = reply


class HttpDoor:
    """One run's sessions, one a thread; a context manager that closes them."""

    def __init__(self, secrets: Secrets, limits: Limits | None = None) -> None:
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
        """Start the clock of one request, its retries included."""
        return Deadline(self.limits.deadline if seconds is None else seconds, self.limits.longest)

    def download(
        self, url: str, target: Path, *, limit: int, deadline: Deadline, headers: Mapping[str, str] | None = None
    ) -> Answer:
        """Write the body to `target` (at most `limit` bytes); a 304, which conditional `headers` allow, writes nothing.

        Raises SourceError with a clause that begins with the URL, secrets masked.
        """
        retrying = self._retrying(url, deadline, self.limits.attempts)
        try:
            return retrying(self._downloaded, url, target, limit, deadline, dict(headers or {}))
        except SourceError as error:
            raise SourceError(self.secrets.scrub(f"{url} {self._clause(error, retrying)}")) from None

    def read_json(self, url: str, target: Path, deadline: Deadline, limit: int = _MOST_ANSWERED) -> Any:
        """Return the JSON document at this URL, by way of the file `target`."""
        answer = self.download(url, target, limit=limit, deadline=deadline, headers={"Accept": "application/json"})
        try:
            return json.loads(target.read_bytes())
        except ValueError:
            told = self.secrets.scrub(answer.final_url)
            raise SourceError(f"{told} answers {answer.content_type or 'something'} that is not JSON") from None
        finally:
            target.unlink(missing_ok=True)

    def call(self, method: str, url: str, *, headers: Mapping[str, str], once: bool = False, **content: Any) -> Reply:
        """Send a request and return its answer, whatever its status; `content` is `json` or `files`, as in requests.

        It is sent again while the server fails in a way that may pass, unless it must be sent `once` only. Where there
        is no whole answer, TransientError says why in a clause that follows the URL, HttpError what is wrong for good.
        """
        deadline = self.deadline(self.limits.longest if once else None)
        retrying = self._retrying(url, deadline, 1 if once else self.limits.attempts)
        try:
            return retrying(self._called, method, url, deadline, dict(headers), content)
        except _FailedReplyError as error:
            return error.reply
        except SourceError as error:
            kind = TransientError if isinstance(error, (TransientError, DeadlineError)) else HttpError
            raise kind(self.secrets.scrub(self._clause(error, retrying))) from None

    def _retrying(self, url: str, deadline: Deadline, attempts: int) -> tenacity.Retrying:
        return repeating(url, deadline, attempts, self.limits.pause, _log)

    def _clause(self, error: SourceError, retrying: tenacity.Retrying) -> str:
        return clause(error, retrying, self.limits.deadline)

    def _session(self) -> requests.Session:
        session = getattr(self._threads, "session", None)
        if session is None:
            session = self._threads.session = requests.Session()
            session.headers.update({"User-Agent": "barometre-pipeline", "Accept-Encoding": "identity"})
            self._sessions.append(session)
        session.cookies.clear()
        return session

    def _downloaded(self, url: str, target: Path, limit: int, deadline: Deadline, headers: dict[str, str]) -> Answer:
        with self._told_plainly(), self._followed(url, deadline, headers) as response:
            _refuse_status(response, "If-None-Match" in headers or "If-Modified-Since" in headers)
            if response.status_code != 304:
                with target.open("wb") as file:
                    write_body(response, file, limit, deadline)
            return _answer(response)

    def _called(
        self, method: str, url: str, deadline: Deadline, headers: dict[str, str], content: dict[str, Any]
    ) -> Reply:
        with self._told_plainly(), self._stayed(method, url, deadline, headers, content) as response:
            body = io.BytesIO()
            write_body(response, body, _MOST_ANSWERED, deadline)
        reply = Reply(response.status_code, body.getvalue(), retry_after(response.headers.get("Retry-After")))
        if may_pass(reply.status):
            raise _FailedReplyError(reply)
        return reply

    @contextmanager
    def _told_plainly(self) -> Iterator[None]:
        try:
            yield
        except (requests.RequestException, urllib3.exceptions.HTTPError, http.client.HTTPException) as error:
            raise failure_of(error, self.limits.read) from None
        except UnicodeError:
            raise HttpError("is not a URL that can be asked for") from None

    def _sent(self, method: str, url: str, deadline: Deadline, **options: Any) -> requests.Response:
        deadline.check()
        timeout = (min(self.limits.connect, deadline.remaining), min(self.limits.read, deadline.remaining))
        return self._session().request(method, url, timeout=timeout, stream=True, allow_redirects=False, **options)

    def _followed(self, url: str, deadline: Deadline, headers: dict[str, str]) -> requests.Response:
        """Ask for a URL and follow its redirects by hand: only http and https, never from https back to http."""
        auth = None
        for _ in range(self.limits.redirects + 1):
            response = self._sent("GET", url, deadline, headers=headers, auth=auth)
            if not response.is_redirect:
                return response
            target = urljoin(url, self._session().get_redirect_target(response))
            auth = _kept_credentials(url, target, auth)
            response.close()
            refuse_target(url, target)
            url = target
        raise HttpError(f"redirects more than {self.limits.redirects} times: it goes round in circles")

    def _stayed(
        self, method: str, url: str, deadline: Deadline, headers: dict[str, str], content: dict[str, Any]
    ) -> requests.Response:
        """Send a request; only a GET follows redirects, and only on the same server: its headers may hold a key."""
        for _ in range(self.limits.redirects + 1):
            response = self._sent(method, url, deadline, headers=headers, **content)
            target = urljoin(url, response.headers.get("Location", ""))
            if method != "GET" or not response.is_redirect or not _same_server(url, target):
                return response
            response.close()
            url = target
        raise HttpError(f"redirects more than {self.limits.redirects} times: it goes round in circles")


def _refuse_status(response: requests.Response, conditional: bool) -> None:
    status = response.status_code
    if status in (200, 203) or (status == 304 and conditional):
        return
    told = f"answers {status}" + (f" ({response.reason})" if response.reason else "")
    if may_pass(status):
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
    """Return the credentials that a redirect may carry on: those of the same server."""
    if not _same_server(url, target):
        return None
    return auth or (requests.utils.get_auth_from_url(url) if urlsplit(url).password else None)


def _same_server(url: str, target: str) -> bool:
    here, there = urlsplit(url), urlsplit(target)
    return (here.scheme, here.hostname, here.port) == (there.scheme, there.hostname, there.port)


def refuse_target(url: str, target: str) -> None:
    """Refuse a redirect to anything but http and https, and from https to http; HttpError says so."""
    scheme, before = urlsplit(target).scheme.lower(), urlsplit(url).scheme.lower()
    if scheme not in ("http", "https"):
        raise HttpError(f"redirects to a {scheme}: address, which is not followed (only http and https are)")
    if before == "https" and scheme == "http":
        raise HttpError("redirects from https to http, which is not followed: what arrives could be anyone's")
