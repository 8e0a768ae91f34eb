"""Decides what makes a dataset of data.gouv.fr equal to an edition: pure functions, nothing is sent here.

A resource is ours when its `extras` hold our key. One that a run killed between sending a file and naming it left
behind has none yet: it is recognised by its file's name and its sha1. What others wrote of ours is kept: see `marks`.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from barometre_pipeline.publish.portal.actions import (
    KEY,
    Action,
    Create,
    Delete,
    Describe,
    Reorder,
    Replace,
    Resource,
    Wanted,
)
from barometre_pipeline.publish.portal.marks import before_ours, mark
from barometre_pipeline.slugs import slug

_MARKS = {"title": "barometre:titre", "description": "barometre:description"}


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
        actions += _update(one, matches[0], schema_fields(one, matches[0], current))
        actions += [Delete(twin, "it is there twice") for twin in matches[1:] if twin.cle]
    actions += _strays(current, wanted, kept, sent)
    if len(kept) == len(wanted):
        actions += _reordered(current, [kept[one.cle].id for one in wanted], actions)
    return actions


def resource_fields(wanted: Wanted, there: Resource | None = None) -> dict[str, Any]:
    """Return what the portal must say of a resource; the extras of others, and what they wrote, are kept."""
    fields: dict[str, Any] = {"title": wanted.titre, "description": wanted.description, "type": wanted.type}
    extras = dict(there.extras) if there else {}
    for name, key in _MARKS.items():
        if there and not _is_ours(name, there, wanted):
            fields[name] = there.titre if name == "title" else there.description
        else:
            extras[key] = mark(fields[name])
    return {**fields, "extras": {**extras, KEY: wanted.cle}}


def kept_texts(current: Sequence[Resource], wanted: Sequence[Wanted]) -> list[str]:
    """Return a sentence for each title and description that others wrote, and that stays."""
    found = [(one, matches[0]) for one in wanted if (matches := _matches(current, one))]
    return [
        f"Others wrote the {name} of {one.nom} on the portal: it is kept."
        for one, there in found
        for name in _MARKS
        if not _is_ours(name, there, one)
    ]


def _is_ours(name: str, there: Resource, wanted: Wanted) -> bool:
    """Say whether we wrote a text last: so did an earlier version, which left no mark, or the portal with the file."""
    text, ours = (there.titre, wanted.titre) if name == "title" else (there.description, wanted.description)
    from_the_file = name == "title" and slug(text, ".") == slug(wanted.nom, ".")
    return from_the_file or text == ours or before_ours(text, there.extras.get(_MARKS[name], mark(text))) == ""


def is_unnamed_upload(resource: Resource, name: str, sha1: str) -> bool:
    """Say whether this is a file of this name and content that was sent and not named since."""
    return (
        resource.cle is None
        and resource.hosted
        and resource.sha1 == sha1
        and slug(resource.titre, ".") == slug(name, ".")
    )


def _matches(current: Sequence[Resource], wanted: Wanted) -> list[Resource]:
    """Return the resources that stand for this one, the oldest first: its link is the one that people have."""
    keyed = [r for r in current if r.cle == wanted.cle]
    found = keyed or [r for r in current if is_unnamed_upload(r, wanted.nom, wanted.sha1)]
    return sorted(found, key=lambda r: (r.created, r.id))


def schema_fields(wanted: Wanted, there: Resource, current: Sequence[Resource]) -> dict[str, Any]:
    """Return the field that says where the columns are described; {} where that is not there, or is said already."""
    described = [r.latest for r in current if wanted.schema and r.cle == wanted.schema and r.latest]
    # The portal tells a schema that it does not have by fields that are all empty.
    said = isinstance(there.schema, dict) and any(there.schema.values())
    return {"schema": {"url": described[0]}} if described and not said else {}


def _update(wanted: Wanted, resource: Resource, schema: dict[str, Any]) -> list[Action]:
    if resource.sha1 != wanted.sha1:
        return [Replace(wanted, resource)]
    if schema:
        return [Describe(wanted, resource, schema)]
    fields = resource_fields(wanted, resource)
    there = {
        "title": resource.titre,
        "description": resource.description,
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
