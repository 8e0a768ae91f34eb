"""What the object stores have in common, by the back ends of fsspec: an object described, fetched, or why not.

How each is opened is in `s3` and `google`; how often it is tried, in `door`.
"""

from __future__ import annotations

import email.utils
from collections.abc import Callable
from datetime import UTC
from pathlib import Path
from typing import Any, ClassVar

from barometre_pipeline.extract.stores.address import Address, Described, Judge
from barometre_pipeline.resources.http import Limits
from barometre_pipeline.resources.retries import HttpError, TransientError, causes_of, failure_of, may_pass
from barometre_pipeline.resources.secrets import Secrets


class ObjectStore:
    """What the object stores have in common; each says how it is opened and closed."""

    lasting = True  # its sessions open other connections by themselves
    variables = ""  # what its key is given by
    _transfer: ClassVar[dict[str, Any]]  # in one stream: files come side by side already
    _files: Any

    def __init__(self, limits: Limits, secrets: Secrets, judge: Judge) -> None:
        self.limits = limits
        self.judge = judge
        self.secrets = secrets

    async def describe(self, address: Address) -> Described:
        """Ask for the size, ETag and date of an object."""
        facts = await self._files._info(_name(address))
        if facts["type"] != "file":
            raise HttpError("is a folder, not a file")
        etag = (facts.get("ETag") or facts.get("etag") or "").strip('"')
        modified = facts.get("LastModified") or facts.get("mtime")
        return Described(
            facts["size"],
            f'"{etag}"' if etag else None,
            email.utils.format_datetime(modified.astimezone(UTC), usegmt=True) if modified else None,
            (facts.get("ContentType") or facts.get("contentType") or "").lower(),
        )

    async def fetch(self, address: Address, target: Path, note: Callable[[int], None]) -> None:
        """Write an object to `target`."""
        await self._files._get_file(_name(address), str(target), callback=_Progress(note), **self._transfer)

    def told(self, error: Exception, address: Address) -> HttpError:
        """Say what an error of the back end means."""
        causes = list(causes_of(error))
        status, code = _answered(causes)
        if "NoSuchBucket" in code or "bucket does not exist" in str(error):
            return HttpError(f"cannot be read: there is no bucket {address.place}; correct its url in the catalogue")
        if status == 404 or any(isinstance(cause, FileNotFoundError) for cause in causes):
            return HttpError("answers 404: there is no such file there; correct its url in the catalogue")
        if status in (401, 403) or any(isinstance(cause, PermissionError) for cause in causes):
            return HttpError(
                f"answers {status or 403}{code}: the key that it needs is missing or wrong ({self.variables})"
            )
        if status and may_pass(status):
            return TransientError(f"answers {status}{code}")
        if status:
            return HttpError(
                f"answers {status}{code}: look at its url, and at the endpoint and the region of its store"
            )
        return self._unanswered(error, causes)

    def _unanswered(self, error: Exception, causes: list[BaseException]) -> HttpError:
        names = {type(cause).__name__ for cause in causes}
        if names & {"FlexibleChecksumError", "ChecksumError"}:
            return TransientError("does not have the checksum that its store announces: it was damaged on the way")
        if names & {"ConnectTimeoutError", "ConnectionTimeoutError"}:
            return TransientError("cannot be reached: the server does not take the connection")
        if any(isinstance(cause, TimeoutError) for cause in causes):
            return TransientError(f"does not answer: nothing came for {self.limits.read:g} s")
        if any(isinstance(cause, OSError) for cause in causes) or "ClientPayloadError" in names:
            return failure_of(error, self.limits.read)
        return HttpError(f"cannot be read: {error}")


class _Progress:
    """What the back ends tell of the bytes that arrive; see fsspec.callbacks."""

    def __init__(self, note: Callable[[int], None]) -> None:
        self._note = note
        self._received = 0

    def set_size(self, size: int | None) -> None:
        """Take no note of it: the size was asked for before."""

    def relative_update(self, received: int = 1) -> None:
        """Take note of more bytes."""
        self._received += received
        self._note(self._received)


def _name(address: Address) -> str:
    return f"{address.place}/{address.path}"


def _answered(causes: list[BaseException]) -> tuple[int | None, str]:
    """Return the status that the store answered and, in brackets, its own name for it, as the back ends keep them."""
    for cause in causes:
        response, code = getattr(cause, "response", None), str(getattr(cause, "code", ""))
        if isinstance(response, dict):
            name = str(response.get("Error", {}).get("Code", ""))
            status = response.get("ResponseMetadata", {}).get("HTTPStatusCode")
            return status, "" if name.isdecimal() or not name else f" ({name})"
        if type(cause).__name__ == "HttpError" and code.isdecimal():
            return int(code), ""
        if str(cause).startswith("Forbidden: "):  # gcsfs
            return 403, ""
    return None, ""
