"""The shapes of the portal's answers, as far as they are read: an answer of another shape is a sentence.

Something else may answer at that address, or a portal of another version. Requests are made in `client`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, JsonValue, TypeAdapter, ValidationError

Shape = TypeVar("Shape")


def _null_is(empty: Callable[[], object]) -> BeforeValidator:
    return BeforeValidator(lambda value: empty() if value is None else value)


Id = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,64}$")]  # it goes into addresses
_Text = Annotated[str, _null_is(str)]
_Extras = Annotated[dict[str, JsonValue], _null_is(dict)]


class _Answer(BaseModel):
    model_config = ConfigDict(strict=True, frozen=True, allow_inf_nan=False)


class Named(_Answer):
    """An entry of the portal's own lists: a licence, a territory (which has a code), a granularity."""

    id: str
    name: _Text = ""
    code: _Text = ""


class Created(_Answer):
    """A thing that the portal has just made."""

    id: Id


class Checksum(_Answer):
    """The digest of a resource's file."""

    type: _Text = ""
    value: _Text = ""


class ResourceAnswer(_Answer):
    """A resource of a dataset."""

    id: Id
    title: _Text = ""
    description: _Text = ""
    type: _Text = ""
    filetype: _Text = ""
    created_at: _Text = ""
    checksum: Checksum | None = None
    latest: _Text = ""
    schema_: JsonValue = Field(default=None, alias="schema")
    extras: _Extras = Field(default_factory=dict)


class Period(_Answer):
    """What time a dataset covers: dates, or instants, in ISO 8601."""

    start: _Text = ""
    end: _Text = ""


class Spatial(_Answer):
    """What space a dataset covers: the ids of zones, or a geometry, and how fine."""

    zones: Annotated[list[str], _null_is(list)] = Field(default_factory=list)
    granularity: _Text = ""
    geom: JsonValue = None


class ContactPoint(_Answer):
    """Whom to write to about a dataset."""

    id: Id
    name: _Text = ""
    email: _Text = ""


class Dataset(_Answer):
    """A dataset, its resources included."""

    id: Id
    title: _Text = ""
    description: _Text = ""
    tags: Annotated[list[str], _null_is(list)] = Field(default_factory=list)
    frequency: _Text = ""
    license: _Text = ""
    temporal_coverage: Period | None = None
    spatial: Spatial | None = None
    contact_points: Annotated[list[ContactPoint], _null_is(list)] = Field(default_factory=list)
    organization: Created | None = None
    extras: _Extras = Field(default_factory=dict)
    resources: Annotated[list[ResourceAnswer], _null_is(list)] = Field(default_factory=list)


def read_as(shape: type[Shape], document: Any) -> Shape:
    """Return a document of JSON as this shape; ValueError is a clause that says what another one it has."""
    try:
        return TypeAdapter(shape).validate_python(document)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(map(str, first["loc"])) or "its answer"
        raise ValueError(f"{where}: {first['msg']}") from None
