"""What the catalogue says in words: which texts it takes, what is wrong in one, which are still to be written."""

import csv
import re
from pathlib import Path

import pytest

from barometre_pipeline.catalogue import load_catalogue
from barometre_pipeline.catalogue.missing import UNKNOWN_MINISTERE, missing_texts
from barometre_pipeline.documents.prose import Block, Span, as_markdown, blocks, spans
from tests.projects import Project, project  # noqa: F401
from tests.small_project import problems, write_catalogue

TEXT = """
Un paragraphe
sur deux lignes, avec **du poids**.

- un point
  qui continue
  - un point dans le point
- un [lien](https://example.org/a)

1. d'abord
2. ensuite
"""


@pytest.fixture
def folder(tmp_path) -> Path:
    return write_catalogue(tmp_path / "catalogue")


def append(folder: Path, name: str, text: str) -> None:
    with (folder / name).open("a", encoding="utf-8") as file:
        file.write(text)


def test_a_text_has_paragraphs_and_lists():
    assert list(blocks(TEXT)) == [
        Block("paragraph", "Un paragraphe sur deux lignes, avec **du poids**."),
        Block("bullet", "un point qui continue"),
        Block("bullet", "un point dans le point", 1),
        Block("bullet", "un [lien](https://example.org/a)"),
        Block("number", "d'abord"),
        Block("number", "ensuite"),
    ]
    assert list(blocks(as_markdown(TEXT))) == list(blocks(TEXT))


def test_a_line_has_spans():
    assert list(spans("a **b** *c* `d` [e](https://example.org) f")) == [
        Span("plain", "a "),
        Span("fort", "b"),
        Span("plain", " "),
        Span("accent", "c"),
        Span("plain", " "),
        Span("code", "d"),
        Span("plain", " "),
        Span("lien", "e", "https://example.org"),
        Span("plain", " f"),
    ]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("bon\n\n  # Un titre", "line 3 of the text has a heading"),
        ("Titre\n  =====", "line 2 of the text has a heading"),
        ("<b>gras</b>", "line 1 of the text has HTML"),
        ("| a | b |", "a table: write a list"),
        ("![image](https://example.org)", "a picture"),
        ("[lien](javascript:alert)", "a link that leads neither to https:// nor to mailto:"),
        ("```", "a block of code"),
    ],
)
def test_what_a_page_cannot_show_is_told_with_its_file_and_line(folder, text, told):
    append(folder, "mesures/air.yaml", f"description: |\n  {text}\n")
    (found,) = problems(folder)
    assert re.match(r"mesures/air.yaml, line \d+: description: ", found)
    assert told in found


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("mesures/air.yaml", "rendez_vous: [{date: 2022-05-01}]\n", "rendez_vous[1].lieu: is required"),
        ("mesures/air.yaml", "statut_documentation: faite\n", "statut_documentation: must be proposee, validee"),
        ("catalogue.yaml", "liens: {jeu: essai}\n", "liens.jeu: must be written as ^https?"),
        ("catalogue.yaml", "liens: {sites: https://example.org}\n", "liens.sites: unknown key; the closest is 'site'"),
        ("mesures/air.yaml", "contact: {courriel: a@example.org}\n", "contact.nom: is required"),
        ("mesures/air.yaml", 'contact: {nom: "+ de 65 ans"}\n', "contact.nom: begins with '+', which a spreadsheet"),
    ],
)
def test_a_mistake_in_the_documentation_is_named_with_what_would_be_right(folder, name, text, told):
    append(folder, name, text)
    assert any(one.startswith(name) and told in one for one in problems(folder))


def test_whom_to_write_to_is_the_indicators_contact_then_its_policys_then_the_catalogues(folder):
    append(folder, "mesures/air.yaml", "contact: {nom: Bureau de l'air, courriel: air@example.org}\n")
    found = load_catalogue(folder)
    assert found.contact_of("nb-alertes").courriel == "air@example.org"
    assert found.contact_of("nb-puits").courriel == "essai@example.org"


def test_two_policies_whose_pages_would_have_one_name_are_told(folder):
    text = (folder / "mesures/air.yaml").read_text("utf-8")
    (folder / "mesures/air.yaml").write_text(text.replace("id: AIR", "id: eau"), "utf-8")
    assert any("mesures/eau.yaml, line 1: id: the id 'eau' is already used" in p for p in problems(folder))


def test_what_is_missing_is_listed_by_ministry(folder):
    append(folder, "mesures/air.yaml", "description: Un air plus sain.\nstatut_documentation: validee\n")
    found = missing_texts(load_catalogue(folder), {"part-potable": "Ministère de l'Eau"})
    assert [one.ministere for one in found] == sorted(one.ministere for one in found)
    of_air = [(one.indicateur, one.texte, one.etat) for one in found if one.mesure == "AIR"]
    assert ("nb-alertes", "description", "à écrire") in of_air
    assert not any(indicateur is None for indicateur, *_ in of_air)
    assert {one.ministere for one in found} == {"Ministère de l'Air", "Ministère de l'Eau"}
    assert UNKNOWN_MINISTERE not in {one.ministere for one in found}


def test_what_is_missing_of_a_commitment_is_asked_of_the_institution_that_bears_it(folder):
    (folder / "engagements").mkdir()
    said = "id: 1\nlibelle: Dire\ninstitutions: [Région Nord]\nenjeux: Savoir.\n"
    (folder / "engagements/dire.yaml").write_text(said, "utf-8")
    found = [one for one in missing_texts(load_catalogue(folder), {}) if one.engagement]
    assert {(one.ministere, one.engagement, one.etat) for one in found} == {("Région Nord", "1", "à écrire")}
    assert [one.texte for one in found] == ["axe", "objectif", "description"]


def test_the_list_of_a_catalogue_without_documentation_has_each_of_its_indicators(project: Project):
    options = ("--catalogue", project.catalogue, "--home", project.home, "--format", "csv")
    status, output, _ = project.barometre("catalogue", "missing", *options)
    rows = list(csv.DictReader(output.splitlines()))
    assert status == 0
    assert list(rows[0]) == ["ministere", "mesure", "indicateur", "engagement", "texte", "etat"]
    assert {row["indicateur"] for row in rows} == {"", "nb-puits", "part-potable", "nb-alertes"}
