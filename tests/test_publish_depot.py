"""The publication to git, against real bare repositories."""

import shlex
import subprocess
from pathlib import Path

import pytest

from barometre_pipeline.depot import attempts
from barometre_pipeline.depot.options import GitOptions
from barometre_pipeline.depot.repository import GitRepository
from barometre_pipeline.editions import Edition
from barometre_pipeline.errors import PublicationError
from barometre_pipeline.publish.journal import Journal
from barometre_pipeline.publish.publication import publish_tree
from barometre_pipeline.setting_rules import MESSAGE_FIELDS
from tests.git_servers import git

T3, T4, T1 = Edition(2021, 3), Edition(2021, 4), Edition(2022, 1)


class Place:
    """A depot, a home and a built tree, in a folder of the test."""

    def __init__(self, folder: Path):
        self.depot, self.clone, self.source = folder / "depot.git", folder / "home" / "publication", folder / "built"
        self.journal = Journal(folder / "home" / "publication.json")

    def write(self, **files: str) -> None:
        subprocess.run(["rm", "-rf", self.source], check=True)
        for name, content in files.items():
            file = self.source / name.replace("__", "/")
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(content)

    def publish(self, edition: Edition = T1, **options):
        return publish_tree(
            self.source, self.clone, str(self.depot), edition, GitOptions(**options), journal=self.journal
        )

    def tags(self) -> list[str]:
        return git(self.depot, "tag", "--list").split()

    def commits(self, branch: str = "HEAD") -> int:
        return int(git(self.depot, "rev-list", "--count", branch))

    def push_by_another(self, name: str, content: str) -> None:
        other = self.depot.with_name("autre")
        if not other.exists():
            git(self.depot.parent, "clone", "--quiet", str(self.depot), str(other))
        git(other, "pull", "--quiet")
        (other / name).parent.mkdir(exist_ok=True)
        (other / name).write_text(content)
        git(other, "add", "-A")
        git(other, "-c", "user.name=Autre", "-c", "user.email=a@example.org", "commit", "--quiet", "-m", "Autre")
        git(other, "push", "--quiet")


@pytest.fixture
def place(tmp_path) -> Place:
    one = Place(tmp_path)
    one.write(a="1\n", b__c="2\n")
    return one


def test_three_editions_then_the_last_again_make_three_commits_and_three_tags(place):
    for edition in (T3, T4, T1):
        place.write(a=f"{edition}\n", b__c="2\n")
        published = place.publish(edition)
        assert (published.tag, published.unchanged) == (str(edition), False)
    again = place.publish(T1)
    assert (again.unchanged, again.commit, again.tag) == (True, None, None)
    assert again.head == git(place.depot, "rev-parse", "HEAD")
    assert (place.commits(), place.tags()) == (3, ["2021-T3", "2021-T4", "2022-T1"])


def test_a_missing_local_depot_is_made_bare(place):
    place.publish()
    assert git(place.depot, "rev-parse", "--is-bare-repository") == "true"
    assert git(place.depot, "show", "HEAD:b/c") == "2"


def test_an_empty_depot_is_filled_on_the_branch_that_its_head_names(place):
    git(place.depot.parent, "init", "--quiet", "--bare", "--initial-branch=tronc", str(place.depot))
    assert place.publish().branch == "tronc"
    assert place.commits() == 1


def test_a_correction_of_an_edition_gets_the_next_tag(place):
    for content in "123":
        place.write(a=content)
        place.publish(T1)
    assert place.tags() == ["2022-T1", "2022-T1.1", "2022-T1.2"]


def test_tags_are_annotated_and_the_message_has_the_edition_and_figures(place):
    place.publish()
    assert git(place.depot, "cat-file", "-t", "2022-T1") == "tag"
    message = git(place.depot, "log", "-1", "--format=%B")
    assert "2022-T1" in message
    assert "0 indicateurs mis à jour" in message and "Alertes : 0." in message


def test_author_branch_and_message_can_be_chosen(place):
    place.publish(branche="publie", auteur="Équipe <equipe@example.org>", message="{edition} : {fichiers} fichiers")
    facts = git(place.depot, "log", "-1", "--format=%an <%ae>|%cn|%s", "publie")
    assert facts == "Équipe <equipe@example.org>|Équipe|2022-T1 : 2 fichiers"


def test_every_field_that_the_settings_know_is_one_of_the_messages(place):
    figures = {"valeurs": 1, "syntheses": 2}
    options = GitOptions(message=" ".join(f"{{{name}}}" for name in MESSAGE_FIELDS))
    publish_tree(place.source, place.clone, str(place.depot), T1, options, figures=figures)
    assert git(place.depot, "log", "-1", "--format=%s").startswith("2022-T1 2022-T1 ")


def test_the_review_branch_is_pushed_instead_of_the_main_one(place):
    place.publish()
    before = git(place.depot, "rev-parse", "main")
    for content in ("2", "3"):
        place.write(a=content)
        place.publish(branche_revue="revue")
    assert git(place.depot, "rev-parse", "main") == before
    assert git(place.depot, "show", "revue:a") == "3"
    assert place.commits("revue") == 3
    assert place.publish(branche_revue="revue").unchanged


def test_a_review_branch_left_behind_is_begun_again_on_the_main_one(place):
    place.publish()
    place.write(a="2")
    place.publish(branche_revue="revue")
    place.push_by_another("a", "autre")
    place.publish(branche_revue="revue")
    assert git(place.depot, "rev-parse", "revue^") == git(place.depot, "rev-parse", "main")


def test_files_no_longer_published_are_removed_but_dot_files_stay(place):
    place.publish()
    place.push_by_another(".github/workflow.yml", "x")
    place.push_by_another("perdu.csv", "x")
    place.write(a="2")
    place.publish()
    assert git(place.depot, "ls-tree", "-r", "--name-only", "HEAD").split() == [".github/workflow.yml", "a"]


def test_a_commit_by_another_that_does_not_touch_the_files_changes_nothing(place):
    place.publish()
    place.push_by_another(".gitlab-ci.yml", "x")
    published = place.publish()
    assert published.unchanged
    assert (place.commits(), place.tags()) == (2, ["2022-T1"])
    assert (place.clone / ".gitlab-ci.yml").is_file()


def test_the_clone_is_whole_clean_and_at_what_was_published(place):
    published = place.publish()
    assert git(place.clone, "status", "--porcelain") == ""
    assert git(place.clone, "rev-parse", "HEAD") == published.head
    assert (place.clone / "b" / "c").read_text() == "2\n"
    assert [p.name for p in place.clone.parent.iterdir() if p != place.journal.path] == ["publication"]


def _delete_objects(clone: Path) -> None:
    for pack in (clone / ".git" / "objects" / "pack").iterdir():
        pack.unlink()


def _truncate_pack(clone: Path) -> None:
    for pack in (clone / ".git" / "objects" / "pack").glob("*.pack"):
        pack.chmod(0o600)
        content = pack.read_bytes()
        pack.unlink()
        pack.write_bytes(content[: len(content) // 2])


@pytest.mark.parametrize(
    "damage",
    [
        lambda clone: (clone / "a").write_text("modifié"),
        lambda clone: (clone / "a").unlink(),
        lambda clone: (clone / "en-trop").write_text("x"),
        lambda clone: (clone / ".git" / "HEAD").unlink(),
        lambda clone: (clone / ".git" / "index.lock").touch(),
        lambda clone: (clone / ".git" / "index").write_bytes(b"xx"),
        lambda clone: (clone / ".git" / "config").write_text("[core"),
        lambda clone: (clone / ".git" / "packed-refs").write_text("n'importe quoi"),
        lambda clone: git(clone, "checkout", "--quiet", "--detach"),
        lambda clone: git(clone, "remote", "set-url", "origin", "/ailleurs"),
        lambda clone: subprocess.run(["rm", "-rf", clone / ".git"], check=True),
        lambda clone: subprocess.run(["rm", "-rf", clone], check=True),
        _delete_objects,
        _truncate_pack,
    ],
)
@pytest.mark.parametrize("changed", [False, True])
def test_a_damaged_clone_is_made_again(place, damage, changed):
    place.publish()
    damage(place.clone)
    if changed:
        place.write(a="2")
    published = place.publish()
    assert published.unchanged is not changed
    assert git(place.clone, "status", "--porcelain", "--ignored") == ""
    assert git(place.clone, "rev-parse", "HEAD") == git(place.depot, "rev-parse", "main") == published.head
    assert git(place.clone, "remote", "get-url", "origin") == str(place.depot)


def test_a_healthy_clone_is_built_upon_not_made_again(place, monkeypatch):
    place.publish()
    monkeypatch.setattr(GitRepository, "clone", lambda self: pytest.fail("cloned again"))
    for content in "23":
        place.write(a=content)
        place.publish()
    assert place.commits() == 3


def test_another_depot_given_later_gets_its_own_first_commit(place, tmp_path):
    place.publish()
    place.depot = tmp_path / "second.git"
    published = place.publish()
    assert (published.tag, place.commits()) == ("2022-T1", 1)


def test_a_clone_inside_another_repository_never_touches_that_one(place, tmp_path):
    git(tmp_path, "init", "--quiet")
    place.publish()
    (place.clone / ".git" / "HEAD").unlink()
    place.publish()
    assert not (tmp_path / ".git" / "FETCH_HEAD").exists()


def test_a_depot_that_moved_meanwhile_is_fetched_and_built_upon(place, monkeypatch):
    place.publish()
    place.write(a="2")
    push, moves = GitRepository.push, iter(["x", "y"])

    def push_late(self, *arguments, **options):
        if name := next(moves, None):
            place.push_by_another(f".{name}", "x")
        return push(self, *arguments, **options)

    monkeypatch.setattr(GitRepository, "push", push_late)
    assert place.publish().tag == "2022-T1.1"
    assert git(place.depot, "log", "--format=%an", "-3").split("\n")[1:] == ["Autre", "Autre"]
    assert place.commits() == 4


def test_a_depot_that_never_stops_moving_is_a_clear_error(place, monkeypatch):
    place.publish()
    place.write(a="2")
    push, moves = GitRepository.push, iter(range(20))

    def push_late(self, *arguments, **options):
        place.push_by_another(f".{next(moves)}", "x")
        return push(self, *arguments, **options)

    monkeypatch.setattr(GitRepository, "push", push_late)
    monkeypatch.setattr(attempts.time, "sleep", lambda _: None)
    with pytest.raises(PublicationError, match="moved, or was locked, 10 times"):
        place.publish()
    assert next(moves) == 10
    assert place.tags() == ["2022-T1"]


def test_a_push_refused_by_the_depot_leaves_everything_as_it_was(place):
    place.publish()
    hook = place.depot / "hooks" / "pre-receive"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\necho non >&2\nexit 1\n")
    hook.chmod(0o755)
    place.write(a="2")
    with pytest.raises(PublicationError, match="its rules refuse this push"):
        place.publish()
    assert (place.clone / "a").read_text() == "1\n"
    hook.unlink()
    assert place.publish().tag == "2022-T1.1"


def test_a_tag_that_the_depot_lost_in_a_crash_is_pushed_again(place):
    published = place.publish()
    git(place.depot, "update-ref", "-d", "refs/tags/2022-T1")
    again = place.publish()
    assert (again.commit, again.tag) == (None, "2022-T1")
    assert git(place.depot, "rev-parse", "2022-T1^{commit}") == published.head


def test_a_branch_that_the_depot_lost_in_a_crash_is_pushed_again(place):
    first = place.publish(T4)
    place.write(a="2")
    second = place.publish(T1)
    git(place.depot, "update-ref", "refs/heads/main", first.head)
    assert place.publish(T1).head == second.head
    assert (place.commits(), place.tags()) == (2, ["2021-T4", "2022-T1"])


def test_a_lock_left_in_a_local_depot_by_a_killed_push_is_not_believed(place):
    place.publish()
    (place.depot / "refs" / "heads" / "main.lock").touch()
    place.write(a="2")
    assert place.publish().tag == "2022-T1.1"


def test_a_folder_that_is_no_repository_is_an_error_and_stays_as_it_is(place):
    place.depot.mkdir()
    (place.depot / "fichier").touch()
    with pytest.raises(PublicationError, match="no git repository there"):
        place.publish()
    assert [p.name for p in place.depot.iterdir()] == ["fichier"]


def test_a_depot_that_cannot_be_made_is_a_plain_sentence(place):
    place.depot.write_text("un fichier")
    place.depot = place.depot / "depot.git"
    with pytest.raises(PublicationError, match="cannot be read or written"):
        place.publish()


def test_an_edition_without_files_is_not_published(place):
    place.write()
    place.source.mkdir()
    with pytest.raises(PublicationError, match="has no files"):
        place.publish()
    assert not place.depot.exists()


def test_the_journal_says_what_was_committed_and_pushed(place):
    published = place.publish()
    steps = place.journal.read()
    assert steps["commit"]["commit"] == steps["push"]["commit"] == published.commit


def test_a_depot_that_went_away_is_told_and_not_begun_again(place):
    place.write(a="1")
    place.publish()
    place.depot.rename(place.depot.with_name("ailleurs.git"))
    with pytest.raises(
        PublicationError, match=r"is gone: put it back, or give another with --depot\. Nothing was published"
    ):
        place.publish(T4)
    assert not place.depot.exists()


def test_what_is_said_of_a_depot_that_went_away_makes_it_again(place):
    place.write(a="1")
    place.publish(T4)
    place.write(a="2")
    place.publish()
    place.depot.rename(place.depot.with_name("ailleurs.git"))
    with pytest.raises(PublicationError) as told:
        place.publish()
    subprocess.run(shlex.split(str(told.value).split("`")[1]), check=True, capture_output=True)
    place.write(a="3")
    place.publish()
    assert place.tags() == ["2021-T4", "2022-T1", "2022-T1.1"]
    assert place.commits() == 3
