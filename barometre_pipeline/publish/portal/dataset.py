"""Decides what the dataset itself must say on data.gouv.fr: tags, coverage, frequency, licence, contact.

Pure functions: nothing is sent here. Its title and description belong to those who made it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from barometre_pipeline.catalogue import Catalogue
from barometre_pipeline.publish.portal.plan import slug

TAGS_KEY, CONTACT_KEY = "barometre:etiquettes", "barometre:contact"
_TAG_LENGTHS = range(3, 97)


@dataclass(frozen=True)
class DatasetFacts:
    """What the dataset must say; `contact` is (name, e-mail), None where the catalogue has no e-mail."""

    tags: tuple[str, ...]
    start: date
    end: date
    licence: str
    contact: tuple[str, str] | None
    frequency: str = "quarterly"


def dataset_facts(catalogue: Catalogue, start: date, end: date) -> DatasetFacts:
    """Return what the dataset must say of data from `start` to `end`."""
    general = catalogue.general
    tags = sorted({tag for s in catalogue.secteurs if len(tag := slug(s.libelle)[:96]) in _TAG_LENGTHS})
    contact = (general.contact.nom, general.contact.courriel) if general.contact.courriel else None
    return DatasetFacts(tuple(tags), start, end, general.licence.id, contact)


def changed_fields(dataset: Mapping[str, Any], facts: DatasetFacts) -> dict[str, Any]:
    """Return the fields that differ, with their right values; the contact point has its own question below.

    Tags that others gave stay; those that we gave and that are no longer right go.
    """
    extras = dataset.get("extras") or {}
    wanted = {
        **_always_sent(dataset, facts),
        "frequency": facts.frequency,
        "license": facts.licence,
        "extras": {**extras, TAGS_KEY: " ".join(facts.tags)},
    }
    coverage = dataset.get("temporal_coverage") or {}
    now = {
        "tags": sorted(dataset.get("tags") or []),
        "temporal_coverage": {k: str(coverage.get(k) or "")[:10] for k in ("start", "end")},
        "frequency": dataset.get("frequency"),
        "license": dataset.get("license"),
        "extras": extras,
    }
    return {name: value for name, value in wanted.items() if value != now[name]}


def complete_update(dataset: Mapping[str, Any], facts: DatasetFacts, fields: dict[str, Any]) -> dict[str, Any]:
    """Return an update that changes these fields and no other one."""
    # udata 17.18 clears the tags and the coverage that an update does not repeat.
    return {**_always_sent(dataset, facts), **fields}


def _always_sent(dataset: Mapping[str, Any], facts: DatasetFacts) -> dict[str, Any]:
    given = set(str((dataset.get("extras") or {}).get(TAGS_KEY) or "").split())
    return {
        "tags": sorted(set(dataset.get("tags") or []) - given | set(facts.tags)),
        "temporal_coverage": {"start": facts.start.isoformat(), "end": facts.end.isoformat()},
    }


def needs_contact(dataset: Mapping[str, Any], facts: DatasetFacts) -> bool:
    """Say whether the dataset lacks the catalogue's contact."""
    points = dataset.get("contact_points") or []
    return facts.contact is not None and facts.contact not in [(p.get("name"), p.get("email")) for p in points]


def contact_fields(dataset: Mapping[str, Any], facts: DatasetFacts) -> dict[str, Any]:
    """Return the contact point to make."""
    name, email = facts.contact or ("", "")
    owner = dataset.get("organization") or {}
    fields = {"name": name, "email": email, "role": "contact"}
    return {**fields, "organization": owner["id"]} if owner.get("id") else fields


def contact_change(dataset: Mapping[str, Any], extras: Mapping[str, Any], contact: str) -> dict[str, Any]:
    """Return the fields that put this contact point in the place of the one that we gave before.

    `extras` are those that the dataset will have.
    """
    others = [p["id"] for p in dataset.get("contact_points") or [] if p["id"] != extras.get(CONTACT_KEY)]
    points = others if contact in others else [*others, contact]
    return {"contact_points": points, "extras": {**extras, CONTACT_KEY: contact}}
