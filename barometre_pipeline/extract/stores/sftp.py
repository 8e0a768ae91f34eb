"""SFTP servers, by asyncssh: only those whose key is known, with a private key, an agent or a password.

Not by fsspec's own back ends: one trusts whatever host answers, the other unless it is told not to.
"""

from __future__ import annotations

import email.utils
import socket
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from barometre_pipeline.extract.stores.address import Address, Described, Judge, back_end
from barometre_pipeline.extract.stores.known_servers import KnownServers
from barometre_pipeline.resources.http import Limits
from barometre_pipeline.resources.retries import HttpError, TransientError, failure_of

if TYPE_CHECKING:
    import asyncssh

_BLOCK, _IN_FLIGHT = 32_768, 64  # bytes, and how many such blocks: even a slow line brings one every few seconds
_FILE, _FOLDER = 1, 2  # as the protocol numbers them
_CUT = ("ConnectionLost", "SFTPConnectionLost", "SFTPNoConnection")
_ABSENT = "cannot be read: there is no such file there; correct its url in the catalogue"
# What is wrong for good, by the library's own name for it.
_CLAUSES = {
    "SFTPNoSuchFile": _ABSENT,
    "SFTPNoSuchPath": _ABSENT,
    "SFTPPermissionDenied": "may not be read by {user}: the server's permissions forbid it",
    "PermissionDenied": "cannot be read: the server takes neither key nor password of {user}; give the private key in "
    "BAROMETRE_SFTP_CLE or to the agent, or a password as in sftp://user:${{VARIABLE}}@host/path",
    "KeyImportError": "cannot be read: neither can the private key {key}; one with a passphrase needs an agent",
    "FileNotFoundError": "cannot be read: there is no private key {key}",
    "ChannelOpenError": "cannot be read: the server does not offer SFTP",
}


@dataclass(frozen=True)
class SftpKeys:
    """The file of the servers' known keys, and the private key: ssh's own where they are None."""

    known_hosts: Path | None = None
    private_key: Path | None = None


class SftpStore:
    """A connection to an SFTP server, and one channel for all the files that are asked of it."""

    lasting = False
    _servers: KnownServers
    _connection: asyncssh.SSHClientConnection

    def __init__(self, limits: Limits, keys: SftpKeys, place: str, judge: Judge) -> None:
        self.limits = limits
        self.keys = keys
        self.judge = judge
        self._parts = urlsplit(f"sftp://{place}")

    async def open(self) -> None:
        """Connect, and refuse a server whose key is not the known one."""
        self.judge(self._parts.geturl())
        library = back_end("sftp")
        self._servers = KnownServers(library, self.keys.known_hosts)
        private_key = self.keys.private_key
        given = {
            "port": self._parts.port,
            "username": unquote(self._parts.username or ""),
            "password": unquote(self._parts.password or ""),
            "client_keys": [str(private_key)] if private_key else None,
        }
        self._connection = await library.connect(
            self._parts.hostname,
            known_hosts=self._servers.keys,
            client_factory=self._servers.client,
            connect_timeout=self.limits.connect,
            # After the silence that is told as one: the library calls its own end of a login a cut.
            login_timeout=self.limits.connect + self.limits.read,
            **{name: value for name, value in given.items() if value},
        )
        self._channel = await self._connection.start_sftp_client()

    async def describe(self, address: Address) -> Described:
        """Ask for the size and the date of a file, which together tell whether it changed."""
        facts = await self._channel.stat("/" + address.path)
        if facts.type != _FILE:
            raise HttpError("is a folder, not a file" if facts.type == _FOLDER else "is not a file")
        if facts.mtime is None:
            return Described(facts.size or 0, None, None)
        etag = f'"{facts.mtime:x}-{facts.size or 0:x}"'
        return Described(facts.size or 0, etag, email.utils.formatdate(facts.mtime, usegmt=True))

    async def fetch(self, address: Address, target: Path, note: Callable[[int], None]) -> None:
        """Write a file to `target`."""
        await self._channel.get(
            "/" + address.path,
            target,
            follow_symlinks=True,
            block_size=_BLOCK,
            max_requests=_IN_FLIGHT,
            progress_handler=lambda source, copy, received, total: note(received),
        )

    async def close(self) -> None:
        """Close the connection without waiting for the server's leave."""
        self._connection.abort()
        await self._connection.wait_closed()

    def told(self, error: Exception, address: Address) -> HttpError:
        """Say what an error of the library, or of the network below it, means."""
        kinds = [kind.__name__ for kind in type(error).__mro__]
        if "HostKeyNotVerifiable" in kinds:
            return self._servers.refusal(str(self._parts.hostname), self._parts.port or 22)
        if any(kind in _CUT for kind in kinds):
            return TransientError("is cut: the server closed the connection without a whole answer")
        if isinstance(error, TimeoutError):
            return TransientError("cannot be reached: the server does not take the connection")
        if isinstance(error, (ConnectionError, socket.gaierror)):
            return failure_of(error, self.limits.read)
        for kind in kinds:
            if kind in _CLAUSES:
                user = self._parts.username or "this user"
                return HttpError(_CLAUSES[kind].format(user=user, key=self.keys.private_key))
        return HttpError(f"cannot be read: {error}")
