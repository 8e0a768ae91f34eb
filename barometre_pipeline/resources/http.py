"""The door to HTTP: downloads and calls within limits, with retries and redirects that can do no harm.

    http_messages  what is asked and answered    http_bodies  how a body is read
    http_sending   how it is sent                redirects    where one may lead
    addresses      what may be asked at all      connections  where that is checked
    retries        how long, how often           secrets      what no message and no log shows

It knows nothing of deliveries or portals: it gives a file or an answer, or a clause that says why not.
"""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import tenacity

from barometre_pipeline.errors import SourceError
from barometre_pipeline.resources.addresses import Resolve, resolve
from barometre_pipeline.resources.http_bodies import write_body
from barometre_pipeline.resources.http_messages import (
    Answer,
    FailedReplyError,
    Reply,
    Request,
    StatusError,
    answer_of,
    refuse_status,
)
from barometre_pipeline.resources.http_sending import Sending
from barometre_pipeline.resources.retries import (
    Deadline,
    DeadlineError,
    HttpError,
    Limits,
    RefusedAddressError,
    TransientError,
    clause,
    may_pass,
    repeating,
    retry_after,
)
from barometre_pipeline.resources.secrets import ScrubbingFilter, Secrets

__all__ = ["HttpDoor", "Limits"]

_LOGGERS = ("urllib3.connectionpool", "urllib3.connection", "urllib3.util.retry", "requests")
_MOST_ANSWERED = 20_000_000  # bytes of an answer that is not a file
_PLAIN = Request()
_log = logging.getLogger(__name__)


class HttpDoor:
    """What one run asks of servers; a context manager that closes its connections.

    `allowed` are the only hosts that are asked, where given; `resolve` gives the addresses of a host; `trusted` are
    hosts that the settings name, which may be internal servers.
    """

    def __init__(
        self,
        secrets: Secrets,
        limits: Limits | None = None,
        allowed: tuple[str, ...] | None = None,
        resolve: Resolve = resolve,
        trusted: tuple[str, ...] = (),
    ) -> None:
        self.secrets = secrets
        self.limits = limits or Limits()
        self.allowed = allowed
        self._sending = Sending(self.limits, allowed, resolve, trusted)
        self._filter = ScrubbingFilter(secrets)

    def __enter__(self) -> HttpDoor:
        # The filters stay: a request that was left behind may log its URL when the door is closed.
        for name in (*_LOGGERS, __name__):
            logging.getLogger(name).addFilter(self._filter)
        return self

    def __exit__(self, *exc_info: object) -> None:
        self._sending.close()

    def deadline(self, seconds: float | None = None) -> Deadline:
        """Start the clock of one request, its retries included."""
        return Deadline(self.limits.deadline if seconds is None else seconds, self.limits.longest)

    def download(
        self,
        url: str,
        target: Path,
        *,
        limit: int,
        deadline: Deadline,
        headers: Mapping[str, str] | None = None,
        request: Request = _PLAIN,
    ) -> Answer:
        """Write the body to `target` (at most `limit` bytes); a 304, which conditional `headers` allow, writes nothing.

        Raises SourceError with a clause that begins with the URL, secrets masked; StatusError where a status refuses,
        RefusedAddressError where an address may not be asked.
        """
        retrying = self._retrying(url, deadline, self.limits.attempts)
        try:
            return retrying(self._downloaded, url, target, limit, deadline, dict(headers or {}), request)
        except SourceError as error:
            told = self.secrets.scrub(f"{url} {self._clause(error, retrying)}")
            if isinstance(error, StatusError):
                raise StatusError(told, error.status) from None
            raise (RefusedAddressError if isinstance(error, RefusedAddressError) else SourceError)(told) from None

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
        except FailedReplyError as error:
            return error.reply
        except SourceError as error:
            kind = TransientError if isinstance(error, (TransientError, DeadlineError)) else HttpError
            raise kind(self.secrets.scrub(self._clause(error, retrying))) from None

    def _retrying(self, url: str, deadline: Deadline, attempts: int) -> tenacity.Retrying:
        return repeating(url, deadline, attempts, self.limits.pause, _log)

    def _clause(self, error: SourceError, retrying: tenacity.Retrying) -> str:
        return clause(error, retrying, self.limits.deadline)

    def _downloaded(
        self, url: str, target: Path, limit: int, deadline: Deadline, headers: dict[str, str], request: Request
    ) -> Answer:
        with self._sending.told_plainly(), self._sending.followed(url, deadline, headers, request) as response:
            refuse_status(response, "If-None-Match" in headers or "If-Modified-Since" in headers, request.variables)
            if response.status_code != 304:
                with target.open("wb") as file:
                    write_body(response, file, limit, deadline)
            return answer_of(response)

    def _called(
        self, method: str, url: str, deadline: Deadline, headers: dict[str, str], content: dict[str, Any]
    ) -> Reply:
        is_clean, sending = False, self._sending
        try:
            with sending.told_plainly(), sending.stayed(method, url, deadline, headers, content) as response:
                body = io.BytesIO()
                write_body(response, body, _MOST_ANSWERED, deadline)
            is_clean = response.ok and "files" not in content
        finally:
            if not is_clean:
                # A server may have answered before it read the body: what is left of it would be the next request.
                sending.hang_up(url)
        reply = Reply(response.status_code, body.getvalue(), retry_after(response.headers.get("Retry-After")))
        if may_pass(reply.status):
            raise FailedReplyError(reply)
        return reply
