"""Access tokens of OAuth 2, by client credentials (RFC 6749, 4.4): asked once, kept while they hold, asked again after.

What a token is sent with is not known here. No token and no secret is written anywhere.
"""

from __future__ import annotations

import threading
import time
from base64 import b64encode
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote_plus

from barometre_pipeline.errors import SourceError
from barometre_pipeline.resources.http import HttpDoor
from barometre_pipeline.resources.http_messages import Reply
from barometre_pipeline.resources.retries import HttpError, may_pass

_USED = 0.9  # of the time that a token holds: the clocks differ, and a request takes time


@dataclass(frozen=True)
class Client:
    """Who asks for a token, and where; `variables` are those of the environment that it is made of."""

    url: str
    id: str
    secret: str = field(repr=False)
    scope: str | None = None
    variables: tuple[str, ...] = ()


@dataclass
class _Held:
    lock: threading.Lock = field(default_factory=threading.Lock)
    token: str = ""
    until: float = 0.0


class Tokens:
    """The tokens of one run, for all its threads."""

    def __init__(self, door: HttpDoor) -> None:
        self._door = door
        self._held: defaultdict[Client, _Held] = defaultdict(_Held)

    def current(self, client: Client) -> str:
        """Return a token that holds; SourceError where the server gives none."""
        held = self._held[client]
        with held.lock:
            if time.monotonic() >= held.until:
                held.token, seconds = self._asked(client)
                held.until = time.monotonic() + _USED * seconds
            return held.token

    def drop(self, client: Client, token: str) -> None:
        """Forget a token that was refused, so that the next one is another."""
        held = self._held[client]
        with held.lock:
            if held.token == token:
                held.until = 0.0

    def _asked(self, client: Client) -> tuple[str, float]:
        form = {"grant_type": "client_credentials"} | ({"scope": client.scope} if client.scope else {})
        basic = b64encode(f"{quote_plus(client.id)}:{quote_plus(client.secret)}".encode()).decode()
        self._door.secrets.register(basic)
        reply = self._sent(client, {"Authorization": f"Basic {basic}"}, form)
        if reply.status in (400, 401):  # some servers take the secret in the form only
            reply = self._sent(client, {}, form | {"client_id": client.id, "client_secret": client.secret})
        return self._token(client, reply)

    def _sent(self, client: Client, headers: dict[str, str], form: dict[str, str]) -> Reply:
        try:
            return self._door.call("POST", client.url, headers={"Accept": "application/json"} | headers, data=form)
        except HttpError as error:
            raise SourceError(f"{self._server(client)} {error}") from None

    def _token(self, client: Client, reply: Reply) -> tuple[str, float]:
        document = _document(reply)
        token = document.get("access_token")
        if reply.status >= 300 or not isinstance(token, str) or not token.isprintable() or not token:
            said = document.get("error")
            shown = f" ({self._door.secrets.scrub(str(said))[:200]})" if said else ""
            refused = f": it may refuse what {' or '.join(client.variables)} holds (environment)"
            advice = "; run it again later" if may_pass(reply.status) else refused
            raise SourceError(f"{self._server(client)} answers {reply.status}{shown} and gives no token{advice}")
        self._door.secrets.register(token)
        try:
            return token, float(document["expires_in"])
        except (KeyError, TypeError, ValueError):
            return token, float("inf")  # until a server refuses it

    def _server(self, client: Client) -> str:
        return f"the token server {self._door.secrets.scrub(client.url)}"


def _document(reply: Reply) -> dict[str, Any]:
    try:
        document = reply.json()
    except ValueError:
        return {}
    return document if isinstance(document, dict) else {}
