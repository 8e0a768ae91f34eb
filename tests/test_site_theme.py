"""The site in the State's design system: from the operator's package, within the site, and never what is fictitious."""

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.axe import axe  # noqa: F401 - a fixture
from tests.browser import opened_page
from tests.once import made_once
from tests.projects import EDITION, Project, failed, project  # noqa: F401 - fixtures
from tests.site_links import dead_links, pages_of

DSFR = "@gouvfr/dsfr@1.15.3"
CORE = """:root{--grey:#fff}a{mask:url(../icons/a.svg)}
@font-face{src:url(../fonts/M.woff2) format("woff2"),url(../fonts/M.woff) format("woff")}"""
PARTS = ("logo", "header", "navigation", "link", "input", "footer")


def a_package(folder: Path) -> Path:
    """Write what is read of the package, in miniature: not a byte of it is in the project."""
    files = {"core/core.main.min.css": CORE, "scheme/scheme.min.css": ":root[data-fr-theme=dark]{--grey:#111}"}
    files |= {f"component/{one}/{one}.main.min.css": f".{one}{{color:red}}" for one in PARTS}
    files |= {"fonts/M.woff2": "font", "icons/a.svg": "<svg/>"}
    for name, text in files.items():
        path = folder / "dist" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    (folder / "package.json").write_text(json.dumps({"name": "@gouvfr/dsfr"}))
    return folder


def ask_for(project: Project, site: str) -> int:
    """Add a theme to the catalogue, and return its line."""
    path = project.catalogue / "catalogue.yaml"
    path.write_text(f"{path.read_text('utf-8')}site: {site}\n", encoding="utf-8")
    return path.read_text("utf-8").count("\n")


def made(project: Project, *more: str) -> Path:
    assert project.run("--no-publish", *more)[0] == 0
    return project.home / f"editions/{EDITION}/publication/site"


@pytest.mark.long
def test_the_pages_load_the_package_from_the_site_itself(project):
    a_package(project.catalogue.parent / "paquet")
    ask_for(project, "{theme: dsfr, dsfr: ../paquet}")
    site = made(project)
    style = (site / "dsfr/dsfr.css").read_text()
    assert "@media(prefers-color-scheme:dark){:root{--grey:#111}}" in style
    assert "url(M.woff2)" in style and ".woff)" not in style and 'url("data:image/svg+xml,%3Csvg/%3E")' in style
    assert (site / "dsfr/M.woff2").read_text() == "font"
    for path, parts in pages_of(site).items():
        policy = next(a["content"] for t, a in parts.elements if a.get("http-equiv") == "Content-Security-Policy")
        assert policy.startswith("default-src 'none'") and "font-src 'self'" in policy and "http" not in policy, path
        sheets = [a["href"].rpartition("/")[2] for _, a in parts.elements if a.get("rel") == "stylesheet"]
        assert sheets == ["dsfr.css", "site.css", "theme-dsfr.css"], path
        assert any(a.get("class") == "fr-logo" for _, a in parts.elements), path
    assert dead_links(site) == []


@pytest.mark.long
def test_without_it_nothing_speaks_of_the_state(project):
    site = made(project)
    assert not [p for p in site.rglob("*") if "dsfr" in p.name]
    assert not [p for p in site.rglob("*.html") if re.search('class="fr-|dsfr\\.css', p.read_text("utf-8"))]


@pytest.mark.long
def test_a_demonstration_never_has_the_marks_of_the_state(project):
    a_package(project.catalogue.parent / "paquet")
    ask_for(project, "{theme: dsfr, dsfr: ../paquet}")
    places = ("--catalogue", project.catalogue, "--home", project.home)
    code, _, errors = project.barometre("run", EDITION, "--no-publish", *places)
    assert code == 0
    assert "keeps the neutral theme" in errors
    site = project.home / f"editions/{EDITION}/publication/site"
    assert not (site / "dsfr").exists()
    for path in site.rglob("*.html"):
        text = path.read_text("utf-8")
        assert "tous les chiffres de ce site sont fictifs" in text and "fr-logo" not in text, path


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ("{theme: dsfr, dsfr: ../ailleurs}", "site.dsfr: {folder} must be the folder of the npm package @gouvfr/dsfr"),
        ("{theme: dsfr, dsfr: ../sans-police}", "fonts/M.woff2 cannot be read (No such file or directory)"),
        ("{theme: dsfr}", "site.theme: dsfr needs dsfr, the folder of the npm package @gouvfr/dsfr"),
        ("{dsfr: ../paquet}", "site.dsfr: serves only theme: dsfr"),
        ("{theme: etat}", "site.theme: must be neutre, dsfr (here: 'etat')"),
    ],
)
def test_a_folder_that_is_not_the_package_is_told_where_it_is_written(project, written, told):
    (a_package(project.catalogue.parent / "sans-police") / "dist/fonts/M.woff2").unlink()
    line = ask_for(project, written)
    outcome = project.barometre("catalogue", "check", "--catalogue", project.catalogue)
    folder = project.catalogue / "../ailleurs"
    failed(outcome, f"catalogue.yaml, line {line}: ", told.format(folder=folder), status=2)


@pytest.fixture(scope="session")
def dsfr(tmp_path_factory) -> Path:
    """The true package, by npm: the test is skipped where there is none."""
    if shutil.which("npm") is None:
        pytest.skip("npm is not installed")

    def install(folder: Path) -> None:
        options = ("--silent", "--ignore-scripts", "--no-audit", "--no-fund")
        subprocess.run(["npm", "install", *options, "--prefix", folder, DSFR], capture_output=True)

    package = made_once(tmp_path_factory, "dsfr", install) / "node_modules/@gouvfr/dsfr"
    if not package.exists():
        pytest.skip(f"no package index gives {DSFR}")
    return package


@pytest.mark.servers
def test_the_true_package_is_shown_from_disk_without_a_fault(project, dsfr, axe, tmp_path):
    if (chromium := shutil.which("chromium")) is None:
        pytest.skip("chromium is not installed")
    ask_for(project, f"{{theme: dsfr, dsfr: {dsfr}}}")
    site = made(project)
    wrong = {}
    with opened_page(chromium, tmp_path / "chromium") as page:
        page.watch()
        for name in ("index", "territoires/departementale/2A", "indicateurs/nb-puits", "mots-cles"):
            for width, dark in ((1280, False), (390, False), (1280, True)):
                page.forget()
                page.open(f"{(site / name).as_uri()}.html", width, dark)
                fonts = page.value(
                    "document.fonts.ready.then(() => [...document.fonts].filter(f => f.status == 'loaded').length)"
                )
                page.value(f"{axe}; 0")
                found = page.value("axe.run({preload: false}).then(r => r.violations.map(v => v.id + v.nodes[0].html))")
                wide = page.value("document.documentElement.scrollWidth - innerWidth")
                outside = [one for one in page.requests if not one.startswith(("file:", "data:"))]
                if found or page.complaints or outside or wide > 0 or not fonts:
                    wrong[name, width, dark] = (found, list(page.complaints), outside, wide, fonts)
    assert wrong == {}
