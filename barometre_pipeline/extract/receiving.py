"""One location received: copied or downloaded into a scratch folder, or found unchanged in a stored snapshot.

Whether the files are what they should be is told in `verification`; where they are kept, in `resources.deliveries`.
"""

from __future__ import annotations

import datetime as dt
import email.utils
import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from barometre_pipeline.errors import SourceError
from barometre_pipeline.extract.ages import latest, oldest_first
from barometre_pipeline.extract.locations import Local, Portal, Remote, file_name
from barometre_pipeline.extract.portal import Jeu, Ressource, read_jeu
from barometre_pipeline.extract.stores import StoreDoor, in_store
from barometre_pipeline.resources.deliveries import Fichier, Snapshot, sha256_of
from barometre_pipeline.resources.http import HttpDoor
from barometre_pipeline.resources.http_messages import Request
from barometre_pipeline.resources.retries import Deadline

_CHUNK = 1 << 20
_PLAIN = Request()


@dataclass(frozen=True)
class Received:
    """A file received: where it lies for now, its facts for the manifest, what its server called it."""

    path: Path
    fichier: Fichier
    content_type: str = ""
    page: int | None = None
    is_read: bool = False  # to its end already: its format is the right one
    came_from: str = field(default="", repr=False)  # the URL that answered, secrets and all
    next_page: str | None = field(default=None, repr=False)  # of its Link header
    unchanged: bool = False  # by the server's own word

    @property
    def shown(self) -> str:
        """Return where it came from, as the catalogue writes it."""
        return self.fichier.url + (f", page {self.page} ({self.fichier.url_finale})," if self.page else "")


@dataclass(frozen=True)
class Reception:
    """What one reception works with: `limit` in bytes, `known` the stored snapshots, the best one first.

    `portal` is the address where datasets are read.
    """

    door: HttpDoor
    stores: StoreDoor
    portal: str
    scratch: Path
    limit: int
    known: Sequence[Snapshot]
    deadline: Deadline
    otherwise: str  # the file's name where the URL has none

    def receive(self, location: Local | Portal | Remote) -> list[Received]:
        """Receive every file of a location; SourceError says what failed, in a clause that names the place.

        What is behind http may have pages: see `pages`.
        """
        if isinstance(location, Local):
            return [self._copy(location)]
        if isinstance(location, Remote):
            return [self.download(location, 0, file_name(location.shown, self.otherwise))]
        return self._from_portal(location)

    def _copy(self, location: Local) -> Received:
        target = self.scratch / "0"
        digest, size = hashlib.sha256(), 0
        try:
            modified = email.utils.formatdate(location.path.stat().st_mtime, usegmt=True)
            with location.path.open("rb") as source, target.open("wb") as file:
                while chunk := source.read(_CHUNK):
                    size += len(chunk)
                    if size > self.limit:
                        raise SourceError(f"{location.shown} is bigger than the {self.limit:,} bytes allowed")
                    digest.update(chunk)
                    file.write(chunk)
        except PermissionError:
            raise SourceError(f"{location.shown} may not be read: its permissions forbid it") from None
        fichier = Fichier(
            nom=file_name(location.path.as_uri(), self.otherwise),
            url=location.shown,
            url_finale=location.path.as_uri(),
            recupere_le=_now(),
            taille=size,
            sha256=digest.hexdigest(),
            derniere_modification=modified,
        )
        return Received(target, fichier)

    def download(
        self,
        location: Remote,
        rank: int,
        name: str,
        licence: str | None = None,
        request: Request = _PLAIN,
        conditional: bool = True,
    ) -> Received:
        """Receive one file; where `conditional`, the stored one if that is what the server still has."""
        target = self.scratch / str(rank)
        stored = self._stored(location) if conditional else None
        headers = _conditions(stored[1], location) if stored else {}
        if in_store(location.url):
            answer = self.stores.download(
                location.url, target, limit=self.limit, deadline=self.deadline, headers=headers
            )
        else:
            answer = self.door.download(
                location.url, target, limit=self.limit, deadline=self.deadline, headers=headers, request=request
            )
        final_url = self.door.secrets.scrub(answer.final_url)
        status = None if in_store(location.url) else answer.status
        if answer.status == 304 and stored:
            path, known = stored
            facts = {"url": location.shown, "url_finale": final_url, "recupere_le": _now(), "statut_http": status}
            facts["licence"] = licence
            return Received(path, known.model_copy(update=facts), next_page=answer.next_page, unchanged=True)
        fichier = Fichier(
            nom=name,
            url=location.shown,
            url_finale=final_url,
            recupere_le=_now(),
            taille=target.stat().st_size,
            sha256=sha256_of(target),
            etag=answer.etag,
            derniere_modification=answer.last_modified,
            statut_http=status,
            licence=licence,
        )
        return Received(target, fichier, answer.content_type, came_from=answer.final_url, next_page=answer.next_page)

    def _from_portal(self, place: Portal) -> list[Received]:
        jeu = read_jeu(self.door, self.portal, place.jeu, self.scratch / "jeu.json", self.deadline)
        received: list[Received] = []
        taken: set[str] = set()
        for rank, ressource in enumerate(_wanted(jeu, place)):
            name = _distinct(
                file_name(self.door.secrets.scrub(ressource.file_url), file_name(ressource.title, self.otherwise)),
                taken,
            )
            received.append(self._resource(ressource, rank, name, jeu.licence))
        return received

    def _resource(self, ressource: Ressource, rank: int, name: str, licence: str | None) -> Received:
        shown = self.door.secrets.scrub(ressource.url)
        location = Remote(ressource.url, shown, shown)
        stored = self._stored(location)
        if stored and ressource.checksum and _digest(stored[0], ressource.checksum[0]) == ressource.checksum[1]:
            facts = {"nom": name, "recupere_le": _now(), "licence": licence}
            return Received(stored[0], stored[1].model_copy(update=facts))
        one = self.download(location, rank, name, licence, Request(own=self.portal))
        if ressource.checksum and _digest(one.path, ressource.checksum[0]) != ressource.checksum[1]:
            raise SourceError(
                f"{shown} ({ressource.title}) does not have the {ressource.checksum[0]} that data.gouv.fr announces: "
                "it was changed or damaged on the way"
            )
        return Received(one.path, one.fichier.model_copy(update={"nom": name}), one.content_type)

    def _stored(self, location: Remote) -> tuple[Path, Fichier] | None:
        """Return what is stored from this URL, or else from the same place below another base."""
        stored = [(snapshot.path(one), one) for snapshot in self.known for one in snapshot.manifest.fichiers]
        same = [pair for pair in stored if pair[1].url == location.shown]
        moved = [pair for pair in stored if pair[1].url.endswith("/" + location.tail) and _is_digest(pair[1].etag)]
        return next(iter(same + moved), None)


def _wanted(jeu: Jeu, place: Portal) -> list[Ressource]:
    """Return the resources that a delivery takes, the older ones first where their age counts."""
    if place.ressource:
        return [jeu.one(place.ressource)]
    found = jeu.matching(place.ressources or "")
    if place.derniere:
        return [latest(found)]
    return oldest_first(found) if place.par_age else found


def _conditions(fichier: Fichier, location: Remote) -> dict[str, str]:
    """Return the headers that ask for a file only where it changed.

    A date, or a short ETag, means something to one server only; one that is as long as a digest tells the content.
    """
    asked = {"If-None-Match": fichier.etag}
    if fichier.url == location.shown:
        asked["If-Modified-Since"] = fichier.derniere_modification
    return {name: value for name, value in asked.items() if value}


def _is_digest(etag: str | None) -> bool:
    return etag is not None and re.fullmatch(r'"[0-9A-Za-z+/=_-]{32,}"', etag) is not None


def _distinct(name: str, taken: set[str]) -> str:
    """Return a name that no other file of the delivery has, whatever the case."""
    stem, dot, extension = name.rpartition(".")
    candidate, rank = name, 1
    while candidate.lower() in taken:
        rank += 1
        candidate = f"{stem}-{rank}.{extension}" if dot else f"{name}-{rank}"
    taken.add(candidate.lower())
    return candidate


def _digest(path: Path, kind: str) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, kind).hexdigest()


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC).replace(microsecond=0)
