"""Nothing new: an unchanged edition is taken as it was built, and a run of the schedule without news stops there."""

import hashlib
import json

import pytest
from dagster import DagsterInstance, DagsterRunStatus

from barometre_pipeline.builds import recorded_origin
from barometre_pipeline.catalogue import load_catalogue
from barometre_pipeline.catalogue.by_edition import catalogues_in
from barometre_pipeline.definitions import JOB, build_definitions
from barometre_pipeline.editions import Edition
from barometre_pipeline.home import Home
from barometre_pipeline.runs.partitions import partition_key
from barometre_pipeline.settings import Settings
from barometre_pipeline.unchanged import may_be_unchanged, same_build
from tests.loopback import loopback
from tests.projects import EDITION, Project, project, published, published_once  # noqa: F401 - fixtures
from tests.small_project import PUITS

pytestmark = pytest.mark.long

TAKEN = "Nothing new: the build of"
SCHEDULED = {"dagster/schedule_name": "chaque_trimestre"}


def record(project: Project) -> dict:
    return json.loads((project.home / "editions" / EDITION / "construction.json").read_text(encoding="utf-8"))


def run_told(project: Project, *more) -> str:
    code, _, errors = project.run(*more)
    assert code == 0, errors
    return errors


def run_as_the_ui_does(project: Project, edition: str, tags: dict[str, str], instance: DagsterInstance):
    settings = Settings(home=project.home, catalogue=project.catalogue, sources=str(project.deliveries))
    settings = settings.model_copy(update={"depot": str(project.depot)})
    job = build_definitions(settings, catalogues_in(project.catalogue)).resolve_job_def(JOB)
    key = partition_key(Edition.parse(edition))
    return job.execute_in_process(partition_key=key, tags=tags, instance=instance, raise_on_error=False)


def test_an_unchanged_edition_is_taken_as_it_was_built_and_published_again(published):
    before, commit = record(published), published.git("rev-parse", "HEAD")
    told = run_told(published)
    assert TAKEN in told and "Computing the tables" not in told
    assert "no commit, no tag" in told
    assert (record(published), published.git("rev-parse", "HEAD")) == (before, commit)
    assert not (published.home / "editions" / f".{EDITION}.en-cours").exists()


def test_a_build_of_another_engine_is_taken_too_and_its_engine_told(published):
    file = published.home / "editions" / EDITION / "construction.json"
    file.write_text(json.dumps(record(published) | {"moteur": "spark"}), "utf-8")
    told = run_told(published)
    assert TAKEN in told and "Computing the tables" not in told
    with DagsterInstance.ephemeral() as instance:
        done = run_as_the_ui_does(published, EDITION, {}, instance)
        (synthese,) = done.asset_materializations_for_node("transform")[-1:]
    assert "(moteur : spark), reprise telle quelle" in synthese.metadata["rien_de_nouveau"].value


def test_a_late_file_is_told_where_the_build_is_taken_too(published):
    (published.deliveries / "eau" / "puits.csv").unlink()
    assert published.run("--allow-late", "--no-publish", edition="2022-T2")[0] == 0
    code, _, errors = published.run("--allow-late", "--no-publish", edition="2022-T2")
    assert (code, TAKEN in errors, f"Its file of {EDITION} is used." in errors) == (0, True, True)


def test_an_edition_that_was_only_built_is_published_without_being_built_again(project):
    run_told(project, "--no-publish")
    assert TAKEN in run_told(project)
    assert project.git("tag").split() == [EDITION]


def test_the_ui_shows_the_verdict_of_the_build_that_is_taken(published):
    with DagsterInstance.ephemeral() as instance:
        done = run_as_the_ui_does(published, EDITION, {}, instance)
        assert done.success
        checks = done.get_asset_check_evaluations()
        (synthese,) = done.asset_materializations_for_node("transform")[-1:]
    assert len(checks) > 30 and all(c.metadata["rien_de_nouveau"].value for c in checks)
    assert synthese.metadata["rien_de_nouveau"].value.endswith("reprise telle quelle")


def test_a_delivery_that_is_new_makes_the_edition_again(published):
    published.write("eau/puits.csv", PUITS.replace(";200", ";201"))
    assert TAKEN not in run_told(published, "--no-publish")


def test_a_build_whose_files_were_damaged_since_is_made_again(published):
    tree = published.home / "editions" / EDITION / "publication"
    sums, file = (tree / "SHA256SUMS").read_bytes(), next(tree.rglob("*-detail-*.csv"))
    file.write_bytes(file.read_bytes() + b"x")
    assert TAKEN not in run_told(published)
    assert (tree / "SHA256SUMS").read_bytes() == sums


@pytest.mark.parametrize(
    "lost",
    [
        "editions/{}/edition.duckdb",
        "editions/{}/publication/json/essai-detail-national.json",
        "rapports/{}/rapport.json",
    ],
)
def test_a_build_that_lacks_a_file_is_not_taken(published, lost):
    home, edition = Home(published.home), Edition.parse(EDITION)
    origin = recorded_origin(home, edition)
    assert same_build(home, edition, origin) is not None
    (published.home / lost.format(EDITION)).unlink()
    assert same_build(home, edition, origin) is None


def test_a_build_of_another_catalogue_is_not_taken(published):
    home, edition = Home(published.home), Edition.parse(EDITION)
    assert may_be_unchanged(home, edition, load_catalogue(published.catalogue))
    (published.catalogue / "exceptions.yaml").write_text("[]\n")
    assert not may_be_unchanged(home, edition, load_catalogue(published.catalogue))


def test_an_edition_is_made_again_where_the_one_that_it_is_compared_with_was(project):
    def next_edition() -> str:
        code, _, errors = project.run("--no-publish", edition="2022-T2")
        assert code == 0, errors
        return errors

    run_told(project)
    next_edition()
    project.write("eau/puits.csv", PUITS.replace("200", "201"))
    run_told(project)
    project.write("eau/puits.csv", PUITS)
    assert TAKEN not in next_edition()
    assert TAKEN in next_edition()


def test_asking_again_costs_conditional_requests_only(project):
    folder, statuses = project.deliveries, []

    def answer(request):
        content = (folder / request.path.lstrip("/")).read_bytes()
        etag = f'"{hashlib.sha256(content).hexdigest()}"'
        known = request.headers["If-None-Match"] == etag
        statuses.append(304 if known else 200)
        request.reply(statuses[-1], b"" if known else content, ETag=etag)

    with loopback(answer) as server:
        project.deliveries = server.url
        assert TAKEN not in run_told(project, "--no-publish")
        assert statuses.count(200) == len(statuses)
        statuses.clear()
        assert TAKEN in run_told(project, "--no-publish")
        assert statuses.count(304) == len(statuses) > 0


def test_a_run_of_the_schedule_without_anything_new_stops_there_and_ends_well(published):
    before = published.git("show-ref")
    with DagsterInstance.ephemeral() as instance:
        done = run_as_the_ui_does(published, "2022-T2", SCHEDULED, instance)
        run = instance.get_run_by_id(done.run_id)
        told = [record.message for record in instance.all_logs(done.run_id)]
    assert run.status == DagsterRunStatus.SUCCESS
    assert run.tags["barometre/rien_de_nouveau_depuis"] == EDITION
    assert done.asset_materializations_for_node("transform") == []
    assert not (published.home / "editions" / "2022-T2").exists()
    assert published.git("show-ref") == before
    assert any("STEP_SKIPPED" in message or "skipped" in message.lower() for message in told)


def test_a_run_of_the_schedule_with_one_new_file_makes_the_edition(published):
    published.write("eau/puits.csv", PUITS.replace(";200", ";201"))
    with DagsterInstance.ephemeral() as instance:
        assert run_as_the_ui_does(published, "2022-T2", SCHEDULED, instance).success
    assert (published.home / "editions" / "2022-T2" / "construction.json").is_file()


def test_a_run_that_somebody_asks_for_makes_the_edition_without_anything_new(published):
    code, _, errors = published.run("--no-publish", edition="2022-T2")
    assert code == 0, errors
    assert (published.home / "editions" / "2022-T2" / "construction.json").is_file()
