"""What there is to tell, read in Dagster's own record of the runs; nothing is sent here."""

from __future__ import annotations

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
from barometre_pipeline.catalogue import Catalogues
from barometre_pipeline.editions import Edition
from barometre_pipeline.runs.dead_runs import is_ours
from barometre_pipeline.runs.failures import told_failures
from barometre_pipeline.runs.partitions import PARTITION, shown_edition
from barometre_pipeline.settings import Settings

_LOOKED_BACK = timedelta(days=2)  # what could not be sent for longer is told no more
_TOO_LONG = timedelta(hours=1)
_ENDED = [DagsterRunStatus.SUCCESS, DagsterRunStatus.FAILURE]
_QUEUED = [DagsterRunStatus.QUEUED, DagsterRunStatus.NOT_STARTED]
_UNDER_WAY = [DagsterRunStatus.STARTING, DagsterRunStatus.STARTED]
_NO_REASON = "L’exécution s’est arrêtée sans dire pourquoi."
_GATE = "quality_gate"
_DELIVERIES = "livraisons"  # the first part of their assets' keys
_FIGURES = ("indicateurs", "valeurs_ajoutees", "valeurs_revisees", "valeurs_retirees", "cibles_deplacees", "alertes")


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
        return [r for r in found if is_ours(r.dagster_run) and PARTITION in r.dagster_run.tags]

    def _of_ended(self, record: RunRecord) -> Iterator[Alert]:
        run, edition = record.dagster_run, self._edition(record)
        made = self._made(run.run_id)
        for materialization in made:
            if materialization.asset_key.path[0] == _DELIVERIES and "retard" in materialization.metadata:
                yield self._late(edition, materialization)
        if run.status == DagsterRunStatus.FAILURE:
            sentence, blocked = self._failure(run.run_id)
            yield messages.failed(run.run_id, edition, sentence, self._link(run.run_id), blocked=blocked)
        for materialization in made:
            facts = _values(materialization)
            if materialization.asset_key == AssetKey("depot") and facts.get("fichiers_changes"):
                name = facts.get("etiquette") or edition
                figures = {one: int(facts.get(one) or 0) for one in _FIGURES}
                yield messages.published(run.run_id, edition, str(name), figures, self._link(run.run_id))

    def _failure(self, run: str) -> tuple[str, bool]:
        """Return the sentences of the steps that failed, and whether the gate is the one that did."""
        failures = self._events(run, DagsterEventType.STEP_FAILURE)
        if told := [sentence for sentence, _ in told_failures(failures) if sentence]:
            return "\n".join(told), any(event.step_key == _GATE for event in failures)
        ended = self._events(run, DagsterEventType.PIPELINE_FAILURE)
        return next((event.message for event in ended if event.message), _NO_REASON), False

    def _events(self, run: str, kind: DagsterEventType) -> list[DagsterEvent]:
        return [e.dagster_event for e in self.instance.all_logs(run, of_type=kind) if e.dagster_event]

    def _made(self, run: str) -> list[AssetMaterialization]:
        events = self.instance.all_logs(run, of_type=DagsterEventType.ASSET_MATERIALIZATION)
        return [e.asset_materialization for e in events if e.asset_materialization]

    def _late(self, edition: str, materialization: AssetMaterialization) -> Alert:
        name = materialization.asset_key.path[-1]
        catalogue = self.catalogues.of(Edition.parse(edition))
        known = next((d for d in catalogue.livraisons if d.id == name), None)
        since = str(_values(materialization).get("edition_origine") or "une édition précédente")
        to = (known.contact,) if known and known.contact else ()
        return messages.late(edition, name, known.ministere if known else "", since, to)

    def _edition(self, record: RunRecord) -> str:
        tags: Mapping[str, str] = record.dagster_run.tags
        return tags.get("edition") or shown_edition(tags[PARTITION])

    def _link(self, run: str) -> str | None:
        address = self.settings.alertes_lien
        return f"{address.rstrip('/')}/runs/{run}" if address else None


def _values(materialization: AssetMaterialization) -> dict[str, Any]:
    return {name: value.value for name, value in materialization.metadata.items()}
