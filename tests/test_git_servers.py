"""Depots as others have them, by ssh and https, with rules, reviews, SHA-256, LFS: all end right or in a sentence."""

import getpass
import shlex
import subprocess

import pytest
from pydantic import SecretStr

from barometre_pipeline.depot.command import GitError
from barometre_pipeline.depot.objects import NewCommit, entry, file_entries
from barometre_pipeline.depot.options import Credentials, Depot, GitOptions
from barometre_pipeline.depot.remote import object_format
from barometre_pipeline.depot.repository import GitRepository
from barometre_pipeline.editions import Edition
from barometre_pipeline.errors import PublicationError
from barometre_pipeline.publish.publication import publish_tree
from tests.git_servers import bare, git, git_daemon, git_over_http, hook, self_signed, source  # noqa: F401 - a fixture
from tests.sftp_server import sftp

T1 = Edition(2022, 1)
PLAIN = GitOptions()
TOKEN = "jeton-tres-secret"
ROBOT = GitOptions(credentials=Credentials("robot", SecretStr(TOKEN)))


@pytest.fixture
def depot(tmp_path):
    return bare(tmp_path / "serveur" / "depot.git")


@pytest.fixture(autouse=True)
def nobody(tmp_path, monkeypatch):
    """No agent, and a person who has no settings and no keys."""
    for name in ("SSH_AUTH_SOCK", "GIT_SSL_CAINFO"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))


@pytest.fixture(scope="module")
def sshd(tmp_path_factory):
    with sftp(tmp_path_factory.mktemp("sshd")) as server:
        yield server


def by_ssh(sshd, **changed: str) -> str:
    options = {"IdentityFile": sshd.key, "UserKnownHostsFile": sshd.known_hosts, "IdentitiesOnly": "yes", **changed}
    return shlex.join(["ssh", *(word for name, value in options.items() for word in ("-o", f"{name}={value}"))])


def publish(source, address, options=PLAIN):
    return publish_tree(source, source.with_name("publication"), str(address), T1, options)


def publish_twice(source, address, options=PLAIN) -> list[str | None]:
    first = publish(source, address, options)
    (source / "a.csv").write_text("deux\n")
    return [first.tag, publish(source, address, options).tag]


@pytest.mark.parametrize("where", ["environment", "settings"])
def test_a_depot_by_ssh_is_published_to(source, depot, sshd, tmp_path, monkeypatch, where):
    if where == "environment":
        monkeypatch.setenv("GIT_SSH_COMMAND", by_ssh(sshd))
    else:
        (tmp_path / ".gitconfig").write_text(f"[core]\n sshCommand = {by_ssh(sshd)}\n")
    address = f"ssh://{getpass.getuser()}@127.0.0.1:{sshd.port}{depot}"
    assert publish_twice(source, address) == ["2022-T1", "2022-T1.1"]
    assert git(depot, "show", "2022-T1.1:a.csv") == "deux"


@pytest.mark.parametrize(
    ("changed", "path", "said"),
    [
        ({"IdentityFile": "/nulle-part"}, "depot.git", "refused our identity"),
        ({"UserKnownHostsFile": "/nulle-part"}, "depot.git", "add it to known_hosts"),
        ({}, "absent.git", "no git repository there"),
    ],
)
def test_a_depot_by_ssh_that_is_not_opened_is_a_sentence(source, depot, sshd, monkeypatch, changed, path, said):
    monkeypatch.setenv("GIT_SSH_COMMAND", by_ssh(sshd, **changed))
    with pytest.raises(PublicationError, match=said):
        publish(source, f"ssh://{getpass.getuser()}@127.0.0.1:{sshd.port}{depot.with_name(path)}")


def test_a_depot_by_https_is_published_to_where_its_certificate_is_trusted(source, depot, tmp_path):
    certificate = self_signed(tmp_path)
    with git_over_http(depot.parent, "robot", TOKEN, certificate) as address:
        with pytest.raises(PublicationError, match=r"certificate is signed by nobody that is trusted here.*sslCAInfo"):
            publish(source, f"{address}/depot.git", ROBOT)
        (tmp_path / ".gitconfig").write_text(f"[http]\n sslCAInfo = {certificate[0]}\n")
        assert publish_twice(source, f"{address}/depot.git", ROBOT) == ["2022-T1", "2022-T1.1"]


def test_a_credential_helper_of_the_person_opens_the_depot(source, depot, tmp_path):
    with git_over_http(depot.parent, "robot", TOKEN) as address:
        (tmp_path / ".git-credentials").write_text(address.replace("//", f"//robot:{TOKEN}@") + "\n")
        (tmp_path / ".gitconfig").write_text("[credential]\n helper = store\n")
        assert publish(source, f"{address}/depot.git").tag == "2022-T1"


PROTECTED = """while read old new name; do
    test "$name" != refs/heads/main || { echo "GitLab: this branch is protected" >&2; exit 1; }
done"""


@pytest.mark.parametrize("name", ["pre-receive", "update"])
def test_a_protected_branch_is_a_sentence_and_a_review_branch_is_pushed(source, depot, name):
    publish(source, depot)
    (source / "a.csv").write_text("deux\n")
    hook(depot, name, PROTECTED if name == "pre-receive" else 'test "$1" != refs/heads/main')
    with pytest.raises(PublicationError, match=r"rules refuse this push.*BAROMETRE_GIT_BRANCHE_REVUE.*hook declined"):
        publish(source, depot)
    assert git(depot, "tag", "--list") == "2022-T1"
    assert publish(source, depot, GitOptions(branche_revue="revue")).branch == "revue"
    assert git(depot, "show", "revue:a.csv") == "deux"
    assert git(depot, "show", "main:a.csv") == "un\ndeux"


def test_what_a_rule_says_is_told_without_what_git_counts(source, depot):
    hook(depot, "pre-receive", "echo 'Message sans ticket' >&2; exit 1")
    with git_daemon(depot.parent) as port, pytest.raises(PublicationError) as error:
        publish(source, f"git://127.0.0.1:{port}/depot.git")
    assert "remote: Message sans ticket / ! [remote rejected]" in str(error.value)
    assert "objects" not in str(error.value)


@pytest.mark.parametrize("way", ["file", "git"])
@pytest.mark.parametrize("algorithm", ["sha1", "sha256"])
def test_a_depot_names_its_objects_by_its_own_algorithm(source, tmp_path, way, algorithm):
    depot = bare(tmp_path / "depot.git", f"--object-format={algorithm}")
    with git_daemon(tmp_path) as port:
        address = str(depot) if way == "file" else f"git://127.0.0.1:{port}/depot.git"
        first, second = (GitRepository(tmp_path / n, Depot.parse(address)) for n in ("un", "deux"))
        first.clone()
        assert first.object_format() == object_format(first.depot) == algorithm
        assert first.refs().default_branch == "main"
        files = file_entries(source, algorithm)
        first.write_blobs(source.iterdir())
        commit = first.write_commit(NewCommit(None, [], files, "Moi <moi@localhost>", "message"))
        first.push(commit, "main", ())
        second.rebuild(first.folder)
    assert second.entries(commit) == files
    assert second.refs().branches == {"main": commit}


def test_a_sha256_depot_is_published_to(source, tmp_path):
    depot = bare(tmp_path / "depot.git", "--object-format=sha256")
    for content in ("1", "2"):
        (source / "a.csv").write_text(content)
        publish_tree(source, tmp_path / "publication", str(depot), T1, PLAIN)
    assert git(depot, "tag", "--list").split() == ["2022-T1", "2022-T1.1"]
    assert (tmp_path / "publication" / "a.csv").read_text() == git(depot, "show", "main:a.csv") == "2"


def test_a_clone_of_another_algorithm_is_a_sentence(source, tmp_path):
    one = GitRepository(tmp_path / "un", Depot.parse(str(bare(tmp_path / "un.git"))))
    one.clone()
    other = GitRepository(tmp_path / "deux", Depot.parse(str(bare(tmp_path / "deux.git", "--object-format=sha256"))))
    one.write_blobs([source / "a.csv"])
    files = {"a.csv": entry((source / "a.csv").read_bytes())}
    commit = one.write_commit(NewCommit(None, [], files, "Moi <moi@localhost>", "message"))
    moved = GitRepository(one.folder, other.depot)
    git(one.folder, "remote", "set-url", "origin", other.depot.url)
    with pytest.raises(GitError, match="by an algorithm that this git does not handle"):
        moved.push(commit, "main", ())


def test_a_depot_that_gives_files_to_lfs_gets_them_as_they_are(source, depot, tmp_path):
    failing = "".join(f" {name} = sh -c 'touch {tmp_path}/run; false'\n" for name in ("clean", "smudge", "process"))
    (tmp_path / ".gitconfig").write_text(f'[filter "lfs"]\n{failing} required = true\n')
    other = tmp_path / "autre"
    subprocess.run(["git", "clone", "--quiet", depot, other], check=True, capture_output=True)
    (other / ".gitattributes").write_text("[attr]lourd filter=lfs diff=lfs merge=lfs -text\n*.csv lourd\n")
    git(other, "add", "-A")
    git(other, "-c", "user.name=A", "-c", "user.email=a@example.org", "commit", "--quiet", "-m", "LFS")
    git(other, "push", "--quiet")
    assert publish_twice(source, depot) == ["2022-T1", "2022-T1.1"]
    assert (tmp_path / "publication" / "a.csv").read_text() == git(depot, "show", "main:a.csv") + "\n" == "deux\n"
    assert git(depot, "ls-tree", "--name-only", "main").startswith(".gitattributes\na.csv\n")
    assert not (tmp_path / "run").exists()
