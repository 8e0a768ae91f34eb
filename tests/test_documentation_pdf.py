"""The PDF of the documentation: tagged, with its outline and page numbers, and no figure that the synthèse has not."""

import csv
import io
import re
from pathlib import Path

import pytest
from pypdf import PdfReader

from barometre_pipeline.editions import Edition
from barometre_pipeline.publish.documentation.book import rich
from barometre_pipeline.publish.documentation.chart import small_chart
from tests.official_home import backfilled  # noqa: F401
from tests.projects import Project, project, published, published_once  # noqa: F401


@pytest.fixture
def read_pdf(published: Project) -> PdfReader:
    return PdfReader(published.home / "publication/documentation/essai-documentation.pdf")


def text_of(reader: PdfReader) -> str:
    return " ".join("\n".join(page.extract_text() for page in reader.pages).split())


def test_it_is_tagged_titled_and_dated_of_the_editions_end(read_pdf):
    catalogue = read_pdf.trailer["/Root"]
    assert catalogue["/MarkInfo"]["/Marked"]
    assert catalogue["/Lang"].lower().startswith("fr")
    assert b"<pdfuaid:part>1</pdfuaid:part>" in catalogue["/Metadata"].get_data()
    assert read_pdf.metadata.title == "Baromètre d'essai : documentation, édition 2022-T1"
    assert read_pdf.metadata.creation_date.date() == Edition(2022, 1).end


def test_it_has_an_outline_and_page_numbers(read_pdf):
    titles = [one.title for one in read_pdf.outline if not isinstance(one, list)]
    assert titles == ["Eau", "Air", "Lexique"]
    count = len(read_pdf.pages)
    for n, page in enumerate(read_pdf.pages, 1):
        assert f"{n} / {count}" in page.extract_text()


def test_it_says_the_figures_of_the_whole_and_of_the_level_below(read_pdf):
    text = text_of(read_pdf)
    for said in ("Nombre de puits", "Pays", "1 380,5", "Une question sur ce chiffre", "Contact"):
        assert said in text.replace("\u202f", " "), said
    assert "Nord" in text and "Amont" not in text


def test_two_homes_make_the_same_bytes(published, published_once):
    ours = published.home / "editions/2022-T1/publication/documentation/essai-documentation.pdf"
    first = ours.read_bytes()
    assert published.run("--from-snapshot", "--no-publish")[0] == 0
    assert ours.read_bytes() == first


def test_a_chart_is_the_same_for_the_same_values_and_holds_the_last_one():
    values = [float(n % 7) for n in range(500)]
    drawn = small_chart(values) or ""
    assert drawn == small_chart(values)
    assert len(re.findall(r"[\d.]+,[\d.]+", drawn)) == 60
    assert small_chart([1.0]) is None


def test_a_list_within_a_list_stays_within_it():
    tree = rich("Avant :\n\n- un\n  - deux\n- trois\n\nAprès.")
    assert [node["kind"] for node in tree] == ["paragraph", "bullet", "paragraph"]
    first, second = tree[1]["items"]
    assert first["children"][0]["items"][0]["line"][0]["text"] == "deux"
    assert second["children"] == []


def numbers_of(path: Path) -> list[tuple[str, float]]:
    keys = ("valeur_initiale", "valeur_actuelle", "cible", "pourcentage_cible")
    with path.open(encoding="utf-8", newline="") as file:
        return [(key, float(row[key])) for row in csv.DictReader(file) for key in keys if row[key]]


def test_every_national_and_regional_figure_of_an_official_edition_is_in_it(backfilled):
    files = backfilled.home.build(Edition(2022, 1)).files
    content = (files / "documentation/barometre-resultats-documentation.pdf").read_bytes()
    text = text_of(PdfReader(io.BytesIO(content))).replace("\u202f", "").replace("\u00a0", "")
    for level in ("national", "regional"):
        for key, value in numbers_of(files / f"barometre-resultats-synthese-{level}.csv"):
            said = f"{value:.6f}".rstrip("0").rstrip(".").replace(".", ",")
            assert re.search(rf"(?<![\d,]){re.escape(said)}(?![\d,])", text), (level, key, value)
