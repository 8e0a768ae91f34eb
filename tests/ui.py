"""What people launch from the UI, and what it shows: the same job, some assets or checks of it; asked by GraphQL."""

import pytest
from dagster import AssetCheckKey, AssetKey, AssetSelection, DagsterInstance
from dagster._core.workspace.context import WorkspaceProcessContext
from dagster_graphql.cli import execute_query

from barometre_pipeline.catalogue.by_edition import catalogues_in
from barometre_pipeline.definitions import JOB, build_definitions
from barometre_pipeline.editions import Edition
from barometre_pipeline.runs.failures import other_errors, told_failures
from barometre_pipeline.runs.partitions import partition_key
from barometre_pipeline.settings import Settings
from tests.projects import EDITION, Project

QUIET = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}


class Ui:
    """What is launched from the UI, and what it shows: the same job, some assets or checks of it."""

    def __init__(self, project: Project, instance: DagsterInstance):
        self.project, self.instance = project, instance
        self.load()

    def load(self) -> None:
        """Read the catalogue, the SQL and the rules, as a code location does."""
        places = {"home": self.project.home, "catalogue": self.project.catalogue}
        addresses = {"sources": str(self.project.deliveries), "depot": str(self.project.depot)}
        settings = Settings(**places, **addresses)
        self.job = build_definitions(settings, catalogues_in(settings.catalogue)).resolve_job_def(JOB)

    def run(self, selection: str = "*", checks=(), **config) -> tuple[set[str], str]:
        """Materialize a selection; return the assets shown as made, and what was told where it failed."""
        job = self.job
        if checks:
            job = job.get_subset(asset_check_selection={AssetCheckKey(AssetKey(t), name) for t, name in checks})
        elif selection != "*":
            chosen = AssetSelection.from_coercible(selection).resolve(job.asset_layer.asset_graph)
            job = job.get_subset(asset_selection=chosen)
        self.done = job.execute_in_process(
            partition_key=partition_key(Edition.parse(EDITION)),
            instance=self.instance,
            run_config=QUIET | {"ops": config},
            raise_on_error=False,
        )
        told = " ".join(sentence for sentence, _ in told_failures(self.done.all_events))
        assert self.done.success or told, list(map(str, other_errors(self.done.all_events)))
        made = {
            e.asset_key.to_user_string() for e in self.done.all_events if e.event_type_value == "ASSET_MATERIALIZATION"
        }
        return made, told

    @property
    def verdicts(self) -> dict[str, bool]:
        return {one.check_name: one.passed for one in self.done.get_asset_check_evaluations()}


def answer(instance: DagsterInstance, query: str, **variables) -> dict:
    """Ask the UI's own server, of an instance on the disk."""
    with WorkspaceProcessContext(instance, workspace_load_target=None) as workspace:
        answered = execute_query(workspace, query, variables)
    assert not answered.get("errors"), answered
    return answered["data"]


@pytest.fixture
def instance():
    with DagsterInstance.ephemeral() as made:
        yield made
