"""What there is to tell, read in Dagster's own record of the runs; nothing is sent here."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from dagster import (
    AssetKey,
    AssetMaterialization,
    DagsterEvent,
    DagsterEventType,
    DagsterInstance,
    DagsterRunStatus,
    RunRecord,
    RunsFilter,
)

from barometre_pipeline.alerts import messages
from barometre_pipeline.alerts.messages import Alert
from barometre_pipeline.catalogue import Catalogues, Livraison
from barometre_pipeline.editions import Edition
from barometre_pipeline.errors import BarometreError
from barometre_pipeline.runs.failures import failed_deliveries, stopped_by_gate, told_failures
from barometre_pipeline.runs.names import bare_key, is_ours
from barometre_pipeline.runs.partitions import PARTITION, shown_edition
from barometre_pipeline.settings import Settings

_LOOKED_BACK = timedelta(days=2)  # what could not be sent for longer is told no more
_TOO_LONG = timedelta(hours=1)
_ENDED = [DagsterRunStatus.SUCCESS, DagsterRunStatus.FAILURE]
_QUEUED = [DagsterRunStatus.QUEUED, DagsterRunStatus.NOT_STARTED]
_UNDER_WAY = [DagsterRunStatus.STARTING, DagsterRunStatus.STARTED]
_NO_REASON = "L’exécution s’est arrêtée sans dire pourquoi."
_DELIVERIES = "livraisons"  # the first part of their assets' keys
_FIGURES = ("indicateurs", "valeurs_ajoutees", "valeurs_revisees", "valeurs_retirees", "cibles_deplacees", "alertes")
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class News:
    """What the runs of an instance have to tell, at a moment."""

    instance: DagsterInstance
    settings: Settings
    catalogues: Catalogues
    now: datetime

    def since(self, start: datetime) -> Iterator[Alert]:
        """Yield what happened after `start`, at most two days ago, and what lasts for too long now."""
        start = max(start, self.now - _LOOKED_BACK)
        for record in self._records(_ENDED, updated_after=start):
            yield from self._of_ended(record)
        for record in (*self._records(_QUEUED), *self._records(_UNDER_WAY)):
            begun = datetime.fromtimestamp(record.start_time, UTC) if record.start_time else record.create_timestamp
            if self.now - begun > _TOO_LONG:
                minutes, run = int((self.now - begun).total_seconds() // 60), record.dagster_run
                started = bool(record.start_time)
                yield messages.waiting(
                    run.run_id, self._edition(record), minutes, self._link(run.run_id), started=started
                )

    def _records(self, statuses: list[DagsterRunStatus], **when: Any) -> list[RunRecord]:
        found = self.instance.get_run_records(RunsFilter(statuses=statuses, **when), ascending=True)
        return [r for r in found if is_ours(r.dagster_run, self.settings.nom) and PARTITION in r.dagster_run.tags]

    def _of_ended(self, record: RunRecord) -> Iterator[Alert]:
        run, edition = record.dagster_run, self._edition(record)
        made = self._made(run.run_id)
        for materialization in made:
            if self._key(materialization).path[0] == _DELIVERIES and "retard" in materialization.metadata:
                yield self._late(run.run_id, edition, materialization)
        if run.status == DagsterRunStatus.FAILURE:
            yield self._failed(run.run_id, edition)
        for materialization in made:
            facts = _values(materialization)
            if self._key(materialization) == AssetKey("depot") and facts.get("fichiers_changes"):
                name = facts.get("etiquette") or edition
                figures = {one: int(facts.get(one) or 0) for one in _FIGURES}
                review = self.settings.git_branche_revue
                yield messages.published(run.run_id, edition, str(name), figures, self._link(run.run_id), review)

    def _failed(self, run: str, edition: str) -> Alert:
        """Return what is told of a failure: the sentences of the steps, whose fault, whether the gate stopped it."""
        failures, link = self._events(run, DagsterEventType.STEP_FAILURE), self._link(run)
        if told := [sentence for sentence, _ in told_failures(failures) if sentence]:
            known = (self._delivery(edition, one) for one in failed_deliveries(failures))
            ministries = ", ".join(dict.fromkeys(one.ministere for one in known if one))
            blocked = stopped_by_gate(failures)
            return messages.failed(run, edition, "\n".join(told), ministries, link, blocked=blocked)
        ended = self._events(run, DagsterEventType.PIPELINE_FAILURE)
        sentence = next((event.message for event in ended if event.message), _NO_REASON)
        return messages.failed(run, edition, sentence, "", link, blocked=False)

    def _events(self, run: str, kind: DagsterEventType) -> list[DagsterEvent]:
        return [e.dagster_event for e in self.instance.all_logs(run, of_type=kind) if e.dagster_event]

    def _made(self, run: str) -> list[AssetMaterialization]:
        events = self.instance.all_logs(run, of_type=DagsterEventType.ASSET_MATERIALIZATION)
        return [e.asset_materialization for e in events if e.asset_materialization]

    def _late(self, run: str, edition: str, materialization: AssetMaterialization) -> Alert:
        name = materialization.asset_key.path[-1]
        known = self._delivery(edition, name)
        since = str(_values(materialization).get("edition_origine") or "une édition précédente")
        to = (known.contact,) if known and known.contact else ()
        return messages.late(edition, name, known.ministere if known else "", since, self._link(run), to)

    def _delivery(self, edition: str, name: str) -> Livraison | None:
        """Return a delivery as the edition's catalogue has it; None too where that cannot be read any more.

        The news is told without its ministry then, and the other news with theirs.
        """
        try:
            catalogue = self.catalogues.of(Edition.parse(edition))
        except BarometreError as error:
            _log.warning("%s: %s", edition, error)
            return None
        return next((d for d in catalogue.livraisons if d.id == name), None)

    def _key(self, materialization: AssetMaterialization) -> AssetKey:
        return bare_key(self.settings.nom, materialization.asset_key)

    def _edition(self, record: RunRecord) -> str:
        tags: Mapping[str, str] = record.dagster_run.tags
        return tags.get("edition") or shown_edition(tags[PARTITION])

    def _link(self, run: str) -> str | None:
        address = self.settings.alertes_lien
        return f"{address.rstrip('/')}/runs/{run}" if address else None


def _values(materialization: AssetMaterialization) -> dict[str, Any]:
    return {name: value.value for name, value in materialization.metadata.items()}
