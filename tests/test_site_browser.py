"""The site of an official edition as citizens open it: from disk, in Chromium: clicks, search, axe-core."""

import csv
import random
import re
import shutil
from collections.abc import Iterator
from html import unescape
from pathlib import Path

import pytest

from barometre_pipeline.editions import Edition
from barometre_pipeline.french import number
from tests.axe import axe  # noqa: F401 - a fixture
from tests.browser import OUTSIDE, Page, opened_page
from tests.installation import wait_until
from tests.official_home import backfilled  # noqa: F401 - a fixture
from tests.site_links import dead_links

pytestmark = pytest.mark.long

SAMPLED = 500
WIDE, NARROW = 1280, 390
LEVELS = {"national": "nationale", "regional": "regionale", "departemental": "departementale"}
KINDS = (
    *("index", "territoires", "indicateurs", "retards", "nouveautes", "editions", "demarche", "methode", "donnees"),
    *("qualite", "indicateurs-citoyens", "reutilisations", "mots-cles", "mentions-legales", "accessibilite"),
    *("plan-du-site", "secteurs/sante-famille", "mesures/OVQ-REP", "indicateurs/nb-maisons-sante"),
    *("territoires/nationale/FR", "territoires/regionale/76", "territoires/departementale/12"),
)


@pytest.fixture(scope="module")
def tree(backfilled) -> Path:
    return backfilled.home.build(Edition.parse("2022-T1")).files


@pytest.fixture(scope="module")
def page(tmp_path_factory) -> Iterator[Page]:
    """A page of a browser; the test is skipped where there is none."""
    if (chromium := shutil.which("chromium")) is None:
        pytest.skip("chromium is not installed")
    with opened_page(chromium, tmp_path_factory.mktemp("chromium")) as opened:
        opened.watch()
        yield opened


def address(tree: Path, name: str = "index") -> str:
    return f"{(tree / 'site' / name).as_uri()}.html"


def test_it_is_of_the_size_that_was_promised(tree):
    sizes = {p: p.stat().st_size for p in (tree / "site").rglob("*") if p.is_file()}
    assert sum(sizes.values()) <= 15_000_000
    assert max(size for p, size in sizes.items() if p.suffix == ".html") < 300_000
    assert sizes[tree / "site/site.css"] < 30_000


def test_no_link_is_dead(tree):
    assert dead_links(tree / "site") == []


def test_sampled_figures_are_those_of_the_synthese(tree):
    found = []
    for nom, maille in LEVELS.items():
        with (tree / f"barometre-resultats-synthese-{nom}.csv").open(encoding="utf-8", newline="") as file:
            found += [(maille, row) for row in csv.DictReader(file)]
    for maille, row in random.Random(17).sample(found, SAMPLED):
        code = row.get("code_region") or row.get("code_departement") or "FR"
        shown = [f"<td>{_shown(row['valeur_actuelle'])}<i>", f"<td>{_shown(row['cible'])}<"]
        rate = row["pourcentage_cible"]
        shown.append(f"<td>{_shown(rate)}\u00a0%<" if rate else "<td>—<")
        pages = {f"territoires/{maille}/{code}.html": row["id_indicateur"]}
        pages[f"indicateurs/{row['id_indicateur']}.html"] = f"{maille}-{code}"
        for name, anchor in pages.items():
            text = (tree / "site" / name).read_text("utf-8")
            line = unescape(re.search(rf'<tr id="{re.escape(anchor)}">.*', text)[0])
            assert [one for one in shown if one not in line] == [], (name, anchor, line)


def _shown(cell: str) -> str:
    return number(float(cell)) if cell else "—"


@pytest.mark.servers
@pytest.mark.parametrize("with_scripts", [True, False])
def test_three_questions_have_their_answer_in_three_clicks(tree, page, with_scripts):
    page.scripts(with_scripts)
    page.forget()
    try:
        page.open(address(tree), WIDE)
        page.click("Comment va mon territoire ?")
        assert page.click("Aveyron") == "Aveyron (12)"
        assert "17" in page.value("document.querySelector('.comptes').textContent")
        page.open(address(tree), WIDE)
        assert page.click("Qu'est-ce qui est en retard") == "Ce qui est en retard, et pourquoi"
        text = page.value("document.querySelector('main').textContent")
        assert "recherche les raisons" in text or "explication" in text
        page.open(address(tree), WIDE)
        assert page.click("Qu'est-ce qui a changé") == "Ce qui change dans cette édition"
        assert "comparée à la publication 2021-T4" in page.value("document.querySelector('main').textContent")
    finally:
        page.scripts(True)
    assert page.complaints == []
    assert {one.partition(":")[0] for one in page.requests} == {"file"}


@pytest.mark.servers
@pytest.mark.parametrize(
    ("name", "anchor"),
    [("indicateurs/tx-detenus-formation", "nationale-FR"), ("territoires/nationale/FR", "tx-detenus-formation")],
)
def test_what_is_cited_has_its_unit_its_day_and_its_address(tree, page, name, anchor):
    page.open(address(tree, name), WIDE)
    page.value("navigator.clipboard.writeText = (text) => { window.copied = text; return Promise.resolve(); }; 0")
    page.value(f"document.querySelector(\".f a[href='#{anchor}']\").click(), 0")
    copied = page.value("window.copied")
    assert ", 6 (% de détenus, 30/09/2021). file://" in copied and copied.endswith(f"#{anchor}")


@pytest.mark.servers
@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("velo", "Déployer le plan vélo"),
        ("2a", "Corse-du-Sud (2A)"),
        ("la reunion", "La Réunion (04)"),
        ("Aveyron", "Aveyron (12)"),
        ("maisons sante", "Nombre de maisons de santé pluri-professionnelles"),
        ("coeurs de ville", "Redynamiser les cœurs de ville"),
        ("Mettre en œuvre", "Mettre en œuvre la sortie du plastique à usage unique et lutter contre le gaspillage"),
    ],
)
def test_the_search_finds_without_accents_and_from_disk(tree, page, asked, found):
    page.forget()
    page.open(address(tree, "territoires/departementale/12"), WIDE)
    page.value(f"q.value = {asked!r}; q.dispatchEvent(new Event('input'))")
    wait_until(lambda: page.value("!!document.querySelector('#trouve li')"), 30)
    titles = page.value("[...document.querySelectorAll('#trouve a')].map(a => a.firstChild.textContent.trim())")
    assert found in titles
    page.click(found)
    assert page.complaints == []


@pytest.mark.servers
def test_axe_finds_nothing_on_any_kind_of_page_wide_narrow_or_dark_with_everything_open(tree, page, axe):
    wrong = {}
    for name in KINDS:
        page.forget()
        for width, dark in ((WIDE, False), (NARROW, False), (WIDE, True)):
            page.open(address(tree, name), width, dark)
            page.value("document.querySelectorAll('details').forEach(d => { d.open = true; })")
            page.value(f"{axe}; 0")
            found = page.value(
                "axe.run({preload: false}).then(r => r.violations.map(v => v.id + ' ' + v.nodes[0].html.slice(0, 200)))"
            )
            wide = page.value("document.documentElement.scrollWidth - innerWidth")
            if found or page.complaints or wide > 0:
                wrong[name, width, dark] = (found, list(page.complaints), wide)
    assert wrong == {}


# What has the focus, in a word; and all that a keyboard must reach, in the order of the page.
FOCUSED = "(e => e.id || e.textContent.trim() || e.getAttribute('aria-label'))(document.activeElement)"
REACHABLE = """
    [...document.querySelectorAll('a[href], input, summary, [tabindex="0"]')]
        .filter(e => e.checkVisibility({visibilityProperty: true}))
"""
# The keyboard's place is seen: an outline, or on a map the colour of the shape.
SEEN = """
    (e => { const s = getComputedStyle(e), p = e.querySelector('path'), fill = o => getComputedStyle(o).fill;
        return s.outlineStyle != 'none' && parseFloat(s.outlineWidth) > 1
            || p && [...document.querySelectorAll('.carte path')].some(o => fill(o) != fill(p));
    })(document.activeElement)
"""


@pytest.mark.servers
def test_a_territory_is_found_and_read_with_the_keyboard_alone(tree, page):
    page.forget()
    page.open(address(tree), WIDE)
    page.press("Tab")
    assert page.value(FOCUSED) == "Aller au contenu"
    assert page.value("document.activeElement.getBoundingClientRect().left") >= 0
    page.press("Enter", "\r")
    assert page.value(FOCUSED).startswith("contenu")
    page.press("Tab")
    assert page.value("document.querySelector('main').contains(document.activeElement)")
    page.open(address(tree), WIDE)
    for _ in range(3):
        page.press("Tab")
    assert page.value(FOCUSED) == "q"
    page.type("aveyron")
    wait_until(lambda: page.value("!!document.querySelector('#trouve li')"), 30)
    page.press("Escape")
    assert page.value("q.value + document.querySelectorAll('#trouve li').length + document.activeElement.id") == "0q"
    page.type("aveyron")
    page.press("Tab")
    assert page.value(FOCUSED).startswith("Aveyron (12)")
    page.press("Enter", "\r")
    page.wait_for("Aveyron (12)")
    assert page.complaints == []


@pytest.mark.servers
@pytest.mark.parametrize(
    "name", ["index", "territoires/departementale/12", "indicateurs/nb-maisons-sante", "mots-cles"]
)
def test_each_link_is_reached_by_the_keyboard_in_order_and_seen(tree, page, name):
    page.open(address(tree, name), WIDE)
    page.value(f"window.all = {REACHABLE}; 0")
    count = page.value("all.length")
    assert count > 20
    for rank in range(count):
        page.press("Tab")
        assert page.value("all.indexOf(document.activeElement)") == rank, page.value(FOCUSED)
        assert page.value(SEEN), page.value(FOCUSED)


@pytest.mark.servers
def test_a_table_of_values_is_opened_with_the_keyboard(tree, page):
    page.open(address(tree, "indicateurs/nb-maisons-sante"), WIDE)
    page.value("document.querySelector('summary').focus()")
    page.press("Enter", "\r")
    assert page.value("document.querySelector('details').open")


@pytest.mark.servers
def test_at_200_percent_nothing_goes_out_of_the_window(tree, page):
    wrong = {}
    for name in KINDS:
        page.open(address(tree, name), WIDE // 2)  # what a zoom of the browser is to a page
        zoomed = page.value(OUTSIDE)
        page.open(address(tree, name), WIDE)
        page.value("document.documentElement.style.fontSize = '200%'")  # and of its text alone
        if zoomed or page.value(OUTSIDE):
            wrong[name] = (zoomed, page.value(OUTSIDE))
    assert wrong == {}
