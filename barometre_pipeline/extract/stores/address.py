"""What an address of a store says, and what is known of the file there. Nothing is asked for here."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import unquote, urlsplit

from barometre_pipeline.resources.retries import HttpError
from barometre_pipeline.resources.schemes import STORES, scheme_of


@dataclass(frozen=True)
class Address:
    """A file in a store: `place` is the bucket or the server (user@host:port), `path` is decoded."""

    scheme: str
    place: str
    path: str

    @classmethod
    def of(cls, url: str) -> Address:
        """Read an address whose placeholders are filled; HttpError says what is wrong with it."""
        scheme, _, rest = url.partition("://")
        place, _, path = rest.partition("/")
        if not place or not path:
            raise HttpError(f"names no file: write it as in {scheme}://{'host' if scheme == 'sftp' else 'bucket'}/path")
        if "?" in path:
            raise HttpError("has a question mark, and a store has no queries: write %3F where the name has one")
        try:
            _ = urlsplit(f"//{place}").port
        except ValueError:
            raise HttpError("is not an address: its port is not a number") from None
        return cls(scheme.lower(), place, unquote(path))


def in_store(url: str) -> bool:
    """Tell whether this is the address of a file in a store."""
    return scheme_of(url) in STORES


@dataclass(frozen=True)
class Described:
    """A file as its store describes it; `etag` changes with it, `modified` is a date as HTTP writes it."""

    size: int
    etag: str | None
    modified: str | None
    content_type: str = ""


Judge = Callable[[str], None]  # raises RefusedAddressError where the host of a URL may not be asked


class Store(Protocol):
    """One connection to a store, used from its own thread; `lasting` where a failed request leaves it sound."""

    lasting: bool

    async def open(self) -> None:
        """Connect; errors are those of the back end."""

    async def describe(self, address: Address) -> Described:
        """Describe a file; HttpError where it is none."""

    async def fetch(self, address: Address, target: Path, note: Callable[[int], None]) -> None:
        """Write a file to `target`; `note` is told the bytes received so far, and may raise to end it."""

    async def close(self) -> None:
        """Close the connection, whatever its state."""

    def told(self, error: Exception, address: Address) -> HttpError:
        """Say in our words what an error of the back end means, in a clause that follows the address."""


def back_end(scheme: str) -> Any:
    """Import the library of a kind of store; HttpError says what to install where it is not there."""
    try:
        return importlib.import_module(STORES[scheme])
    except ModuleNotFoundError:
        raise HttpError(
            f"cannot be read: {STORES[scheme]} is not installed; pip install 'barometre-pipeline[{scheme}]'"
        ) from None
