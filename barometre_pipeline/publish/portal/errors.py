"""What a portal's refusals and failures mean, in plain sentences. Which requests are made is in `client`."""

from __future__ import annotations

from typing import Any

from barometre_pipeline.errors import PublicationError
from barometre_pipeline.resources.http_messages import Reply
from barometre_pipeline.resources.retries import HttpError, TransientError, may_pass
from barometre_pipeline.resources.secrets import Secrets


class PortalError(PublicationError):
    """The portal refused a request, or could not be reached."""


class UncertainUploadError(PortalError):
    """An upload failed in a way that does not say whether the portal has the file: look first."""


class TransientPortalError(PortalError):
    """The portal failed in a way that may pass."""

    may_pass = True


_MEANINGS = {
    301: "the portal has moved, correct DATAGOUV_URL",
    302: "the portal has moved, correct DATAGOUV_URL",
    308: "the dataset has moved, give its id in DATAGOUV_JEU",
    400: "the portal does not accept what was sent",
    401: "the key in DATAGOUV_API_KEY is unknown or has expired, make another one on your portal profile",
    403: "the key's owner may not change this dataset, ask for the editor's role in its organization",
    404: "there is no such dataset or resource, check DATAGOUV_JEU",
    410: "the dataset was deleted, restore it or give another one in DATAGOUV_JEU",
    413: "the file is too big for the portal, ask its administrators for a higher limit",
    415: "the portal does not take this type of file",
    429: "too many requests, run again later",
    500: "the portal has failed, run again later",
    502: "the portal is unavailable, run again later",
    503: "the portal is unavailable, run again later",
    504: "the portal is unavailable, run again later",
}

_LONGEST_SHOWN, _LONGEST_SCRUBBED = 400, 100_000  # characters
_DEEPEST_SAID = 4  # lists and objects in one another


def refusal(reply: Reply, action: str, secrets: Secrets) -> PortalError:
    """Return the error that an answer with an error status stands for, without the secrets."""
    meaning = _MEANINGS.get(reply.status, "this was not expected")
    kind = TransientPortalError if may_pass(reply.status) else PortalError
    said = shown(_said(reply), secrets).rstrip(".")
    return kind(f"{action} answered {reply.status}: {meaning}{f' (it says: {said})' if said else ''}.")


def no_answer(error: HttpError, action: str) -> PortalError:
    """Return the error of a request that had no whole answer."""
    kind = TransientPortalError if isinstance(error, TransientError) else PortalError
    return kind(f"{action} {error}.")


def document(reply: Reply, action: str) -> Any:
    """Return the JSON document that an answer is, else raise: something else answers at that address."""
    try:
        return reply.json()
    except (ValueError, RecursionError):
        raise TransientPortalError(f"{action} did not answer with JSON: is that the address of a portal?") from None


def shown(text: str, secrets: Secrets) -> str:
    """Return what the portal wrote as people may read it: short, on one line, no secret, no control character."""
    plain = "".join(c if c.isprintable() else " " * c.isspace() for c in text[:_LONGEST_SCRUBBED])
    # Cut only once the secrets are gone: half of one would stay.
    return secrets.scrub(" ".join(plain.split()))[:_LONGEST_SHOWN]


def _said(reply: Reply) -> str:
    try:
        content = reply.json()
    except (ValueError, RecursionError):
        return ""
    if not isinstance(content, dict):
        return ""
    return " / ".join(filter(None, (_text(content.get(key)) for key in ("errors", "message"))))


def _text(value: Any, depth: int = 0) -> str:
    """Write whatever the portal says as a sentence may hold it."""
    if not value or depth > _DEEPEST_SAID:
        return ""
    if isinstance(value, dict):
        return " / ".join(f"{key}: {_text(one, depth + 1)}" for key, one in value.items())
    if isinstance(value, list):
        return "; ".join(_text(one, depth + 1) for one in value)
    return str(value)
