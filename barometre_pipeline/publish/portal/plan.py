"""Decides what makes a dataset of data.gouv.fr equal to an edition: pure functions, nothing is sent here.

A resource is ours when its `extras` hold our key. One that a run killed between sending a file and naming it left
behind has none yet: it is recognised by its file's name and its sha1.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

KEY = "barometre:cle"


@dataclass(frozen=True)
class Wanted:
    """A resource to publish: `cle` is its name for ever, `nom` the name of the file that people download."""

    cle: str
    file: Path
    nom: str
    sha1: str
    titre: str
    description: str
    type: str = "main"


@dataclass(frozen=True)
class Resource:
    """A resource as the portal has it."""

    id: str
    titre: str
    description: str
    type: str
    sha1: str | None
    hosted: bool
    created: str
    extras: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def read(cls, answer: Mapping[str, Any]) -> Resource:
        """Read a resource of the API's answer."""
        checksum = answer.get("checksum") or {}
        return cls(
            id=answer["id"],
            titre=answer.get("title") or "",
            description=answer.get("description") or "",
            type=answer.get("type") or "",
            sha1=checksum.get("value") if checksum.get("type") == "sha1" else None,
            hosted=answer.get("filetype") == "file",
            created=answer.get("created_at") or "",
            extras=answer.get("extras") or {},
        )

    @property
    def cle(self) -> str | None:
        """Return our key, None where the resource is not (yet) ours."""
        return self.extras.get(KEY)


@dataclass(frozen=True)
class Create:
    """A resource to be made, with its file."""

    wanted: Wanted

    def __str__(self) -> str:
        return f"create {self.wanted.nom} (« {self.wanted.titre} »)"


@dataclass(frozen=True)
class Replace:
    """A resource whose file is no longer the right one."""

    wanted: Wanted
    resource: Resource

    def __str__(self) -> str:
        return f"replace the file of {self.wanted.nom} (« {self.wanted.titre} »)"


@dataclass(frozen=True)
class Describe:
    """A resource whose title, description or key is no longer the right one."""

    wanted: Wanted
    resource: Resource

    def __str__(self) -> str:
        return f"describe {self.wanted.nom} (« {self.wanted.titre} »)"


@dataclass(frozen=True)
class Delete:
    """A resource of ours that should not be there."""

    resource: Resource
    why: str

    def __str__(self) -> str:
        return f"delete « {self.resource.titre} » ({self.resource.id}): {self.why}"


@dataclass(frozen=True)
class Reorder:
    """The order of all the resources of the dataset."""

    ids: tuple[str, ...]

    def __str__(self) -> str:
        return "put the resources in order"


Action = Create | Replace | Describe | Delete | Reorder


def plan(current: Sequence[Resource], wanted: Sequence[Wanted], sent: Collection[tuple[str, str]]) -> list[Action]:
    """Return what makes `current` equal to `wanted`, in the order in which to do it; empty when it is so already.

    `sent` holds the (file name, sha1) of the files that we sent as new resources. The order of resources comes in
    the plan only once all of them exist: plan again after doing this one.
    """
    actions: list[Action] = []
    kept: dict[str, Resource] = {}
    for one in wanted:
        matches = _matches(current, one)
        if not matches:
            actions.append(Create(one))
            continue
        kept[one.cle] = matches[0]
        actions += _update(one, matches[0])
        actions += [Delete(twin, "it is there twice") for twin in matches[1:] if twin.cle]
    actions += _strays(current, wanted, kept, sent)
    if len(kept) == len(wanted):
        actions += _reordered(current, [kept[one.cle].id for one in wanted], actions)
    return actions


def resource_fields(wanted: Wanted, extras: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the portal must say of a resource; the extras of others are kept."""
    return {
        "title": wanted.titre,
        "description": wanted.description,
        "type": wanted.type,
        "extras": {**extras, KEY: wanted.cle},
    }


def is_unnamed_upload(resource: Resource, name: str, sha1: str) -> bool:
    """Say whether this is a file of this name and content that was sent and not named since."""
    return (
        resource.cle is None
        and resource.hosted
        and resource.sha1 == sha1
        and slug(resource.titre, ".") == slug(name, ".")
    )


def slug(text: str, kept: str = "") -> str:
    """Write a text as the portal does in tags and file names: lower case, no accents, hyphens."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return re.sub(rf"[^a-z0-9{re.escape(kept)}]+", "-", plain).strip("-")


def _matches(current: Sequence[Resource], wanted: Wanted) -> list[Resource]:
    """Return the resources that stand for this one, the oldest first: its link is the one that people have."""
    keyed = [r for r in current if r.cle == wanted.cle]
    found = keyed or [r for r in current if is_unnamed_upload(r, wanted.nom, wanted.sha1)]
    return sorted(found, key=lambda r: (r.created, r.id))


def _update(wanted: Wanted, resource: Resource) -> list[Action]:
    if resource.sha1 != wanted.sha1:
        return [Replace(wanted, resource)]
    fields = resource_fields(wanted, resource.extras)
    there = {
        "title": resource.titre,
        "description": resource.description.strip(),
        "type": resource.type,
        "extras": dict(resource.extras),
    }
    return [] if fields == there else [Describe(wanted, resource)]


def _strays(
    current: Sequence[Resource],
    wanted: Sequence[Wanted],
    kept: dict[str, Resource],
    sent: Collection[tuple[str, str]],
) -> list[Action]:
    keys = {one.cle for one in wanted}
    standing = {r.id for r in kept.values()}
    strays: list[Action] = []
    for resource in current:
        if resource.cle is not None and resource.cle not in keys:
            strays.append(Delete(resource, "it is no longer published"))
        elif resource.id not in standing and any(is_unnamed_upload(resource, *one) for one in sent):
            strays.append(Delete(resource, "it was sent by a run that did not end"))
    return strays


def _reordered(current: Sequence[Resource], ours: list[str], actions: list[Action]) -> list[Action]:
    gone = {a.resource.id for a in actions if isinstance(a, Delete)}
    now = [r.id for r in current if r.id not in gone]
    right = [*ours, *(id_ for id_ in now if id_ not in ours)]
    return [] if now == right else [Reorder(tuple(right))]
