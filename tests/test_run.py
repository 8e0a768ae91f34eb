"""The whole job on a barometer in miniature, through the command line's own door."""

import json
import signal
import subprocess
import sys

import duckdb
import pytest
from dagster import AssetKey, DagsterInstance, DagsterRun, DagsterRunStatus

from barometre_pipeline.runs.lock import run_lock
from tests.projects import BAROMETRE, EDITION, failed, project, published, published_once  # noqa: F401 - fixtures
from tests.small_project import PUITS


def test_an_edition_goes_from_its_deliveries_to_the_depot(project):
    code, output, _ = project.run()
    assert code == 0
    assert str(project.depot) in output and "index.html" in output
    assert project.git("tag").split() == [EDITION]
    assert project.published("essai-synthese-national.csv")[1:] == [
        "Améliorer l'eau,Nombre de puits,nb-puits,national,1380.5,2022-02-28,1000.0,,380.0,38.0,,,,2000.0,38.0,"
        "2024-12-31,puits",
        "Améliorer l'air,Nombre d'alertes,nb-alertes,national,9.0,2022-02-28,20.0,2017-12-31,-11.0,-55.0,,,,5.0,73.0,"
        "2025-12-31,alertes",
    ]


def test_the_analysts_find_the_edition_in_the_warehouse(published):
    with duckdb.connect(str(published.home / "entrepot" / "barometre.duckdb"), read_only=True) as warehouse:
        assert warehouse.execute("select edition from editions_derniere").fetchall() == [(EDITION,)]
        of_the_country = "id_indicateur = 'nb-puits' and maille = 'nationale'"
        children = warehouse.execute(f"select enfants from detail where {of_the_country} order by date").fetchall()
        assert children == [(2,), (3,)]


def test_the_warehouse_is_replaced_while_it_is_being_read(published):
    with duckdb.connect(str(published.home / "entrepot" / "barometre.duckdb"), read_only=True) as reader:
        assert published.run()[0] == 0
        assert reader.execute("select count(*) from detail").fetchall()[0][0] > 0


def test_a_second_run_on_the_same_input_changes_nothing(published):
    before = published.git("rev-parse", "HEAD", "HEAD^{tree}")
    code, _, errors = published.run()
    assert code == 0 and "no commit, no tag" in errors
    assert published.git("rev-parse", "HEAD", "HEAD^{tree}") == before
    assert published.git("tag").split() == [EDITION]


@pytest.mark.long
def test_a_changed_delivery_is_a_correction_of_the_edition(published):
    published.write("eau/puits.csv", PUITS.replace(";200", ";201"))
    assert published.run()[0] == 0
    assert published.git("tag").split() == [EDITION, f"{EDITION}.1"]


@pytest.mark.long
def test_without_publishing_the_files_are_built_and_the_depot_is_left_alone(project):
    code, output, _ = project.run("--no-publish")
    assert code == 0 and "not published" in output
    assert (project.home / "editions" / EDITION / "publication" / "essai-detail-national.csv").is_file()
    assert not project.depot.exists() and not (project.home / "entrepot").exists()


@pytest.mark.long
def test_an_edition_already_built_is_published_without_its_sources(project):
    project.run("--no-publish")
    project.deliveries.rename(project.deliveries.with_name("elsewhere"))
    options = ("--catalogue", project.catalogue, "--depot", project.depot, "--home", project.home)
    assert project.barometre("publish", EDITION, *options)[0] == 0
    assert project.git("tag").split() == [EDITION]


@pytest.mark.long
def test_a_dry_run_of_the_publication_leaves_the_depot_alone(project):
    project.run("--no-publish")
    options = ("--catalogue", project.catalogue, "--depot", project.depot, "--home", project.home, "--dry-run")
    code, output, _ = project.barometre("publish", EDITION, *options)
    assert code == 0 and "Nothing was sent" in output
    assert not project.depot.exists()


def test_an_edition_is_rebuilt_from_its_stored_files(published):
    tree = published.git("rev-parse", "HEAD^{tree}")
    published.deliveries.rename(published.deliveries.with_name("elsewhere"))
    assert published.run("--from-snapshot")[0] == 0
    assert published.git("rev-parse", "HEAD^{tree}") == tree


def test_a_missing_file_stops_the_run_and_is_named(project):
    (project.deliveries / "eau" / "puits.csv").unlink()
    failed(project.run(), "puits", "eau/puits.csv")
    assert not project.depot.exists()


def test_all_missing_files_are_named_at_once_and_the_others_are_kept(project):
    (project.deliveries / "eau" / "puits.csv").unlink()
    (project.deliveries / "objectifs.csv").unlink()
    failed(project.run(), "eau/puits.csv", "objectifs.csv")
    assert (project.home / "livraisons" / EDITION / "potable" / "potable.xlsx").is_file()


def test_a_wrong_column_name_is_told_with_the_closest_one(project):
    project.write("eau/puits.csv", PUITS.replace("Nombre", "Nombres"))
    failed(project.run(), "puits", "'Nombre'", "'Nombres'")
    assert not project.depot.exists()


@pytest.mark.long
def test_a_value_that_is_not_a_number_blocks_and_is_placed(project):
    project.write("eau/puits.csv", PUITS.replace(";200", ";deux cents"))
    failed(project.run(), "valeur_illisible", "puits", "row 4", "Nombre", "deux cents")
    assert not project.depot.exists()
    rejets = (project.home / "rapports" / EDITION / "rejets.csv").read_text(encoding="utf-8-sig")
    assert "deux cents" in rejets


def test_an_unreadable_workbook_is_named(project):
    project.write("eau/potable.xlsx", b"PK\x03\x04 not a workbook")
    failed(project.run(), "potable")
    assert not project.depot.exists()


def test_an_unknown_indicator_in_the_catalogue_is_a_wrong_command(project):
    path = project.catalogue / "livraisons" / "eau.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace("indicateur: nb-puits", "indicateur: nb-puit"))
    failed(project.run(), "livraisons/eau.yaml", "(puits)", "'nb-puit'", "'nb-puits'", status=2)


def test_an_unknown_territory_in_the_catalogue_is_a_wrong_command(project):
    text = "- {regle: date_future, indicateur: nb-puits, territoire: '99', motif: essai, jusqu_a: 2022-T1}\n"
    (project.catalogue / "exceptions.yaml").write_text(text, encoding="utf-8")
    failed(project.run(), "exceptions.yaml", "'99'", status=2)


@pytest.mark.long
def test_a_failed_run_leaves_the_previous_publication_as_it_was(published):
    before = published.git("rev-parse", "HEAD")
    snapshot = (published.home / "entrepot" / "barometre.duckdb").read_bytes()
    published.write("eau/puits.csv", PUITS.replace(";200", ";x"))
    failed(published.run(), "valeur_illisible")
    assert published.git("rev-parse", "HEAD") == before
    assert (published.home / "entrepot" / "barometre.duckdb").read_bytes() == snapshot
    assert any(",200.0," in line for line in published.published("essai-detail-departemental.csv"))


@pytest.mark.long
def test_a_late_delivery_is_taken_from_the_edition_before_and_said_so(published):
    (published.deliveries / "eau" / "puits.csv").unlink()
    failed(published.run(edition="2022-T2"), "puits", f"Its last good delivery is that of {EDITION}, received on ")
    code, _, errors = published.run("--allow-late", edition="2022-T2")
    assert code == 0, errors
    assert f"Its file of {EDITION} is used." in errors
    manifest = json.loads("\n".join(published.published("manifeste.json")))
    assert manifest["retards"] == [{"livraison": "puits", "edition": EDITION}]
    assert any("puits" in line and EDITION in line for line in published.published("README.md"))
    report = published.home / "rapports" / "2022-T2"
    told = json.loads((report / "rapport.json").read_text(encoding="utf-8"))["livraisons"]
    (day,) = {d["recue_le"] for d in told if d["en_retard"]}
    page = (report / "index.html").read_text(encoding="utf-8")
    assert f"puits\u00a0: livraison de l’édition {EDITION}, reçue le {'/'.join(reversed(day.split('-')))}." in page


@pytest.mark.long
def test_two_runs_in_one_home_do_not_mix(project):
    with run_lock(project.home, "run elsewhere"):
        failed(project.run(), "run elsewhere", "is running")
    assert project.run()[0] == 0


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["run", "2022"], "2022-T1"),
        (["run", "2999-T1"], "not a closed quarter"),
        (["publish", EDITION], "barometre run 2022-T1"),
        (["run", EDITION, "--catalogue", "nowhere"], "nowhere"),
        (["run", EDITION, "--livraison", "inconnue"], "'inconnue'"),
        (["run", EDITION, "--sources", "ftp://example.org/"], "ftp"),
    ],
)
def test_a_wrong_command_ends_with_status_2_and_says_what_is_right(project, arguments, told):
    failed(project.barometre(*arguments, "--home", project.home), told, status=2)


def test_the_catalogue_is_checked_by_a_command(project):
    code, output, _ = project.barometre("catalogue", "check", "--catalogue", project.catalogue)
    assert code == 0 and "3 indicateurs" in output


def test_a_run_from_a_terminal_is_recorded_in_the_instance_of_the_ui(published):
    published.monkeypatch.setenv("DAGSTER_HOME", str(published.home / "dagster"))
    with DagsterInstance.get() as instance:
        assert [r.tags["dagster/partition"] for r in instance.get_runs()] == ["2022-01-01"]
        assert instance.get_materialized_partitions(AssetKey("synthese")) == {"2022-01-01"}
        assert not instance.telemetry_enabled


# As a script's `&` starts it.
IN_BACKGROUND = ["sh", "-c", 'trap \'\' INT; exec "$0" "$@"']


@pytest.mark.long
@pytest.mark.parametrize("told, started", [(signal.SIGINT, []), (signal.SIGTERM, IN_BACKGROUND)], ids=["^C", "kill"])
def test_an_interrupted_run_says_so_and_publishes_nothing(project, told, started):
    options = ["--catalogue", project.catalogue, "--depot", project.depot, "--home", project.home]
    command = [*started, BAROMETRE, "run", EDITION, "--sources", project.deliveries, *options]
    run = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    while "Computing" not in run.stderr.readline():
        assert run.poll() is None
    run.send_signal(told)
    _, errors = run.communicate(timeout=180)
    assert (run.returncode, errors.splitlines()[-1]) == (
        130,
        "Interrupted: nothing more is done; running again finishes the work.",
    )
    assert not project.depot.exists() or project.git("rev-list", "--all") == ""
    assert project.run()[0] == 0


def test_a_run_whose_process_was_killed_does_not_seem_to_run_for_ever(published):
    published.monkeypatch.setenv("DAGSTER_HOME", str(published.home / "dagster"))
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    killed = DagsterRun("edition", status=DagsterRunStatus.STARTED, tags={"barometre/processus": str(gone.pid)})
    with DagsterInstance.get() as instance:
        instance.add_run(killed)
    assert published.run("--no-publish")[0] == 0
    with DagsterInstance.get() as instance:
        assert instance.get_run_by_id(killed.run_id).status == DagsterRunStatus.FAILURE
