"""The PDF of the documentation: tagged, with its outline and page numbers, and no figure that the synthèse has not."""

import csv
import re
from dataclasses import replace
from datetime import date
from io import BytesIO
from pathlib import Path
from urllib.parse import unquote

import pytest
from pypdf import PdfReader

from barometre_pipeline.catalogue import Engagement, load_catalogue
from barometre_pipeline.catalogue.documentation import Contact, Lien
from barometre_pipeline.editions import Edition
from barometre_pipeline.french import number
from barometre_pipeline.publish.documentation import pdf
from barometre_pipeline.publish.documentation.book import book, rich
from barometre_pipeline.publish.documentation.chart import small_chart
from barometre_pipeline.publish.documentation.facts import Facts, read_facts
from barometre_pipeline.publish.documentation.figures import Figures, read_figures
from barometre_pipeline.publish.documentation.pdf import as_pdf
from barometre_pipeline.resources.duckdb_files import read_warehouse
from tests.official_home import backfilled  # noqa: F401
from tests.projects import Project, project, published, published_once  # noqa: F401
from tests.small_world import a_catalogue, an_indicator


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


COMMITMENT = {
    "libelle": "Dire",
    "statut": "substantiel",
    "statut_declare": "Substantiel",
    "deja_suivi": True,
    "statut_precedent": "partiel",
    "calendrier": "retarde",
    "calendrier_precedent": "retarde",
    "institutions": "Région Nord ; Ministère",
    "enjeux": None,
    "mis_a_jour_le": date(2016, 5, 1),
    "actions_en_retard": 1,
}


def test_the_chapter_of_the_commitments_is_dated_and_tells_counts_and_what_is_late_and_moved():
    rows = [{**COMMITMENT, "id_engagement": "1"}]
    rows += [
        {**COMMITMENT, "id_engagement": "2", "calendrier": "conforme", "deja_suivi": False, "statut_precedent": None}
    ]
    made = book(a_catalogue(an_indicator()), Edition(2022, 1), Facts(engagements=rows), {}, False)
    assert made["bilan"]["comptes"] == ["Statuts : substantiel 2.", "Calendriers : conforme 1, retardé 1."]
    told = {one["titre"]: [line.replace("\u00a0", " ") for line in one["lignes"]] for one in made["bilan"]["listes"]}
    assert told["En retard"] == [
        "1. Dire : calendrier retardé, 1 action échue et non complète",
        "2. Dire : 1 action échue et non complète",
    ]
    assert told["Ce qui a changé"] == ["1. Dire : de « partiel » à « substantiel »"]
    assert told["Par institution"] == ["Ministère : 1, 2", "Région Nord : 1, 2"]
    assert [one["mis_a_jour"] for one in made["engagements"]] == ["01/05/2016"] * 2


def test_the_chapter_of_the_commitments_has_all_that_their_pages_say():
    said = Engagement(
        id="1",
        libelle="Dire",
        objectif="Que tous **sachent**.",
        indicateurs=("i",),
        contributions=("[Une contribution](https://example.org/c)",),
        liens=(Lien(titre="Forum", lien="https://example.org/f"),),
    )
    action = {"libelle": "Ouvrir", "statut": "partiel", "echeance": None, "en_retard": False}
    action |= {"resultats": "- [fait](https://example.org/x)", "prochaines_etapes": "La suite."}
    catalogue = replace(a_catalogue(an_indicator()), engagements=(said,))
    row = {**COMMITMENT, "id_engagement": "1", "enjeux": "Savoir."}
    facts = Facts(engagements=[row], actions={"1": [action]})
    made = book(catalogue, Edition(2022, 1), facts, {}, False)
    (one,) = made["engagements"]
    assert [text["titre"] for text in one["textes"] if text["texte"]] == ["Enjeux", "Objectif"]
    (done,) = one["actions"]
    assert done["resultats"][0]["items"][0]["line"][0] == {
        "kind": "plain",
        "text": "[fait](https://example.org/x)",  # declared: no link of a stranger's
        "address": "",
    }
    assert done["prochaines_etapes"][0]["line"][0]["text"] == "La suite."
    assert one["contributions"][0][0]["line"][0]["address"] == "https://example.org/c"
    assert (one["indicateurs"], one["liens"][0]["titre"]) == (["Libellé de i"], "Forum")
    pages = text_of(PdfReader(BytesIO(as_pdf(made, Edition(2022, 1)))))
    for words in ("Enjeux", "Que tous sachent.", "Prochaines étapes :", "Contributions", "En discuter : Forum"):
        assert words in pages


def test_each_figure_has_its_own_question_and_an_indicator_without_any_says_at_which_levels():
    catalogue = a_catalogue(an_indicator(contact=Contact(nom="Bureau", courriel="b@example.org")))
    nord = Figures("Nord", 1.0, None, 2.0, None, 3.0, None, 50.0, [1.0, 2.0])
    made = book(catalogue, Edition(2022, 1), Facts(), {"i": [nord]}, False)
    (figure,) = made["secteurs"][0]["mesures"][0]["indicateurs"][0]["chiffres"]
    assert unquote(figure["question"]) == "mailto:b@example.org?subject=Libellé de i – Nord – édition 2022-T1 (i)"
    assert made["sans_chiffre"] == "La synthèse n'a aucune ligne de cet indicateur au niveau national et par région."


def test_the_terms_of_the_lexicon_are_in_the_order_of_the_letters_accents_aside():
    terms = ("Zone", "Écart", "part", "Fibre")
    made = book(a_catalogue(an_indicator(lexique=dict.fromkeys(terms, "…"))), Edition(2022, 1), Facts(), {}, False)
    assert [one["terme"] for one in made["lexique"]] == ["Écart", "Fibre", "part", "Zone"]


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


@pytest.mark.parametrize(
    ("mistake", "told"), [("#let x = (", "unclosed delimiter."), ("#zut", "unknown variable: zut.")]
)
def test_a_mistake_in_the_layout_is_told_with_its_file_and_line_before_there_is_a_book(
    mistake, told, tmp_path, monkeypatch
):
    text = pdf.LAYOUT.read_text("utf-8")
    (tmp_path / "documentation.typ").write_text(f"{text}\n{mistake}\n", "utf-8")
    monkeypatch.setattr(pdf, "LAYOUT", tmp_path / "documentation.typ")
    line = text.count("\n") + 2
    assert pdf.layout_problems() == [f"barometre_pipeline/publish/documentation/documentation.typ, line {line}: {told}"]


def test_the_layout_is_right():
    assert pdf.layout_problems() == []
