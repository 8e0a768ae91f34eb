"""The PDF of the documentation: tagged, with its outline and page numbers, and no figure that the synthèse has not."""

import csv
import re
from pathlib import Path

import pytest
from pypdf import PdfReader

from barometre_pipeline.catalogue import load_catalogue
from barometre_pipeline.editions import Edition
from barometre_pipeline.french import number
from barometre_pipeline.publish.documentation.book import book, rich
from barometre_pipeline.publish.documentation.chart import small_chart
from barometre_pipeline.publish.documentation.facts import read_facts
from barometre_pipeline.publish.documentation.figures import read_figures
from barometre_pipeline.resources.duckdb_files import read_warehouse
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


def figures_of(path: Path) -> list[tuple[str, ...]]:
    """The figures of a CSV file of the synthèse, in its order, as the PDF writes them."""
    keys = ("valeur_initiale", "valeur_actuelle", "cible")
    with path.open(encoding="utf-8", newline="") as file:
        return [
            (
                row["id_indicateur"],
                *(number(float(row[key]) if row[key] else None) for key in keys),
                f"{number(float(row['pourcentage_cible']))} %" if row["pourcentage_cible"] else "—",
            )
            for row in csv.DictReader(file)
        ]


def test_the_figures_are_all_those_of_the_synthese_of_an_official_edition(backfilled):
    build = backfilled.home.build(Edition(2022, 1))
    catalogue = load_catalogue(Path(str(backfilled.catalogue).replace("{edition}", "2022-T1")))
    with read_warehouse(build.warehouse) as connection:
        made = book(catalogue, Edition(2022, 1), read_facts(connection), read_figures(connection, catalogue), False)
    indicators = [i for s in made["secteurs"] for m in s["mesures"] for i in m["indicateurs"]]
    shown = [
        (i["id"], c["initiale"][0], c["actuelle"][0], c["cible"][0], c["taux"])
        for i in indicators
        for c in i["chiffres"]
    ]
    official = [build.files / f"barometre-resultats-synthese-{level}.csv" for level in ("national", "regional")]
    assert sorted(shown) == sorted(row for path in official for row in figures_of(path))
    assert (build.files / "documentation/barometre-resultats-documentation.pdf").read_bytes().startswith(b"%PDF")
