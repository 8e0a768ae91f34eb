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

from barometre_pipeline.publish.portal.actions import Wanted
from barometre_pipeline.publish.portal.answers import Created, Dataset, Named, Shape, read_as
from barometre_pipeline.publish.portal.errors import (
    TransientPortalError,
    UncertainUploadError,
    document,
    no_answer,
    refusal,
    shown,
)
from barometre_pipeline.resources.addresses import host_of
from barometre_pipeline.resources.atomic import read_record, write_record
from barometre_pipeline.resources.http import HttpDoor, Limits
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

    def dataset(self) -> Dataset:
        """Return the dataset as the portal has it, resources included."""
        return self._read(Dataset, "GET", self._path())

    def extensions(self) -> frozenset[str]:
        """Return the file extensions that the portal takes."""
        return frozenset(self._read(list[str], "GET", "/api/1/datasets/extensions/"))

    def licences(self) -> frozenset[str]:
        """Return the ids of the licences that the portal knows."""
        return frozenset(one.id for one in self._read(list[Named], "GET", "/api/1/datasets/licenses/"))

    def zones(self, text: str) -> list[Named]:
        """Return the territories whose name, code or id has this text, the widest first."""
        return self._read(list[Named], "GET", f"/api/1/spatial/zones/suggest/?q={quote(text, safe='')}")

    def granularities(self) -> list[Named]:
        """Return the levels of territories that the portal knows."""
        return self._read(list[Named], "GET", "/api/1/spatial/granularities/")

    def update(self, fields: dict[str, Any]) -> None:
        """Change some fields of the dataset."""
        self._asked("PUT", self._path(), json=fields)

    def contact(self, fields: dict[str, Any]) -> str:
        """Return the id of the contact point with these fields, made if there is none (the portal compares)."""
        return self._read(Created, "POST", "/api/1/contacts/", json=fields).id

    def upload(self, file: Path, name: str, replaced: str | None = None) -> str:
        """Send a file, new or in the place of a resource, and return the resource's id. Sent once only."""
        path = f"resources/{replaced}/upload/" if replaced else "upload/"
        with file.open("rb") as content:
            try:
                files = {"file": (name, content)}
                return self._read(Created, "POST", self._path(path), name, once=True, files=files).id
            except TransientPortalError as error:
                raise UncertainUploadError(str(error)) from None

    def describe(self, resource: str, fields: dict[str, Any]) -> None:
        """Change some fields of a resource; `extras` are replaced whole."""
        self._asked("PUT", self._path(f"resources/{resource}/"), json=fields)

    def delete(self, resource: str) -> None:
        """Remove a resource; one that is gone already is as well."""
        self._asked("DELETE", self._path(f"resources/{resource}/"), accepted=(404, 410))

    def order(self, resources: list[str]) -> None:
        """Put the resources, all of them, in this order."""
        self._asked("PUT", self._path("resources/"), json=[{"id": one} for one in resources])

    def shown(self, text: str) -> str:
        """Return a text with something of the portal's in it as people may read it."""
        return shown(text, self.door.secrets)

    def _path(self, rest: str = "") -> str:
        return f"/api/1/datasets/{quote(self.jeu, safe='')}/{rest}"

    def _action(self, method: str, path: str, what: str) -> str:
        return self.shown(f"{self.url} ({method} {path}{', ' + what if what else ''})")

    def _asked(self, method: str, path: str, what: str = "", accepted: tuple[int, ...] = (), **options: Any) -> Any:
        """Return the document that is answered, None where a resource was deleted."""
        action = self._action(method, path, what)
        headers = {"X-API-KEY": self.key.get_secret_value()}
        try:
            reply = self.door.call(method, self.url + path, headers=headers, **options)
        except HttpError as error:
            raise no_answer(error, action) from None
        if reply.status >= 300 and reply.status not in accepted:
            raise refusal(reply, action, self.door.secrets)
        return None if method == "DELETE" else document(reply, action)

    def _read(self, shape: type[Shape], method: str, path: str, what: str = "", **options: Any) -> Shape:
        """Return what is answered, which must have this shape."""
        answer = self._asked(method, path, what, **options)
        try:
            return read_as(shape, answer)
        except ValueError as error:
            told = f"{self._action(method, path, what)} does not answer as a portal does ({self.shown(str(error))})."
            raise TransientPortalError(told) from None


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
