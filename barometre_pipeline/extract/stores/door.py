"""Downloads from stores within limits, with retries: the same call, answer and words as `HttpDoor.download`.

A file that is what it was, by the ETag of the store, is not downloaded again. Size, pace and deadline are watched
from the thread that asks, whatever the back end does. What a store is, is in `s3`, `google` and `sftp`.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from concurrent.futures import wait
from contextlib import suppress
from pathlib import Path

from barometre_pipeline.errors import SourceError
from barometre_pipeline.extract.stores.address import Address, Store, back_end
from barometre_pipeline.extract.stores.google import GoogleStore
from barometre_pipeline.extract.stores.loop import LoopThread
from barometre_pipeline.extract.stores.s3 import S3Store
from barometre_pipeline.extract.stores.sftp import SftpKeys, SftpStore
from barometre_pipeline.extract.stores.watch import Watch
from barometre_pipeline.resources.addresses import Guard, host_of
from barometre_pipeline.resources.atomic import FULL
from barometre_pipeline.resources.http_messages import Answer
from barometre_pipeline.resources.retries import Deadline, Limits, TransientError, clause, repeating
from barometre_pipeline.resources.secrets import ScrubbingFilter, Secrets

_LIBRARIES = {"aiobotocore", "aiohttp", "asyncio", "asyncssh", "botocore", "fsspec", "gcsfs", "google", "s3fs"}
_LOOK = 0.1  # seconds between two looks at the clock
_log = logging.getLogger(__name__)


class StoreDoor:
    """One run's connections to stores, shared by its threads; a context manager that closes them."""

    def __init__(
        self,
        secrets: Secrets,
        limits: Limits | None = None,
        keys: SftpKeys | None = None,
        allowed: tuple[str, ...] | None = None,
    ) -> None:
        self.secrets = secrets
        self._allowed = allowed
        self.limits = limits or Limits()
        self._keys = keys or SftpKeys()
        self._loop = LoopThread()
        self._opened: dict[tuple[str, str], tuple[Store, asyncio.Future[None]]] = {}
        self._stores: list[Store] = []  # all of them, those that failed too
        self._filter = ScrubbingFilter(secrets)

    def __enter__(self) -> StoreDoor:
        _log.addFilter(self._filter)
        return self

    def __exit__(self, *exc_info: object) -> None:
        self._loop.close(self._closed())

    def download(
        self, url: str, target: Path, *, limit: int, deadline: Deadline, headers: Mapping[str, str] | None = None
    ) -> Answer:
        """Write a file to `target` (at most `limit` bytes); nothing, and 304, where its ETag is in If-None-Match.

        Raises SourceError with a clause that begins with the URL, secrets masked.
        """
        attempts = repeating(url, deadline, self.limits.attempts, self.limits.pause, _log)
        try:
            address = Address.of(url)
            back_end(address.scheme)  # here, as importing takes seconds in which the other thread would watch nothing
            etag = (headers or {}).get("If-None-Match")
            return attempts(self._attempt, url, address, target, Watch(limit, deadline, self.limits.read), etag)
        except SourceError as error:
            told = clause(error, attempts, self.limits.deadline)
            raise SourceError(self.secrets.scrub(f"{url} {told}")) from None

    def _attempt(self, url: str, address: Address, target: Path, watch: Watch, etag: str | None) -> Answer:
        """Have it downloaded in the other thread, and stop it where it takes too long."""
        watch.begin()
        answer = self._loop.submit(self._answer(url, address, target, watch, etag))
        try:
            while not wait([answer], _LOOK).done:
                watch.check()
        finally:
            answer.cancel()
        return answer.result()

    async def _answer(self, url: str, address: Address, target: Path, watch: Watch, etag: str | None) -> Answer:
        store, opening = self._store(address)
        try:
            await asyncio.shield(opening)
            return await _downloaded(store, url, address, target, watch, etag)
        except SourceError:
            raise
        except asyncio.CancelledError:
            self._part_with(store, opening)
            raise
        except Exception as error:
            if isinstance(error, OSError) and error.errno in FULL:
                raise
            told = store.told(error, address)
            if isinstance(told, TransientError):
                self._part_with(store, opening)
            raise told from None

    def _store(self, address: Address) -> tuple[Store, asyncio.Future[None]]:
        """Return the connection that this address is read through, and its opening: the first who asks starts it."""
        key = (address.scheme, address.place if address.scheme == "sftp" else "")
        if key not in self._opened:
            store = self._new(address)
            self._stores.append(store)
            self._opened[key] = store, asyncio.ensure_future(self._open(store))
        return self._opened[key]

    def _new(self, address: Address) -> Store:
        if address.scheme == "sftp":
            return SftpStore(self.limits, self._keys, address.place, self._judge)
        return (S3Store if address.scheme == "s3" else GoogleStore)(self.limits, self.secrets, self._judge)

    def _judge(self, url: str) -> None:
        """Raise RefusedAddressError where the catalogue does not list the host; which address it has is its own."""
        Guard(host_of(url), self._allowed).check_url(url)

    async def _open(self, store: Store) -> None:
        try:
            await store.open()
        finally:
            # The filters stay, as those of the web do.
            for name in [one for one in logging.root.manager.loggerDict if one.partition(".")[0] in _LIBRARIES]:
                logging.getLogger(name).addFilter(self._filter)

    def _part_with(self, store: Store, opening: asyncio.Future[None]) -> None:
        """Have the next request open another connection, where this one may be of no use any more."""
        sound = opening.done() and not opening.cancelled() and not opening.exception()
        if not (sound and store.lasting):
            self._opened = {key: pair for key, pair in self._opened.items() if pair[0] is not store}

    async def _closed(self) -> None:
        for store in self._stores:
            with suppress(Exception):
                await store.close()


async def _downloaded(store: Store, url: str, address: Address, target: Path, watch: Watch, etag: str | None) -> Answer:
    watch.begin()
    found = await store.describe(address)
    if etag and found.etag == etag:
        return Answer(304, url, found.etag, found.modified, found.content_type)
    watch.expect(found.size)
    target.unlink(missing_ok=True)  # an attempt that was given up may still write to it
    await store.fetch(address, target, watch.note)
    if target.stat().st_size != found.size:
        raise TransientError(f"is truncated: {target.stat().st_size:,} bytes of the {found.size:,} that it announces")
    if await store.describe(address) != found:
        raise TransientError("changes while it is read: somebody is writing it")
    return Answer(200, url, found.etag, found.modified, found.content_type)
