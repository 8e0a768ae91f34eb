"""Runs that are forgotten with the years: their record, their events, their files. What they made stays.

Of an edition, the last run is never forgotten, nor one that was the last to make an asset or to judge it: the UI shows
these for as long as the edition is there.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import islice
from pathlib import Path

from dagster import DagsterEventType, DagsterInstance, DagsterRun, DagsterRunStatus, RunsFilter

from barometre_pipeline.runs.compute_logs import PrintedInFiles
from barometre_pipeline.runs.names import is_ours
from barometre_pipeline.runs.partitions import PARTITION

_ENDED = [DagsterRunStatus.SUCCESS, DagsterRunStatus.FAILURE, DagsterRunStatus.CANCELED]
_TELL = {DagsterEventType.ASSET_MATERIALIZATION, DagsterEventType.ASSET_CHECK_EVALUATION}
_AT_ONCE = 100  # the daemon waits meanwhile


def editions_to_clean(instance: DagsterInstance, before: datetime, nom: str | None = None) -> list[str]:
    """Return the partitions of which runs of ours ended before this moment."""
    old = instance.get_runs(RunsFilter(statuses=_ENDED, updated_before=before))
    return sorted({run.tags[PARTITION] for run in old if is_ours(run, nom) and PARTITION in run.tags})


def forget_old_runs(
    instance: DagsterInstance, folder: Path, before: datetime, partition: str, nom: str | None = None
) -> list[str]:
    """Forget runs of a partition that ended before this moment and that a later one stands for; return their ids.

    `folder` is that of the instance, `nom` the name of the barometer.
    """
    of_it = {PARTITION: partition}
    runs = [run for run in instance.get_runs(RunsFilter(tags=of_it)) if is_ours(run, nom)]  # the last one first
    ended = instance.get_runs(RunsFilter(tags=of_it, statuses=_ENDED, updated_before=before))
    old = {run.run_id for run in ended}
    forgotten = list(islice((run for run in _superseded(instance, runs) if run in old), _AT_ONCE))
    for run in forgotten:
        instance.delete_run(run)
        for files in _folders_of(instance, folder, run):
            shutil.rmtree(files, ignore_errors=True)
    return forgotten


def _folders_of(instance: DagsterInstance, folder: Path, run: str) -> Iterator[Path]:
    """Yield the folders of the files of a run; what it printed may be kept elsewhere, as on Kubernetes."""
    yield folder / "storage" / run
    if isinstance(instance.compute_log_manager, PrintedInFiles):
        yield instance.compute_log_manager.folder_of(run)


def _superseded(instance: DagsterInstance, runs: Sequence[DagsterRun]) -> Iterator[str]:
    """Yield the runs of an edition, given the last one first, of whose every asset and check a later run has one."""
    told: set[str] = set()
    for rank, run in enumerate(runs):
        own = _told_of(instance, run.run_id)
        if rank and own <= told:
            yield run.run_id
        told |= own


def _told_of(instance: DagsterInstance, run: str) -> set[str]:
    """Return the assets that a run made, and the checks that it judged."""
    events = [entry.dagster_event for entry in instance.all_logs(run, of_type=_TELL)]
    told = set()
    for event in filter(None, events):
        if event.event_type == DagsterEventType.ASSET_MATERIALIZATION:
            told.add(str(event.asset_key))
        else:
            told.add(str(event.asset_check_evaluation_data.asset_check_key))
    return told
