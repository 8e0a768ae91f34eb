"""The door to a data.gouv.fr dataset: its HTTP API, with errors in plain sentences and the key never shown.

A request that may be sent twice without harm is retried here. An upload is not: `UncertainUploadError` tells the caller
to look before trying again. What the dataset should hold is decided in `publish.portal`.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote, urljoin, urlsplit

import requests
from tenacity import RetryCallState, Retrying, retry_if_exception_type, stop_after_attempt

from barometre_pipeline.errors import UsageError
from barometre_pipeline.publish.portal.errors import (
    TransientError,
    UncertainUploadError,
    cause,
    refusal,
)

PRODUCTION = "https://www.data.gouv.fr"
_ATTEMPTS = 4
_LONGEST_WAIT = 30.0


@dataclass(frozen=True)
class Datagouv:
    """A dataset of a portal and the key to change it; `timeout` is (to connect, to answer) in seconds."""

    url: str
    jeu: str
    key: str = field(repr=False)
    timeout: tuple[float, float] = (10.0, 120.0)
    pause: float = 1.0  # seconds before the first retry; each next one waits twice as long
    _session: requests.Session = field(default_factory=requests.Session, init=False, repr=False, compare=False)

    @classmethod
    def from_environment(cls) -> Datagouv | None:
        """Read DATAGOUV_API_KEY, DATAGOUV_JEU and DATAGOUV_URL; None without a key: nothing is to be sent."""
        key = (os.environ.get("DATAGOUV_API_KEY") or "").strip()
        if not key:
            return None
        jeu = (os.environ.get("DATAGOUV_JEU") or "").strip()
        if not jeu:
            raise UsageError(
                "DATAGOUV_API_KEY is set without DATAGOUV_JEU: give the id or the slug of the dataset to publish to, "
                "or unset the key to send nothing."
            )
        return cls(_checked_url(os.environ.get("DATAGOUV_URL") or PRODUCTION), jeu, key)

    def __post_init__(self) -> None:
        if not self.key.isascii() or not self.key.isprintable() or " " in self.key:
            raise UsageError("DATAGOUV_API_KEY has spaces or characters that no key has: copy it again.")
        self._session.headers.update({"X-API-KEY": self.key, "User-Agent": "barometre-pipeline"})

    def dataset(self) -> dict[str, Any]:
        """Return the dataset as the portal has it, resources included."""
        return self._again("GET", self._path()).json()

    def extensions(self) -> frozenset[str]:
        """Return the file extensions that the portal takes."""
        return frozenset(self._again("GET", "/api/1/datasets/extensions/").json())

    def licences(self) -> frozenset[str]:
        """Return the ids of the licences that the portal knows."""
        return frozenset(one["id"] for one in self._again("GET", "/api/1/datasets/licenses/").json())

    def update(self, fields: dict[str, Any]) -> None:
        """Change some fields of the dataset."""
        self._again("PUT", self._path(), json=fields)

    def contact(self, fields: dict[str, Any]) -> str:
        """Return the id of the contact point with these fields, made if there is none (the portal compares)."""
        return self._again("POST", "/api/1/contacts/", json=fields).json()["id"]

    def upload(self, file: Path, name: str, replaced: str | None = None) -> str:
        """Send a file, new or in the place of a resource, and return the resource's id. Sent once only."""
        path = f"resources/{replaced}/upload/" if replaced else "upload/"
        with file.open("rb") as content:
            try:
                answer = self._once("POST", self._path(path), what=name, files={"file": (name, content)})
            except TransientError as error:
                raise UncertainUploadError(str(error)) from error
        return answer.json()["id"]

    def describe(self, resource: str, fields: dict[str, Any]) -> None:
        """Change some fields of a resource; `extras` are replaced whole."""
        self._again("PUT", self._path(f"resources/{resource}/"), json=fields)

    def delete(self, resource: str) -> None:
        """Remove a resource; one that is gone already is as well."""
        self._again("DELETE", self._path(f"resources/{resource}/"), accepted=(404, 410))

    def order(self, resources: list[str]) -> None:
        """Put the resources, all of them, in this order."""
        self._again("PUT", self._path("resources/"), json=[{"id": one} for one in resources])

    def _path(self, rest: str = "") -> str:
        return f"/api/1/datasets/{quote(self.jeu, safe='')}/{rest}"

    def _again(self, method: str, path: str, **options: Any) -> requests.Response:
        """Send a request that does no harm twice, until the portal answers."""
        retrying = Retrying(
            stop=stop_after_attempt(_ATTEMPTS),
            wait=self._wait,
            retry=retry_if_exception_type(TransientError),
            reraise=True,
        )
        return retrying(self._once, method, path, **options)

    def _wait(self, state: RetryCallState) -> float:
        error = state.outcome.exception() if state.outcome else None
        asked = error.wait if isinstance(error, TransientError) else None
        return min(asked or self.pause * 2 ** (state.attempt_number - 1), _LONGEST_WAIT)

    def _once(
        self, method: str, path: str, what: str = "", accepted: tuple[int, ...] = (), **options: Any
    ) -> requests.Response:
        action = f"{self.url} ({method} {path}{', ' + what if what else ''})"
        address = self.url + path
        try:
            for _ in range(3):
                # Followed by hand: requests would take the key along to another host.
                answer = self._session.request(method, address, timeout=self.timeout, allow_redirects=False, **options)
                if method != "GET" or not answer.is_redirect or not self._is_ours(answer, address):
                    break
                address = urljoin(address, answer.headers["Location"])
            status = answer.status_code
        except requests.Timeout:
            raise TransientError(f"{action} did not answer within {self.timeout[1]:.0f} s: run again later.") from None
        except requests.RequestException as error:
            raise TransientError(f"{action} cut the connection or cannot be reached: {cause(error)}.") from None
        if status < 300:
            _readable(answer, method, action)
        elif status not in accepted:
            raise refusal(answer, action, self.key)
        return answer

    def _is_ours(self, answer: requests.Response, address: str) -> bool:
        there = urlsplit(urljoin(address, answer.headers["Location"]))
        return there[:2] == urlsplit(self.url)[:2]


def _checked_url(text: str) -> str:
    parts = urlsplit(text.strip())
    if parts.username or parts.password or parts.query:
        raise UsageError("DATAGOUV_URL holds a user name, a password or a query: give the address alone.")
    local = parts.hostname in ("127.0.0.1", "::1", "localhost")
    if not parts.hostname or not (parts.scheme == "https" or (parts.scheme == "http" and local)):
        raise UsageError(f"DATAGOUV_URL is {text!r}: give an https:// address, so that the key is not sent in clear.")
    return text.strip().rstrip("/")


def _readable(answer: requests.Response, method: str, action: str) -> None:
    if method != "DELETE":
        try:
            answer.json()
        except ValueError:
            raise TransientError(f"{action} did not answer with JSON: is that the address of a portal?") from None
