"""One build is one unit: what is damaged, mixed, blocked, killed half-way or out of date never leaves."""

import json
import os
import shutil
import signal
import subprocess

import pytest

from tests.projects import BAROMETRE, EDITION, Project, project, published, published_once  # noqa: F401 - fixtures
from tests.small_project import PUITS

pytestmark = pytest.mark.long


def publish(project: Project, *more) -> tuple[int, str, str]:
    options = ("--catalogue", project.catalogue, "--depot", project.depot, "--home", project.home)
    return project.barometre("publish", EDITION, *options, *more)


def seen(project: Project) -> tuple:
    """All that others see: the depot, the analysts' file, the report."""
    snapshot = project.home / "entrepot" / "barometre.duckdb"
    return project.git("show-ref"), snapshot.read_bytes()


def refused(project: Project, *told: str, more=()) -> None:
    before = seen(project)
    status, _, errors = publish(project, *more)
    assert status == 1 and "Traceback" not in errors
    for part in told:
        assert part in errors
    assert seen(project) == before


def build_of(project: Project):
    return project.home / "editions" / EDITION


def test_a_build_carries_one_record_of_all_that_it_holds_and_is_made_from(published):
    record = json.loads((build_of(published) / "construction.json").read_text())
    assert set(record["parties"]) == {
        "edition.duckdb",
        "parquet/detail.parquet",
        "parquet/synthese.parquet",
        "publication/SHA256SUMS",
        "rapport/rapport.json",
        "rapport/rejets.csv",
    }
    assert record["origine"]["livraisons"].keys() == {"puits", "potable", "alertes", "alertes-objectifs", "objectifs"}
    assert len(record["origine"]["catalogue"]) == len(record["origine"]["code"]) == 64
    assert record["moteur"] == "duckdb"


@pytest.mark.parametrize(
    "part",
    ["edition.duckdb", "parquet/detail.parquet", "publication/essai-detail-national.csv", "rapport/rapport.json"],
)
def test_a_damaged_part_never_leaves(published, part):
    path = build_of(published) / part
    path.write_bytes(path.read_bytes()[:-7])
    refused(published, path.name)


def test_a_missing_part_never_leaves(published):
    (build_of(published) / "edition.duckdb").unlink()
    refused(published, "edition.duckdb", "--from-snapshot")


def test_a_part_that_the_record_does_not_hold_never_leaves(published):
    path = build_of(published) / "construction.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), "parties": {}}))
    refused(published, "is missing, damaged, or of another build")


def test_without_its_report_nothing_tells_that_the_last_run_passed(published):
    shutil.rmtree(published.home / "rapports")
    refused(published, "rapport.json is missing", "--from-snapshot")
    assert published.run("--from-snapshot")[0] == 0
    assert publish(published)[0] == 0


def test_a_part_of_another_build_never_leaves(published, tmp_path):
    older = tmp_path / "older.duckdb"
    shutil.copy(build_of(published) / "edition.duckdb", older)
    published.write("eau/puits.csv", PUITS.replace(";200", ";201"))
    assert published.run()[0] == 0
    shutil.copy(older, build_of(published) / "edition.duckdb")
    refused(published, "edition.duckdb", "another build")


def test_a_build_without_a_record_is_built_again_from_its_stored_files(published):
    (build_of(published) / "construction.json").unlink()
    refused(published, "construction.json", "--from-snapshot")
    assert published.run("--from-snapshot")[0] == 0
    assert publish(published)[0] == 0


def test_after_a_blocked_gate_the_build_before_is_not_published(published):
    published.write("eau/puits.csv", PUITS.replace(";200", ";x"))
    assert published.run()[0] == 1
    refused(published, "stopped by the quality gate", "index.html")
    refused(published, "stopped by the quality gate", more=("--as-is",))


def test_the_report_says_what_was_published_and_the_build_can_be_published_again(published):
    shown, built = published.home / "rapports" / EDITION, build_of(published) / "rapport"
    for _ in range(2):  # the second one finds everything done
        page = (shown / "index.html").read_text(encoding="utf-8")
        assert "Ce qui a été publié" in page and f"<dd>{EDITION}</dd>" in page
        assert f"<code>{published.git('rev-parse', 'HEAD').strip()}</code>" in page
        assert publish(published)[0] == 0
    assert (shown / "rapport.json").read_bytes() == (built / "rapport.json").read_bytes()
    published.write("eau/puits.csv", PUITS.replace(";200", ";201"))
    assert published.run("--no-publish")[0] == 0
    assert "Ce qui a été publié" not in (shown / "index.html").read_text(encoding="utf-8")


def test_a_build_of_another_catalogue_is_published_only_knowingly(published):
    mesure = published.catalogue / "mesures" / "eau.yaml"
    mesure.write_text(mesure.read_text(encoding="utf-8").replace("Nombre de puits", "Nombre de sources"), "utf-8")
    refused(published, "The catalogue changed since 2022-T1 was built on", "--as-is")
    status, _, errors = publish(published, "--as-is")
    assert status == 0 and "published as it was built: the catalogue changed since" in errors


@pytest.mark.parametrize("moment", ["Checking", "Publishing: files"])
def test_a_run_killed_between_two_steps_leaves_nothing_to_mix(published, moment):
    published.write("eau/puits.csv", PUITS.replace(";200", ";201"))
    options = ["--catalogue", published.catalogue, "--depot", published.depot, "--home", published.home]
    command = [BAROMETRE, "run", EDITION, "--sources", published.deliveries, *options]
    run = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    for line in run.stderr:
        if line.startswith(moment):
            os.kill(run.pid, signal.SIGKILL)
            break
    run.communicate()
    before = seen(published)
    status, _, errors = publish(published)
    report = published.home / "rapports" / EDITION / "rapport.json"
    if status:  # the report is that of the run that was killed, the build is not
        assert "is not that of the build in place" in errors and seen(published) == before
    else:
        assert report.read_bytes() == (build_of(published) / "rapport" / "rapport.json").read_bytes()
    assert published.run()[0] == 0
    assert publish(published)[0] == 0
