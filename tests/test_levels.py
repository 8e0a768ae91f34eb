"""Levels are data: whole editions of countries that are not France, by their catalogues alone."""

import csv
import json
import re

import pytest
import yaml
from python_calamine import CalamineWorkbook

from barometre_pipeline.catalogue.levels import default_levels, with_known_words
from tests.countries import Country, level, two_levels, with_communes, with_communities
from tests.projects import EDITION, Project, project  # noqa: F401 - a fixture

FRENCH = re.compile(r"\b(nationale?|régions?|départements?|departemental|regional|France)\b", re.IGNORECASE)


def made(project: Project, country: Country) -> Project:
    """Publish an edition of a country."""
    country.write(project.home.parent)
    status, _, errors = project.run()
    assert status == 0, errors
    return project


def rows(project: Project, name: str) -> list[dict]:
    return list(csv.DictReader(project.published(name)))


def trees(project: Project, name: str, column: str) -> dict[str, float]:
    """The trees planted at the last date, by the territory's code."""
    last = [r for r in rows(project, name) if r["id_indicateur"] == "nb-arbres" and r["date"] == "2022-03-31"]
    return {r.get(column, ""): float(r["valeur"]) for r in last}


def files(project: Project) -> set[str]:
    root = project.home / "publication"
    return {p.relative_to(root).as_posix() for p in root.rglob("*") if p.is_file() and ".git" not in p.parts}


@pytest.mark.long
def test_a_nation_and_its_provinces_have_files_headings_and_words_of_their_own(project):
    made(project, two_levels())
    assert project.published("ailleurs-detail-nation.csv")[0] == (
        "mesure,indicateur,id_indicateur,area,date,valeur,unite"
    )
    assert project.published("ailleurs-detail-province.csv")[0].split(",")[3:5] == ["province_code", "province_name"]
    assert trees(project, "ailleurs-detail-nation.csv", "area") == {"whole country": 6.0}
    assert trees(project, "ailleurs-detail-province.csv", "province_code") == {"ON": 1.0, "QC": 2.0, "NB": 3.0}
    assert "provinces/detail/ailleurs-detail-province-QC.csv" in files(project)
    copied = [r for r in rows(project, "ailleurs-detail-province.csv") if r["id_indicateur"] == "part-forets"]
    assert {r["province_name"]: r["valeur"] for r in copied} == {"Ontario": "31.5", "Québec": "31.5", "N.-B.": "31.5"}


@pytest.mark.long
def test_no_french_level_is_named_in_what_a_nation_and_its_provinces_publish(project):
    made(project, two_levels())
    report = (project.home / "rapports" / EDITION / "index.html").read_text(encoding="utf-8")
    told = "\n".join(project.published("README.md"))
    assert FRENCH.findall(told) == [] and FRENCH.findall(report) == []
    assert {name for name in files(project) if FRENCH.search(name)} == set()
    assert "province" in told
    feeds = [(project.home / "publication" / name).read_text("utf-8") for name in files(project) if name[:5] == "flux/"]
    described = json.loads("\n".join(project.published("datapackage.json")))
    titles = {one["title"].rpartition(" – ")[2] for one in described["resources"]}
    assert {"Détail, nation", "Détail, provinces"} <= titles  # there is one nation
    assert len(feeds) == 6 and [word for feed in feeds for word in FRENCH.findall(feed)] == []


@pytest.mark.long
def test_a_tree_of_levels_sums_along_each_branch(project):
    made(project, with_communities())
    departments = trees(project, "ailleurs-detail-dep.csv", "dep_code")
    assert departments["01"] == sum(n for n in range(1, 41) if n % 4 + 1 == 1)
    assert trees(project, "ailleurs-detail-region.csv", "region_code") == {
        "A": departments["02"] + departments["04"],
        "B": departments["01"] + departments["03"],
    }
    assert trees(project, "ailleurs-detail-etat.csv", "etendue") == {"etat": 820.0}
    # Communes are no part of a community here: nothing is summed along a branch that does not hold them.
    assert trees(project, "ailleurs-detail-epci.csv", "epci_code") == {}
    assert not any(name.startswith("communes/") for name in files(project))
    assert "epcis/detail/ailleurs-detail-epci-E1.csv" in files(project)  # the copied share of forests


@pytest.mark.long
def test_a_level_of_many_communes_works_by_catalogue_alone(project):
    made(project, with_communes(35_000))
    assert len(rows(project, "ailleurs-detail-communal.csv")) == 3 * 35_000
    assert trees(project, "ailleurs-detail-national.csv", "maille_geographique") == {"national": 612_517_500.0}
    assert trees(project, "ailleurs-detail-departemental.csv", "departementale_code")["001"] == sum(
        range(101, 35_001, 101)
    )
    assert not any("communales/" in name for name in files(project))


@pytest.mark.long
@pytest.mark.parametrize("country", [two_levels(), with_communities(), with_communes(200)], ids=["two", "tree", "four"])
def test_every_country_has_a_demonstration_that_passes_its_own_gate(project, country):
    country.write(project.home.parent)
    options = ["--catalogue", project.catalogue, "--depot", project.depot, "--home", project.home]
    status, _, errors = project.barometre("run", EDITION, *options)
    assert status == 0, errors


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({1: {"parent": None}}, "exactly one level has no parent"),
        ({1: {"parent": "natoin"}}, "'natoin' is not the id of a level"),
        ({1: {"nom": "Nation"}}, "nom: 'Nation' is already that of the level 'nation'"),
        ({1: {"territoire": None}}, "territoires (a folder) and territoire"),
        ({1: {"colonnes": {"code": "c"}}}, "both code and libelle are needed"),
        ({1: {"colonnes": {"code": "area", "libelle": "Area"}}}, "two headings are the same, or differ only by"),
        ({1: {"colonnes": {"constante": {"area": "x"}}}}, "the level has 3 territories"),
        ({1: {"territoires": "json"}}, "the root of the publication has something else of this name (here: 'json')"),
        ({1: {"territoires": "License"}}, "something else of this name (here: 'License')"),
        ({1: {"nom": "n" * 51}}, "nom: at most 50 characters"),
    ],
)
def test_what_is_wrong_in_the_levels_is_told_with_what_would_be_right(project, change, told):
    country = two_levels()
    mailles = [
        {k: v for k, v in {**m, **change.get(n, {})}.items() if v is not None} for n, m in enumerate(country.mailles)
    ]
    Country(tuple(mailles), country.territoires, "province").write(project.home.parent)
    status, _, errors = project.run()
    assert status == 2 and "mailles.yaml" in errors and told in errors


def test_every_fault_of_the_levels_is_told_at_once(project):
    nation, province = two_levels().mailles
    no_word = {k: v for k, v in level("ville", "vilage", descriptions={"x": "y"}).items() if k != "territoire"}
    mailles = (nation, {**province, "nom": "nation"}, no_word, level("site", "province", libelle=[1]))
    Country(mailles, two_levels().territoires, "province").write(project.home.parent)
    status, _, errors = project.run()
    assert status == 2
    for told in (
        "nom: 'nation' is already that of the level 'nation'",
        "territoires (a folder) and territoire (a word in file names) go together",
        "'x' is not a heading of colonnes",
        "parent: 'vilage' is not the id of a level",
        "libelle: must be a text",
    ):
        assert told in errors


def test_a_fault_of_the_levels_is_told_once_and_not_of_each_territory_that_it_leaves_without_level(project):
    country = two_levels()
    two_wholes = yaml.safe_dump([{**m, "parent": None} for m in country.mailles])
    for mailles, told in (
        ("province: nation\n", ": a list is needed"),
        (two_wholes, "exactly one level has no parent"),
    ):
        country.write(project.home.parent)
        (project.catalogue / "mailles.yaml").write_text(mailles, encoding="utf-8")
        status, _, errors = project.run()
        assert (status, errors.splitlines()[0]) == (2, "The catalogue is wrong (one problem):"), errors
        assert "mailles.yaml, line " in errors and told in errors


def test_a_french_level_that_a_catalogue_writes_has_the_optional_words_that_are_known_of_it():
    whole, region, _ = default_levels()
    plain = whole.model_copy(update={"adjectif": None, "descriptions": {}})
    own = region.model_copy(update={"adjectif": "de région", "descriptions": {}})
    assert with_known_words(plain) == whole
    assert with_known_words(own) == region.model_copy(update={"adjectif": "de région"})
    other = plain.model_copy(update={"nom": "ensemble"})
    assert with_known_words(other) == other


@pytest.mark.long
def test_levels_with_long_names_that_begin_alike_have_sheets_of_their_own(project):
    nation, province = two_levels().mailles
    alike = [{**m, "nom": f"circonscription-administrative-{m['id']}"} for m in (nation, province)]
    made(project, Country(tuple(alike), two_levels().territoires, "province"))
    book = project.home / "publication" / "ailleurs-data.xlsx"
    names = CalamineWorkbook.from_path(str(book)).sheet_names
    assert len({name.lower() for name in names}) == 4 and max(map(len, names)) <= 31


def test_a_territory_without_its_parent_or_of_no_level_is_told(project):
    country = two_levels()
    places = (*country.territoires, ("province", "PE", "Île", ""), ("vilage", "V", "Village", "CA"))
    Country(country.mailles, places, "province").write(project.home.parent)
    status, _, errors = project.run()
    assert status == 2
    assert "parent" in errors and "'vilage' is not a level" in errors
