"""The door to a data.gouv.fr dataset: its HTTP API, with errors in plain sentences and the key never shown.

A request that may be sent twice without harm is sent again by `resources.http`. An upload is not:
`UncertainUploadError` tells the caller to look before trying again, and what is sent is written down before. What the
dataset should hold is decided in `plan`.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

from pydantic import SecretStr

from barometre_pipeline.publish.portal.errors import (
    TransientPortalError,
    UncertainUploadError,
    no_answer,
    readable,
    refusal,
)
from barometre_pipeline.publish.portal.plan import Wanted
from barometre_pipeline.resources.addresses import host_of
from barometre_pipeline.resources.atomic import read_record, write_record
from barometre_pipeline.resources.http import HttpDoor, Limits
from barometre_pipeline.resources.http_messages import Reply
from barometre_pipeline.resources.retries import HttpError
from barometre_pipeline.resources.secrets import Secrets
from barometre_pipeline.settings import Settings

# The portal works on a file before it answers. A day's deliveries wait for nobody, a publication may.
LIMITS = Limits(connect=10, read=120, deadline=300, longest=3600, attempts=4, pause=1)


@dataclass(frozen=True)
class Datagouv:
    """A dataset of a portal, by its id or slug, and the key to change it."""

    url: str
    jeu: str
    key: SecretStr = field(repr=False)
    door: HttpDoor = field(repr=False, compare=False)

    def __post_init__(self) -> None:
        self.door.secrets.register(self.key.get_secret_value())

    def dataset(self) -> dict[str, Any]:
        """Return the dataset as the portal has it, resources included."""
        found: dict[str, Any] = self._asked("GET", self._path()).json()
        return found

    def extensions(self) -> frozenset[str]:
        """Return the file extensions that the portal takes."""
        return frozenset(self._asked("GET", "/api/1/datasets/extensions/").json())

    def licences(self) -> frozenset[str]:
        """Return the ids of the licences that the portal knows."""
        return frozenset(one["id"] for one in self._asked("GET", "/api/1/datasets/licenses/").json())

    def update(self, fields: dict[str, Any]) -> None:
        """Change some fields of the dataset."""
        self._asked("PUT", self._path(), json=fields)

    def contact(self, fields: dict[str, Any]) -> str:
        """Return the id of the contact point with these fields, made if there is none (the portal compares)."""
        return str(self._asked("POST", "/api/1/contacts/", json=fields).json()["id"])

    def upload(self, file: Path, name: str, replaced: str | None = None) -> str:
        """Send a file, new or in the place of a resource, and return the resource's id. Sent once only."""
        path = f"resources/{replaced}/upload/" if replaced else "upload/"
        with file.open("rb") as content:
            try:
                reply = self._asked("POST", self._path(path), name, once=True, files={"file": (name, content)})
            except TransientPortalError as error:
                raise UncertainUploadError(str(error)) from error
        return str(reply.json()["id"])

    def describe(self, resource: str, fields: dict[str, Any]) -> None:
        """Change some fields of a resource; `extras` are replaced whole."""
        self._asked("PUT", self._path(f"resources/{resource}/"), json=fields)

    def delete(self, resource: str) -> None:
        """Remove a resource; one that is gone already is as well."""
        self._asked("DELETE", self._path(f"resources/{resource}/"), accepted=(404, 410))

    def order(self, resources: list[str]) -> None:
        """Put the resources, all of them, in this order."""
        self._asked("PUT", self._path("resources/"), json=[{"id": one} for one in resources])

    def _path(self, rest: str = "") -> str:
        return f"/api/1/datasets/{quote(self.jeu, safe='')}/{rest}"

    def _asked(self, method: str, path: str, what: str = "", accepted: tuple[int, ...] = (), **options: Any) -> Reply:
        action = f"{self.url} ({method} {path}{', ' + what if what else ''})"
        headers = {"X-API-KEY": self.key.get_secret_value()}
        try:
            reply = self.door.call(method, self.url + path, headers=headers, **options)
        except HttpError as error:
            raise no_answer(error, action) from None
        if reply.status < 300:
            if method != "DELETE":
                readable(reply, action)
        elif reply.status not in accepted:
            raise refusal(reply, action, self.door.secrets)
        return reply


@contextmanager
def opened_portal(settings: Settings, key: SecretStr) -> Iterator[Datagouv]:
    """Give the door to the dataset that the settings name, with the key to change it."""
    own = host_of(settings.datagouv_url)
    with HttpDoor(Secrets(*settings.secret_values), LIMITS, trusted=(own,)) as door:
        yield Datagouv(settings.datagouv_url, settings.datagouv_jeu or "", key, door)


class SentFiles:
    """The (file name, sha1) of each file sent as a new resource of one dataset."""

    def __init__(self, record: Path, portal: Datagouv) -> None:
        self._record, self._where = record, f"{portal.url} {portal.jeu}"

    def known(self) -> set[tuple[str, str]]:
        """Return what was sent so far."""
        return {(name, sha1) for name, sha1 in read_record(self._record).get(self._where, [])}

    def add(self, wanted: Wanted) -> None:
        """Remember a file that is about to be sent."""
        sent = sorted(self.known() | {(wanted.nom, wanted.sha1)})
        write_record(self._record, {**read_record(self._record), self._where: sent})
