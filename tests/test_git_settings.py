"""The machine's git settings: those that reach a depot count, and no other does, in the worst of cases."""

import os
import re
import subprocess

import pytest

from barometre_pipeline.depot.command import GitError, run_git
from barometre_pipeline.depot.machine_settings import let_through, programs
from barometre_pipeline.depot.options import Depot, GitOptions
from barometre_pipeline.depot.remote import remote_refs
from barometre_pipeline.editions import Edition
from barometre_pipeline.publish.publication import publish_tree
from tests.git_servers import bare, git, source  # noqa: F401 - a fixture

T1 = Edition(2022, 1)
HOSTILE = """
[core]
    autocrlf = true
    eol = crlf
    safecrlf = true
    bare = true
    worktree = /nulle-part
    bigFileThreshold = 1
    commentChar = 2
    pager = false
    editor = false
    abbrev = 4
    fsmonitor = /bin/false
    fileMode = false
    ignoreCase = true
    symlinks = false
    sparseCheckout = true
    sharedRepository = 0600
    splitIndex = true
    untrackedCache = true
    preferSymlinkRefs = true
    logAllRefUpdates = always
    quotePath = true
    hooksPath = {folder}/hooks
    excludesFile = {folder}/ignored
    attributesFile = {folder}/attributes
[init]
    defaultBranch = autre
    defaultObjectFormat = sha256
    defaultRefFormat = reftable
    templateDir = {folder}/template
[extensions]
    objectFormat = sha256
[clone]
    defaultRemoteName = ailleurs
    rejectShallow = true
[remote]
    pushDefault = ailleurs
[remote "origin"]
    url = /nulle-part
    pushurl = /nulle-part
    fetch = +refs/heads/rien:refs/heads/rien
    push = refs/heads/rien
    mirror = true
    receivepack = /bin/false
    uploadpack = /bin/false
[branch]
    autoSetupRebase = always
[push]
    pushOption = ci.skip
    default = nothing
    followTags = true
    gpgSign = true
    negotiate = true
    recurseSubmodules = only
    useForceIfIncludes = true
[fetch]
    pruneTags = true
    fsckObjects = true
    negotiationAlgorithm = noop
    recurseSubmodules = true
    writeCommitGraph = true
[transfer]
    hideRefs = refs
    credentialsInUrl = die
    fsckObjects = true
[receive]
    hideRefs = refs
    maxInputSize = 1
    denyNonFastForwards = true
    unpackLimit = 100000
[uploadpack]
    hideRefs = refs
    packObjectsHook = /bin/false
[protocol]
    allow = never
    version = 0
[pack]
    packSizeLimit = 1m
    indexVersion = 1
[fastimport]
    unpackLimit = 100000
[index]
    version = 4
    sparse = true
[i18n]
    logOutputEncoding = UTF-16
    commitEncoding = latin1
[log]
    showSignature = true
    date = raw
    decorate = full
    showRoot = false
    mailmap = true
[mailmap]
    file = {folder}/mailmap
[format]
    pretty = oneline
[trailer]
    separators = "%"
[trailer "publication"]
    key = "Autre%"
[color]
    ui = always
[column]
    ui = always
[tag]
    gpgSign = true
    forceSignAnnotated = true
    sort = -version:refname
[commit]
    gpgSign = true
    template = {folder}/ignored
[gpg]
    program = /bin/false
[user]
    name = Quelqu'un
    email = q@example.org
    useConfigOnly = true
[author]
    name = Quelqu'un
[committer]
    name = Quelqu'un
[status]
    showUntrackedFiles = no
    branch = true
    short = true
[diff]
    external = /bin/false
    noprefix = true
    ignoreSubmodules = all
[feature]
    manyFiles = true
    experimental = true
[safe]
    bareRepository = explicit
[filter "lfs"]
    clean = false
    smudge = false
    process = false
    required = true
[submodule]
    recurse = true
[gc]
    auto = 1
[checkout]
    defaultRemote = ailleurs
[alias]
    push = !false
[http]
    lowSpeedLimit = 1000000000
    lowSpeedTime = 1
[includeIf "gitdir:**"]
    path = {folder}/nulle-part
"""
ENVIRONMENT = {
    "GIT_DIR": "/nulle-part",
    "GIT_AUTHOR_NAME": "Quelqu'un",
    "GIT_COMMITTER_DATE": "2001-01-01T00:00:00",
    "GIT_DEFAULT_HASH": "sha256",
    "GIT_TRACE": "1",
    "GIT_LITERAL_PATHSPECS": "1",
    "GIT_CONFIG_COUNT": "1",
    "GIT_CONFIG_KEY_0": "push.default",
    "GIT_CONFIG_VALUE_0": "nothing",
    "GIT_CONFIG_PARAMETERS": "'push.pushOption=ci.skip'",
}


def written_in(depot) -> list[str]:
    """All that a publication writes, byte for byte but for the dates and what depends on them."""
    names = git(depot, "for-each-ref", "--format=%(refname)").splitlines()
    contents = [git(depot, "cat-file", git(depot, "cat-file", "-t", name), name) for name in names]
    return [*names, *(re.sub(r"\d+ [+-]\d{4}$|^(parent|object) .*", "", one, flags=re.MULTILINE) for one in contents)]


def publish_twice(source, folder) -> None:
    for content in (b"un\ndeux\r\n", b"trois\n"):
        (source / "a.csv").write_bytes(content)
        options = GitOptions(auteur="Équipe <equipe@example.org>", message="Édition {edition}")
        publish_tree(source, folder / "publication", str(folder / "depot.git"), T1, options)
    published = {p.name: p.read_bytes() for p in (folder / "publication").iterdir() if p.name != ".git"}
    assert published == {p.name: p.read_bytes() for p in source.iterdir()}


def test_no_setting_of_the_machine_changes_what_is_published(source, tmp_path, monkeypatch):
    (source / "A.csv").write_text("un autre\n")
    publish_twice(source, tmp_path / "1")
    for name in ("hooks", "template/hooks"):
        for moment in ("pre-push", "post-checkout", "post-index-change", "reference-transaction"):
            script = tmp_path / name / moment
            script.parent.mkdir(parents=True, exist_ok=True)
            script.write_text("#!/bin/sh\nexit 1\n")
            script.chmod(0o755)
    (tmp_path / "ignored").write_text("*.csv\n")
    (tmp_path / "attributes").write_text("*.csv text eol=crlf\n")
    (tmp_path / "mailmap").write_text("Autre <autre@example.org> <equipe@example.org>\n")
    (tmp_path / ".gitconfig").write_text(HOSTILE.format(folder=tmp_path))
    (tmp_path / ".config" / "git").mkdir(parents=True)
    for name in ("ignore", "attributes"):
        (tmp_path / ".config" / "git" / name).write_text("*.csv text eol=crlf\n*.csv\n")
    with monkeypatch.context() as patched:
        for name, value in {"HOME": str(tmp_path), **ENVIRONMENT}.items():
            patched.setenv(name, value)
        publish_twice(source, tmp_path / "2")
    assert written_in(tmp_path / "2" / "depot.git") == written_in(tmp_path / "1" / "depot.git")


def test_what_says_how_a_depot_is_reached_is_let_through():
    listing = (
        b"credential.https://exemple.fr.helper\nstore\0http.proxy\nhttp://p:3128\0http.https://exemple.fr/.sslcainfo\n"
        b"/ca\0http.sslverify\0http.https://exemple.fr/.lowspeedtime\n1\0core.sshcommand\nssh -i k\nid\0"
        b"url.git@x:.insteadof\nhttps://x/\0safe.directory\n/srv\0safe.barerepository\nexplicit\0push.default\nnothing\0"
    )
    assert let_through(listing) == [
        ("credential.https://exemple.fr.helper", "store"),
        ("http.proxy", "http://p:3128"),
        ("http.https://exemple.fr/.sslcainfo", "/ca"),
        ("http.sslverify", "true"),
        ("core.sshcommand", "ssh -i k\nid"),
        ("url.git@x:.insteadof", "https://x/"),
        ("safe.directory", "/srv"),
    ]


QUIETLY = "-o BatchMode=yes -o ConnectTimeout=30"


@pytest.mark.parametrize(
    ("environment", "settings", "wanted"),
    [
        ({}, [], f"ssh {QUIETLY}"),
        ({}, [("core.sshcommand", "ssh -i cle")], f"ssh -i cle {QUIETLY}"),
        ({"GIT_SSH_COMMAND": "A=1 /usr/bin/ssh"}, [("core.sshcommand", "x")], f"A=1 /usr/bin/ssh {QUIETLY}"),
        ({"GIT_SSH": "/opt/un programme"}, [], "'/opt/un programme'"),
        ({}, [("core.sshcommand", "plink -batch")], "plink -batch"),
    ],
)
def test_the_machines_own_ssh_is_run_and_asks_nothing(environment, settings, wanted):
    assert programs(environment, settings)["GIT_SSH_COMMAND"] == wanted


def test_an_address_is_written_as_the_person_has_it_rewritten(tmp_path, monkeypatch):
    bare(tmp_path / "depot.git")
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / ".gitconfig").write_text(f'[url "{tmp_path}/"]\n insteadOf = https://forge.exemple.fr/\n')
    assert remote_refs(Depot.parse("https://forge.exemple.fr/depot.git")).default_branch is None


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives a folder to another account")
@pytest.mark.parametrize("trusted", [True, False])
def test_a_depot_of_another_account_is_served_where_it_is_trusted(source, tmp_path, monkeypatch, trusted):
    depot = bare(tmp_path / 'dé"pot.git')
    subprocess.run(["chown", "-R", "65534", depot], check=True)
    monkeypatch.setenv("HOME", str(tmp_path))
    if trusted:
        run_git("config", "--file", str(tmp_path / ".gitconfig"), "safe.directory", str(depot))
        assert publish_tree(source, tmp_path / "publication", str(depot), T1, GitOptions()).tag == "2022-T1"
    else:
        with pytest.raises(GitError, match=r"belongs to another account: trust it by git config .*safe\.directory"):
            remote_refs(Depot.parse(str(depot)))


def test_settings_that_cannot_be_read_are_a_sentence(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / ".gitconfig").write_text("[core\n")
    with pytest.raises(GitError, match=r"settings on this machine cannot be read.*bad config line 1 in file"):
        remote_refs(Depot.parse(str(tmp_path / "depot.git")))


@pytest.mark.parametrize(
    "address",
    [
        "https://forge.exemple.fr/ministere/donnees.git",
        "ssh://git@forge.exemple.fr:2222/ministere/donnees.git",
        "git@forge.exemple.fr:ministere/donnees.git",
    ],
)
def test_a_commit_has_a_page_on_its_forge(address):
    assert Depot.parse(address).page_of("abc") == "https://forge.exemple.fr/ministere/donnees/commit/abc"
    assert Depot.parse("/srv/depot.git").page_of("abc") is None
