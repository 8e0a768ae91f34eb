"""What a portal's refusals and failures mean, in plain sentences. Which requests are made is in `datagouv`."""

from __future__ import annotations

import requests

from barometre_pipeline.errors import PublicationError


class PortalError(PublicationError):
    """The portal refused a request, or could not be reached."""


class UncertainUploadError(PortalError):
    """An upload failed in a way that does not say whether the portal has the file: look first."""


class TransientError(PortalError):
    """The portal failed in a way that may pass; `wait` is how many seconds it asked for."""

    def __init__(self, sentence: str, wait: float | None = None):
        self.wait = wait
        super().__init__(sentence)


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


def refusal(answer: requests.Response, action: str, secret: str) -> PortalError:
    """Return the error that an answer with an error status stands for, without the secret."""
    status = answer.status_code
    said = _said(answer).replace(secret, "***")
    sentence = f"{action} answered {status}: {_MEANINGS.get(status, 'this was not expected')}{said}."
    if status in (408, 425, 429) or status >= 500:
        after = answer.headers.get("Retry-After", "")
        return TransientError(sentence, float(after) if after.isdigit() else None)
    return PortalError(sentence)


def cause(error: requests.RequestException) -> str:
    """Return what is behind a request that had no answer, in the words of the system."""
    inner: BaseException = error
    while inner.__cause__ or inner.__context__:
        inner = inner.__cause__ or inner.__context__
    return str(getattr(inner, "strerror", None) or type(inner).__name__)


def _said(answer: requests.Response) -> str:
    try:
        content = answer.json()
    except ValueError:
        return ""
    if not isinstance(content, dict):
        return ""
    errors = content.get("errors") or {}
    texts = [f"{k}: {v if isinstance(v, str) else '; '.join(map(str, v))}" for k, v in errors.items()]
    texts.append(str(content.get("message") or ""))
    said = " ".join(" / ".join(filter(None, texts)).split())[:300].rstrip(".")
    return f" (it says: {said})" if said else ""
