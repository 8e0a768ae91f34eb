"""Where a redirect, or the link to a next page, may lead: what holds a secret stays on its server, https stays https.

Which hosts and addresses may be asked at all is in `addresses`; redirects are followed in `http`.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

import requests

from barometre_pipeline.resources.http_messages import Request
from barometre_pipeline.resources.retries import HttpError

_PORTS = {"http": 80, "https": 443}


def same_server(url: str, target: str) -> bool:
    """Tell whether two URLs are of the same scheme, host and port."""
    return _server(url) == _server(target)


def _server(url: str) -> tuple[str, str | None, int | None]:
    parts = urlsplit(url)
    return parts.scheme, parts.hostname, parts.port or _PORTS.get(parts.scheme)


def refuse_target(url: str, target: str, verb: str = "redirects") -> None:
    """Refuse to be led to anything but http and https, and from https to http; HttpError says so."""
    scheme, before = urlsplit(target).scheme.lower(), urlsplit(url).scheme.lower()
    if scheme not in ("http", "https"):
        raise HttpError(f"{verb} to a {scheme}: address, which is not followed (only http and https are)")
    if before == "https" and scheme == "http":
        raise HttpError(f"{verb} from https to http, which is not followed: what arrives could be anyone's")


def refuse_redirect(request: Request, url: str, target: str) -> None:
    """Refuse a redirect that this request may not follow; HttpError says so."""
    refuse_target(url, target)
    if request.method != "GET":
        raise HttpError(f"redirects a {request.method} to {target}, which is not followed: write that address as `url`")
    if request.stays:
        refuse_leaving(url, target)


def refuse_leaving(url: str, target: str, verb: str = "redirects") -> None:
    """Refuse to be led to another server with what holds a secret; HttpError says so."""
    if not same_server(url, target):
        scheme, host, _ = _server(target)
        there = f"{scheme}://{host}"
        raise HttpError(f"{verb} to another server ({there}), which is not followed: what is sent holds a secret")


def kept_credentials(url: str, target: str, auth: Any) -> Any:
    """Return the credentials that a redirect may carry on: those of the same server."""
    if not same_server(url, target):
        return None
    return auth or (requests.utils.get_auth_from_url(url) if urlsplit(url).password else None)
