"""Every delivery of an edition fetched, verified and kept, whatever happens to the others.

    locations             where a delivery is            resources.http   downloads
    receiving             its files, for now in scratch  readers.workers  are they what they should be?
    pages, asking         those of a service             pool             side by side, in bounded time
    resources.deliveries  kept, with their manifest

The outcome is data: the caller decides whether the run stops. The Dagster step is in `assets`.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from dagster import Config
from pydantic import Field

from barometre_pipeline.catalogue import Livraison
from barometre_pipeline.editions import Edition
from barometre_pipeline.errors import SourceError, UsageError
from barometre_pipeline.extract.asking import manner_of
from barometre_pipeline.extract.locations import Location, Remote, locate
from barometre_pipeline.extract.pages import RefusedPageError, receive_pages
from barometre_pipeline.extract.pool import Job, run_jobs
from barometre_pipeline.extract.receiving import Received, Reception
from barometre_pipeline.extract.stores import SftpKeys, StoreDoor, in_store
from barometre_pipeline.readers.workers import refusal_apart, start_workers
from barometre_pipeline.resources.atomic import FULL
from barometre_pipeline.resources.deliveries import (
    Fichier,
    Manifest,
    Snapshot,
    drop_refused,
    load_snapshot,
    set_aside,
    store,
    valid_snapshot,
)
from barometre_pipeline.resources.http import HttpDoor
from barometre_pipeline.resources.oauth2 import Tokens
from barometre_pipeline.resources.retries import Deadline
from barometre_pipeline.resources.secrets import Secrets
from barometre_pipeline.settings import PORTAL

MAX_SIZE = 200_000_000  # bytes, where the delivery has no taille_maximale
_WORKERS = 16  # they wait more than they work
_LATECOMERS = 5.0  # seconds for a delivery whose turn comes when the others have used up all the time


class Fichiers(Enum):
    """Where the files of an edition are taken."""

    stockes = "stockes"
    sources = "sources"


class FetchOptions(Config):
    """What a run may ask of the fetching, from the command line or from the UI's launchpad."""

    from_snapshot: bool = Field(default=False, description="Use the files already stored for this edition: no network.")
    allow_late: bool = Field(default=False, description="Take an earlier edition's file for a delivery that fails.")
    livraison: str | None = Field(
        default=None, description="Fetch this delivery only; the others from their stored files."
    )
    fichiers: Fichiers | None = Field(
        default=None,
        description="stockes (the files stored for this edition) or sources (ask the addresses). Default: stockes for "
        "an edition older than the last closed quarter whose files are all stored, else sources.",
    )


@dataclass(frozen=True)
class Fetched:
    """What became of one delivery.

    `failure` is a sentence; with `late_from`, the edition of the file that is used instead, it does not block.
    `reused` tells that nothing new arrived.
    """

    livraison: str
    manifest: Manifest | None = None
    failure: str | None = None
    late_from: Edition | None = None
    reused: bool = False

    @property
    def blocking(self) -> bool:
        """Tell whether the run must stop for want of this delivery."""
        return self.failure is not None and self.late_from is None


def failures_sentence(outcomes: Sequence[Fetched]) -> str:
    """Return the failures that block the run, one sentence a line; '' where there is none."""
    return "\n".join(one.failure or "" for one in outcomes if one.blocking)


def fetch_deliveries(
    livraisons: Sequence[Livraison],
    base: str | Path | None,
    folder: Path,
    edition: Edition,
    earlier: Sequence[tuple[Edition, Path]] = (),
    options: FetchOptions | None = None,
    on_done: Callable[[str], None] = lambda livraison: None,
    *,
    door: HttpDoor | None = None,
    portal: str = PORTAL,
    keys: SftpKeys | None = None,
    only: Collection[str] | None = None,
) -> list[Fetched]:
    """Fetch all deliveries side by side into `folder`, one subfolder each; the outcomes come in the same order.

    `only` are the ids of those to fetch, the others coming from their stored files; `base` is what relative URLs are
    relative to; `earlier` are the delivery folders of earlier editions, the latest first; `on_done` is told the id of
    each delivery that is done; `portal` is where datasets are read; `keys` are those of SFTP. The only hosts that
    `door` may ask are the only ones of the stores.
    UsageError where `base` or `options.livraison` is wrong; a delivery's own trouble is in its outcome.
    """
    known = folder.is_dir()
    folder.mkdir(parents=True, exist_ok=True)
    if not known:
        start_workers()  # ready when the first file is
    with (
        door or HttpDoor(Secrets()) as opened,
        StoreDoor(opened.secrets, opened.limits, keys, opened.allowed) as stores,
    ):
        options = options or FetchOptions()
        fetch = _Fetch(folder, edition, earlier, options, only, opened, stores, portal, Tokens(opened))
        outcomes: dict[str, Fetched] = {}
        for one in fetch.run(livraisons, base):
            outcomes[one.livraison] = one
            on_done(one.livraison)
    return [outcomes[livraison.id] for livraison in livraisons]


@dataclass(frozen=True)
class _Fetch:
    folder: Path
    edition: Edition
    earlier: Sequence[tuple[Edition, Path]]
    options: FetchOptions
    only: Collection[str] | None
    door: HttpDoor
    stores: StoreDoor
    portal: str
    tokens: Tokens

    def run(self, livraisons: Sequence[Livraison], base: str | Path | None) -> Iterator[Fetched]:
        unlocated: list[tuple[Livraison, str]] = []
        groups: dict[tuple[Location, str], list[Livraison]] = {}
        for livraison in self._wanted(livraisons):
            try:
                location = locate(livraison, base, self.door.secrets)
                groups.setdefault((location, manner_of(livraison, location)), []).append(livraison)
            except SourceError as error:
                unlocated.append((livraison, str(error)))
        ids = {livraison.id for livraison in self._wanted(livraisons)}
        yield from (self._from_snapshot(one) for one in livraisons if one.id not in ids)
        yield from (self._failed(livraison, reason) for livraison, reason in unlocated)
        began = time.monotonic()
        jobs = [self._job(location, group, began) for (location, _), group in groups.items()]
        for _, outcomes in run_jobs(jobs, _WORKERS):
            yield from outcomes

    def _wanted(self, livraisons: Sequence[Livraison]) -> list[Livraison]:
        one = self.options.livraison
        if one is not None and one not in {livraison.id for livraison in livraisons}:
            known = ", ".join(livraison.id for livraison in livraisons)
            raise UsageError(f"There is no delivery {one!r}; the catalogue has {known}.")
        if self.options.from_snapshot:
            return []
        only = self.only if one is None else {one}
        return [livraison for livraison in livraisons if only is None or livraison.id in only]

    def _job(self, location: Location, group: list[Livraison], began: float) -> Job[list[Fetched]]:
        seconds = self.door.limits.deadline

        def start() -> Deadline:
            return self.door.deadline(max(began + seconds - time.monotonic(), min(_LATECOMERS, seconds)))

        def overdue() -> list[Fetched]:
            return [
                self._failed(one, f"its server never ended its answer: given up after {seconds:.0f} s") for one in group
            ]

        return Job(start, lambda deadline: self._fetch(location, group, deadline), overdue)

    def _fetch(self, location: Location, group: list[Livraison], deadline: Deadline) -> list[Fetched]:
        """Receive one location once, for every delivery that reads it."""
        first = group[0]
        known = [snapshot for livraison in group for snapshot in self._known(livraison)]
        limit = max(livraison.taille_maximale or MAX_SIZE for livraison in group)
        with _scratch(self.folder / f".{first.id}.recu") as scratch:
            otherwise = f"{first.id}.{'zip' if first.fichier else first.file_format}"
            reception = Reception(self.door, self.stores, self.portal, scratch, limit, known, deadline, otherwise)
            try:
                if isinstance(location, Remote) and not in_store(location.url):
                    received = receive_pages(reception, location, first, self.tokens)
                else:
                    received = reception.receive(location)
                deadline.meet()
                return [self._keep(livraison, received) for livraison in group]
            except RefusedPageError as error:
                reason = self.door.secrets.scrub(str(error))
                for livraison in group if not deadline.given_up else ():
                    set_aside(self.folder, livraison.id, error.received.fichier, error.received.path, reason)
            except SourceError as error:
                reason = str(error)
            except OSError as error:
                if error.errno in FULL and not deadline.given_up:
                    # The delivery is not to blame, and no earlier file would do better: the run stops.
                    raise OSError(error.errno, error.strerror, str(self.folder)) from error
                reason = f"it cannot be kept in {self.folder} ({error.strerror or type(error).__name__})"
            # Left behind, the outcome was told already, and the folder is no longer this thread's.
            return [] if deadline.given_up else [self._failed(livraison, reason) for livraison in group]

    def _keep(self, livraison: Livraison, received: list[Received]) -> Fetched:
        """Verify what was received and put it in place of what is stored, or aside where it is refused."""
        stored = valid_snapshot(self.folder, livraison.id)
        for one in received:
            reason = self._refusal(livraison, one, stored)
            if reason:
                told = f"{one.shown} {reason}"
                set_aside(self.folder, livraison.id, one.fichier, one.path, told)
                return self._failed(livraison, told)
        manifest = Manifest(
            livraison=livraison.id, edition=str(self.edition), fichiers=tuple(one.fichier for one in received)
        )
        if stored and _same(stored.manifest, manifest):
            drop_refused(self.folder, livraison.id)
            return Fetched(livraison.id, stored.manifest, reused=True)
        store(self.folder, manifest, [one.path for one in received])
        return Fetched(livraison.id, manifest, reused=any(one.unchanged for one in received))

    def _refusal(self, livraison: Livraison, one: Received, stored: Snapshot | None) -> str | None:
        if one.fichier.taille > (livraison.taille_maximale or MAX_SIZE):
            return f"is bigger than the {livraison.taille_maximale or MAX_SIZE:,} bytes allowed (taille_maximale)"
        if one.is_read:
            return None
        if stored and stored.manifest.edition == str(self.edition) and _is_in(stored.manifest, one.fichier):
            return None  # it was verified when it came
        return refusal_apart(one.path, livraison, one.content_type)

    def _failed(self, livraison: Livraison, reason: str) -> Fetched:
        """Tell a failure; where lateness is allowed, the last valid file serves instead."""
        failure = f"Delivery {livraison.id}: {self.door.secrets.scrub(reason).rstrip('.')}."
        snapshot = next(self._known(livraison), None)
        if snapshot:
            if self.options.allow_late or livraison.tolerance == "derniere_valide":
                if snapshot.folder.parent != self.folder:
                    store(self.folder, snapshot.manifest, [snapshot.path(f) for f in snapshot.manifest.fichiers])
                late_from = Edition.parse(snapshot.manifest.edition)
                return Fetched(livraison.id, snapshot.manifest, failure, late_from, reused=True)
            manifest = snapshot.manifest
            failure += (
                f" Its last good delivery is that of {manifest.edition}, received on {manifest.received_on:%d/%m/%Y}."
            )
        return Fetched(livraison.id, failure=failure)

    def _from_snapshot(self, livraison: Livraison) -> Fetched:
        try:
            manifest = load_snapshot(self.folder, livraison.id).manifest
        except SourceError as error:
            return Fetched(livraison.id, failure=f"Delivery {livraison.id}: {error}.")
        origin = Edition.parse(manifest.edition)
        return Fetched(livraison.id, manifest, None, origin if origin != self.edition else None, reused=True)

    def _known(self, livraison: Livraison) -> Iterator[Snapshot]:
        """Yield the valid snapshots of a delivery: this edition's, then those of earlier ones, the latest first."""
        for folder in (self.folder, *(folder for _, folder in self.earlier)):
            snapshot = valid_snapshot(folder, livraison.id)
            if snapshot:
                yield snapshot


def _same(stored: Manifest, new: Manifest) -> bool:
    """Tell whether a new reception is what is stored already, but for its time."""
    return stored.edition == new.edition and _identities(stored.fichiers) == _identities(new.fichiers)


def _is_in(manifest: Manifest, fichier: Fichier) -> bool:
    return any((known.nom, known.sha256) == (fichier.nom, fichier.sha256) for known in manifest.fichiers)


def _identities(fichiers: Sequence[Fichier]) -> list[tuple[str | None, ...]]:
    return [fichier.identity for fichier in fichiers]


@contextmanager
def _scratch(folder: Path) -> Iterator[Path]:
    """Give an empty folder, on the same disk as what will be kept, and take it away afterwards."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
