"""The quality report for everyone: nothing that axe finds, a narrow screen that holds it, a keyboard that leads on."""

import shutil
from collections.abc import Iterator
from dataclasses import replace

import pytest

from barometre_pipeline.quality.facts import publication_facts
from barometre_pipeline.quality.report import as_page
from barometre_pipeline.resources.secrets import Secrets
from tests.axe import axe  # noqa: F401 - a fixture
from tests.browser import Page, opened_page
from tests.quality_world import QualityWorld
from tests.test_report import ALERT, BLOCKING, BROKEN, DEVIATION, PASSED, PUSHED, SENT, facts_of

pytestmark = [pytest.mark.long, pytest.mark.servers]

VIOLATIONS = """
    axe.run().then(found => found.violations.map(v => `${v.id}: ${v.nodes.map(n => n.html).join(' ')}`))
"""
REACHABLE = "a[href], summary, [tabindex='0']"
FOCUSED = """(() => {
    const one = document.activeElement, style = getComputedStyle(one);
    const reachable = [...document.querySelectorAll("REACHABLE")].filter(e => e.checkVisibility());
    return [reachable.indexOf(one), style.outlineStyle];
})()""".replace("REACHABLE", REACHABLE)


@pytest.fixture(scope="module")
def report(tmp_path_factory) -> str:
    """The address of a report that has something of everything."""
    folder = tmp_path_factory.mktemp("rapport")
    correction = (
        "insert into catalogue.corrections values ('part', 'departementale', '01', '2022-03-31', 57, 58, 'faute', null)"
    )
    late = "update raw.livraisons set edition_origine = '2021-T4'"
    drift = "insert into raw.derives values ('l', 'colonne', 'Valeur', 'valeur constatée')"
    results = (BLOCKING, ALERT, replace(ALERT, table="synthese"), PASSED, BROKEN)
    facts = facts_of(QualityWorld(folder / "e.duckdb"), *results, deviations=[DEVIATION], sql=(correction, late, drift))
    group = {
        "indicateur": "Nombre de puits",
        "probleme": "Série trouée",
        "lignes": 2,
        "ou": "Pays",
        "remede": "À voir.",
    }
    asked = {"ministere": "Ministère", "designe": True, "fichier": "m.csv", "lignes": 2, "groupes": [group]}
    facts |= {"a_corriger": [asked, {**asked, "ministere": "Sans ministère désigné", "designe": False}]}
    facts |= {"rejets": [{"livraison": "l", "regle": "serie_trouee", "motif": "n'est pas un nombre", "nombre": 3}]}
    page = as_page(facts, publication_facts({"push": PUSHED, "portal": SENT}, Secrets()))
    (folder / "index.html").write_text(page, "utf-8")
    return (folder / "index.html").as_uri()


@pytest.fixture(scope="module")
def browser(tmp_path_factory) -> Iterator[Page]:
    chromium = shutil.which("chromium")
    if chromium is None:
        pytest.skip("chromium is not installed")
    with opened_page(chromium, tmp_path_factory.mktemp("navigateur")) as page:
        yield page


@pytest.mark.parametrize("dark", [False, True], ids=["clair", "sombre"])
@pytest.mark.parametrize("width", [1280, 360])
def test_axe_finds_no_violation(browser, report, axe, width, dark):
    browser.open(report, width, dark)
    browser.value("document.querySelectorAll('details').forEach(one => { one.open = true })")
    browser.value(axe + "; 0")
    assert browser.value(VIOLATIONS) == []


@pytest.mark.parametrize("width", [1280, 360])
def test_no_page_is_wider_than_its_window(browser, report, width):
    browser.open(report, width)
    browser.value("document.querySelectorAll('details').forEach(one => { one.open = true })")
    assert browser.value("document.documentElement.scrollWidth") <= width


def test_the_keyboard_leads_to_each_link_and_table_in_their_order_and_shows_where_it_is(browser, report):
    browser.open(report, 360)
    count = browser.value(f'document.querySelectorAll("{REACHABLE}").length')
    visible = browser.value(f'[...document.querySelectorAll("{REACHABLE}")].filter(e => e.checkVisibility()).length')
    assert 5 < visible < count  # what is folded is not yet there
    reached = []
    for _ in range(visible):
        browser.press("Tab")
        reached.append(browser.value(FOCUSED))
    assert reached == [[n, "solid"] for n in range(visible)]


def test_the_keyboard_unfolds_the_rows_of_an_alert(browser, report):
    browser.open(report, 1280)
    browser.value("document.querySelector('summary').focus()")
    browser.press("Enter", "\r")
    assert browser.value("document.querySelector('details').open") is True
