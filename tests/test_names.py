"""Several barometers in one Dagster instance, each with its name, its home, its catalogue and its run."""

import re
import subprocess
import time

import pytest
import yaml
from dagster import AssetKey, AssetRecordsFilter, DagsterInstance, DagsterRun, DagsterRunStatus
from dagster._core.remote_origin import RegisteredCodeLocationOrigin, RemoteJobOrigin, RemoteRepositoryOrigin

from barometre_pipeline.catalogue.by_edition import catalogues_in
from barometre_pipeline.definitions import build_definitions
from barometre_pipeline.edited_files.project import read_catalogue
from barometre_pipeline.errors import UsageError
from barometre_pipeline.runs import dead_runs
from barometre_pipeline.runs.dead_runs import end_dead_runs
from barometre_pipeline.runs.home_queue import LIMITS, OneRunAHome
from barometre_pipeline.runs.instance import opened_instance, prepare_instance
from barometre_pipeline.runs.names import NAMED, PROCESS, bare_key, own_key
from barometre_pipeline.setting_rules import served_code
from barometre_pipeline.settings import Settings
from tests.countries import two_levels
from tests.installation import UNITS, Installation, wait_until
from tests.ports import free_port
from tests.projects import BAROMETRE, project  # noqa: F401 - a fixture


def test_a_key_is_below_the_name_and_comes_back_without_it():
    key = AssetKey(["raw", "valeurs"])
    assert own_key("lyon", key) == AssetKey(["lyon", "raw", "valeurs"]) and own_key(None, key) == key
    assert bare_key("lyon", own_key("lyon", key)) == bare_key(None, key) == bare_key("lyon", key) == key


@pytest.mark.parametrize("wrong", ["Lyon", "lyon_2", "2lyon", "lyon-", "barometre", "l" * 31, "val de marne"])
def test_a_name_that_dagster_or_kubernetes_would_refuse_is_told(monkeypatch, wrong):
    monkeypatch.setenv("BAROMETRE_NOM", wrong)
    with pytest.raises(UsageError, match=r"BAROMETRE_NOM is .*: write at most thirty small letters"):
        Settings.read()


def test_where_the_code_of_each_is_served_is_read(monkeypatch):
    several = "127.0.0.1:4266, val-de-marne=[::1]:4267"
    monkeypatch.setenv("BAROMETRE_CODE", several)
    assert served_code(Settings.read().code, alone="x") == {
        "barometre": ("127.0.0.1", "4266"),
        "val-de-marne": ("[::1]", "4267"),
    }
    assert served_code("code:4266", alone="lyon") == {"lyon": ("code", "4266")}
    for wrong in ("4266", "a:1,b:2", "lyon=a:1,lyon=b:2", "a:1,,lyon=b:2"):
        monkeypatch.setenv("BAROMETRE_CODE", wrong)
        with pytest.raises(UsageError, match=r"BAROMETRE_CODE is .*: write HOST:PORT"):
            Settings.read()


def test_a_code_that_is_served_nowhere_is_told(project, monkeypatch):
    monkeypatch.setenv("BAROMETRE_NOM", "lyon")
    outcome = project.barometre("serve", "code", "--home", project.home, "--code", "a:1,nice=b:2")
    assert outcome[0] == 2 and "does not say where the code of lyon is served" in outcome[2]


def test_every_asset_and_check_of_two_barometers_is_anothers(project):
    kinds = []
    for nom in (None, "lyon"):
        settings = Settings(home=project.home, catalogue=project.catalogue, nom=nom, veille="oui")
        graph = build_definitions(settings, catalogues_in(project.catalogue, read_catalogue)).resolve_asset_graph()
        kinds.append((graph.get_all_asset_keys(), {key.asset_key for key in graph.asset_check_keys}))
        assert {dep for key in kinds[-1][0] for dep in graph.get(key).parent_keys} <= kinds[-1][0]
    for bare, own in zip(*kinds, strict=True):
        assert own == {key.with_prefix("lyon") for key in bare}


def test_the_instance_of_several_has_a_run_at_a_time_in_each_home(tmp_path):
    prepare_instance(tmp_path / "several", several=True)
    said = yaml.safe_load((tmp_path / "several" / "dagster.yaml").read_text("utf-8"))
    assert said["run_coordinator"]["class"] == "OneRunAHome" and "concurrency" not in said
    before = (tmp_path / "several" / "dagster.yaml").read_text("utf-8")
    prepare_instance(tmp_path / "several")  # as the first barometer, without a name, does
    assert (tmp_path / "several" / "dagster.yaml").read_text("utf-8") == before
    with opened_instance(tmp_path / "several") as instance:
        (limit,) = instance.get_concurrency_config().run_queue_config.tag_concurrency_limits
        assert limit == {"key": NAMED, "value": {"applyLimitPerUniqueValue": True}, "limit": 1}


def test_the_guide_says_the_queue_of_several_as_it_is():
    guide = (UNITS.parents[1] / "docs" / "exploitation.md").read_text("utf-8")
    (said,) = re.findall(r"```\n(run_coordinator:\n.+?)```", guide, re.DOTALL)
    queue = {"module": OneRunAHome.__module__, "class": OneRunAHome.__name__, "config": LIMITS}
    assert yaml.safe_load(said) == {"run_coordinator": queue}


def test_an_instance_that_was_of_one_keeps_its_limit(tmp_path):
    prepare_instance(tmp_path)
    before = (tmp_path / "dagster.yaml").read_text("utf-8")
    prepare_instance(tmp_path, several=True)
    assert (tmp_path / "dagster.yaml").read_text("utf-8") == before


def test_nobody_ends_the_runs_of_another(tmp_path, monkeypatch):
    monkeypatch.setattr(dead_runs, "_SAID_WITHIN", -1)
    first, lyon = Settings(home=tmp_path / "a"), Settings(home=tmp_path / "b", nom="lyon")
    with DagsterInstance.ephemeral() as instance:

        def started(location: str, **tags: str) -> str:
            origin = RemoteJobOrigin(
                RemoteRepositoryOrigin(RegisteredCodeLocationOrigin(location), "__repository__"), "edition"
            )
            run = DagsterRun("edition", status=DagsterRunStatus.STARTED, remote_job_origin=origin, tags=tags)
            return instance.add_run(run).run_id

        gone = {PROCESS: "1:1:elsewhere"}
        ours = {started("barometre"), started("barometre", **gone)}
        theirs = {started("lyon"), started("lyon", **gone, **{NAMED: "lyon"})}
        assert set(end_dead_runs(instance, lyon)) == theirs
        assert set(end_dead_runs(instance, first)) == ours


@pytest.mark.long
def test_a_run_of_a_terminal_shows_its_assets_below_the_name(project, monkeypatch):
    monkeypatch.setenv("BAROMETRE_NOM", "lyon")
    code, _, errors = project.run()
    assert code == 0, errors
    with opened_instance(project.home / "dagster") as instance:
        keys = set(instance.all_asset_keys())
        assert AssetKey(["lyon", "detail"]) in keys and all(key.path[0] == "lyon" for key in keys)
        (run,) = instance.get_runs(limit=1)
        assert run.tags[NAMED] == "lyon"
        made = AssetRecordsFilter(AssetKey(["lyon", "detail"]), asset_partitions=["2022-01-01"])
        (record,) = instance.fetch_materializations(made, limit=1).records
        lineage = record.asset_materialization.metadata["dagster/column_lineage"].column_lineage
        read = {dep.asset_key.path[0] for deps in lineage.deps_by_column.values() for dep in deps}
        assert read == {"lyon"}
    # Nothing new: what is found made is shown as such, under its own keys too.
    code, _, errors = project.run()
    assert code == 0 and "Nothing new" in errors


@pytest.mark.long
@pytest.mark.servers
def test_two_barometers_of_one_instance_run_at_once_each_in_its_home(tmp_path):
    instance, ports = tmp_path / "instance", (free_port(), free_port())
    code = {"BAROMETRE_CODE": f"127.0.0.1:{ports[0]},lyon=127.0.0.1:{ports[1]}", "DAGSTER_HOME": str(instance)}
    two_levels().write(tmp_path / "lyon")
    installation = Installation(tmp_path, **code)
    beside = {"BAROMETRE_NOM": "lyon", "BAROMETRE_HOME": str(tmp_path / "lyon" / "home")}
    beside |= {"BAROMETRE_CATALOGUE": str(tmp_path / "lyon" / "catalogue")}
    beside |= {"BAROMETRE_SOURCES": str(tmp_path / "lyon" / "livraisons")}
    installation.others["lyon"] = {**installation.environment, **beside}
    try:
        installation.start()
        runs = {installation.launch("2022-01-01", place): place for place in ("barometre", "lyon")}
        # Of assets alone, which Dagster gives no tag of ours: it waits for the run of its home all the same.
        waits = installation.launch("2022-01-01", "lyon", [["lyon", "livraisons", "arbres"]])
        together, ended = 0, False
        end = time.monotonic() + 900
        while not ended:
            statuses = {run: installation.status(run) for run in (*runs, waits)}
            going = {run for run, status in statuses.items() if status in ("STARTING", "STARTED")}
            together = max(together, len(going))
            assert not going >= {waits, *(run for run, place in runs.items() if place == "lyon")}
            ended = all(status in ("SUCCESS", "FAILURE", "CANCELED") for status in statuses.values())
            assert time.monotonic() < end
            time.sleep(0.5)
        assert set(statuses.values()) == {"SUCCESS"} and together == 2
        for place, home in (("barometre", tmp_path / "home"), ("lyon", tmp_path / "lyon" / "home")):
            assert (home / "editions" / "2022-T1").is_dir() and not (home / "dagster").exists(), place
        with opened_instance(instance) as opened:
            keys = set(opened.all_asset_keys())
            own = {key for key in keys if key.path[0] == "lyon"}
            assert AssetKey("detail") in keys - own and AssetKey(["lyon", "detail"]) in own
            assert {opened.get_run_by_id(run).tags[NAMED] for run in runs} == {"barometre", "lyon"}
    finally:
        installation.kill()


@pytest.mark.long
@pytest.mark.servers
def test_the_ui_of_a_barometer_with_a_name_has_its_location(tmp_path):
    installation = Installation(tmp_path, BAROMETRE_NOM="lyon")
    log = (tmp_path / "ui.log").open("ab")
    command = [BAROMETRE, "ui", "--port", str(installation.ui)]
    installation.processes.append(
        subprocess.Popen(command, env=installation.environment, stdout=log, stderr=log, start_new_session=True)
    )
    try:
        wait_until(installation.is_loaded, 240)
        told = installation.answers(
            "{ repositoriesOrError { ... on RepositoryConnection { nodes { location { name } } } } }"
        )
        assert [node["location"]["name"] for node in told["repositoriesOrError"]["nodes"]] == ["lyon"]
    finally:
        installation.kill()
