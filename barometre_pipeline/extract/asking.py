"""How a delivery's service is asked: the catalogue's keys made into requests, secrets filled in, page after page.

What is sent to the first page is sent to the next ones, and what holds a secret to no other server. Which page is the
next one is decided in `pages`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import quote, unquote_plus, urljoin, urlsplit, urlunsplit

from barometre_pipeline.catalogue import Livraison
from barometre_pipeline.extract.locations import Location, Remote
from barometre_pipeline.resources.http_messages import Request
from barometre_pipeline.resources.oauth2 import Client
from barometre_pipeline.resources.redirects import refuse_leaving, refuse_target, same_server
from barometre_pipeline.resources.secrets import Secrets, names_in

_VERB = "leads its next page"


def manner_of(livraison: Livraison, location: Location) -> str:
    """Return what tells two ways apart of asking for the same place."""
    if not isinstance(location, Remote):
        return ""
    root = {"racine"} if livraison.file_format == "json" else set()
    return livraison.model_dump_json(include={"requete", "oauth2", "pagination"} | root)


@dataclass(frozen=True)
class Asking:
    """What is sent for a page; `keys` are the parameters of the first one's URL that hold secrets."""

    url: str
    request: Request
    client: Client | None = None
    content: Mapping[str, Any] | None = None  # the body, where it is a document
    keys: tuple[tuple[str, str], ...] = ()

    @property
    def told_apart_by(self) -> tuple[str, bytes | None]:
        """Return what tells two requests of a delivery apart."""
        return self.url, self.request.body

    def turned_to(self, base: str, link: str) -> Asking:
        """Return what is sent to the page that a link leads to; HttpError where it may not be followed."""
        target, own = urljoin(base, link), self.request.own or self.url
        here, there = urlsplit(base), urlsplit(target)
        same_host = (here.hostname, here.port) == (there.hostname, there.port)
        if same_host and (here.scheme, there.scheme) == ("https", "http"):
            # Services behind https often name themselves with http: nothing is read in the clear.
            target = urlunsplit(there._replace(scheme="https"))
        refuse_target(base, target, _VERB)
        if self.request.stays:
            refuse_leaving(own, target, _VERB)
        if not same_server(own, target):
            return replace(self, url=target)
        user = urlsplit(own).netloc.rpartition("@")[0]
        if user and "@" not in there.netloc:
            target = urlunsplit(urlsplit(target)._replace(netloc=f"{user}@{there.netloc}"))
        given = parameters_of(target)
        missing = {name: value for name, value in self.keys if name not in given}
        return replace(self, url=with_parameters(target, missing))

    def with_parameter(self, name: str, value: str) -> Asking:
        """Return what is sent where one parameter is another: in the body, where that has it, else in the URL."""
        if self.content is None or name not in self.content:
            return replace(self, url=with_parameters(self.url, {name: value}))
        number = isinstance(self.content[name], int) and value.isdecimal()
        changed = {**self.content, name: int(value) if number else value}
        return replace(self, content=changed, request=replace(self.request, body=json.dumps(changed).encode()))


def first_asking(livraison: Livraison, location: Remote, secrets: Secrets) -> Asking:
    """Return what is sent for a delivery; SourceError where a variable that it needs is not set."""
    said, client = livraison.requete, _client(livraison, secrets)
    headers = {name: secrets.fill_text(value, f"requete.entetes.{name}") for name, value in said.entetes.items()}
    content, body = None, None
    if isinstance(said.corps, dict):
        content = _filled(said.corps, secrets, "requete.corps")
        body = json.dumps(content).encode()
        headers = {"Content-Type": "application/json"} | headers
    elif said.corps is not None:
        body = secrets.fill_text(said.corps, "requete.corps").encode()
    given = {name: secrets.fill_text(value, f"requete.parametres.{name}") for name, value in said.parametres.items()}
    url = with_parameters(location.url, given)
    places = [location.shown, said.model_dump_json()]
    places += [livraison.oauth2.model_dump_json()] if livraison.oauth2 else []
    sent = Request(
        said.methode,
        {name: value.encode() for name, value in headers.items()},
        body,
        tuple(dict.fromkeys(name for text in places for name in names_in(text))),
        bool(client or names_in(said.model_dump_json(include={"entetes", "corps"}))),
        location.url,
    )
    written = {**parameters_of(location.shown), **said.parametres}
    holding = {name for name, value in written.items() if names_in(value)}
    return Asking(url, sent, client, content, tuple((n, v) for n, v in parameters_of(url).items() if n in holding))


def _client(livraison: Livraison, secrets: Secrets) -> Client | None:
    said = livraison.oauth2
    if said is None:
        return None
    known = {
        key: secrets.fill_text(value, f"oauth2.{key}") for key, value in said.model_dump(exclude_none=True).items()
    }
    names = tuple(dict.fromkeys(names_in(said.client + said.secret)))
    return Client(secrets.fill(said.adresse), known["client"], known["secret"], known.get("portee"), names)


def _filled(value: Any, secrets: Secrets, key: str) -> Any:
    if isinstance(value, str):
        return secrets.fill_text(value, key)
    if isinstance(value, dict):
        return {name: _filled(one, secrets, f"{key}.{name}") for name, one in value.items()}
    return [_filled(one, secrets, key) for one in value] if isinstance(value, list) else value


def parameters_of(url: str) -> dict[str, str]:
    """Return the parameters of a URL, decoded; of those that are there twice, the last."""
    parts = (part.partition("=") for part in urlsplit(url).query.split("&") if part)
    return {unquote_plus(name): unquote_plus(value) for name, _, value in parts}


def with_parameters(url: str, given: Mapping[str, str]) -> str:
    """Return a URL with these parameters in the place of those of the same names, the others as they are written."""
    parts = urlsplit(url)
    kept = [part for part in parts.query.split("&") if part and unquote_plus(part.partition("=")[0]) not in given]
    added = [f"{quote(name, safe='$')}={quote(value, safe=',:')}" for name, value in given.items()]
    return urlunsplit(parts._replace(query="&".join(kept + added)))
