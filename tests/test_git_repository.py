"""Git as we drive it: what the machine has set changes nothing, and a secret is shown nowhere."""

import base64
import os
import subprocess
import threading
from contextlib import contextmanager
from pathlib import Path
from wsgiref.simple_server import WSGIRequestHandler, make_server

import pytest
from pydantic import SecretStr

from barometre_pipeline.depot.command import GitError
from barometre_pipeline.depot.objects import NewCommit, entry
from barometre_pipeline.depot.options import USER_VARIABLE, Credentials, Depot, GitOptions
from barometre_pipeline.depot.repository import GitRepository
from barometre_pipeline.editions import Edition
from barometre_pipeline.errors import PublicationError
from barometre_pipeline.publish.publication import publish_tree

TOKEN = "jeton-tres-secret"
T1 = Edition(2022, 1)


def git(folder: Path, *arguments: str) -> str:
    return subprocess.run(["git", "-C", folder, *arguments], check=True, capture_output=True, text=True).stdout.strip()


@contextmanager
def git_over_http(root: Path, user: str, password: str):
    """Serve the repositories of a folder with git's own HTTP server program, to one identity."""
    expected = "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()

    def application(environ, start_response):
        if environ.get("HTTP_AUTHORIZATION") != expected:
            start_response("401 Unauthorized", [("WWW-Authenticate", 'Basic realm="git"')])
            return [b""]
        variables = {k: v for k, v in environ.items() if isinstance(v, str)}
        variables |= {"GIT_PROJECT_ROOT": str(root), "GIT_HTTP_EXPORT_ALL": "1", "REMOTE_USER": user}
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        done = subprocess.run(["git", "http-backend"], input=body, capture_output=True, env={**os.environ, **variables})
        head, _, content = done.stdout.partition(b"\r\n\r\n")
        headers = [tuple(line.split(": ", 1)) for line in head.decode().splitlines()]
        status = dict(headers).get("Status", "200 OK")
        start_response(status, [(name, value) for name, value in headers if name != "Status"])
        return [content]

    class Quiet(WSGIRequestHandler):
        def log_message(self, *_):
            pass

    server = make_server("127.0.0.1", 0, application, handler_class=Quiet)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.fixture
def source(tmp_path) -> Path:
    folder = tmp_path / "built"
    folder.mkdir()
    (folder / "a.csv").write_bytes(b"un\ndeux\r\n")
    (folder / 'é "x".csv').write_bytes(b"1\n")
    return folder


@pytest.fixture
def depot_over_http(tmp_path):
    git(tmp_path, "init", "--quiet", "--bare", "serveur/depot.git")
    git(tmp_path / "serveur" / "depot.git", "config", "http.receivepack", "true")
    with git_over_http(tmp_path / "serveur", "robot", TOKEN) as address:
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


def test_the_settings_of_the_machine_change_nothing(source, tmp_path, monkeypatch):
    plain = publish_tree(source, tmp_path / "1" / "publication", str(tmp_path / "1.git"), T1, GitOptions())
    hooks = tmp_path / "hooks"
    hooks.mkdir()
    for name in ("pre-push", "post-checkout", "post-index-change"):
        (hooks / name).write_text("#!/bin/sh\nexit 1\n")
        (hooks / name).chmod(0o755)
    (tmp_path / "ignored").write_text("*.csv\n")
    (tmp_path / ".gitconfig").write_text(
        f"[core]\n autocrlf = true\n eol = crlf\n hooksPath = {hooks}\n excludesFile = {tmp_path / 'ignored'}\n"
        "[commit]\n gpgSign = true\n[tag]\n gpgSign = true\n[push]\n gpgSign = true\n"
        "[user]\n name = Quelqu'un\n email = q@example.org\n[init]\n defaultBranch = autre\n"
    )
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "nulle-part"))
    monkeypatch.setenv("GIT_AUTHOR_NAME", "Quelqu'un")
    other = publish_tree(source, tmp_path / "2" / "publication", str(tmp_path / "2.git"), T1, GitOptions())
    monkeypatch.undo()
    trees = [git(tmp_path / f"{n}.git", "rev-parse", "HEAD^{tree}") for n in (1, 2)]
    assert trees[0] == trees[1]
    assert (plain.branch, other.branch) == ("main", "main")
    assert "Quelqu'un" not in git(tmp_path / "2.git", "log", "--format=%an %cn")
    assert (tmp_path / "2" / "publication" / "a.csv").read_bytes() == b"un\ndeux\r\n"


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
