"""The daily look, off by default: what changed at its address is read again and not published; lateness is red."""

import os
from datetime import date

import pytest
from dagster import AssetCheckKey, AssetKey, DagsterInstance, build_sensor_context

from barometre_pipeline.catalogue.by_edition import catalogues_in
from barometre_pipeline.definitions import JOB, build_definitions
from barometre_pipeline.editions import Edition
from barometre_pipeline.home import Home
from barometre_pipeline.resources.duckdb_files import read_warehouse
from barometre_pipeline.sensors import freshness, watch
from barometre_pipeline.settings import Settings
from tests.loopback import loopback
from tests.projects import EDITION, Project, failed, project, published, published_once  # noqa: F401 - fixtures
from tests.small_project import PUITS


@pytest.fixture
def collected(published, monkeypatch) -> Project:
    """The project after the publication of what is the last closed quarter."""
    monkeypatch.setattr(watch, "last_closed_edition", lambda: Edition.parse(EDITION))
    return published


def definitions(project: Project, **settings):
    options = {"home": project.home, "catalogue": project.catalogue, "depot": str(project.depot)}
    chosen = Settings(**options | {"sources": str(project.deliveries)} | settings)
    return build_definitions(chosen, catalogues_in(project.catalogue))


def looked(project: Project, **settings):
    """Evaluate the sensor once; return what it asks for."""
    sensor = definitions(project, **settings).resolve_sensor_def(watch.NAME)
    with DagsterInstance.ephemeral() as instance:
        return sensor.evaluate_tick(
            build_sensor_context(instance=instance, definitions=definitions(project, **settings))
        )


def test_it_is_off_until_the_setting_turns_it_on(project):
    off, on = (definitions(project, veille=one) for one in (False, True))
    assert [d.resolve_sensor_def(watch.NAME).default_status.value for d in (off, on)] == ["STOPPED", "RUNNING"]
    assert not off.resolve_asset_graph().asset_check_keys & {
        AssetCheckKey(AssetKey(["livraisons", "puits"]), "fraicheur")
    }


def test_nothing_new_launches_nothing(collected):
    assert looked(collected).run_requests == []
    assert not list(collected.home.glob(".veille-*"))


@pytest.mark.long
def test_what_changed_is_read_again_and_not_published(collected):
    before = collected.git("rev-parse", "HEAD")
    puits = collected.deliveries / "eau" / "puits.csv"
    puits.write_bytes(puits.read_bytes().replace(b"250", b"260"))
    (request,) = looked(collected).run_requests
    assert request.partition_key == "2022-01-01" and request.tags["livraisons_changees"] == "puits"
    job = definitions(collected).resolve_job_def(JOB)
    with DagsterInstance.ephemeral() as instance:
        done = job.execute_in_process(
            partition_key=request.partition_key,
            asset_selection=request.asset_selection,
            run_config=request.run_config,
            instance=instance,
        )
    assert done.success and collected.git("rev-parse", "HEAD") == before
    with read_warehouse(Home(collected.home).build(Edition.parse(EDITION)).warehouse) as built:
        read = built.execute("select valeur from stg_valeurs where livraison = 'puits' and code = '02' order by date")
        assert read.fetchall() == [(200,), (260,)]
    assert looked(collected).run_requests == []


@pytest.mark.long
def test_a_change_whose_run_did_not_build_is_asked_for_again_the_next_day(collected, monkeypatch):
    collected.write("eau/puits.csv", PUITS.replace(";200", ";x"))
    (first,) = looked(collected).run_requests
    failed(collected.run(), "Nothing is published")  # what changed is stored, and not built
    (again,) = looked(collected).run_requests
    assert again.run_key == first.run_key
    monkeypatch.setattr(watch, "today", lambda: date(2027, 1, 2))
    (next_day,) = looked(collected).run_requests
    assert next_day.run_key != first.run_key


def test_a_look_leaves_alone_what_a_run_is_replacing(collected):
    stored = collected.home / "livraisons" / EDITION
    (stored / "puits").rename(stored / ".puits.ancien")
    assert looked(collected).run_requests == []
    assert (stored / ".puits.ancien").is_dir() and not (stored / "puits").exists()


def test_what_a_look_that_was_killed_left_is_removed(collected):
    old, under_way = (collected.home / f".veille-{name}" for name in ("tuee", "en-cours"))
    for folder in (old, under_way):
        folder.mkdir()
    os.utime(old, (0, 0))
    looked(collected)
    assert under_way.exists() and not old.exists()


def test_a_warehouse_that_cannot_be_read_is_told_and_the_look_goes_on(collected):
    warehouse = Home(collected.home).build(Edition.parse(EDITION)).warehouse
    warehouse.write_bytes(b"damaged" * 1000)
    result = looked(collected, veille=True)
    assert result.asset_events == []
    assert result.skip_message.startswith("Rien n’a changé. How fresh the deliveries are is not known: ")
    collected.write("eau/puits.csv", PUITS.replace(";200", ";201"))
    assert looked(collected, veille=True).run_requests


def test_servers_are_asked_for_what_changed_only(collected):
    seen = []

    def answers(request):
        conditions = request.headers.get("If-None-Match")
        seen.append((request.path, conditions))
        if conditions == '"1"':
            request.reply(304)
        else:
            request.reply(body=(collected.deliveries / request.path.strip("/")).read_bytes(), ETag='"1"')

    with loopback(answers) as server:
        assert collected.run("--no-publish", "--sources", server.url)[0] == 0  # the last one holds
        seen.clear()
        assert looked(collected, sources=server.url).run_requests == []
    assert seen and {conditions for _, conditions in seen} == {'"1"'}


@pytest.mark.long
def test_a_delivery_later_than_it_announces_turns_red(published, monkeypatch):
    eau = published.catalogue / "mesures" / "eau.yaml"
    eau.write_text(eau.read_text("utf-8").replace("id: nb-puits,", "id: nb-puits, periode: mois,"), "utf-8")
    assert published.run()[0] == 0
    key = AssetKey(["livraisons", "puits"])
    (puits,) = freshness.known_freshness(Settings(home=published.home).home)
    verdicts = {}
    for day in (puits.due, date.fromordinal(puits.due.toordinal() + 1)):
        monkeypatch.setattr(freshness, "today", lambda day=day: day)
        result = looked(published, veille=True)
        (verdict,) = result.asset_events
        assert (verdict.asset_key, verdict.check_name) == (key, "fraicheur")
        verdicts[day] = verdict.passed
    assert list(verdicts.values()) == [True, False]
    assert (puits.due - puits.received).days == 46
    checks = definitions(published, veille=True)
    with DagsterInstance.ephemeral() as instance:
        job = checks.resolve_implicit_global_asset_job_def()
        alone = job.get_subset(asset_selection=set(), asset_check_selection={AssetCheckKey(key, "fraicheur")})
        (evaluation,) = alone.execute_in_process(instance=instance).get_asset_check_evaluations()
    assert not evaluation.passed and "fréquence annoncée : 1 mois" in evaluation.description
