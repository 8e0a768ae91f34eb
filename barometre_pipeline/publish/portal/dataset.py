"""Decides what the dataset itself must say: texts, tags, coverages, frequency, licence, contact, edition.

Pure functions: nothing is sent here. What others wrote in it is kept: see `marks`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from barometre_pipeline.catalogue import Catalogue
from barometre_pipeline.editions import Edition
from barometre_pipeline.publish.portal.answers import Dataset, Spatial
from barometre_pipeline.publish.portal.marks import before_ours, mark
from barometre_pipeline.publish.portal.spatial import NO_GRANULARITY
from barometre_pipeline.slugs import slug

TAGS_KEY, CONTACT_KEY = "barometre:etiquettes", "barometre:contact"
EDITION_KEY, PUBLICATION_KEY = "barometre:edition", "barometre:publication"
_MARKS = {"title": "barometre:titre", "description": "barometre:description", "spatial": "barometre:espace"}
_TAG_LENGTHS = range(3, 97)
_NO_DESCRIPTION = 100  # characters: the portal asks for a description to make a dataset, and counts none so short


@dataclass(frozen=True)
class DatasetFacts:
    """What the dataset must say; `contact` is (name, e-mail), None where the catalogue has no e-mail.

    `publication` is the depot's tag, None where it is not known.
    """

    title: str
    description: str
    tags: tuple[str, ...]
    start: date
    end: date
    spatial: Spatial
    licence: str
    contact: tuple[str, str] | None
    edition: str
    publication: str | None
    frequency: str = "quarterly"


def dataset_facts(
    catalogue: Catalogue, edition: Edition, start: date, description: str, spatial: Spatial, publication: str | None
) -> DatasetFacts:
    """Return what the dataset must say of the data from `start` to the edition's end."""
    general = catalogue.general
    return DatasetFacts(
        title=general.titre,
        description=description,
        tags=tuple(sorted({tag for s in catalogue.secteurs if len(tag := slug(s.libelle)[:96]) in _TAG_LENGTHS})),
        start=start,
        end=edition.end,
        spatial=spatial,
        licence=general.licence.id,
        contact=(general.contact.nom, general.contact.courriel) if general.contact.courriel else None,
        edition=str(edition),
        publication=publication,
    )


def changed_fields(dataset: Dataset, facts: DatasetFacts) -> tuple[dict[str, Any], list[str]]:
    """Return the fields that differ, with their right values, and a sentence for each thing that others wrote.

    The contact point has its own question below.
    """
    wanted, marks = _texts(dataset, facts)
    told = {TAGS_KEY: " ".join(facts.tags), EDITION_KEY: facts.edition, PUBLICATION_KEY: facts.publication}
    extras = {k: v for k, v in (dataset.extras | marks | told).items() if k != PUBLICATION_KEY or v}
    wanted |= {**_always_sent(dataset, facts), "frequency": facts.frequency, "license": facts.licence, "extras": extras}
    period, spatial = dataset.temporal_coverage, dataset.spatial
    now = dataset.model_dump(include=set(wanted)) | {
        "tags": sorted(dataset.tags),
        "temporal_coverage": period and {"start": period.start[:10], "end": period.end[:10]},
        "spatial": spatial and {"zones": spatial.zones, "granularity": spatial.granularity},
    }
    names = [name.replace("spatial", "spatial coverage") for name in _MARKS if name not in wanted]
    kept = [f"Others wrote the dataset's {name}: it is kept." for name in names]
    if gone := sorted(_given_tags(dataset) & set(facts.tags) - set(wanted["tags"])):
        kept.append(f"Others removed tags of the dataset, which stay removed: {', '.join(gone)}.")
    return {name: value for name, value in wanted.items() if value != now[name]}, kept


def complete_update(dataset: Dataset, facts: DatasetFacts, fields: dict[str, Any]) -> dict[str, Any]:
    """Return an update that changes these fields and no other one."""
    # udata 17.18 clears the tags and the coverage that an update does not repeat.
    return {**_always_sent(dataset, facts), **fields}


def needs_contact(dataset: Dataset, facts: DatasetFacts) -> bool:
    """Say whether the dataset lacks the catalogue's contact."""
    return facts.contact is not None and facts.contact not in [(p.name, p.email) for p in dataset.contact_points]


def contact_fields(dataset: Dataset, facts: DatasetFacts) -> dict[str, Any]:
    """Return the contact point to make."""
    name, email = facts.contact or ("", "")
    fields = {"name": name, "email": email, "role": "contact"}
    return {**fields, "organization": dataset.organization.id} if dataset.organization else fields


def contact_change(dataset: Dataset, extras: dict[str, Any], contact: str) -> dict[str, Any]:
    """Return the fields that put this contact point in the place of the one that we gave before.

    `extras` are those that the dataset will have.
    """
    others = [p.id for p in dataset.contact_points if p.id != extras.get(CONTACT_KEY)]
    points = others if contact in others else [*others, contact]
    return {"contact_points": points, "extras": {**extras, CONTACT_KEY: contact}}


def _texts(dataset: Dataset, facts: DatasetFacts) -> tuple[dict[str, Any], dict[str, str]]:
    """Return those of title, description and spatial coverage that are ours to write, and their marks."""
    there = {"title": dataset.title, "description": dataset.description, "spatial": _spatial_text(dataset.spatial)}
    ours = {"title": facts.title, "description": facts.description, "spatial": _spatial_text(facts.spatial)}
    fields: dict[str, Any] = {}
    marks = {}
    for name, key in _MARKS.items():
        before = before_ours(there[name], dataset.extras.get(key, mark(ours[name])))
        if name == "description" and key not in dataset.extras and len(there[name]) <= _NO_DESCRIPTION:
            before = there[name].strip()
        if before == "" or (before and name == "description"):
            fields[name] = "\n\n".join(filter(None, (before, ours[name])))
            marks[key] = mark(ours[name])
    if "spatial" in fields:
        fields["spatial"] = facts.spatial.model_dump(exclude={"geom"})
    return fields, marks


def _spatial_text(spatial: Spatial | None) -> str:
    if spatial is None:
        return ""
    fineness = [spatial.granularity] if spatial.granularity != NO_GRANULARITY else []
    return " ".join([*spatial.zones, *fineness, *(["geometry"] if spatial.geom else [])])


def _always_sent(dataset: Dataset, facts: DatasetFacts) -> dict[str, Any]:
    return {
        "tags": sorted(_tags(dataset, facts)),
        "temporal_coverage": {"start": facts.start.isoformat(), "end": facts.end.isoformat()},
    }


def _tags(dataset: Dataset, facts: DatasetFacts) -> set[str]:
    """Return the tags to have: those of others stay, ours that they removed do not come back."""
    there, given, ours = set(dataset.tags), _given_tags(dataset), set(facts.tags)
    return there - (given - ours) | (ours - given) if there else ours


def _given_tags(dataset: Dataset) -> set[str]:
    return set(str(dataset.extras.get(TAGS_KEY) or "").split())
