"""The words that the search box compares: those of the index and those that are typed are folded alike."""

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from barometre_pipeline.publish.site import search
from barometre_pipeline.publish.site.pages import Page

FOLDED = {
    "Redynamiser les cœurs de ville": "redynamiser les coeurs de ville",
    "METTRE EN ŒUVRE, ex æquo": "mettre en oeuvre ex aequo",
    "L'Île-Haute n° 2 (2ᵉ)": "l ile haute n 2 2e",
    "Ακρόπολη, Łódź, 東京": "ακροπολη łodz 東京",
}
# Calls the very expression of the script, which defines nothing outside itself.
SCRIPT = """
    const plain = eval(process.argv[1]);
    console.log(JSON.stringify(JSON.parse(process.argv[2]).map(plain)));
"""


def test_a_page_is_found_by_its_letters_in_any_alphabet():
    for title, words in FOLDED.items():
        _, written = search.search_index([Page("a.html", title, "a.html", "Essai")])
        ((_, _, _, found),) = json.loads(written.decode().removeprefix("window.INDEX=").rstrip(";\n"))
        assert found == " ".join(dict.fromkeys(words.split()))


def test_what_is_typed_is_folded_as_the_index_is():
    if (node := shutil.which("node")) is None:
        pytest.skip("node is not installed")
    script = Path(search.__file__).parent.joinpath("static/site.js").read_text("utf-8")
    plain = re.search(r"const plain = (.*);\n", script)[1]
    done = subprocess.run([node, "-e", SCRIPT, plain, json.dumps(list(FOLDED))], capture_output=True, text=True)
    assert json.loads(done.stdout) == list(FOLDED.values()) == [search.folded(text) for text in FOLDED]
