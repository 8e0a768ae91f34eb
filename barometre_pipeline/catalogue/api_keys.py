"""What a delivery says of the service that gives it: how it is asked, by which right, how its pages follow one another.

`${VARIABLE}` stands for what is in the environment only. How all of that is sent is in `extract`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Annotated, Any, Literal
from urllib.parse import parse_qsl

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from barometre_pipeline.documents.sentences import RefusedKeysError
from barometre_pipeline.editions import Edition
from barometre_pipeline.fields import Strict, Text
from barometre_pipeline.placeholders import emptied, known_placeholders, placeholder_in
from barometre_pipeline.resources.secrets import badly_written, names_in

_HEADER = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")
_OURS = {"host", "content-length", "transfer-encoding", "connection", "accept-encoding", "range"}
_OURS |= {"if-none-match", "if-modified-since"}
_SECRET_HEADER = re.compile(r"(?i)authorization|cookie|.*(api[_-]?key|token|secret|password)")
_WAYS = ("suivant", "curseur", "decalage", "page")


def _template(text: str) -> str:
    if wrong := badly_written(text):
        raise ValueError(f"{wrong!r} is no variable: one is written ${{VARIABLE}}, in letters, digits and _")
    return text


def _path(text: str) -> str:
    if not all(text.split(".")):
        raise ValueError("must be the keys that lead there, joined by dots, as in meta.total")
    return text


def _texts_in(value: Any) -> Iterator[str]:
    """Yield every text of a document."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        yield from (text for one in value.values() for text in _texts_in(one))
    elif isinstance(value, list):
        yield from (text for one in value for text in _texts_in(one))


def _with_texts(value: Any, change: Callable[[str], str]) -> Any:
    """Return a document with each of its texts changed."""
    if isinstance(value, str):
        return change(value)
    if isinstance(value, dict):
        return {name: _with_texts(one, change) for name, one in value.items()}
    return [_with_texts(one, change) for one in value] if isinstance(value, list) else value


Template = Annotated[Text, AfterValidator(_template)]
OfAnEdition = Annotated[Template, AfterValidator(known_placeholders)]
Path = Annotated[Text, AfterValidator(_path)]


class Requete(Strict):
    """How a service is asked; a mapping in `corps` is sent as JSON.

    In `corps`, braces that are no placeholder are the service's own, as in GraphQL.
    """

    methode: Literal["GET", "POST"] = "GET"
    entetes: dict[str, OfAnEdition] = Field(default_factory=dict)
    corps: str | dict[str, Any] | None = None
    parametres: dict[Text, OfAnEdition] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _coherent(self) -> Requete:
        problems = [problem for name, value in self.entetes.items() for problem in _header_problems(name, value)]
        if self.corps is not None and self.methode == "GET":
            problems.append("corps: a GET has none; methode: POST sends it")
        if wrong := next((w for text in _texts_in(self.corps) if (w := badly_written(text))), None):
            problems.append(f"corps: {wrong!r} is no variable: one is written ${{VARIABLE}}")
        left = self._with_texts(emptied)
        for key in ("parametres", "corps"):
            if wrong := placeholder_in(left.model_dump_json(include={key})):
                problems.append(f"{key}: {wrong} is not filled: write it as in {{edition}}, and not in a name")
        if problems:
            raise RefusedKeysError(problems)
        return self

    def at(self, edition: Edition) -> Requete:
        """Return what is asked for an edition: without placeholders."""
        return self._with_texts(edition.fill)

    def _with_texts(self, change: Callable[[str], str]) -> Requete:
        keys = ("entetes", "corps", "parametres")
        return self.model_copy(update={key: _with_texts(getattr(self, key), change) for key in keys})


def _header_problems(name: str, value: str) -> Iterator[str]:
    if not _HEADER.fullmatch(name):
        yield f"entetes: {name!r} is not the name of a header"
    elif name.lower() in _OURS:
        yield f"entetes: {name} is not for the catalogue to say"
    elif _SECRET_HEADER.fullmatch(name) and not names_in(value):
        yield f"entetes: {name} holds a secret: write ${{VARIABLE}}, and the value in the environment"
    if not value.isprintable():
        yield f"entetes: {name} must stand on one line"


class OAuth2(Strict):
    """The client credentials that a token is asked with."""

    adresse: Annotated[Template, Field(pattern=r"^https?://\S+$")]
    client: Template
    secret: Template
    portee: Template | None = None

    @model_validator(mode="after")
    def _no_secret_here(self) -> OAuth2:
        if not names_in(self.secret):
            raise RefusedKeysError(["secret: write ${VARIABLE}, and the value in the environment"])
        return self


class Curseur(Strict):
    """Where the mark of the next page is read in a document, and the parameter that sends it back."""

    lire: Path
    ecrire: Text


class Pagination(Strict):
    """How pages follow one another; nothing but `maximum` is needed where the service says it in a usual way."""

    suivant: Path | None = None
    total: Path | None = None
    decalage: Text | None = None
    limite: Text | None = None
    page: Text | None = None
    curseur: Curseur | None = None
    maximum: int = Field(default=1000, ge=1)

    @property
    def is_usual(self) -> bool:
        """Tell whether the service says in a usual way how its pages follow one another."""
        return not any(getattr(self, key) for key in _WAYS)

    @model_validator(mode="after")
    def _one_way(self) -> Pagination:
        ways = [key for key in _WAYS if getattr(self, key)]
        problems = []
        if len(ways) > 1:
            problems.append(f"{ways[1]}: excludes {ways[0]}; pages follow one another in one way")
        if self.limite and not ways:
            problems.append("limite: serves only beside decalage, page, suivant or curseur")
        if problems:
            raise RefusedKeysError(problems)
        return self


def _pagination(value: Any) -> Any:
    if isinstance(value, str) and value != "auto":
        raise ValueError("must be auto, or keys such as suivant, decalage, page, curseur, total, maximum")
    return {} if value == "auto" else value


class ApiKeys(Strict):
    """How the service behind a delivery's `url` is asked."""

    requete: Requete = Requete()
    oauth2: OAuth2 | None = None
    pagination: Annotated[Pagination, BeforeValidator(_pagination)] = Pagination()

    @property
    def parameters(self) -> dict[str, str]:
        """Return the parameters that are sent, those of the url as they are written there."""
        query = (getattr(self, "url", None) or "").partition("?")[2]
        body = self.requete.corps if isinstance(self.requete.corps, dict) else {}
        return {**dict(parse_qsl(query)), **self.requete.parametres, **{k: str(v) for k, v in body.items()}}


def api_problems(d: ApiKeys, has_url: bool, has_body: bool) -> Iterator[str]:
    """Yield what is wrong in these keys together; `has_body` says that the document itself may tell of its pages."""
    if not has_url:
        given = [key for key in ApiKeys.model_fields if key in d.model_fields_set]
        yield from (f"{key}: only a delivery with an http url has one" for key in given)
        return
    if d.oauth2 and any(name.lower() == "authorization" for name in d.requete.entetes):
        yield "oauth2: gives the header Authorization, which requete.entetes gives too"
    said = d.pagination
    if not has_body and (not said.is_usual or said.total):
        yield "pagination: only json tells of its pages in its body; others are followed by the header Link (auto)"
        return
    for key, name in (("limite", said.limite), ("page", said.page)):
        if name and not d.parameters.get(name, "").isdecimal():
            number = "the number of the first page (0 or 1)" if key == "page" else "its number"
            yield f"pagination: {key} is the parameter {name!r}: give {number}, in url or requete.parametres"
