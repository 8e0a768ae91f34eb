"""Editions through the whole pipeline, one depot and several homes: what is compared, published, withdrawn and told."""

import json
import shutil

import duckdb
import pytest

from barometre_pipeline.extract import receiving
from barometre_pipeline.publish.portal.plan import KEY
from tests.projects import NEXT as OTHER
from tests.projects import (  # noqa: F401 - some are fixtures
    Project,
    both_published,
    project,
    published,
    published_once,
    published_twice,
)

pytestmark = pytest.mark.long


def facts(project: Project, edition: str) -> dict:
    return json.loads((project.home / "rapports" / edition / "rapport.json").read_text(encoding="utf-8"))


def snapshot_edition(project: Project) -> str:
    with duckdb.connect(str(project.home / "entrepot" / "barometre.duckdb"), read_only=True) as connection:
        return connection.execute("select edition from editions_derniere").fetchall()[0][0]


def done(project: Project, *arguments, edition: str) -> str:
    status, _, errors = project.run(*arguments, edition=edition)
    assert status == 0, errors
    return errors


def status_of(project: Project) -> tuple[int, dict]:
    options = ("--catalogue", project.catalogue, "--depot", project.depot, "--home", project.home)
    status, out, errors = project.barometre("status", "--format", "json", *options)
    assert "Traceback" not in errors
    return status, json.loads(out)


def test_a_fresh_home_finds_nothing_to_publish_and_the_same_alerts_and_bytes(published, tmp_path):
    puits = (published.deliveries / "eau" / "puits.csv").read_text("cp1252")
    published.write("eau/puits.csv", "\n".join(puits.splitlines()[:5]) + "\n")
    done(published, edition=OTHER)
    before, refs = published.home / "publication", published.git("show-ref")
    alerts = facts(published, OTHER)
    assert alerts["precedente"] == {"edition": "2022-T1", "publication": "2022-T1", "motif": None}
    assert "territoire_disparu" in {r["regle"] for r in alerts["regles"] if r["statut"] == "alerte"}

    published.home = tmp_path / "autre"
    assert "no commit, no tag" in done(published, edition=OTHER)
    again = facts(published, OTHER)
    assert again["regles"] == alerts["regles"] and again["derives"] == alerts["derives"]
    built = published.home / "editions" / OTHER / "publication"
    for name in ("README.md", "manifeste.json", "SHA256SUMS", "reference/agregations.csv"):
        assert (built / name).read_bytes() == (before / name).read_bytes()
    assert published.git("show-ref") == refs


def test_an_edition_run_after_a_later_one_moves_neither_the_branch_nor_the_snapshot(project):
    done(project, edition=OTHER)
    head = project.git("rev-parse", "HEAD")
    told = done(project, edition="2022-T1")
    assert f"{OTHER} is the public edition, and stays it" in told
    assert f"{OTHER} was compared with nothing: run it again." in told
    assert (project.git("rev-parse", "HEAD"), snapshot_edition(project)) == (head, OTHER)
    status, found = status_of(project)
    assert status == 1 and found["public"]["depot"] == OTHER
    done(project, edition=OTHER)
    assert project.git("tag", "--list").split() == ["2022-T1", OTHER]
    assert status_of(project)[0] == 0
    project.home = project.home.with_name("autre")
    assert not [said for said in status_of(project)[1]["remarques"] if "run it again" in said]


def test_each_edition_of_this_home_is_told_once_what_it_is_to_be_compared_with_again(both_published):
    project = both_published
    done(project, edition="2022-T3")
    air = (project.deliveries / "air.csv").read_bytes()
    (project.deliveries / "air.csv").write_bytes(air.replace(b",9,", b",8,"))
    told = done(project, edition="2022-T1")
    outdated = f"{OTHER} was compared with 2022-T1: run it again."
    assert outdated in told and status_of(project)[1]["remarques"] == [outdated]
    (project.deliveries / "air.csv").write_bytes(air)
    assert outdated not in done(project, edition=OTHER) and status_of(project)[1]["remarques"] == []


def test_replace_goes_back_knowingly_everywhere(both_published):
    done(both_published, "--replace", edition="2022-T1")
    assert snapshot_edition(both_published) == "2022-T1"
    status, found = status_of(both_published)
    assert (status, found["public"]["depot"], found["accord"]) == (0, "2022-T1", True)


def test_what_a_publication_lacks_is_not_compared_and_named(published):
    clone = published.depot.with_name("clone")
    published.git("clone", "--quiet", str(published.depot), str(clone))
    shutil.rmtree(clone / "reference")
    manifest = json.loads((clone / "manifeste.json").read_text())
    for delivery in manifest["livraisons"]:
        delivery["fichiers"] = [{"nom": f["nom"], "sha256": f["sha256"]} for f in delivery["fichiers"]]
    (clone / "manifeste.json").write_text(json.dumps(manifest))
    who = ("-c", "user.name=A", "-c", "user.email=a@example.org")
    published.git("-C", clone, *who, "commit", "--quiet", "--amend", "--all", "-m", "x\n\nPublication: 2022-T1")
    published.git("-C", clone, *who, "tag", "--force", "--annotate", "2022-T1", "-m", "x")
    published.git("-C", clone, "push", "--quiet", "--force", "origin", "main", "2022-T1")
    done(published, edition=OTHER)
    told = "comparer la forme des livraisons ni la définition des indicateurs ni la couverture des valeurs calculées"
    assert told in facts(published, OTHER)["precedente"]["motif"]
    assert told in (published.home / "publication" / "README.md").read_text(encoding="utf-8")


def test_a_depot_that_cannot_be_read_stops_no_build_and_is_told(published):
    published.depot.joinpath("HEAD").unlink()
    shutil.rmtree(published.home / "publication")
    errors = done(published, "--no-publish", edition=OTHER)
    assert "Nothing is compared with the edition before" in errors
    assert facts(published, OTHER)["precedente"]["motif"].startswith("Le dépôt n’a pas pu être lu")


def test_a_withdrawn_edition_gives_way_everywhere_and_comes_back(both_published):
    options = ("--catalogue", both_published.catalogue, "--depot", both_published.depot, "--home", both_published.home)
    status, out, errors = both_published.barometre("withdraw", OTHER, "--reason", "Une série fausse", *options)
    assert (status, errors) == (0, "")
    assert "2022-T2 is withdrawn; 2022-T1 is the public edition." in out
    assert snapshot_edition(both_published) == "2022-T1"
    assert "Motif : Une série fausse" in "\n".join(both_published.published("NOUVEAUTES.md"))
    assert status_of(both_published)[0] == 0
    done(both_published, edition="2022-T1")
    assert "Une série fausse" in both_published.git("show", "HEAD:NOUVEAUTES.md")
    done(both_published, edition=OTHER)
    assert both_published.git("tag", "--list").split() == ["2022-T1", "2022-T2", "2022-T2.1", "retrait/2022-T2"]
    assert status_of(both_published)[1]["public"] == {"depot": "2022-T2.1", "portail": None, "entrepot": "2022-T2.1"}


def test_a_withdrawal_needs_no_build(both_published, tmp_path):
    both_published.home = tmp_path / "autre"
    options = ("--catalogue", both_published.catalogue, "--depot", both_published.depot, "--home", both_published.home)
    status, out, errors = both_published.barometre("withdraw", OTHER, "--reason", "Une série fausse", *options)
    assert (status, errors) == (0, "") and "Parquet" not in out  # there is no portal
    assert both_published.git("tag", "--list", "retrait/*").split() == ["retrait/2022-T2"]
    assert snapshot_edition(both_published) == "2022-T1" and status_of(both_published)[0] == 0


def test_a_withdrawal_under_review_is_public_once_its_branch_is_merged(both_published, monkeypatch):
    monkeypatch.setenv("BAROMETRE_GIT_BRANCHE_REVUE", "relecture")
    options = ("--catalogue", both_published.catalogue, "--depot", both_published.depot, "--home", both_published.home)
    _, out, _ = both_published.barometre("withdraw", OTHER, "--reason", "Une série fausse", *options)
    assert "2022-T2 is withdrawn; 2022-T1 is the public edition once the branch relecture is merged." in out


@pytest.mark.parametrize("arguments", [("withdraw", "2022-T1", "--reason", " "), ("withdraw", "2022", "--reason", "x")])
def test_a_withdrawal_asked_for_badly_changes_nothing(published, arguments):
    refs = published.git("show-ref")
    options = ("--catalogue", published.catalogue, "--depot", published.depot, "--home", published.home)
    assert published.barometre(*arguments, *options)[0] == 2
    assert published.git("show-ref") == refs


def test_status_tells_people_in_ten_lines_what_is_where(published):
    options = ("--catalogue", published.catalogue, "--depot", published.depot, "--home", published.home)
    status, out, _ = published.barometre("status", *options)
    assert status == 0 and len(out.splitlines()) <= 10
    assert "public    depot 2022-T1, portail none, entrepot 2022-T1" in out
    assert "2022-T1   2022-T1" in out and "publiable" in out


def test_status_says_that_a_withdrawal_was_left_half_done(both_published):
    both_published.git("tag", f"retrait/{OTHER}", f"{OTHER}^{{commit}}")
    status, found = status_of(both_published)
    assert (status, found["accord"]) == (1, False)
    assert any(f"{OTHER} is withdrawn, and the branch main is still at it" in one for one in found["remarques"])


def test_status_says_of_a_place_that_does_not_answer_that_it_is_not_known(published):
    elsewhere = ("--catalogue", published.catalogue, "--depot", published.home.parent, "--home", published.home)
    status, out, _ = published.barometre("status", *elsewhere)
    assert status == 1 and "there is no git repository there" in out
    assert "2022-T1   not known " in out and "public    depot not known, portail none, entrepot 2022-T1" in out
    assert "Not the same everywhere" not in out


def test_status_names_the_home_it_looked_at(project):
    out = project.barometre("status", "--catalogue", project.catalogue, "--home", project.home)[1]
    assert f" MB in {project.home}" in out


def test_status_of_a_home_where_nothing_happened_agrees(project):
    status, found = status_of(project)
    assert (status, found["editions"], found["accord"]) == (0, [], True)


def resources(udata, dataset: str) -> dict[str, str]:
    return {r["extras"][KEY]: r["checksum"]["value"] for r in udata.dataset(dataset)["resources"]}


def rows(project: Project) -> list[tuple]:
    with duckdb.connect(str(project.home / "entrepot" / "barometre.duckdb"), read_only=True) as connection:
        return connection.execute("from detail order by all").fetchall()


def test_any_order_over_two_homes_ends_as_the_plain_one_the_portal_included(project, tmp_path, udata, monkeypatch):
    plain, now = ("2022-T1", OTHER), receiving._now()
    # The day of reception is data, and nothing brings it to another depot: midnight in Paris may lie between.
    monkeypatch.setattr(receiving, "_now", lambda: now)
    monkeypatch.setenv("DATAGOUV_URL", udata.base_url)
    monkeypatch.setenv("DATAGOUV_API_KEY", udata.editor_api_key)
    ends = []
    for name, order in (("ordre", plain), ("desordre", (plain[1], plain[0], plain[1]))):
        project.depot, dataset = tmp_path / name / "depot.git", udata.new_dataset()
        monkeypatch.setenv("DATAGOUV_JEU", dataset)
        for rank, edition in enumerate(order):
            project.home = tmp_path / name / f"home{rank % 2 if name == 'desordre' else 0}"
            done(project, edition=edition)
        status, found = status_of(project)
        assert (status, found["public"]) == (0, dict.fromkeys(("depot", "portail", "entrepot"), plain[-1]))
        refs = project.git("rev-parse", "HEAD^{tree}"), project.git("tag", "--list")
        ends.append((*refs, resources(udata, dataset), rows(project)))
    assert ends[0] == ends[1]


def test_the_portal_follows_a_withdrawal_and_tells_its_reason(project, udata, monkeypatch):
    dataset = udata.new_dataset()
    monkeypatch.setenv("DATAGOUV_URL", udata.base_url)
    monkeypatch.setenv("DATAGOUV_API_KEY", udata.editor_api_key)
    monkeypatch.setenv("DATAGOUV_JEU", dataset)
    done(project, edition="2022-T1")
    before = resources(udata, dataset)
    done(project, edition=OTHER)
    options = ("--catalogue", project.catalogue, "--depot", project.depot, "--home", project.home)
    assert project.barometre("withdraw", OTHER, "--reason", "Une série fausse", *options)[0] == 0
    after = resources(udata, dataset)
    same = {key for key in before if key.startswith(("csv/", "json/", "xlsx/"))}
    assert {key: after[key] for key in same} == {key: before[key] for key in same}
    assert "Une série fausse" in udata.dataset(dataset)["description"]
    assert "documentation/nouveautes" in after
    assert status_of(project)[0] == 0


def test_a_withdrawal_from_a_home_without_the_build_tells_what_the_portal_lacks(project, udata, monkeypatch, tmp_path):
    monkeypatch.setenv("DATAGOUV_URL", udata.base_url)
    monkeypatch.setenv("DATAGOUV_API_KEY", udata.editor_api_key)
    monkeypatch.setenv("DATAGOUV_JEU", udata.new_dataset())
    for edition in ("2022-T1", OTHER):
        done(project, edition=edition)
    project.home = tmp_path / "autre"
    options = ("--catalogue", project.catalogue, "--depot", project.depot, "--home", project.home)
    status, out, _ = project.barometre("withdraw", OTHER, "--reason", "Une série fausse", *options)
    assert status == 0 and "the portal has none until `barometre run 2022-T1` has made it" in out


def test_a_previous_edition_with_another_prefix_or_an_odd_manifest_is_compared_all_the_same(published):
    clone = published.depot.with_name("clone")
    published.git("clone", "--quiet", str(published.depot), str(clone))
    (clone / "manifeste.json").write_text("[]")
    who = ("-c", "user.name=A", "-c", "user.email=a@example.org")
    published.git("-C", clone, *who, "commit", "--quiet", "--amend", "--all", "-m", "x\n\nPublication: 2022-T1")
    published.git("-C", clone, *who, "tag", "--force", "--annotate", "2022-T1", "-m", "x")
    published.git("-C", clone, "push", "--quiet", "--force", "origin", "main", "2022-T1")
    general = published.catalogue / "catalogue.yaml"
    general.write_text(general.read_text(encoding="utf-8").replace("prefixe: essai", "prefixe: nouveau"), "utf-8")
    done(published, edition=OTHER)
    told = facts(published, OTHER)["precedente"]
    assert told["publication"] == "2022-T1" and "la forme des livraisons" in told["motif"]
    assert "Valeurs : 0 ajoutées, 0 révisées, 0 retirées" in published.git("log", "-1", "--format=%B")


def test_status_does_not_agree_where_the_depot_does_not_answer_and_makes_no_home(published, tmp_path):
    published.depot.joinpath("HEAD").rename(published.depot / "TETE")
    assert status_of(published)[0] == 1
    published.depot.joinpath("TETE").rename(published.depot / "HEAD")
    published.home = tmp_path / "rien"
    status_of(published)
    assert not published.home.exists()
