"""`barometre settings`, as people and programs read it."""

import csv
import io
import json

import pytest

from tests.projects import failed, project  # noqa: F401 - one is a fixture

TOKEN = "jeton-tres-secret"


@pytest.fixture
def configured(project, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("BAROMETRE_GIT_JETON", TOKEN)
    (tmp_path / ".env").write_text("BAROMETRE_SOURCES=https://robot:motdepasse@example.org/\n")
    return project


def test_every_setting_is_shown_with_its_origin_and_no_secret(configured):
    code, output, _ = configured.barometre("settings", "--home", configured.home, "--format", "json")
    shown = {one["nom"]: one for one in json.loads(output)}
    assert code == 0
    home = {"nom": "BAROMETRE_HOME", "valeur": str(configured.home), "origine": "option", "secret": False}
    assert shown["BAROMETRE_HOME"] == home
    assert shown["BAROMETRE_GIT_JETON"]["origine"] == "environnement" and shown["BAROMETRE_GIT_JETON"]["secret"]
    assert shown["BAROMETRE_SOURCES"]["origine"] == "fichier"
    assert shown["BAROMETRE_CATALOGUE"]["origine"] == "defaut"
    assert TOKEN not in output and "motdepasse" not in output


def test_the_settings_are_also_a_table_and_csv(configured):
    _, table, _ = configured.barometre("settings")
    assert table.splitlines()[0].split() == ["nom", "origine", "secret", "valeur"]  # the widest last
    assert TOKEN not in table
    _, text, _ = configured.barometre("settings", "--format", "csv")
    assert {row["secret"] for row in csv.DictReader(io.StringIO(text))} == {"vrai", "faux"}


def test_the_settings_that_are_right_are_shown_beside_those_that_are_wrong(configured, monkeypatch):
    monkeypatch.setenv("BAROMETRE_ATTENTE", "longtemps")
    monkeypatch.setenv("DATAGOUV_API_KEY", TOKEN)
    monkeypatch.setenv("BAROMETRE_HOM", "ailleurs")
    code, output, errors = configured.barometre("settings", "--format", "json")
    assert code == 2
    assert "BAROMETRE_HOM is no setting" in errors and "BAROMETRE_ATTENTE is 'longtemps'" in errors
    shown = {one["nom"]: one["valeur"] for one in json.loads(output)}
    assert {"BAROMETRE_ATTENTE", "DATAGOUV_API_KEY"} & set(shown) == set()
    assert shown["BAROMETRE_SOURCES"] == "https://***@example.org/"


def test_a_mistyped_variable_is_told_by_every_command_and_stops_none(configured, monkeypatch):
    monkeypatch.setenv("BAROMETRE_HOM", "ailleurs")
    code, _, errors = configured.barometre("catalogue", "check", "--catalogue", configured.catalogue)
    assert code == 0 and errors.splitlines() == ["BAROMETRE_HOM is no setting; the closest is BAROMETRE_HOME."]


def test_a_wrong_setting_stops_every_command_before_anything_is_done(configured, monkeypatch):
    monkeypatch.setenv("BAROMETRE_ATTENTE", "longtemps")
    monkeypatch.setenv("BAROMETRE_GIT_BRANCHE", "a..b")
    failed(configured.run(), "BAROMETRE_ATTENTE", "BAROMETRE_GIT_BRANCHE", status=2)
    failed(configured.barometre("settings"), "BAROMETRE_ATTENTE", status=2)
    assert not configured.home.exists()
