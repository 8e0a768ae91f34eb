"""A home where one configuration made the three official editions, in the runs of one backfill."""

from pathlib import Path

import pytest
from dagster import DagsterInstance

from barometre_pipeline.catalogue.by_edition import catalogues_in
from barometre_pipeline.definitions import JOB, build_definitions
from barometre_pipeline.editions import Edition
from barometre_pipeline.runs.partitions import partition_key
from barometre_pipeline.settings import Settings
from tests.backfills import recorded_backfill
from tests.once import made_once

NAMES = ("2021-T3", "2021-T4", "2022-T1")


@pytest.fixture(scope="session")
def backfilled(editions, tmp_path_factory) -> Settings:
    """The settings of that home, which tests leave as it is."""

    def settings(folder: Path) -> Settings:
        by_edition = editions / "{edition}"
        places = {"catalogue": by_edition / "catalogue", "sources": str(by_edition / "livraisons")}
        return Settings(home=folder / "home", depot=str(folder / "depot.git"), **places)

    return settings(made_once(tmp_path_factory, "officielles", lambda folder: _backfill(folder, settings(folder))))


def _backfill(folder: Path, settings: Settings) -> None:
    job = build_definitions(settings, catalogues_in(settings.catalogue)).resolve_job_def(JOB)
    with DagsterInstance.local_temp(str(folder)) as instance:
        tags = recorded_backfill(instance, *NAMES)
        for name in NAMES:
            key = partition_key(Edition.parse(name))
            assert job.execute_in_process(partition_key=key, tags=tags, instance=instance).success
