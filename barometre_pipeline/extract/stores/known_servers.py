"""The SFTP servers that are believed: those whose key is in the file of known hosts, as ssh has it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from barometre_pipeline.resources.retries import HttpError

if TYPE_CHECKING:
    import asyncssh

_DEFAULT = "~/.ssh/known_hosts"


class KnownServers:
    """The known keys, and what one connection showed instead of them."""

    def __init__(self, library: Any, file: Path | None) -> None:
        """Read the file; HttpError where it cannot be. The user's own need not be there."""
        self._library = library
        self._file = str(file or _DEFAULT)
        path = file or Path(_DEFAULT).expanduser()
        try:
            self._keys = library.import_known_hosts(path.read_text(encoding="utf-8") if file or path.exists() else "")
        except (OSError, ValueError) as error:
            reason = error.strerror if isinstance(error, OSError) else error
            raise HttpError(f"cannot be read: neither can the file of known servers {path} ({reason})") from None
        self._is_known = False
        self._shown = ""  # the fingerprint of a key that is not the known one

    def keys(self, host: str, address: str, port: int | None) -> Any:
        """Return what the file has for a server, as asyncssh asks for it."""
        found = self._keys.match(host, address, port)
        self._is_known = any(found)
        return found

    def client(self) -> Any:
        """Build what asyncssh tells of a key that is not the known one: it is kept for people, never believed."""
        servers = self

        class Client(self._library.SSHClient):  # type: ignore[misc, name-defined]
            def validate_host_public_key(self, host: str, addr: str, port: int, key: asyncssh.SSHKey) -> bool:
                servers._shown = f" (it shows {key.get_fingerprint()})"
                return False

        return Client()

    def refusal(self, host: str, port: int) -> HttpError:
        """Say that a server is not believed, and what to do."""
        if self._is_known:
            return HttpError(
                f"is refused: the server's key is not the one in {self._file}{self._shown}; it may be another server. "
                "Ask its administrators: if they changed it, take the old one out "
                f"(ssh-keygen -R [{host}]:{port}), add theirs"
            )
        return HttpError(
            f"is refused: the server's key is unknown{self._shown}; compare it with the one that its administrators "
            f"give, then add it to {self._file} (ssh-keyscan -p {port} {host})"
        )
