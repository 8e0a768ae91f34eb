"""What analysts read in docs/: as the file of the warehouse is now, `make docs` otherwise."""

import re
from dataclasses import replace
from pathlib import Path

import pytest

from barometre_pipeline.sql_lineage import FILE, read_lineage
from barometre_pipeline.sql_lineage import written as written_lineage
from barometre_pipeline.sql_models import read_models
from barometre_pipeline.warehouse.definition import Definition
from barometre_pipeline.warehouse.documentation.lineage import found_lineage, lineage_page
from barometre_pipeline.warehouse.documentation.pages import written_pages
from barometre_pipeline.warehouse.tables import MACROS, TABLES, VIEWS

DOCS = Path(__file__).parents[1] / "docs"


@pytest.fixture(scope="module")
def written() -> dict[str, str]:
    return written_pages(Definition.read(), (DOCS / "analystes.md").read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", ["entrepot.md", "entrepot.svg", "analystes.md"])
def test_the_documentation_is_up_to_date(written, name):
    assert (DOCS / name).read_text(encoding="utf-8") == written[name], "make docs"


def test_the_lineage_is_that_of_the_models_as_they_are():
    models = read_models()
    found = found_lineage(models)
    assert FILE.read_text("utf-8") == written_lineage(models, found), "make docs"
    assert (DOCS / "lignage.md").read_text("utf-8") == lineage_page(models, found), "make docs"


def test_columns_are_followed_to_what_they_come_from_by_their_names_where_they_are_united_so():
    found = read_lineage(read_models())
    assert found["detail"]["valeur"] == ["catalogue.indicateurs.arrondi", "int_valeurs.valeur"]
    assert found["origines"]["colonne"] == ["stg_valeurs.colonne"]


def test_nothing_is_said_of_a_model_that_changed_since():
    first, *_ = models = read_models()
    assert first.name not in read_lineage([replace(first, sql=f"{first.sql}\n"), *models[1:]])


def test_every_table_view_and_macro_is_told_and_drawn(written):
    told = set(re.findall(r"^### `(\w+)", written["entrepot.md"], re.MULTILINE))
    assert told == {t.name for t in TABLES} | VIEWS.keys() | {m.name for m in MACROS} | {"exemples"}
    drawn = set(re.findall(r'class="t">(\w+)<', written["entrepot.svg"]))
    assert drawn == told - {m.name for m in MACROS}


def test_comments_have_the_apostrophe_of_french(written):
    assert re.findall(r".*\w'\w.*", written["entrepot.md"]) == []


def test_a_guide_without_the_marks_of_its_questions_is_not_written():
    with pytest.raises(ValueError, match=r"analystes\.md: the questions stand between"):
        written_pages(Definition.read(), "# Interroger le baromètre\n")
