"""Git as we drive it: the bytes committed are the bytes given, and a secret is shown nowhere."""

import base64
import subprocess

import pytest
from pydantic import SecretStr

from barometre_pipeline.depot.command import GitError
from barometre_pipeline.depot.objects import NewCommit, entry
from barometre_pipeline.depot.options import USER_VARIABLE, Credentials, Depot, GitOptions
from barometre_pipeline.depot.repository import GitRepository
from barometre_pipeline.editions import Edition
from barometre_pipeline.errors import PublicationError
from barometre_pipeline.publish.publication import publish_tree
from tests.git_servers import bare, git, git_over_http, source  # noqa: F401 - a fixture

TOKEN = "jeton-tres-secret"
T1 = Edition(2022, 1)


@pytest.fixture
def depot_over_http(tmp_path):
    depot = bare(tmp_path / "serveur" / "depot.git")
    with git_over_http(depot.parent, "robot", TOKEN, refused="Not {}") as address:
        yield f"{address}/depot.git"


def test_credentials_of_the_environment_reach_the_depot_and_nothing_else(
    source, tmp_path, depot_over_http, monkeypatch
):
    # A helper of the machine that would keep the token in a file:
    monkeypatch.setenv("GIT_CONFIG_COUNT", "1")
    monkeypatch.setenv("GIT_CONFIG_KEY_0", "credential.helper")
    monkeypatch.setenv("GIT_CONFIG_VALUE_0", f"store --file={tmp_path / 'kept'}")
    options = GitOptions(credentials=Credentials("robot", SecretStr(TOKEN)))
    for content in ("1", "2"):
        (source / "a.csv").write_text(content)
        publish_tree(source, tmp_path / "home" / "publication", depot_over_http, T1, options)
    assert git(tmp_path / "serveur" / "depot.git", "tag", "--list").split() == ["2022-T1", "2022-T1.1"]
    files = [p for p in tmp_path.rglob("*") if p.is_file()]
    assert [p for p in files if TOKEN.encode() in p.read_bytes()] == []


@pytest.mark.parametrize("token", [None, "faux-jeton"])
def test_a_refused_identity_is_a_sentence_without_the_secret(source, tmp_path, depot_over_http, token):
    options = GitOptions(credentials=Credentials("robot", SecretStr(token)) if token else Credentials())
    with pytest.raises(PublicationError, match=f"refused our identity: set {USER_VARIABLE}") as error:
        publish_tree(source, tmp_path / "home" / "publication", depot_over_http, T1, options)
    assert "faux-jeton" not in str(error.value)
    assert base64.b64encode(b"robot:faux-jeton").decode() not in str(error.value)


def test_a_password_of_a_credential_helper_is_told_by_nobody(source, tmp_path, depot_over_http, monkeypatch):
    """It prints the password as people do to find a mistake, answers it without its name, and the server repeats it."""
    answers = "echo username=robot; echo password=mot-de-passe; echo mot-de-passe; echo password=mot-de-passe >&2"
    (tmp_path / ".gitconfig").write_text(f'[credential]\n helper = "!f() {{ {answers}; }}; f"\n')
    monkeypatch.setenv("HOME", str(tmp_path))
    with pytest.raises(PublicationError, match="refused our identity") as error:
        publish_tree(source, tmp_path / "publication", depot_over_http, T1, GitOptions())
    assert "mot-de-passe" not in str(error.value)
    assert base64.b64encode(b"robot:mot-de-passe").decode() not in str(error.value)


def test_a_password_in_a_rewritten_address_is_told_by_nobody(source, tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    rewritten = '[url "http://robot:mot-de-passe@127.0.0.1:1/"]\n insteadOf = https://forge.exemple.fr/\n'
    (tmp_path / ".gitconfig").write_text(rewritten)
    with pytest.raises(PublicationError, match="does not answer") as error:
        publish_tree(source, tmp_path / "publication", "https://forge.exemple.fr/d.git", T1, GitOptions())
    assert "mot-de-passe" not in str(error.value)


@pytest.mark.parametrize("address", ["ssh://git@exemple.fr/d.git", "git@exemple.fr:d.git", "https://exemple.fr/d.git"])
def test_ordinary_addresses_are_taken_as_they_are(address):
    assert Depot.parse(address) == Depot(address)


def test_a_path_is_made_absolute_and_known_to_be_local(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert Depot.parse("depot.git") == Depot(str(tmp_path / "depot.git"), tmp_path / "depot.git")


def test_secrets_are_taken_out_of_what_git_says():
    depot = Depot.parse("https://exemple.fr/d.git", credentials=Credentials("robot", SecretStr(TOKEN)))
    said = depot.secrets.scrub(f"fatal: https://robot:autre@exemple.fr/ {TOKEN}")
    assert said == "fatal: https://***@exemple.fr/ ***"


def test_the_attributes_of_the_depot_change_no_byte(source, tmp_path):
    (source / ".gitattributes").write_text("* text=auto eol=crlf\n*.csv ident filter=rien\n")
    publish_tree(source, tmp_path / "publication", str(tmp_path / "d.git"), T1, GitOptions())
    for name in ("a.csv", 'é "x".csv'):
        assert (tmp_path / "publication" / name).read_bytes() == (source / name).read_bytes()


def test_a_depot_that_cannot_be_reached_is_a_sentence(source, tmp_path):
    with pytest.raises(PublicationError, match="does not answer"):
        publish_tree(source, tmp_path / "publication", "http://127.0.0.1:1/depot.git", T1, GitOptions())


@pytest.fixture
def repository(tmp_path) -> GitRepository:
    empty = GitRepository(tmp_path / "clone", Depot.parse(str(tmp_path / "depot.git")))
    subprocess.run(["git", "init", "--quiet", empty.folder], check=True)
    return empty


def test_a_file_that_goes_away_while_it_is_committed_is_named(repository, tmp_path):
    with pytest.raises(PublicationError, match=r"gone\.csv cannot be read while it is published"):
        repository.write_blobs([tmp_path / "gone.csv"])


def test_a_file_that_changes_while_it_is_committed_is_not_committed(repository, source):
    repository.write_blobs([source / "a.csv"])
    changed = {"a.csv": entry(b"what it was before")}
    with pytest.raises(GitError, match="fast-import failed"):
        repository.write_commit(NewCommit(None, [], changed, "Moi <moi@localhost>", "message"))


def test_what_git_refuses_is_told_by_git_even_when_it_stops_reading(repository, source):
    files = {f"{n}.csv": entry(b"un") for n in range(50_000)}
    with pytest.raises(GitError, match="fast-import failed"):
        repository.write_commit(NewCommit(None, [], files, "an author without an address", "message"))
