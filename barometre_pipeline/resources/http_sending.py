"""Requests sent, and their redirects followed: one session a thread and a delivery's own host.

What is retried, and what the bodies are worth, is in `http`.
"""

from __future__ import annotations

import http.client
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urljoin

import requests
import urllib3

from barometre_pipeline.resources.addresses import Guard, Resolve, host_of
from barometre_pipeline.resources.connections import guarded_session
from barometre_pipeline.resources.http_messages import Request
from barometre_pipeline.resources.redirects import kept_credentials, refuse_redirect, same_server
from barometre_pipeline.resources.retries import Deadline, HttpError, Limits, failure_of


class Sending:
    """The sessions of one door; what `allowed`, `resolve` and `trusted` are, a `Guard` says."""

    def __init__(
        self, limits: Limits, allowed: tuple[str, ...] | None, resolve: Resolve, trusted: tuple[str, ...]
    ) -> None:
        self._limits, self._judged_by = limits, (allowed, resolve, trusted)
        self._threads = threading.local()
        self._sessions: list[requests.Session] = []

    def close(self) -> None:
        """Close every connection."""
        for session in self._sessions:
            session.close()

    def hang_up(self, url: str) -> None:
        """Close this thread's connections to what is asked from this URL on; the next request opens others."""
        self._session(url).close()

    def _session(self, url: str) -> requests.Session:
        """Return this thread's session for what is asked from this URL on: no other's connections, judged otherwise."""
        own = host_of(url)
        sessions: dict[str, requests.Session] = self._threads.__dict__.setdefault("sessions", {})
        if own not in sessions:
            sessions[own] = guarded_session(Guard(own, *self._judged_by))
            self._sessions.append(sessions[own])
        sessions[own].cookies.clear()
        return sessions[own]

    @contextmanager
    def told_plainly(self) -> Iterator[None]:
        """Turn what fails below into an HttpError in our words."""
        try:
            yield
        except (requests.RequestException, urllib3.exceptions.HTTPError, http.client.HTTPException) as error:
            raise failure_of(error, self._limits.read) from None
        except ValueError:
            raise HttpError("is not a URL that can be asked for") from None

    def _sent(
        self, session: requests.Session, method: str, url: str, deadline: Deadline, **options: Any
    ) -> requests.Response:
        deadline.check()
        timeout = (min(self._limits.connect, deadline.remaining), min(self._limits.read, deadline.remaining))
        return session.request(method, url, timeout=timeout, stream=True, allow_redirects=False, **options)

    def followed(self, url: str, deadline: Deadline, headers: dict[str, str], request: Request) -> requests.Response:
        """Ask for a URL and follow its redirects by hand, those that the request may follow."""
        session = self._session(request.own or url)
        auth, sent = None, {"headers": {**request.headers, **headers}, "data": request.body}
        for _ in range(self._limits.redirects + 1):
            response = self._sent(session, request.method, url, deadline, auth=auth, **sent)
            if not response.is_redirect:
                return response
            target = urljoin(url, session.get_redirect_target(response))
            auth = kept_credentials(url, target, auth)
            response.close()
            refuse_redirect(request, url, target)
            url = target
        raise HttpError(f"redirects more than {self._limits.redirects} times: it goes round in circles")

    def stayed(
        self, method: str, url: str, deadline: Deadline, headers: dict[str, str], content: dict[str, Any]
    ) -> requests.Response:
        """Send a request; only a GET follows redirects, and only on the same server: its headers may hold a key."""
        session = self._session(url)
        for _ in range(self._limits.redirects + 1):
            response = self._sent(session, method, url, deadline, headers=headers, **content)
            target = urljoin(url, response.headers.get("Location", ""))
            if method != "GET" or not response.is_redirect or not same_server(url, target):
                return response
            response.close()
            url = target
        raise HttpError(f"redirects more than {self._limits.redirects} times: it goes round in circles")
