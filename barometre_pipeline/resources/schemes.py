"""The schemes of the addresses that deliveries are read from."""

from __future__ import annotations

import re

# Each kind of store with the library that reads it, and the extra of its own name that brings it.
STORES = {"s3": "s3fs", "gs": "gcsfs", "sftp": "asyncssh"}
BUCKETS = ("s3", "gs")  # where an address names no host
_AZURE = ": of a store of Azure, give the file's https address, with its signature as sig=${VARIABLE}"
REMOTE = ("http", "https", *STORES)
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://")


def scheme_of(address: str) -> str:
    """Return what an address begins with, in small letters; '' where it is a path."""
    match = _SCHEME.match(address)
    return match[1].lower() if match else ""


def unread_scheme(address: str) -> str | None:
    """Say that the scheme of an address is not read, and which are; None where it is, or where there is none."""
    scheme = scheme_of(address)
    if scheme in ("", "file", *REMOTE):
        return None
    advice = _AZURE if scheme in ("az", "abfs", "abfss") else ""
    return f"{scheme}:// is not read; only {', '.join(REMOTE)} and the base folder are{advice}"
