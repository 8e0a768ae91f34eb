"""Which edition is the public one, in a real depot: orders, homes, notices, other people's files, withdrawals."""

import itertools

import pytest

from barometre_pipeline.depot.options import Depot, GitOptions
from barometre_pipeline.depot.remote import remote_refs
from barometre_pipeline.editions import Edition
from barometre_pipeline.errors import PublicationError
from barometre_pipeline.publish.beside import public_in_depot
from barometre_pipeline.publish.withdrawing import withdraw
from barometre_pipeline.settings import Settings
from tests.git_servers import git
from tests.published_depots import World

PLAIN = ("2021-T3", "2021-T4", "2022-T1")


@pytest.fixture
def world(tmp_path) -> World:
    return World(tmp_path)


def withdrawn(world: World, edition: str, reason: str = "Chiffres faux"):
    settings = Settings.read({"home": str(world.folder / "home"), "depot": str(world.depot)})
    return withdraw(settings, GitOptions(), Edition.parse(edition), reason)


@pytest.mark.parametrize("order", list(itertools.permutations(PLAIN)))
def test_editions_published_in_any_order_have_the_same_tags_and_the_greatest_is_the_public_one(world, order):
    for home, edition in zip(("home", "autre", "home"), order, strict=True):
        world.publish(edition, home=home)
    assert world.tags() == list(PLAIN)
    assert [git(world.depot, "show", f"{tag}:b-detail-national.csv") for tag in PLAIN] == list(PLAIN)
    assert world.head() == "2022-T1"
    assert (world.folder / "home" / "publication" / "b-detail-national.csv").read_text() == "2022-T1\n"


def test_an_older_edition_moves_nothing_and_tells_which_one_to_compare_again(world):
    world.publish("2021-T3")
    first = world.publish("2022-T1", compared="2021-T3")
    older = world.publish("2021-T4", compared="2021-T3")
    assert (older.tag, older.public, older.head) == ("2021-T4", "2022-T1", first.head)
    assert older.outdated == "2022-T1 was compared with 2021-T3: run it again."
    assert git(world.depot, "rev-parse", "2021-T4^") == git(world.depot, "rev-parse", "2021-T3^{commit}")
    again = world.publish("2022-T1", notice="comparée à T4\n", compared="2021-T4")
    assert (again.tag, again.outdated) == (None, None)
    assert world.publish("2021-T4", compared="2021-T3").outdated is None


def test_an_older_edition_without_any_before_it_is_a_root_commit(world):
    world.publish("2022-T1")
    world.publish("2021-T4")
    assert git(world.depot, "log", "-1", "--format=%P", "2021-T4") == ""


def test_a_corrected_older_edition_is_committed_on_its_own_last_tag(world):
    for edition in ("2021-T4", "2022-T1"):
        world.publish(edition)
    assert world.publish("2021-T4", "corrigé\n").tag == "2021-T4.1"
    assert git(world.depot, "rev-parse", "2021-T4.1^") == git(world.depot, "rev-parse", "2021-T4^{commit}")
    assert world.head() == "2022-T1"


def test_notices_alone_make_a_commit_and_no_tag_and_the_manifest_alone_nothing(world):
    world.publish("2022-T1")
    told = world.publish("2022-T1", notice="autre notice\n")
    assert told.commit and told.tag is None
    kept = world.publish("2022-T1", notice="autre notice\n", **{"manifeste.json": '{"code": "2"}\n'})
    assert kept.unchanged
    assert world.tags() == ["2022-T1"]


def test_notices_of_an_edition_that_is_not_the_public_one_make_nothing(world):
    for edition in ("2021-T4", "2022-T1"):
        world.publish(edition)
    assert world.publish("2021-T4", notice="autre notice\n").unchanged


def test_replace_makes_an_older_edition_the_public_one_until_a_greater_one_is_published(world):
    for edition in PLAIN:
        world.publish(edition)
    back = world.publish("2021-T3", replace=True)
    assert (back.tag, back.public, world.head()) == (None, "2021-T3", "2021-T3")
    assert world.publish("2021-T3").unchanged
    assert world.publish("2021-T4").public == "2021-T4"
    assert world.publish("2022-T1").public == "2022-T1"
    assert world.tags() == list(PLAIN)


def test_a_branch_with_other_peoples_files_is_refused_and_keeps_them_once_it_is_adopted(world):
    git(world.folder, "init", "--quiet", "--bare", "--initial-branch=main", str(world.depot))
    world.pushed_by_another(**{"leur.txt": "x", "README.md": "le leur"})
    with pytest.raises(PublicationError, match=r"has 2 files that are not ours \(README.md, leur.txt\).*--adopt"):
        world.publish("2021-T4")
    assert world.tags() == []
    adopted = world.publish("2021-T4", adopt=True)
    assert adopted.replaced == ("README.md",)
    told = "Remplace un fichier qui n'était pas du baromètre (l'historique le garde) : README.md"
    assert told in git(world.depot, "log", "-1", "--format=%B", "HEAD")
    world.pushed_by_another(**{"encore.txt": "y"})
    world.pushed_by_another(**{"departements/x.csv": "z"})
    assert world.publish("2022-T1", **{"departements/x.csv": "1\n"}).replaced == ("departements/x.csv",)
    assert world.publish("2022-T1", "corrigé\n").replaced == ()
    assert world.files() == [
        "README.md", "SHA256SUMS", "b-detail-national.csv", "encore.txt", "leur.txt", "manifeste.json",
    ]  # fmt: skip


def test_a_withdrawn_publication_gives_way_to_the_one_before_with_its_reason(world):
    for edition in PLAIN:
        world.publish(edition)
    world.publish("2022-T1", "faux\n")
    done = withdrawn(world, "2022-T1")
    assert (str(done.publication), str(done.public), world.head()) == ("2022-T1.1", "2022-T1", "2022-T1")
    assert git(world.depot, "tag", "--list", "--format=%(contents)", "retrait/2022-T1.1").strip() == "Chiffres faux"
    again = withdrawn(world, "2022-T1", "Encore faux")
    assert (str(again.publication), str(again.public), world.head()) == ("2022-T1", "2021-T4", "2021-T4")
    news = world.head("NOUVEAUTES.md")
    assert "## Retrait de la publication 2022-T1.1\n\nMotif : Chiffres faux" in news and "Encore faux" in news
    clone = world.folder / "home" / "publication"
    assert git(clone, "status", "--porcelain") == "" and (clone / "NOUVEAUTES.md").read_text().strip() == news
    sums = world.folder / "home" / "publication"
    assert "NOUVEAUTES.md" in (sums / "SHA256SUMS").read_text()


def test_the_public_edition_run_again_after_a_withdrawal_keeps_the_reason(world):
    for edition in PLAIN:
        world.publish(edition)
    withdrawn(world, "2022-T1")
    assert world.publish("2021-T4", home="autre").unchanged
    assert "Chiffres faux" in world.head("NOUVEAUTES.md")


def test_publishing_a_withdrawn_edition_again_ends_its_withdrawal(world):
    for edition in PLAIN:
        world.publish(edition)
    withdrawn(world, "2022-T1")
    back = world.publish("2022-T1")
    assert (back.tag, back.public, world.head()) == ("2022-T1.1", "2022-T1.1", "2022-T1")
    assert "NOUVEAUTES.md" not in world.files()


def test_withdrawing_an_older_edition_moves_nothing(world):
    for edition in PLAIN:
        world.publish(edition, compared="2021-T4" if edition == "2022-T1" else None)
    before = git(world.depot, "rev-parse", "HEAD")
    done = withdrawn(world, "2021-T4")
    assert (str(done.public), git(world.depot, "rev-parse", "HEAD")) == ("2022-T1", before)
    assert str(done.outdated) == "2022-T1"


def test_a_withdrawal_that_was_stopped_and_is_asked_for_again_withdraws_nothing_more(world):
    for edition in PLAIN:
        world.publish(edition)
    first = withdrawn(world, "2022-T1")
    assert withdrawn(world, "2022-T1") == first
    assert world.tags() == [*PLAIN, "retrait/2022-T1"]


def test_a_withdrawal_whose_branch_was_lost_in_a_crash_is_finished(world):
    for edition in PLAIN:
        world.publish(edition)
    wrong = git(world.depot, "rev-parse", "HEAD")
    withdrawn(world, "2022-T1")
    git(world.depot, "update-ref", "refs/heads/main", wrong)
    done = withdrawn(world, "2022-T1")
    assert (str(done.publication), str(done.public), world.head()) == ("2022-T1", "2021-T4", "2021-T4")


def test_a_withdrawal_puts_back_the_last_notices_and_tells_each_reason_once(world):
    world.publish("2021-T4", notice="d'abord\n")
    world.publish("2021-T4", notice="ensuite\n", compared="2021-T3")
    world.publish("2022-T1")
    withdrawn(world, "2022-T1", "Raison une")
    assert world.head("README.md") == "ensuite"
    assert "Comparaison: 2021-T3" in git(world.depot, "log", "-1", "--format=%B", "HEAD")
    world.publish("2021-T4", "corrigé\n")
    world.publish("2022-T1")
    withdrawn(world, "2022-T1", "Raison deux")
    assert [world.head("NOUVEAUTES.md").count(reason) for reason in ("Raison une", "Raison deux")] == [1, 1]


def test_a_withdrawal_names_the_next_edition_only_where_it_was_compared_with_it(world):
    for edition in PLAIN:
        world.publish(edition, compared="2021-T3")
    assert withdrawn(world, "2021-T4").outdated is None


def test_a_branch_that_is_lost_or_new_is_made_at_the_greatest_publication(world):
    for edition in PLAIN:
        world.publish(edition)
    git(world.depot, "update-ref", "-d", "refs/heads/main")
    older = world.publish("2021-T4")
    assert (older.public, world.head()) == ("2022-T1", "2022-T1")
    git(world.depot, "update-ref", "-d", "refs/heads/main")
    assert world.publish("2022-T1").public == "2022-T1"
    assert git(world.depot, "rev-parse", "main") == git(world.depot, "rev-parse", "2022-T1^{commit}")


@pytest.mark.parametrize(
    "message", ["Publication: un flux pour la page", "Publication: x\n\nCo-authored-by: A <a@b.fr>"]
)
def test_a_colleague_who_writes_as_we_do_takes_nothing_away(world, message):
    world.publish("2021-T4")
    world.pushed_by_another(message=message, **{".flux.yml": "x"})
    assert world.publish("2021-T4").unchanged
    assert world.publish("2022-T1").tag == "2022-T1"


def test_a_merge_that_lost_our_line_is_known_by_its_tree(world):
    world.publish("2021-T4")
    world.publish("2022-T1", **{"manifeste.json": '{"edition": "2022-T1"}\n'})
    tree, before = git(world.depot, "rev-parse", "main^{tree}"), git(world.depot, "rev-parse", "2021-T4^{commit}")
    who = ("-c", "user.name=A", "-c", "user.email=a@example.org")
    squashed = git(world.depot, *who, "commit-tree", tree, "-p", before, "-m", "Publie le T1 (#3)")
    git(world.depot, "update-ref", "refs/heads/main", squashed)
    older = world.publish("2021-T4", "corrigé\n")
    assert (older.public, world.head()) == ("2022-T1", "2022-T1")


def test_the_files_of_a_colleague_who_removes_our_checksums_stay(world):
    world.publish("2021-T4")
    world.pushed_by_another(remove="SHA256SUMS", **{"leur.txt": "x"})
    world.publish("2022-T1")
    assert "leur.txt" in world.files() and "SHA256SUMS" in world.files()


def test_a_correction_whose_branch_was_lost_in_a_crash_is_finished_on_its_tag(world):
    before = world.publish("2022-T1").head
    done = world.publish("2022-T1", "corrigé\n")
    git(world.depot, "update-ref", "refs/heads/main", before)
    assert world.publish("2022-T1", "corrigé\n").head == done.head


def test_a_review_branch_that_was_merged_and_removed_is_not_made_again_for_nothing(world):
    world.publish("2021-T4")
    world.publish("2022-T1", review="revue")
    git(world.depot, "update-ref", "refs/heads/main", git(world.depot, "rev-parse", "revue"))
    git(world.depot, "update-ref", "-d", "refs/heads/revue")
    assert world.publish("2022-T1", review="revue").unchanged
    assert git(world.depot, "branch", "--list", "revue") == ""


def test_what_is_not_published_or_alone_is_not_withdrawn(world):
    world.publish("2021-T4")
    with pytest.raises(PublicationError, match="2022-T1 is not published"):
        withdrawn(world, "2022-T1")
    with pytest.raises(PublicationError, match="the only publication"):
        withdrawn(world, "2021-T4")
    assert (world.tags(), world.head()) == (["2021-T4"], "2021-T4")


def test_a_home_without_a_clone_sees_what_is_public_below_a_colleagues_commits(world):
    for edition in PLAIN:
        world.publish(edition)
    world.pushed_by_another(**{"leur.txt": "x"})
    world.pushed_by_another(**{"encore.txt": "y"})
    elsewhere = Settings(home=world.folder / "ailleurs", depot=f"file://{world.depot}")
    assert str(public_in_depot(elsewhere, remote_refs(Depot.of(elsewhere)))) == "2022-T1"
