"""What is asked of a server, what it answers, and which answers are refused. How they travel is in `http`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import requests

from barometre_pipeline.resources.link_header import next_page
from barometre_pipeline.resources.retries import HttpError, TransientError, may_pass, retry_after


@dataclass(frozen=True)
class Request:
    """How a download is asked for, beside its URL and the conditions of its headers.

    `own` is the URL that the catalogue writes, whose host judges the others; `stays` says that headers or body hold a
    secret, which no redirect takes elsewhere; `variables` are the environment's, named where the server refuses them.
    """

    method: str = "GET"
    headers: Mapping[str, str | bytes] = field(default_factory=dict, repr=False)
    body: bytes | None = field(default=None, repr=False)
    variables: tuple[str, ...] = ()
    stays: bool = False
    own: str | None = field(default=None, repr=False)


@dataclass(frozen=True)
class Answer:
    """What the server said of a download: status 200 or 304, the URL that answered, and the body's description.

    `next_page` is the URL of its Link header, None where it has none.
    """

    status: int
    final_url: str
    etag: str | None
    last_modified: str | None
    content_type: str
    next_page: str | None = None


@dataclass(frozen=True)
class Reply:
    """What the server answered to a call; `retry_after` is in seconds, where it says."""

    status: int
    body: bytes
    retry_after: float | None = None

    def json(self) -> Any:
        """Return the document that the body is; ValueError where it is none."""
        return json.loads(self.body)


class StatusError(HttpError):
    """A status that refuses what was asked."""

    def __init__(self, message: str, status: int) -> None:
        super().__init__(message)
        self.status = status


class FailedReplyError(TransientError):
    """An answer to a call that may be another one in a moment."""

    def __init__(self, reply: Reply) -> None:
        super().__init__(f"answers {reply.status}", reply.retry_after)
        self.reply = reply


def answer_of(response: requests.Response) -> Answer:
    """Return what the server said of a download."""
    header = response.headers.get
    return Answer(
        response.status_code,
        response.url,
        header("ETag"),
        header("Last-Modified"),
        header("Content-Type", "").lower(),
        next_page(header("Link", "")),
    )


def refuse_status(response: requests.Response, conditional: bool, variables: tuple[str, ...] = ()) -> None:
    """Refuse an answer that is no file; StatusError says what would be right, TransientError that it may pass."""
    status = response.status_code
    if status in (200, 203) or (status == 304 and conditional):
        return
    told = f"answers {status}" + (f" ({response.reason})" if response.reason else "")
    if may_pass(status):
        raise TransientError(told, retry_after(response.headers.get("Retry-After")))
    if status in (401, 403):
        told += f": {_unwelcome(variables)}"
    elif status in (404, 410):
        told += ": there is no such file there; correct its url in the catalogue"
    raise StatusError(told, status)


def _unwelcome(variables: tuple[str, ...]) -> str:
    if not variables:
        return "the key that it needs is missing: give it as ${VARIABLE}, in url, requete or oauth2 of the delivery"
    named = " or ".join(variables)
    return f"it refuses what the environment variable {named} holds: correct it, or ask the producer for the right"
