"""Past editions made again: from the files stored, from addresses of their own, never from today's files by mistake."""

import shutil
import time

import pytest
from dagster import AssetKey, DagsterInstance
from dagster._core.execution.backfill import PartitionBackfill

from barometre_pipeline.catalogue.by_edition import catalogues_in
from barometre_pipeline.definitions import JOB, PUBLICATION, build_definitions
from barometre_pipeline.editions import Edition
from barometre_pipeline.runs.failures import told_failures
from barometre_pipeline.runs.partitions import partition_key
from barometre_pipeline.settings import Settings
from tests.backfills import recorded_backfill
from tests.projects import EDITION, Project, failed, project  # noqa: F401 - a fixture

pytestmark = pytest.mark.long

NEXT = "2022-T2"
REFUSED = "This backfill would ask the same addresses for several editions"


@pytest.fixture
def instance():
    with DagsterInstance.local_temp() as made:
        yield made


def launch(project: Project, instance, edition: str, tags: dict[str, str], **extract):
    """Run the job up to the files, as a launch from the UI does; return whether it succeeded, and what it told."""
    settings = Settings(home=project.home, catalogue=project.catalogue, sources=str(project.deliveries))
    job = build_definitions(settings, catalogues_in(project.catalogue)).resolve_job_def(JOB)
    done = job.execute_in_process(
        partition_key=partition_key(Edition.parse(edition)),
        asset_selection=[k for k in job.asset_layer.selected_asset_keys if k not in map(AssetKey, PUBLICATION)],
        run_config={"ops": {"extract": {"config": extract}}},
        tags=tags,
        instance=instance,
        raise_on_error=False,
    )
    return done.success, told_failures(done.all_events)


def test_a_backfill_of_several_editions_from_the_same_addresses_is_refused(project, instance):
    tags = recorded_backfill(instance, EDITION, NEXT)
    for chosen in ({}, {"fichiers": "sources"}):
        success, [(told, status)] = launch(project, instance, EDITION, tags, **chosen)
        assert not success and status == 2
        assert told.startswith(REFUSED) and EDITION in told and "{edition}" in told
    assert not (project.home / "editions" / EDITION).exists()


def test_an_asset_backfill_of_several_editions_is_one_too(project, instance):
    settings = Settings(home=project.home, catalogue=project.catalogue, sources=str(project.deliveries))
    graph = build_definitions(settings, catalogues_in(project.catalogue)).resolve_asset_graph()
    keys = [partition_key(Edition.parse(edition)) for edition in (EDITION, NEXT)]
    record = PartitionBackfill.from_asset_partitions(
        backfill_id="actifs",
        asset_graph=graph,
        partition_names=keys,
        asset_selection=[AssetKey("synthese"), AssetKey(["livraisons", "puits"])],
        backfill_timestamp=time.time(),
        tags={},
        dynamic_partitions_store=instance,
        all_partitions=False,
        title=None,
        description=None,
        run_config=None,
    )
    instance.add_backfill(record)
    success, [(told, _)] = launch(project, instance, EDITION, {"dagster/backfill": "actifs"})
    assert not success and told.startswith(REFUSED)


def test_a_backfill_of_one_edition_asks_the_addresses(project, instance):
    assert launch(project, instance, EDITION, recorded_backfill(instance, EDITION)) == (True, [])


def test_a_backfill_makes_editions_again_from_their_stored_files(project, instance):
    for edition in (EDITION, NEXT):
        assert project.run("--no-publish", edition=edition)[0] == 0
    project.deliveries.rename(project.deliveries.with_name("elsewhere"))
    tags = recorded_backfill(instance, EDITION, NEXT)
    assert launch(project, instance, EDITION, tags) == (True, [])
    assert launch(project, instance, NEXT, tags, fichiers="stockes") == (True, [])


def test_the_addresses_of_a_stored_edition_are_asked_where_somebody_chooses_so(project, instance):
    assert project.run("--no-publish")[0] == 0
    (project.deliveries / "eau" / "puits.csv").unlink()
    success, [(told, _)] = launch(project, instance, EDITION, {}, fichiers="sources")
    assert not success and "eau/puits.csv" in told
    failed(project.run("--no-publish"), "eau/puits.csv")  # and always, from a terminal


def test_stored_files_that_are_asked_for_and_missing_are_told(project, instance):
    success, [(told, _)] = launch(project, instance, EDITION, {}, fichiers="stockes")
    assert not success and "puits" in told and "never fetched for 2022-T1" in told


def test_two_choices_that_exclude_one_another_are_refused(project, instance):
    success, [(told, status)] = launch(project, instance, EDITION, {}, fichiers="sources", from_snapshot=True)
    assert not success and status == 2 and "exclude one another" in told


def put_in_addresses(project: Project, *addresses: str) -> None:
    """Have these addresses of the catalogue begin with the edition, and put files there."""
    for path in (project.catalogue / "livraisons").iterdir():
        text = path.read_text(encoding="utf-8")
        for address in addresses:
            text = text.replace(f"url: {address}", f'url: "{{edition}}/{address}"')
        path.write_text(text, encoding="utf-8")
    for edition in (EDITION, NEXT):
        shutil.copytree(project.deliveries, project.deliveries / edition, ignore=shutil.ignore_patterns("20*"))


def test_addresses_that_hold_the_edition_may_be_asked_for_several(project, instance):
    put_in_addresses(project, "eau/puits.csv", "eau/potable.xlsx", "air.csv", "objectifs.csv")
    tags = recorded_backfill(instance, EDITION, NEXT)
    assert launch(project, instance, EDITION, tags) == (True, [])


def test_an_edition_in_one_address_does_not_answer_for_the_others(project, instance):
    put_in_addresses(project, "eau/puits.csv", "air.csv", "objectifs.csv")
    success, [(told, _)] = launch(project, instance, EDITION, recorded_backfill(instance, EDITION, NEXT))
    assert not success and "those of potable. Put {edition}" in told


def test_a_command_that_names_several_editions_makes_one_after_the_other(project):
    put_in_addresses(project, "eau/puits.csv", "eau/potable.xlsx", "air.csv", "objectifs.csv")
    code, output, errors = project.run(edition=f"{EDITION} {NEXT}")
    assert code == 0, errors
    assert [line for line in output.splitlines() if line.startswith("Edition")] == [
        f"Edition {one} is published." for one in (EDITION, NEXT)
    ]
    assert project.git("tag").split() == [EDITION, NEXT]


def test_a_command_that_names_several_editions_stops_at_the_first_that_fails(project):
    put_in_addresses(project, "eau/puits.csv", "eau/potable.xlsx", "air.csv", "objectifs.csv")
    (project.deliveries / NEXT / "air.csv").unlink()
    outcome = project.run("--no-publish", edition=f"{NEXT} {EDITION}")
    failed(outcome, f"{NEXT}: ", "air.csv", f"Not begun: {EDITION}.")
    assert not (project.home / "editions" / EDITION).exists()


def test_a_command_asks_the_same_addresses_for_one_edition_only(project):
    failed(project.run(edition=f"{EDITION} {NEXT}"), REFUSED, status=2)
