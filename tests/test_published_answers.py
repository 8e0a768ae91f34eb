"""What readers of a published edition ask, answered from its tree alone, on the three official ones."""

import csv
import json
import re
import subprocess
from collections import Counter
from datetime import datetime
from functools import cached_property
from pathlib import Path

import pytest

from tests.official_home import NAMES, backfilled  # noqa: F401
from tests.once import made_once

AVEYRON = "Aveyron"


class Tree:
    """A published tree, and nothing else."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def rows(self, path: str, **wanted: str) -> list[dict[str, str]]:
        with (self.folder / path).open(encoding="utf-8", newline="") as file:
            return [row for row in csv.DictReader(file) if all(row[name] == text for name, text in wanted.items())]

    def text(self, path: str) -> str:
        return (self.folder / path).read_text(encoding="utf-8")

    @cached_property
    def indicators(self) -> dict[str, dict[str, str]]:
        return {row["id_indicateur"]: row for row in self.rows("reference/indicateurs.csv")}

    @cached_property
    def published(self) -> set[str]:
        levels = ("national", "regional", "departemental")
        return {row["id_indicateur"] for m in levels for row in self.rows(f"barometre-resultats-detail-{m}.csv")}


@pytest.fixture(scope="session")
def trees(backfilled, tmp_path_factory) -> dict[str, Tree]:
    """The tree of each edition, as the depot's tags have it."""

    def make(folder: Path) -> None:
        for name in NAMES:
            (folder / name).mkdir()
            packed = subprocess.run(["git", "-C", backfilled.depot, "archive", name], check=True, capture_output=True)
            subprocess.run(["tar", "-x", "-C", folder / name], input=packed.stdout, check=True)

    folder = made_once(tmp_path_factory, "arbres-officiels", make)
    return {name: Tree(folder / name) for name in NAMES}


@pytest.fixture(params=NAMES)
def tree(trees, request) -> Tree:
    return trees[request.param]


def test_what_is_better_up_or_down(tree):
    assert tree.published <= tree.indicators.keys()
    assert {one["sens"] for one in tree.indicators.values()} == {"hausse", "baisse"}


def test_whom_to_write_to_about_an_indicator_in_aveyron(tree):
    (aveyron,) = tree.rows("reference/territoires.csv", libelle_territoire=AVEYRON)
    assert (aveyron["maille"], aveyron["code"]) == ("departementale", "12")
    there = tree.rows("barometre-resultats-synthese-departemental.csv", code_departement="12")
    asked = [tree.indicators[row["id_indicateur"]] for row in there]
    assert asked and all(one["contact_nom"] and "@" in one["contact_courriel"] for one in asked)
    missed = tree.rows("qualite/explications.csv", code="12", maille="departementale")
    assert all("@" in one["contact"] for one in missed)


def test_what_changed_and_why(trees):
    for name, before in zip(NAMES[1:], NAMES, strict=False):
        changes = trees[name].rows("REVISIONS.csv")
        assert {(row["edition_avant"], row["edition_apres"]) for row in changes} == {(before, name)}
        assert all(row["nature"] and row["cause"] for row in changes)
        assert any(row["cause"] == "fichier livré modifié" for row in changes)
    assert trees[NAMES[0]].rows("REVISIONS.csv") == []


def test_targets_that_moved_and_figures_that_were_withdrawn_are_told_first(trees):
    changes = trees["2022-T1"].rows("REVISIONS.csv")
    targets = [row["champ"] in ("cible", "date_cible") for row in changes]
    assert targets == sorted(targets, reverse=True)
    news = trees["2022-T1"].text("NOUVEAUTES.md")
    assert (
        news.index("### Les cibles") < news.index("### Les chiffres retirés") < news.index("### Les chiffres révisés")
    )


def test_the_targets_and_figures_of_departments_that_changed(trees):
    """The reference figures: 504 moved targets, 3,042 changed values and 5,579 gone, most of them of one series."""
    changes = trees["2022-T1"].rows("REVISIONS.csv", maille="departementale")
    moved = ("fixee", "retiree", "deplacee")  # the other natures are of territories that come or go
    cibles = [row for row in changes if row["champ"] == "cible" and row["nature"] in moved]
    assert Counter(row["nature"] for row in cibles) == {"fixee": 201, "retiree": 298, "deplacee": 5}
    assert len({row["id_indicateur"] for row in cibles}) == 8
    assert ("380.0", "327.0") in {(row["avant"], row["apres"]) for row in cibles if row["ecart"].startswith("-")}
    values = [row for row in changes if row["champ"] == "valeur"]
    changed = [row for row in values if row["avant"] and row["apres"]]
    gone = [row for row in values if not row["apres"]]
    assert (len(changed), len(gone)) == (3042, 5579)
    redefined = [
        {row["id_indicateur"] for row in some if row["nature"] == "serie_redefinie"} for some in (changed, gone)
    ]
    assert redefined[0] == redefined[1] and len(redefined[0]) == 1
    assert [sum(row["nature"] == "serie_redefinie" for row in some) for some in (changed, gone)] == [404, 5252]


def test_whether_a_figure_is_summed_and_from_how_many(tree):
    computed = tree.rows("reference/agregations.csv")
    assert {row["methode"] for row in computed} <= {"somme", "moyenne_ponderee", "ratio", "recopie"}
    assert all(int(row["enfants"]) <= int(row["enfants_attendus"]) for row in computed if row["methode"] == "somme")
    assert "somme" in {row["methode"] for row in computed}


def test_what_the_mark_of_a_unit_means(tree):
    marked = [one for one in tree.indicators.values() if one["unite"].endswith("*") and one["id_indicateur"]]
    notes = tree.text("README.md").partition("Certaines unités portent une marque")[2]
    assert all(one["note_unite"] for one in marked)
    assert marked and all(one["libelle_indicateur"].replace("'", "'") in notes.replace("\\", "") for one in marked)


def test_under_which_licence(tree):
    package = json.loads(tree.text("datapackage.json"))
    assert package["licenses"][0]["title"] in tree.text("LICENCE.md")


def test_which_edition_made_by_which_code(trees):
    for name, tree in trees.items():
        manifest = json.loads(tree.text("manifeste.json"))
        assert manifest["edition"] == name and f"édition {name}" in tree.text("README.md").partition("\n")[0]
        assert f"`{manifest['code']}`" in tree.text("README.md")


def test_what_is_the_target_and_whether_it_is_reached(tree):
    reached = tree.rows("avancement/progression.csv", maille="departementale", code="12")
    assert reached and all(row["statut"] for row in reached)
    assert all(row["cible"] and row["date_atteinte"] for row in reached if row["statut"] == "atteint")


def test_each_missed_target_has_an_explanation_or_a_notice_with_the_contact(trees):
    told = trees["2022-T1"].rows("qualite/explications.csv", maille="departementale")
    assert len(told) == 161 and {row["origine"] for row in told} == {"avis"}
    assert all(row["texte"] and row["date"] == "2022-03-31" and row["contact"] for row in told)


def test_where_a_figure_comes_from(tree):
    readme = tree.text("README.md")
    for delivery in json.loads(tree.text("manifeste.json"))["livraisons"]:
        for file in delivery["fichiers"]:
            assert f"`{file['sha256']}`" in readme
    assert all(one["producteur"] for one in tree.indicators.values() if one["id_indicateur"] in tree.published)


def test_when_a_figure_is_stale(trees):
    told = trees["2022-T1"].rows("avancement/progression.csv")
    assert {row["fraicheur"] for row in told} == {"ancienne", "a_jour"}
    assert "1,5 période et 3 mois" in trees["2022-T1"].text("README.md")


def test_each_doubtful_row_has_a_sentence_and_each_sentence_of_the_readme_a_row(tree):
    doubted = tree.rows("qualite/anomalies.csv")
    counts = Counter(row["phrase"] for row in doubted)
    assert all(re.match(r"\S.* : \S.*[.?!]$", phrase) for phrase in counts)
    readme = tree.text("README.md")
    for phrase, n in counts.items():
        shown = f"{n:,}".replace(",", "\u202f")
        assert f"{phrase} | {shown} |" in readme.replace("\\", "")


def of_the_method(tree: Tree, pattern: str) -> list[float]:
    """The numbers of an example, where the pattern has N."""
    text = " ".join(tree.text("METHODE.md").split()).replace("\u202f", "").replace("\u00a0", "")
    found = re.search(pattern.replace("N", r"(-?\d+(?:,\d+)?)"), text)
    assert found, pattern
    return [float(number.replace(",", ".")) for number in found.groups()]


def test_the_examples_of_the_method_are_recomputed_from_what_they_say(tree):
    method = tree.text("METHODE.md")
    assert "nan" not in method.lower().split() and "None" not in method
    assert method.count("Aucune ligne de cette édition n'est dans ce cas.") <= 3
    now, start, moved, share = of_the_method(tree, r"N − N, arrondi : N ; rapporté à [\d,]+ : N %\.")
    assert (round(now - start), round((now - start) / start * 100)) == (moved, share)
    now, start, target, _, rate = of_the_method(tree, r"\(N − N\) / \(N − N\) × 100, arrondi : N\.")
    assert round((now - start) / (target - start) * 100) == rate
    done, time, pace = of_the_method(tree, r"Part parcourue N, part du temps N : le rythme est N")
    assert done / time == pytest.approx(pace, abs=1e-4)
    (gap,) = of_the_method(tree, r"soit un écart de N points")
    assert 100 * (done - time) == pytest.approx(gap, abs=1e-3)
    (mean,) = of_the_method(tree, r"leur moyenne est N\.")
    rates = re.search(r"ses indicateurs en sont à ([^:]+?) ; leur moyenne", " ".join(method.split()))[1]
    each = [float(rate.replace(",", ".").strip()) for rate in rates.split(" ; ")]
    assert len(each) > 1 and sum(each) / len(each) == pytest.approx(mean, abs=1e-4)


def test_the_date_that_the_method_expects_is_that_of_its_pace(tree):
    said = r"Du (\S+) au (\S+), (\d+(?:,\d+)?) du chemin : .*? atteinte le (\S+), pour une échéance"
    start, now, done, expected = re.search(said, " ".join(tree.text("METHODE.md").split())).groups()
    start, now, expected = (datetime.strptime(text, "%d/%m/%Y") for text in (start, now, expected))
    reached = start + (now - start) / float(done.replace(",", "."))
    assert (reached.year, reached.month) == (expected.year, expected.month)
