"""SFTP servers, by asyncssh: only those whose key is known, with a private key, an agent or a password.

Not by fsspec's own back ends: one trusts whatever host answers, the other unless it is told not to.
"""

from __future__ import annotations

import email.utils
import socket
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from barometre_pipeline.extract.stores.address import Address, Described, back_end
from barometre_pipeline.resources.http import Limits
from barometre_pipeline.resources.retries import HttpError, TransientError, failure_of

if TYPE_CHECKING:
    import asyncssh

_BLOCK, _IN_FLIGHT = 32_768, 64  # bytes, and how many such blocks: even a slow line brings one every few seconds
_REGULAR = 1  # FILEXFER_TYPE_REGULAR, and below it
_FOLDER = 2


@dataclass(frozen=True)
class SftpKeys:
    """The file of the servers' known keys, and the private key: ssh's own where they are None."""

    known_hosts: Path | None = None
    private_key: Path | None = None


class SftpStore:
    """A connection to an SFTP server, and one channel for all the files that are asked of it."""

    lasting = False

    def __init__(self, limits: Limits, keys: SftpKeys, place: str) -> None:
        self.limits = limits
        self.keys = keys
        self._parts = urlsplit(f"sftp://{place}")
        self._library: Any = None
        self._connection: asyncssh.SSHClientConnection | None = None
        self._seen = ""  # the fingerprint of a key that is not the known one
        self._known = False  # whether the server has a known key

    async def open(self) -> None:
        """Connect, and refuse a server whose key is not the known one."""
        library = self._library = back_end("sftp")
        options: dict[str, Any] = {"port": self._parts.port} if self._parts.port else {}
        for name, given in (("username", self._parts.username), ("password", self._parts.password)):
            if given:
                options[name] = unquote(given)
        if self.keys.private_key:
            options["client_keys"] = [str(self.keys.private_key)]
        self._connection = await library.connect(
            self._parts.hostname,
            known_hosts=self._known_keys(library),
            client_factory=self._client_factory(library),
            connect_timeout=self.limits.connect,
            login_timeout=self.limits.read,
            **options,
        )
        self._channel = await self._connection.start_sftp_client()

    async def describe(self, address: Address) -> Described:
        """Ask for the size and the date of a file, which together tell whether it changed."""
        facts = await self._channel.stat("/" + address.path)
        if facts.type != _REGULAR:
            raise HttpError("is a folder, not a file" if facts.type == _FOLDER else "is not a file")
        size, modified = facts.size or 0, facts.mtime or 0
        return Described(size, f'"{modified:x}-{size:x}"', email.utils.formatdate(modified, usegmt=True))

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
        if self._connection:
            self._connection.abort()
            await self._connection.wait_closed()

    def told(self, error: Exception, address: Address) -> HttpError:
        """Say what an error of the library, or of the network below it, means."""
        library, user = self._library, self._parts.username or "the user of this machine"
        if isinstance(error, library.HostKeyNotVerifiable):
            return self._unknown_server()
        if isinstance(error, (library.SFTPNoSuchFile, library.SFTPNoSuchPath)):
            return HttpError("cannot be read: there is no such file there; correct its url in the catalogue")
        if isinstance(error, library.SFTPPermissionDenied):
            return HttpError(f"may not be read by {user}: the server's permissions forbid it")
        if isinstance(error, library.PermissionDenied):
            return HttpError(
                f"cannot be read: the server takes neither key nor password of {user}; give the private key in "
                "BAROMETRE_SFTP_CLE or to the agent, or a password as in sftp://user:${VARIABLE}@host/path"
            )
        if isinstance(error, library.KeyImportError) or getattr(error, "filename", None):
            return HttpError(
                f"cannot be read: neither can the private key {self.keys.private_key or 'of this user'}; "
                "where it has a passphrase, give it to an agent, and unset BAROMETRE_SFTP_CLE"
            )
        if isinstance(error, library.ChannelOpenError):
            return HttpError("cannot be read: the server does not offer SFTP")
        if isinstance(error, (library.ConnectionLost, library.SFTPConnectionLost, library.SFTPNoConnection)):
            return TransientError("is cut: the server closed the connection without a whole answer")
        if isinstance(error, TimeoutError):
            return TransientError("cannot be reached: the server does not take the connection")
        if isinstance(error, (ConnectionError, socket.gaierror)):
            return failure_of(error, self.limits.read)
        return HttpError(f"cannot be read: {error}")

    def _known_keys(self, library: Any) -> Callable[..., Any]:
        """Build what tells the known keys of a server, from the file, where there is one."""
        path = self.keys.known_hosts
        file = path or Path("~/.ssh/known_hosts").expanduser()
        try:
            known = library.import_known_hosts(file.read_text(encoding="utf-8") if path or file.exists() else "")
        except (OSError, ValueError) as error:
            reason = error.strerror if isinstance(error, OSError) else str(error)
            raise HttpError(f"cannot be read: neither can the file of known servers {file} ({reason})") from None

        def of(host: str, address: str, port: int | None) -> Any:
            found = known.match(host, address, port)
            self._known = any(found)
            return found

        return of

    def _client_factory(self, library: Any) -> Any:
        """Build what is told of a key that is not the known one: its fingerprint is kept for people."""
        store = self

        class Client(library.SSHClient):  # type: ignore[misc]
            def validate_host_public_key(self, host: str, addr: str, port: int, key: asyncssh.SSHKey) -> bool:
                """Trust no key that the file does not have."""
                store._seen = key.get_fingerprint()
                return False

        return Client

    def _unknown_server(self) -> HttpError:
        file = self.keys.known_hosts or "~/.ssh/known_hosts"
        host, port = self._parts.hostname, self._parts.port or 22
        shows = f" (it shows {self._seen})" if self._seen else ""
        if self._known:
            return HttpError(
                f"is refused: the server's key is not the one in {file}{shows}; it may be another server. Ask its "
                f"administrators: if they changed it, take the old one out (ssh-keygen -R [{host}]:{port}), add theirs"
            )
        return HttpError(
            f"is refused: the server's key is unknown{shows}; compare it with the one that its administrators give, "
            f"then add it to {file} (ssh-keyscan -p {port} {host})"
        )
