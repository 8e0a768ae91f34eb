"""The notebook of docs/, run cell by cell on a small warehouse."""

import json
from pathlib import Path

import pytest

from tests.projects import project  # noqa: F401 - a fixture
from tests.warehouse_world import history, published_thrice  # noqa: F401 - fixtures

NOTEBOOK = Path(__file__).parents[1] / "docs" / "analystes.ipynb"


@pytest.fixture
def pyplot(monkeypatch):
    monkeypatch.setenv("MPLBACKEND", "agg")
    from matplotlib import pyplot

    monkeypatch.setattr(pyplot, "show", lambda: None)  # which closes the figures, in a notebook
    yield pyplot
    pyplot.close("all")


@pytest.mark.long
def test_the_notebook_draws_the_answers_to_five_questions(history, pyplot, monkeypatch, capsys):
    monkeypatch.setenv("BAROMETRE_HOME", str(history.home))
    cells = json.loads(NOTEBOOK.read_text(encoding="utf-8"))["cells"]
    names: dict[str, object] = {}
    for cell in (c for c in cells if c["cell_type"] == "code"):
        assert cell["outputs"] == [], "what a run gave is not kept"
        exec(compile("".join(cell["source"]), f"{NOTEBOOK.name}, {cell['id']}", "exec"), names)
    figures = [pyplot.figure(number) for number in pyplot.get_fignums()]
    assert len(figures) == 5 and all(axes.has_data() for figure in figures for axes in figure.axes)
    assert capsys.readouterr().out.count("?") >= 5
