"""Makes a dataset of data.gouv.fr equal to an edition: look, plan, act, and look again until nothing is left to do.

The portal has no transactions: each run begins from what is really there, so that a run killed anywhere, or cut by
the portal, is repaired by the next. What to do is decided in `plan` and `dataset`.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

from barometre_pipeline.catalogue import Catalogue
from barometre_pipeline.editions import Edition
from barometre_pipeline.errors import PublicationError
from barometre_pipeline.publish.journal import Journal
from barometre_pipeline.publish.portal.actions import (
    Action,
    Create,
    Delete,
    Describe,
    Reorder,
    Replace,
    Resource,
    Wanted,
)
from barometre_pipeline.publish.portal.answers import Dataset
from barometre_pipeline.publish.portal.client import Datagouv, SentFiles
from barometre_pipeline.publish.portal.dataset import (
    DatasetFacts,
    changed_fields,
    complete_update,
    contact_change,
    contact_fields,
    dataset_facts,
    needs_contact,
)
from barometre_pipeline.publish.portal.errors import UncertainUploadError
from barometre_pipeline.publish.portal.plan import is_unnamed_upload, kept_texts, plan, resource_fields
from barometre_pipeline.publish.portal.resources import wanted_resources
from barometre_pipeline.publish.portal.spatial import spatial_coverage
from barometre_pipeline.publish.portal.texts import Texts, withdrawal
from barometre_pipeline.publish.tree.schema import Schema

_ROUNDS = 5  # new files, then their order, then a look; the others are for what a portal does late
_UPLOADS = 3
_BETWEEN_UPLOADS = 1.2  # seconds: the portal fails on the same file name twice within one second


@dataclass
class SyncReport:
    """What was done, or would be (`dry_run`), a line each; `remarks` are what people must know besides."""

    done: list[str] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    dry_run: bool = False

    @property
    def unchanged(self) -> bool:
        """Say whether there was nothing to do."""
        return not self.done


def sync_dataset(
    files: Path,
    catalogue: Catalogue,
    schema: Schema,
    edition: Edition,
    portal: Datagouv,
    first_date: date,
    workspace: Path,
    *,
    parquet: Path | None = None,
    publication: str | None = None,
    demonstration: bool = False,
    dry_run: bool = False,
    journal: Journal | None = None,
) -> SyncReport:
    """Make the portal's dataset equal to the edition built in `files`.

    `first_date` is that of the oldest value published, `publication` the depot's tag of this tree. `workspace` is a
    folder kept from one run to the next: the zip, and the list of the files sent. Nothing is sent with `dry_run`, when
    nothing changed, or of a demonstration. PublicationError tells in one sentence what the portal refused; running
    again finishes the work.
    """
    report = SyncReport(dry_run=dry_run)
    if demonstration:
        report.remarks.append("These are demonstration deliveries, fictitious: nothing is sent to data.gouv.fr.")
        return report
    try:
        wanted, refused = wanted_resources(files, catalogue, schema, edition, workspace, portal.extensions(), parquet)
        report.remarks += [f"The portal does not take {name}: it is not sent." for name in refused]
        description = Texts(catalogue, edition).dataset(schema, first_date, withdrawal(files))
        spatial = spatial_coverage(catalogue, portal)
        facts = dataset_facts(catalogue, edition, first_date, description, spatial, publication)
        _Sync(portal, wanted, SentFiles(workspace / "envois.json", portal), report).run(facts)
    except OSError as error:
        raise PublicationError(
            f"{error.filename} cannot be read or written ({error.strerror}): check the rights and the room left."
        ) from error
    report.done, report.remarks = (list(map(portal.shown, lines)) for lines in (report.done, report.remarks))
    if journal and not dry_run:
        journal.record("portal", url=portal.url, dataset=portal.jeu, done=report.done)
    return report


class _Sync:
    def __init__(self, portal: Datagouv, wanted: list[Wanted], sent: SentFiles, report: SyncReport) -> None:
        self.portal, self.wanted, self.sent, self.report = portal, wanted, sent, report

    def run(self, facts: DatasetFacts) -> None:
        for _ in range(_ROUNDS):
            dataset = self.portal.dataset()
            self.portal = replace(self.portal, jeu=dataset.id)  # a slug changes with the title, the id never
            actions = plan(_resources(dataset), self.wanted, self.sent.known())
            self.report.done += [str(action) for action in actions]
            if self.report.dry_run or not actions:
                self._update_dataset(dataset, facts)
                return
            for action in actions:
                self._do(action)
        where = self.portal.shown(f"{self.portal.url}: the dataset {self.portal.jeu}")
        raise PublicationError(
            f"{where} still differs after {_ROUNDS} attempts: is another program changing it? Run again when nobody "
            "else does."
        )

    def _do(self, action: Action) -> None:
        match action:
            case Create(wanted):
                self.sent.add(wanted)
                id_ = self._uploaded(wanted, None)
                self.portal.describe(id_, resource_fields(wanted))
            case Replace(wanted, resource):
                self._uploaded(wanted, resource.id)
                self.portal.describe(resource.id, resource_fields(wanted, resource))
            case Describe(wanted, resource, more):
                self.portal.describe(resource.id, {**resource_fields(wanted, resource), **more})
            case Delete(resource, _):
                self.portal.delete(resource.id)
            case Reorder(ids):
                self.portal.order(list(ids))

    def _uploaded(self, wanted: Wanted, replaced: str | None) -> str:
        """Send a file and return its resource's id; when the portal fails, look before sending it again."""
        for attempt in range(1, _UPLOADS + 1):
            try:
                return self.portal.upload(wanted.file, wanted.nom, replaced)
            except UncertainUploadError:
                time.sleep(_BETWEEN_UPLOADS * attempt)
                if found := self._found(wanted, replaced):
                    return found
                if attempt == _UPLOADS:
                    raise
        raise AssertionError("unreachable")

    def _found(self, wanted: Wanted, replaced: str | None) -> str | None:
        for resource in _resources(self.portal.dataset()):
            if replaced is None and is_unnamed_upload(resource, wanted.nom, wanted.sha1):
                return resource.id
            if replaced == resource.id and resource.sha1 == wanted.sha1:
                return resource.id
        return None

    def _update_dataset(self, dataset: Dataset, facts: DatasetFacts) -> None:
        fields, kept = changed_fields(dataset, facts)
        self.report.remarks += [*kept, *kept_texts(_resources(dataset), self.wanted)]
        if "license" in fields and facts.licence not in self.portal.licences():
            # The portal would silently replace a licence that it does not know by "not specified".
            del fields["license"]
            self.report.remarks.append(
                f"The portal does not know the licence {facts.licence!r}: the dataset keeps « {dataset.license} »."
            )
        if not facts.spatial.zones:
            self.report.remarks.append("The portal knows no such territory as the catalogue's whole: it is not told.")
        if facts.contact is None:
            self.report.remarks.append("The catalogue's contact has no courriel: the portal takes no contact point.")
        self.report.done += [f"set {name} of the dataset" for name in sorted(fields)]
        if facts.contact and needs_contact(dataset, facts):
            self.report.done.append(f"set the contact point « {facts.contact[0]} » of the dataset")
            if not self.report.dry_run:
                contact = self.portal.contact(contact_fields(dataset, facts))
                fields = {**fields, **contact_change(dataset, fields.get("extras", dataset.extras), contact)}
        if fields and not self.report.dry_run:
            self.portal.update(complete_update(dataset, facts, fields))


def _resources(dataset: Dataset) -> list[Resource]:
    return [Resource.read(one) for one in dataset.resources]
