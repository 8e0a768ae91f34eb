"""The pages of the documentation, as an edition publishes them: every heading is there, each source is named."""

import hashlib
import re
from dataclasses import replace
from urllib.parse import unquote

import pytest

from barometre_pipeline.catalogue import DEFAULT_CATALOGUE, load_catalogue
from barometre_pipeline.catalogue.documentation import Contact
from barometre_pipeline.editions import Edition
from barometre_pipeline.publish.documentation.dialogue import discussion_link, mail_link, question_link, suggestion_link
from barometre_pipeline.publish.tree.manifest import is_data
from tests.projects import Project, project, published, published_once  # noqa: F401
from tests.small_world import a_catalogue, an_indicator

OF_A_SHEET = ("Description générale", "Lexique", "Rendez-vous avec les citoyens")
OF_AN_INDICATOR = ("Mode de production", "Question posée", "Périmètre", "Métadonnées", "Méthode de calcul", "Sources")
OF_AN_INDICATOR += ("Précautions de lecture", "Contact")


@pytest.fixture
def pages(published: Project) -> dict[str, str]:
    """The pages of an edition whose catalogue has no documentation, by their paths."""
    folder = published.home / "publication" / "documentation"
    return {p.relative_to(folder).as_posix(): p.read_text("utf-8") for p in folder.rglob("*.md")}


def test_a_catalogue_without_documentation_has_short_sheets_with_every_heading(pages):
    assert set(pages) == {"index.md", "lexique.md", "indicateurs-citoyens.md", "mesures/EAU.md", "mesures/AIR.md"}
    sheet = pages["mesures/EAU.md"]
    assert re.findall(r"^# (.*)$", sheet, re.MULTILINE) == ["Améliorer l'eau"]
    titles = re.findall(r"^## (.*)$", sheet, re.MULTILINE)
    assert titles == [OF_A_SHEET[0], "Nombre de puits", "Part d'eau potable", *OF_A_SHEET[1:]]
    assert re.findall(r"^### (.*)$", sheet, re.MULTILINE) == list(OF_AN_INDICATOR) * 2
    assert "La description de cet indicateur reste à écrire." in sheet
    assert "Fréquence de mise à jour : non renseignée" in sheet


def test_a_sheet_names_its_sources_with_their_days_and_checksums(pages, published):
    content = (published.deliveries / "eau" / "puits.csv").read_bytes()
    sources = pages["mesures/EAU.md"].partition("### Sources")[2].partition("###")[0]
    assert "Valeurs : Ministère de l'Eau, livraison puits, fichier puits.csv" in sources
    assert hashlib.sha256(content).hexdigest() in sources
    assert re.search(r"reçu le \d{2}/\d{2}/\d{4}", sources)


def test_the_method_of_each_indicator_is_in_words(pages):
    assert "somme des territoires de la maille livrée" in pages["mesures/EAU.md"]


def test_the_index_leads_to_each_sheet_by_sector(pages):
    index = pages["index.md"]
    assert index.index("## Eau") < index.index("](mesures/EAU.md)") < index.index("## Air")
    for path in re.findall(r"\]\(([^):]+\.md)\)", index):
        assert path in pages


def test_a_question_opens_with_its_subject(pages):
    found = re.search(
        r"\[Une question sur ce chiffre \?\]\(mailto:essai@example.org\?subject=(\S+)\)", pages["mesures/EAU.md"]
    )
    assert found
    assert unquote(found[1]) == "Nombre de puits – édition 2022-T1 (nb-puits)"


def test_a_citizen_may_suggest_an_indicator(pages):
    assert "(mailto:essai@example.org?subject=Proposer%20un%20indicateur" in pages["indicateurs-citoyens.md"]


def test_pages_that_only_say_more_make_no_new_publication():
    assert not is_data("documentation/mesures/EAU.md")
    assert is_data("engagements/engagements.csv")


def test_the_levels_of_a_sheet_and_of_the_index_are_named_in_words(pages):
    assert "(pays, régions, départements)" in pages["mesures/EAU.md"] and "nationale" not in pages["mesures/EAU.md"]
    assert "les chiffres au niveau national et par région" in pages["index.md"]


def test_a_question_goes_to_the_next_contact_where_the_nearest_has_no_address():
    indicator = an_indicator(contact="Bureau des routes")
    catalogue = a_catalogue(indicator)
    assert question_link(catalogue, Edition(2022, 1), "i") is None
    general = catalogue.general.model_copy(update={"contact": Contact(nom="Équipe", courriel="e@example.org")})
    assert (question_link(replace(catalogue, general=general), Edition(2022, 1), "i") or "").startswith("mailto:e@")


def test_a_subject_is_one_line_and_an_address_an_address():
    assert (
        mail_link("a@example.org", "Un\r\nBcc: b@example.org")
        == "mailto:a@example.org?subject=Un%20Bcc%3A%20b%40example.org"
    )
    with pytest.raises(ValueError, match="courriel"):
        Contact(nom="Équipe", courriel="a@example.org?cc=b@example.org, c")


def test_a_question_names_its_territory_and_goes_to_the_portals_discussions_too():
    catalogue = load_catalogue(DEFAULT_CATALOGUE)
    place = catalogue.territoires_of("departementale")[11]
    link = unquote(question_link(catalogue, Edition(2022, 1), "nb-morts-routes", place.libelle) or "")
    assert f"Nombre de morts sur les routes – {place.libelle} – édition 2022-T1" in link
    assert discussion_link(catalogue) is None
    assert (suggestion_link(catalogue) or "").startswith("mailto:")
