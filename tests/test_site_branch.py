"""The branch that has the site at its root: it follows the public edition, and nobody else's files go."""

import subprocess
from pathlib import Path

import pytest

from tests.projects import (  # noqa: F401 - fixtures
    EDITION,
    NEXT,
    Project,
    both_published,
    failed,
    project,
    published,
    published_once,
    published_twice,
)
from tests.site_links import dead_links, pages_of

BRANCH = "gh-pages"


@pytest.fixture
def asked(project) -> Project:
    project.monkeypatch.setenv("BAROMETRE_GIT_BRANCHE_SITE", BRANCH)
    return project


def served(project: Project, folder: Path) -> Path:
    """Return the branch as a web server has it."""
    subprocess.run(["git", "clone", "-q", "-b", BRANCH, project.depot, folder], check=True, capture_output=True)
    return folder


def head(project: Project, branch: str = BRANCH) -> str:
    return project.git("rev-parse", branch).strip()


def test_the_site_is_at_the_root_of_the_branch_with_what_its_pages_lead_to(asked, published, tmp_path):
    assert asked.run()[0] == 0  # an unchanged edition: its site is published all the same
    root, tree = served(asked, tmp_path / "web"), asked.home / "publication"
    pages = {p.relative_to(root) for p in root.rglob("*.html")}
    assert pages == {p.relative_to(tree / "site") for p in (tree / "site").rglob("*.html")}
    assert dead_links(root) == []
    for path, parts in pages_of(root).items():
        deepest = len(path.relative_to(root.resolve()).parts) - 1
        assert all(one.count("../") <= deepest for one in parts.addresses), path
    assert (root / ".nojekyll").read_bytes() == b""
    for name, source in (("essai-synthese-national.csv", tree), ("site.css", tree / "site")):
        assert (root / name).read_bytes() == (source / name).read_bytes()
    sums = subprocess.run(["sha256sum", "-c", "--quiet", "SHA256SUMS"], cwd=root, capture_output=True, text=True)
    assert (sums.returncode, sums.stdout) == (0, "")
    assert f"Publication: {EDITION}" in asked.git("log", "-1", "--format=%B", BRANCH)


@pytest.mark.long
def test_an_unchanged_site_and_an_older_edition_make_no_commit(asked, both_published):
    assert asked.run(edition=NEXT)[0] == 0
    before, data = head(asked), head(asked, "main")
    assert f"Publication: {NEXT}" in asked.git("log", "-1", "--format=%B", BRANCH)
    assert asked.run(edition=NEXT)[0] == 0
    assert asked.run(edition=EDITION)[0] == 0
    assert (head(asked), head(asked, "main")) == (before, data)


@pytest.mark.long
def test_a_withdrawal_takes_the_site_back(asked, both_published, tmp_path):
    assert asked.run(edition=NEXT)[0] == 0
    places = ("--catalogue", asked.catalogue, "--depot", asked.depot, "--home", asked.home)
    assert asked.barometre("withdraw", NEXT, "--reason", "Une erreur.", *places)[0] == 0
    root = served(asked, tmp_path / "web")
    assert f"Édition {EDITION}" in (root / "index.html").read_text("utf-8")
    assert f"Publication: {EDITION}" in asked.git("log", "-1", "--format=%B", BRANCH)


@pytest.mark.long
def test_files_of_others_stop_it_unless_they_are_adopted_and_stay(asked, published, tmp_path):
    other = tmp_path / "autre"
    subprocess.run(["git", "init", "-q", "-b", BRANCH, other], check=True)
    (other / "CNAME").write_text("barometre.example.org\n")
    identity = ("-c", "user.name=x", "-c", "user.email=x@example.org")
    subprocess.run(["git", "add", "."], cwd=other, check=True)
    subprocess.run(["git", *identity, "commit", "-qm", "Le domaine"], cwd=other, check=True)
    subprocess.run(["git", "push", "-q", asked.depot, BRANCH], cwd=other, check=True)
    failed(asked.run(), f"The branch {BRANCH}", "CNAME", "--adopt")
    assert asked.run("--adopt")[0] == 0
    assert {"CNAME", "index.html"} <= set(asked.git("ls-tree", "--name-only", BRANCH).split())
    assert asked.run()[0] == 0


def test_status_says_where_the_branch_of_the_site_is_not_at_the_public_edition(asked, both_published, tmp_path):
    places = ("--catalogue", asked.catalogue, "--depot", asked.depot, "--home", asked.home)
    said = f"The branch {BRANCH} has the site of {{}}, not of {NEXT}, the public one: `barometre run {NEXT}`"
    status, out, _ = asked.barometre("status", *places)
    assert status == 1 and said.format("no publication") in out
    committed_beside(asked.depot, EDITION, f"Site\n\nPublication: {EDITION}\n")
    assert said.format(EDITION) in asked.barometre("status", *places)[1]
    committed_beside(asked.depot, NEXT, f"Site\n\nPublication: {NEXT}\n")
    committed_beside(asked.depot, NEXT, "Le domaine")
    status, out, _ = asked.barometre("status", *places)
    assert status == 0 and out.endswith("All agree.\n")


def committed_beside(depot: Path, edition: str, message: str) -> None:
    """Make a commit on the branch of the site, with the files of an edition."""

    def git(*arguments: str) -> str:
        identity = ("-c", "user.name=x", "-c", "user.email=x@example.org")
        done = subprocess.run(["git", "-C", depot, *identity, *arguments], capture_output=True, text=True)
        return done.stdout.strip()

    parents = [part for one in git("rev-parse", "--verify", "--quiet", BRANCH).split() for part in ("-p", one)]
    tree = git("rev-parse", f"{edition}^{{tree}}")
    git("update-ref", f"refs/heads/{BRANCH}", git("commit-tree", tree, *parents, "-m", message))


def test_the_branch_of_the_data_is_not_that_of_the_site(asked, published):
    asked.monkeypatch.setenv("BAROMETRE_GIT_BRANCHE_SITE", "main")
    failed(asked.run(), "BAROMETRE_GIT_BRANCHE_SITE is main, the branch of the data")
    places = ("--catalogue", asked.catalogue, "--depot", asked.depot, "--home", asked.home)
    status, out, _ = asked.barometre("status", *places)
    assert status == 1 and "BAROMETRE_GIT_BRANCHE_SITE is main, the branch of the data" in out


@pytest.mark.long
def test_what_is_under_review_has_no_public_site(asked, published):
    asked.monkeypatch.setenv("BAROMETRE_GIT_BRANCHE_REVUE", "revue")
    status, told, _ = asked.run(edition=NEXT)
    assert status == 0 and f"Edition {NEXT} is on the branch revue, for a review." in told
    assert f"Publication: {EDITION}" in asked.git("log", "-1", "--format=%B", BRANCH)
    assert f"Publication: {NEXT}" in asked.git("log", "-1", "--format=%B", "revue")
