"""The settings: read once, told where they come from, all that is wrong at once, and no secret ever shown."""

import re
import subprocess
from pathlib import Path

import pytest
from typer.main import get_command

from barometre_pipeline.cli.app import app
from barometre_pipeline.editions import Edition
from barometre_pipeline.errors import UsageError
from barometre_pipeline.home import Home
from barometre_pipeline.setting_origins import shown_settings, unknown_variables
from barometre_pipeline.setting_rules import branch
from barometre_pipeline.settings import PORTAL, Settings

README = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")
VARIABLES = {field.alias for field in Settings.model_fields.values()}
TOKEN = "jeton-tres-secret"


@pytest.fixture(autouse=True)
def clean(tmp_path, monkeypatch):
    """A folder without `.env`, and an environment without settings."""
    monkeypatch.chdir(tmp_path)
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)


def refused(*words: str, **options) -> str:
    with pytest.raises(UsageError) as error:
        Settings.read(options)
    for word in words:
        assert word in str(error.value)
    return str(error.value)


def origins(**options) -> dict[str, str]:
    return {one.nom: one.origine for one in shown_settings(Settings.read(options), options)}


def test_a_setting_comes_from_the_option_then_the_environment_then_the_file_then_the_default(tmp_path, monkeypatch):
    (tmp_path / ".env").write_text("BAROMETRE_HOME=fichier\nBAROMETRE_DEPOT=fichier\nBAROMETRE_ATTENTE=5\n")
    monkeypatch.setenv("BAROMETRE_HOME", "environnement")
    monkeypatch.setenv("BAROMETRE_DEPOT", "environnement")
    settings = Settings.read({"home": "option"})
    assert (settings.home.root.name, settings.depot, settings.wait) == ("option", "environnement", 5)
    told = origins(home="option")
    wanted = {"BAROMETRE_HOME": "option", "BAROMETRE_DEPOT": "environnement", "BAROMETRE_ATTENTE": "fichier"}
    assert {name: told[name] for name in wanted} == wanted
    assert told["BAROMETRE_SOURCES"] == "defaut"


def test_an_empty_variable_is_one_that_is_not_set(monkeypatch):
    monkeypatch.setenv("BAROMETRE_GIT_BRANCHE", "")
    assert Settings.read().git_branche is None


def test_spark_and_this_machine_exchange_tables_in_a_folder_or_at_an_address(monkeypatch, tmp_path):
    assert Settings.read().spark_dossier is None
    monkeypatch.chdir(tmp_path)
    for given, kept in {
        "partage": str(tmp_path / "partage"),
        "s3://b/x/": "s3://b/x",
        "file:///x": "file:///x",
    }.items():
        monkeypatch.setenv("BAROMETRE_SPARK_DOSSIER", given)
        assert Settings.read().spark_dossier == kept


CONNECT = ("sc://host", "sc://host:15002", "sc://host:15002/;use_ssl=true;user_id=a")


def test_the_models_run_on_duckdb_or_at_an_address_of_spark(monkeypatch):
    assert Settings.read().engine == "duckdb"
    for address in ("local", "local[*]", "local[2]", "spark://host:7077", "yarn", "k8s://https://host:6443", *CONNECT):
        monkeypatch.setenv("BAROMETRE_ENGINE", address)
        assert Settings.read().engine == address


def test_a_placeholder_in_the_file_is_left_to_the_catalogues_addresses(tmp_path):
    (tmp_path / ".env").write_text("BAROMETRE_SOURCES=https://example.org/?token=${HOME}\n")
    assert Settings.read().sources == "https://example.org/?token=${HOME}"


def test_a_file_that_cannot_be_read_is_named(tmp_path):
    (tmp_path / ".env").write_bytes(b"BAROMETRE_HOME=\xff\n")
    refused(str(tmp_path / ".env"), "VARIABLE=value")


def test_everything_that_is_wrong_is_told_at_once(monkeypatch):
    monkeypatch.setenv("BAROMETRE_ATTENTE", "longtemps")
    monkeypatch.setenv("BAROMETRE_GIT_AUTEUR", "personne")
    monkeypatch.setenv("DATAGOUV_API_KEY", TOKEN)
    told = refused("as in 600", "Nom <courriel", "DATAGOUV_JEU is not", depot="ftp://example.org/d")
    assert len(told.splitlines()) == 4
    assert all(line.startswith(("BAROMETRE_", "DATAGOUV_")) for line in told.splitlines())
    assert TOKEN not in told


def test_an_option_that_is_empty_is_refused_rather_than_taken_for_the_default():
    assert len(refused("--home is empty", "--sources is empty", home="", sources=" ").splitlines()) == 2


def test_a_variable_that_is_named_as_a_setting_and_is_none_is_told_with_the_closest(tmp_path, monkeypatch):
    monkeypatch.setenv("BAROMETRE_ATTENT", "600")
    (tmp_path / ".env").write_text("barometre_home=x\nAUTRE=1\nDATAGOUV_ZZZZ=\nDATAGOUV_CLE_API=x\n")
    told = list(unknown_variables())
    assert [one.split()[0] for one in told] == ["BAROMETRE_ATTENT", "DATAGOUV_CLE_API", "barometre_home"]
    assert "closest is BAROMETRE_ATTENTE" in told[0] and "closest is BAROMETRE_HOME" in told[2]


def test_what_kubernetes_says_of_a_service_with_our_name_is_not_taken_for_settings(monkeypatch):
    ours, web = "BAROMETRE", "BAROMETRE_DAGSTER_WEBSERVER_READ_ONLY"
    said = [f"{name}_{part}" for name in (ours, web) for part in ("SERVICE_HOST", "SERVICE_PORT", "PORT")]
    said += ["BAROMETRE_SERVICE_PORT_GRPC", "BAROMETRE_PORT_4266_TCP"]
    said += [f"BAROMETRE_PORT_4266_TCP_{part}" for part in ("PROTO", "PORT", "ADDR")]
    for variable in (*said, "BAROMETRE_ATTENTTE"):
        monkeypatch.setenv(variable, "x")
    monkeypatch.setenv("KUBERNETES_SERVICE_HOST", "10.0.0.1")
    assert [sentence.split()[0] for sentence in unknown_variables()] == ["BAROMETRE_ATTENTTE"]
    monkeypatch.delenv("KUBERNETES_SERVICE_HOST")
    assert {sentence.split()[0] for sentence in unknown_variables()} >= set(said)


@pytest.mark.parametrize(
    ("variable", "value", "word"),
    [
        ("BAROMETRE_ATTENTE", "nan", "number of seconds"),
        ("BAROMETRE_ENGINE", "spark", "spark://host:7077"),
        ("BAROMETRE_ENGINE", "local[0]", "local[*]"),
        ("BAROMETRE_ENGINE", "sc://host:15002/;token=secret", "SPARK_CONNECT_AUTHENTICATE_TOKEN"),
        ("BAROMETRE_SPARK_DOSSIER", "https://host/x", "Spark does not write to https://"),
        ("BAROMETRE_SPARK_DOSSIER", "s3a://b/x", "write s3://"),
        ("BAROMETRE_SPARK_DOSSIER", "s3://key@b/x", "holds a user, a key"),
        ("BAROMETRE_SPARK_DOSSIER", "s3://b", "name a folder in it"),
        ("BAROMETRE_GIT_BRANCHE_REVUE", "-x", "name of a git branch"),
        ("BAROMETRE_GIT_MESSAGE", "{inconnu}", "{inconnu}"),
        ("BAROMETRE_GIT_MESSAGE", "{", "fields are written"),
        ("BAROMETRE_GIT_MESSAGE", "{edition:d}", "fields are written"),
        ("BAROMETRE_GIT_ZIP", "peut-être", "write oui or non"),
        ("DATAGOUV_API_KEY", "clé en deux", "copy it again"),
        ("DATAGOUV_URL", "http://demo.data.gouv.fr", "https://"),
        ("DATAGOUV_URL", "ftp://x", "https://"),
        ("DATAGOUV_URL", "https://u:p@x.fr", "address alone"),
        ("DATAGOUV_URL", "https://[::1", "cannot be read"),
        ("DATAGOUV_URL", "demo.data.gouv.fr", "https://"),
        ("BAROMETRE_DATAGOUV_URL", "demo", "address of a portal"),
    ],
)
def test_a_wrong_setting_is_named_with_what_would_be_right(monkeypatch, variable, value, word):
    monkeypatch.setenv(variable, value)
    refused(variable, word)


@pytest.mark.parametrize(
    "address",
    [
        f"https://robot:{TOKEN}@exemple.fr/depot.git",
        f"https://{TOKEN}@exemple.fr/depot.git",
        f"https://exemple.fr/depot.git?private_token={TOKEN}",
        f"ssh://git:{TOKEN}@exemple.fr/depot.git",
    ],
)
def test_an_address_with_a_secret_is_refused_without_showing_it(address):
    assert TOKEN not in refused("BAROMETRE_DEPOT", "BAROMETRE_GIT_JETON", depot=address)


@pytest.mark.parametrize("password", [f"1@{TOKEN}", f"1/{TOKEN}", f"1#{TOKEN}", f"1?{TOKEN}", f"1@/{TOKEN}"])
def test_a_database_whose_password_would_be_taken_for_its_host_is_refused_without_showing_it(password, monkeypatch):
    monkeypatch.setenv("BAROMETRE_POSTGRES", f"postgresql://u:{password}@127.0.0.1/base")
    assert TOKEN not in refused("BAROMETRE_POSTGRES", "write the @ in it %40")
    monkeypatch.setenv("BAROMETRE_POSTGRES", "postgresql://u:1%40b@127.0.0.1/base")
    assert Settings.read().postgres_address == "postgresql+psycopg2://u:1%40b@127.0.0.1/base"


@pytest.mark.parametrize("address", ["--upload-pack=touch", "ext::sh -c true", "ftp://exemple.fr/x", " "])
def test_what_is_no_address_of_git_is_refused(address, monkeypatch):
    monkeypatch.setenv("BAROMETRE_DEPOT", address)
    refused("BAROMETRE_DEPOT")


def test_the_names_of_branches_are_those_of_git():
    names = [
        "main",
        "revue/barometre",
        "a..b",
        "a b",
        "-x",
        "/x",
        "x/",
        "x//y",
        ".x",
        "x/.y",
        "x.lock",
        "x.lock/y",
        "@",
    ]
    names += ["@", "x.", "x@{1}", "x~1", "x^", "x:y", "x?", "x*", "x[", "a\\b", "é", "x@y", "x.locks", "feature-1.2"]
    for name in names:
        git = subprocess.run(["git", "check-ref-format", "--branch", name], capture_output=True).returncode == 0
        try:
            ours = branch(name) == name
        except ValueError:
            ours = False
        assert ours == git or name == "@", name


def test_the_portal_is_the_national_one_unless_told(monkeypatch):
    assert (Settings.read().datagouv_url, Settings.read().portal_read) == (PORTAL, PORTAL)
    monkeypatch.setenv("DATAGOUV_URL", "http://127.0.0.1:1/")
    assert Settings.read().portal_read == "http://127.0.0.1:1"
    monkeypatch.setenv("BAROMETRE_DATAGOUV_URL", "http://example.org/")
    assert Settings.read().portal_read == "http://example.org"
    assert Settings.read().datagouv_url == "http://127.0.0.1:1"


def test_a_secret_is_in_no_text_of_the_settings(monkeypatch):
    monkeypatch.setenv("BAROMETRE_GIT_JETON", TOKEN)
    monkeypatch.setenv("DATAGOUV_API_KEY", TOKEN)
    monkeypatch.setenv("DATAGOUV_JEU", "jeu")
    settings = Settings.read()
    shown = {one.nom: one for one in shown_settings(settings)}
    assert TOKEN not in repr(settings) + str(settings) + str(shown)
    given = ["BAROMETRE_GIT_JETON", "DATAGOUV_API_KEY"]
    alerts = ["BAROMETRE_ALERTES_SMTP_MOT_DE_PASSE", "BAROMETRE_ALERTES_WEBHOOK"]
    assert [one.nom for one in shown.values() if one.secret] == [*given, *alerts, "BAROMETRE_POSTGRES"]
    assert settings.secret_values == (TOKEN, TOKEN)


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("CALENDRIER", "31 06:00", "write a day from 1 to 28 and a time"),
        ("CALENDRIER", "15 24:00", "write a day from 1 to 28 and a time"),
        ("VEILLE", "peut-être", "write oui or non"),
        ("HISTORIQUE_JOURS", "-1", "write a number of days"),
        ("POSTGRES", "mysql://u:secret@h/b", "is not a database of PostgreSQL"),
        ("POSTGRES", "postgresql://u:secret@h/", "is not a database of PostgreSQL"),
    ],
)
def test_a_setting_of_the_instance_that_cannot_be_is_told(monkeypatch, name, value, said):
    monkeypatch.setenv(f"BAROMETRE_{name}", value)
    assert "secret" not in refused(f"BAROMETRE_{name}", said)


def test_a_database_is_given_in_any_form_and_dagster_gets_the_driver_that_it_needs(monkeypatch):
    for scheme in ("postgres", "postgresql", "postgresql+psycopg2"):
        monkeypatch.setenv("BAROMETRE_POSTGRES", f"{scheme}://u:p%40@h:5433/b")
        assert Settings.read().postgres_address == "postgresql+psycopg2://u:p%40@h:5433/b"


# -- the README


def test_the_readme_tells_every_setting_and_no_other():
    rows = [line for line in README.splitlines() if line.startswith("|")]
    told = set(re.findall(r"`((?:BAROMETRE|DAGSTER|DATAGOUV)_[A-Z_]+)`", "\n".join(rows)))
    assert told == VARIABLES


def test_the_readme_tells_every_option_of_run_and_no_other():
    rows = [line for line in README.splitlines() if line.startswith("| `--")]
    told = {re.match(r"\| `(--[a-z-]+)", row)[1] for row in rows}
    assert told == {option for p in get_command(app).commands["run"].params for option in p.opts if "--" in option}


def test_an_option_that_is_a_setting_is_told_with_its_variable():
    for row in (line for line in README.splitlines() if line.startswith("| `--")):
        option, variable = re.match(r"\| `--([a-z-]+)[^|]*\| (?:`([A-Z_]+)`)?", row).groups()
        field = Settings.model_fields.get(option)
        assert variable == (field.alias if field else None), row


# -- the home


def test_a_stray_folder_or_file_in_the_home_is_no_edition(tmp_path):
    home = Home(tmp_path)
    for name in ("editions/foo", "editions/2021-T4", "livraisons/2021-T3", "livraisons/2021-T9", "livraisons/x"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "livraisons" / "2021-T2").write_text("")
    assert home.editions_before(Edition(2022, 1)) == [Edition(2021, 4), Edition(2021, 3)]


def test_a_setting_is_shown_as_it_would_be_written(monkeypatch):
    monkeypatch.setenv("BAROMETRE_GIT_ZIP", "non")
    monkeypatch.setenv("BAROMETRE_VEILLE", "oui")
    monkeypatch.setenv("BAROMETRE_ATTENTE", "90")
    shown = {one.nom: one.valeur for one in shown_settings(Settings.read({}))}
    assert [shown[f"BAROMETRE_{name}"] for name in ("GIT_ZIP", "VEILLE", "ATTENTE")] == ["non", "oui", "90"]
