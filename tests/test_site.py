"""The site of a small barometer, and of other countries: its pages, links, anchors, escapes, and what stands beside."""

import csv
import datetime as dt
import json
import re
import unicodedata
import xml.etree.ElementTree as ET
from collections import Counter
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest

from barometre_pipeline.catalogue import load_catalogue
from barometre_pipeline.catalogue.maps import read_outlines
from barometre_pipeline.errors import CatalogueError
from barometre_pipeline.publish.site.changes import changes
from barometre_pipeline.publish.site.drawing import chart, small_line
from barometre_pipeline.publish.site.frames import projected
from barometre_pipeline.publish.site.indicator_pages import ends
from barometre_pipeline.publish.site.notice_text import notice
from barometre_pipeline.publish.site.outlines import french_outlines, on_grid
from barometre_pipeline.publish.site.prose import prose
from barometre_pipeline.publish.site.scales import by_value
from barometre_pipeline.publish.site.simplifying import simplified
from tests.countries import Country, level, two_levels, with_communities
from tests.projects import EDITION, NEXT, project, published_once, published_twice  # noqa: F401 - fixtures
from tests.site_links import dead_links, pages_of
from tests.small_project import PUITS
from tests.warehouse_world import published_thrice  # noqa: F401 - a fixture

ATOM = "{http://www.w3.org/2005/Atom}"
ASKED_PAGES = (
    *("index", "territoires", "indicateurs", "retards", "nouveautes", "editions", "demarche", "methode", "donnees"),
    *("qualite", "indicateurs-citoyens", "reutilisations", "mots-cles", "mentions-legales", "accessibilite"),
    *("plan-du-site", "secteurs/eau", "mesures/EAU", "indicateurs/nb-puits", "territoires/nationale/FR"),
    "territoires/departementale/2A",
)


@pytest.fixture(scope="session")
def tree(published_twice) -> Path:
    return published_twice / "home" / "publication"


def test_every_page_that_is_asked_for_is_there(tree):
    assert [name for name in ASKED_PAGES if not (tree / "site" / f"{name}.html").is_file()] == []


def test_no_link_is_dead(tree):
    assert dead_links(tree / "site") == []


def test_each_page_is_reached_from_the_first_one_by_links_alone(tree):
    site = (tree / "site").resolve()
    pages = pages_of(site)
    reached, waiting = set(), [site / "index.html"]
    while waiting:
        path = waiting.pop()
        if path in pages and path not in reached:
            reached.add(path)
            waiting += [(path.parent / a.partition("#")[0]).resolve() for a in pages[path].addresses]
    assert set(pages) - reached == set()


def test_an_anchor_is_once_on_its_page_and_is_the_figures_own(tree):
    pages = pages_of(tree / "site")
    assert [path for path, parts in pages.items() if max(Counter(parts.anchors).values()) > 1] == []
    site = (tree / "site").resolve()
    assert "nb-puits" in pages[site / "territoires" / "departementale" / "2A.html"].anchors
    assert "departementale-2A" in pages[site / "indicateurs" / "nb-puits.html"].anchors


def test_the_policy_of_each_page_allows_nothing_from_elsewhere_and_nothing_inline(tree):
    for path, parts in pages_of(tree / "site").items():
        policy = next(a["content"] for t, a in parts.elements if a.get("http-equiv") == "Content-Security-Policy")
        assert policy.startswith("default-src 'none'") and "unsafe" not in policy and "http" not in policy
        loaded = [a.get("src") or a.get("href") for t, a in parts.elements if t in ("script", "img", "link", "iframe")]
        assert not [one for one in loaded if one and one.startswith(("http", "//"))], path
        assert not [a for t, a in parts.elements if "style" in a or any(name.startswith("on") for name in a)], path
        inline = [a for t, a in parts.elements if t == "style" or (t == "script" and "src" not in a)]
        assert all(a.get("type") == "application/ld+json" for a in inline), path


def test_a_status_is_a_word_and_a_shape_and_each_drawing_says_what_it_shows(tree):
    style = (tree / "site/site.css").read_text("utf-8")
    for path, parts in pages_of(tree / "site").items():
        drawings = [a for t, a in parts.elements if t == "svg"]
        assert [a for a in drawings if not a.get("aria-label") and a.get("aria-hidden") != "true"] == [], path
        for kind, word in re.findall(r"<b class=(\w+)>(.*?)</b>", path.read_text("utf-8")):
            assert word and f".{kind}{{color:var(--" in style and f'.{kind}::before{{content:"' in style, path


def test_what_is_folded_is_printed(tree):
    printed = (tree / "site/site.css").read_text("utf-8").partition("@media print")[2]
    assert "details::details-content{content-visibility:visible}" in printed  # `display` alone opens it no more


def test_a_map_leaves_room_on_its_printed_page(tree):
    printed = (tree / "site/site.css").read_text("utf-8").partition("@media print")[2]
    assert re.search(r"\.carte\{max-width:(\d+)rem\}", printed)[1] == "27"  # of the 42 of an A4 page


def test_what_is_said_of_people_and_of_the_barometer_needs_no_article_of_theirs(tree):
    about, whom = ((tree / f"site/{name}.html").read_text("utf-8") for name in ("demarche", "accessibilite"))
    assert "<p>Ce baromètre suit les résultats" in about
    assert re.search(r"À qui écrire\u00a0: <a [^>]*>[^<]+</a>\. Dites la page", whom)


def test_the_checks_of_a_severity_are_in_the_order_of_their_names(tree):
    rows = [row for row in _rows(tree / "site/qualite.csv") if row["severite"] == "bloquant"]
    names = [unicodedata.normalize("NFKD", row["titre"]).encode("ascii", "ignore") for row in rows]
    assert names == sorted(names)


def test_a_unit_is_printed_though_the_links_beside_it_are_not(tree):
    printed = (tree / "site/site.css").read_text("utf-8").partition("@media print")[2]
    assert re.findall(r"\.f th i[^,{]*", printed) == [".f th i a"]


def test_links_that_leave_the_site_do_not_say_where_from(tree):
    for path, parts in pages_of(tree / "site").items():
        leaving = [a for t, a in parts.elements if t == "a" and a["href"].startswith("http")]
        assert all("noopener" in (a.get("rel") or "") for a in leaving), path


def test_each_figure_is_cited_and_asked_about(tree):
    text = (tree / "site/territoires/departementale/2A.html").read_text("utf-8")
    row = re.search(r'<tr id="nb-puits">.*', text)[0]
    assert '<a href="#nb-puits">Citer</a>' in row
    assert "mailto:essai@example.org?subject=nb-puits,%20L%27Île-Haute,%202022-T2" in row
    assert "Une question sur ce chiffre" in row


def test_each_figure_leads_to_its_permanent_anchor_wherever_it_is_shown(tree):
    """That the anchors are there is what the test of dead links says."""
    there = "../indicateurs/nb-puits.html#nationale-FR"
    rows = re.findall(r'<tr id="([^"]*)">', (tree / "site/secteurs/eau.html").read_text("utf-8"))
    assert {"nationale-FR", "departementale-2A"} < set(rows)
    expected = {
        "mesures/EAU": ["#_avancement", there],
        "secteurs/eau": [there, *(f"#{one}" for one in rows)],
        "index": ["#ensemble", "#s-eau", "#s-air"],
        "territoires/departementale/2A": ["#_ensemble", "#nb-puits"],
    }
    for name, anchors in expected.items():
        text = (tree / f"site/{name}.html").read_text("utf-8")
        assert sorted(re.findall(r'<a href="([^"]*)">Citer</a>', text)) == sorted(anchors), name


@pytest.mark.parametrize(
    ("name", "asked"),
    [
        ("index", "ces chiffres"),
        ("secteurs/eau", "ce chiffre"),
        ("secteurs/eau", "ces chiffres"),
        ("mesures/EAU", "ce chiffre"),
        ("mesures/EAU", "ces chiffres"),
        ("indicateurs/nb-puits", "ce chiffre"),
        ("territoires/nationale/FR", "ces chiffres"),
    ],
)
def test_whoever_reads_a_figure_may_ask_about_it(tree, name, asked):
    text = (tree / f"site/{name}.html").read_text("utf-8")
    found = re.findall(rf'<a href="mailto:essai@example.org\?subject=([^"]+)">Une question sur {asked}\s\?</a>', text)
    assert found and all(one.endswith(",%202022-T2") for one in found)


@pytest.mark.parametrize("name", ["index", "qualite"])
def test_what_a_page_counts_is_in_its_data(tree, name):
    (page,) = (one for one in (pages_of(tree / "site").items()) if one[0] == (tree / f"site/{name}.html").resolve())
    assert {f"{name}.csv", f"{name}.json"} <= set(page[1].addresses)
    rows = _rows(tree / f"site/{name}.csv")
    if name == "index":
        statuses = list(rows[0])[3:]
        assert rows[0]["id_secteur"] == "" and {row["id_secteur"] for row in rows[1:]} == {"eau", "air"}
        assert all(int(rows[0][s]) == sum(int(row[s]) for row in rows[1:]) for s in ("indicateurs", *statuses))
        assert sum(int(rows[0][s]) for s in statuses) > 0
    else:
        assert {"valeur_illisible", "cle_unique"} <= {row["regle"] for row in rows}


def test_no_anchor_of_a_page_may_be_the_id_of_an_indicator(tree):
    """Which begins with a letter or a digit, and is the anchor of its figure: it may well be « retards »."""
    shared = {"contenu", "q", "trouve"}  # of every page
    figures = {"nb-puits", "nb-alertes", "part-potable"}
    for name in ("territoires/nationale/FR", "mesures/EAU"):
        anchors = set(pages_of(tree / "site")[(tree / f"site/{name}.html").resolve()].anchors)
        assert [one for one in anchors - figures - shared if not one.startswith("_")] == []


def test_the_data_of_a_page_stand_beside_it_in_csv_and_json(tree):
    stem = tree / "site/territoires/departementale/2A"
    with stem.with_suffix(".csv").open(encoding="utf-8", newline="") as file:
        rows = {row["id_indicateur"]: row for row in csv.DictReader(file)}
    found = json.loads(stem.with_suffix(".json").read_text("utf-8"))
    assert (found["code"], found["territoire"]) == ("2A", "L'Île-Haute")
    lines = {line[0]: dict(zip(found["colonnes"], line, strict=True)) for line in found["lignes"]}
    assert lines.keys() == rows.keys()
    with (tree / "essai-synthese-departemental.csv").open(encoding="utf-8", newline="") as file:
        of_it = [row for row in csv.DictReader(file) if row["code_departement"] == "2A"]
    assert of_it
    for row in of_it:
        for name in ("valeur_actuelle", "date_valeur_actuelle", "cible", "pourcentage_cible"):
            assert rows[row["id_indicateur"]][name] == row[name]
            cell = lines[row["id_indicateur"]][name]
            assert (str(float(cell)) if isinstance(cell, int | float) else cell or "") == row[name]


def test_each_delivery_is_listed_with_the_day_it_was_received(tree):
    page = (tree / "site/demarche.html").read_text("utf-8")
    days = re.findall(r'<tr><th scope="row">.*?<td>[^<]*<td>[^<]*<td>([^<]*)<td>', page)
    assert len(days) > 1 and all(re.fullmatch(r"\d\d/\d\d/\d{4}", one) for one in days)


def test_the_target_of_a_year_is_not_drawn_among_the_values_of_its_months(tree):
    of_months, of_values = (
        (tree / f"site/indicateurs/{name}.html").read_text("utf-8") for name in ("nb-alertes", "nb-puits")
    )
    assert "<dt>Cible</dt><dd>5 <small>" in of_months and 'class="vise"' not in of_months
    assert "la valeur actuelle, comme la cible, est leur somme depuis le début de l'année." in of_months
    assert 'class="vise"' in of_values and "leur somme" not in of_values


def test_the_territories_of_a_sector_are_told_apart_by_their_levels_from_the_whole_down(tree):
    page = (tree / "site/secteurs/eau.html").read_text("utf-8")
    rows = re.findall(r'<th scope="row(?:group)?"[^>]*>(?:<a[^>]*>)?([^<]*)<', page)
    levels = {"Pays", "Région", "Régions", "Département", "Départements"}
    assert [one for one in rows if one in levels] == ["Pays", "Pays", "Région", "Département"]  # the whole is one too
    assert rows.index("Nord") > rows.index("Région") and rows.index("L&#39;Île-Haute") > rows.index("Département")


def test_the_archive_has_the_editions_that_the_depot_had_before(published_thrice):
    """The tags say so, whatever home made the page."""
    page = (published_thrice / "home/publication/site/editions.html").read_text("utf-8")
    assert re.findall(r"<th scope=\"row\">(.*?)<td>(.*?)<td><code>(.*?)</code>", page) == [
        ("1er trimestre 2022", "31/03/2022", "2022-T1")
    ]


def test_the_files_of_the_page_of_news_count_every_change(published_thrice):
    tree = published_thrice / "home" / "publication"
    counted, each = (_rows(tree / name) for name in ("site/nouveautes.csv", "REVISIONS.csv"))
    told = [row for row in each if row["champ"] != "pourcentage_cible"]  # which only follows
    assert told and sum(int(row["lignes"]) for row in counted) == len(told)
    assert {row["id_indicateur"] for row in counted} == {row["id_indicateur"] for row in told}
    page = (tree / "site/nouveautes.html").read_text("utf-8")
    assert 'href="../REVISIONS.csv"' in page


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_the_feeds_of_news_and_the_catalogue_are_read_by_programs(published_thrice):
    tree = published_thrice / "home" / "publication"
    for name in ("editions", "revisions"):
        root = ET.parse(tree / f"flux/{name}.atom").getroot()
        ids = [e.text for e in root.iter(f"{ATOM}id")]
        assert all(one.startswith("urn:uuid:") for one in ids) and len(set(ids)) == len(ids)
        ends = {"2022-06-30T00:00:00Z"} | ({"2022-03-31T00:00:00Z"} if name == "editions" else set())
        assert {e.text for e in root.iter(f"{ATOM}updated")} == ends
    assert len(list(ET.parse(tree / "flux/revisions.atom").getroot().iter(f"{ATOM}entry"))) > 0
    (dataset,) = json.loads((tree / "site/catalogue.jsonld").read_text("utf-8"))["dcat:dataset"]
    links = [d["dcat:downloadURL"]["@id"] for d in dataset["dcat:distribution"]]
    assert links and all((tree / "site" / link).is_file() for link in links)
    said = dataset["dct:description"]["@value"]
    assert len(said) >= 50  # which search engines ask for
    home = (tree / "site/index.html").read_text("utf-8")
    block = json.loads(re.search(r'<script type="application/ld\+json">(.*?)</script>', home)[1])
    assert (block["@type"], block["version"]) == ("Dataset", "2022-T2")


@pytest.mark.long
def test_absolute_addresses_are_there_where_the_catalogue_gives_the_site(project):
    path = project.catalogue / "catalogue.yaml"
    path.write_text(path.read_text("utf-8") + "liens: {site: 'https://example.org/barometre/'}\n", encoding="utf-8")
    mesure = project.catalogue / "mesures" / "eau.yaml"
    hostile = 'Nombre de puits <script>alert("1")</script> & "autres"'
    mesure.write_text(mesure.read_text("utf-8").replace("Nombre de puits", hostile), encoding="utf-8")
    assert project.run("--no-publish")[0] == 0
    site = project.home / f"editions/{EDITION}/publication/site"
    assert "<loc>https://example.org/barometre/indicateurs/nb-puits.html</loc>" in (site / "sitemap.xml").read_text()
    page = (site / "indicateurs/nb-puits.html").read_text("utf-8")
    assert '<link rel="canonical" href="https://example.org/barometre/indicateurs/nb-puits.html">' in page
    # Whatever is delivered is text.
    for text in (path.read_text("utf-8") for path in site.rglob("*.html")):
        assert "<script>alert" not in text
    assert "&lt;script&gt;alert(&#34;1&#34;)&lt;/script&gt; &amp; &#34;autres&#34;" in page
    assert dead_links(site) == []


@pytest.mark.long
def test_a_figure_of_a_list_has_its_unit_and_its_target_even_without_a_day(project):
    targets = project.deliveries / "objectifs.csv"
    targets.write_text(targets.read_text("utf-8").replace("FR,1000,2000,2024-12-31", "FR,1000,2000,"), encoding="utf-8")
    assert project.run("--no-publish")[0] == 0
    page = (project.home / f"editions/{EDITION}/publication/site/secteurs/eau.html").read_text("utf-8")
    assert "puits</a> <small>(puits)</small>\u00a0: <b>1\u202f380,5</b> pour une cible de 2\u202f000 <" in page


@pytest.mark.long
def test_what_was_put_right_in_the_values_of_an_indicator_is_told_on_its_page(project):
    right = "[{indicateur: nb-puits, maille: departementale, territoire: '01', date: 2022-02-28,"
    right += " attendu: 1100, valeur: 1150, motif: Saisie <double>}]"
    (project.catalogue / "corrections.yaml").write_text(right, encoding="utf-8")
    assert project.run("--no-publish")[0] == 0
    page = (project.home / f"editions/{EDITION}/publication/site/indicateurs/nb-puits.html").read_text("utf-8")
    assert '<p class="w">Valeur corrigée (Aval, 28/02/2022)\u00a0: Saisie &lt;double&gt;</p>' in page


@pytest.mark.long
def test_the_feed_of_revisions_leads_to_the_page_of_an_id_that_has_a_dot(project):
    site = "liens: {site: 'https://example.org/barometre/site/'}\n"
    with (project.catalogue / "catalogue.yaml").open("a", encoding="utf-8") as file:
        file.write(site)
    for path in (*project.catalogue.rglob("*.yaml"), project.deliveries / "objectifs.csv"):
        path.write_text(path.read_text("utf-8").replace("nb-puits", "nb.puits"), encoding="utf-8")
    assert project.run()[0] == 0
    project.write("eau/puits.csv", PUITS.replace("1\u00a0100", "1\u00a0200"))
    assert project.run(edition=NEXT)[0] == 0
    tree = project.home / "publication"
    links = [e.attrib["href"] for e in ET.parse(tree / "flux/revisions.atom").getroot().iter(f"{ATOM}link")]
    assert links == ["https://example.org/barometre/site/indicateurs/nb-puits.html"]
    assert (tree / "site/indicateurs/nb-puits.html").is_file()
    assert dead_links(tree / "site") == []


@pytest.mark.long
@pytest.mark.parametrize("country", [two_levels, with_communities])
def test_another_country_has_a_right_site_without_a_map(project, country):
    made = country()
    made.write(project.home.parent)
    assert project.run("--no-publish")[0] == 0
    tree = project.home / f"editions/{EDITION}/publication"
    levels = [m["id"] for m in made.mailles if m.get("territoires") or not m.get("parent")]
    expected = {f"territoires/{m}/{code}.html" for m, code, _, _ in made.territoires if m in levels}
    found = {p.relative_to(tree / "site").as_posix() for p in (tree / "site/territoires").rglob("*.html")}
    assert found == expected
    assert dead_links(tree / "site") == []
    whole, code, _, _ = made.territoires[0]  # whose target is late
    late = (tree / "site/retards.html").read_text("utf-8")
    assert re.findall(r'<a href="([^"]*)">Citer</a>', late) == [f"indicateurs/nb-arbres.html#{whole}-{code}"]
    assert not [p for p in (tree / "site").rglob("*.html") if 'class="carte"' in p.read_text("utf-8")]
    feeds = {p.name for p in (tree / "flux").glob("*.json")}
    assert feeds == {f"territoire-{m}-global-light.json" for m in levels}


@pytest.mark.long
def test_what_lacks_or_is_alone_is_told_so_and_leads_nowhere(project):
    """A province with a target and no value, an indicator without any, a licence without address, no one to ask."""
    country = two_levels()
    alone = replace(country, territoires=(*country.territoires, ("province", "YT", "Yukon", "CA")))
    alone.write(project.home.parent)
    values = project.deliveries / "arbres.csv"
    kept = [line for line in values.read_text("utf-8").splitlines(True) if not line.startswith("YT,")]
    values.write_text("".join(kept), encoding="utf-8")
    with (project.deliveries / "cibles.csv").open("a", encoding="utf-8") as file:
        file.write("province,YT,1,2020-12-31,500,2024-12-31\n")
    general = project.catalogue / "catalogue.yaml"
    general.write_text(general.read_text("utf-8").replace(", courriel: ailleurs@example.org", ""), encoding="utf-8")
    mesure = project.catalogue / "mesures" / "arbres.yaml"
    nothing = (
        "- {id: rien, libelle: Rien, unite: riens*, note_unite: Sans point, sens: hausse, lecture: derniere_valeur,\n"
    )
    nothing += "   origine: {type: citoyenne, demarche: Un débat}}\n"
    written = mesure.read_text("utf-8").replace("recopie_maille_superieure: true", "recopie_maille_superieure: false")
    mesure.write_text(written + nothing, encoding="utf-8")
    accepted = "- {regle: indicateur_non_livre, indicateur: rien, motif: essai, jusqu_a: 2022-T4}\n"
    (project.catalogue / "exceptions.yaml").write_text(accepted, encoding="utf-8")
    assert project.run("--no-publish")[0] == 0
    site = project.home / f"editions/{EDITION}/publication/site"
    assert dead_links(site) == []
    assert '<a href="../territoires/province/YT.html">Yukon</a>' in (site / "secteurs/nature.html").read_text("utf-8")
    pages = {path.stem: path.read_text("utf-8") for path in site.rglob("*.html")}
    assert [name for name, text in pages.items() if re.search(r">(Échéances dépassées.: )?[Nn]ations<", text)] == []
    assert "<p>Aucune valeur dans cette édition.</p>" in pages["ARBRES"]
    assert "Note\u00a0: Sans point. Le progrès" in pages["rien"]
    assert "<p>Origine\u00a0: indicateur demandé par des citoyens, Un débat.</p>" in pages["rien"]
    assert "Fréquence de mise à jour</dt><dd>non renseignée</dd>" in pages["rien"]
    assert "Une question sur ce chiffre" not in "".join(pages.values())
    (dataset,) = json.loads((site / "catalogue.jsonld").read_text("utf-8"))["dcat:dataset"]
    assert {d["dct:license"]["@type"] for d in dataset["dcat:distribution"]} == {"dct:LicenseDocument"}


@pytest.mark.long
def test_a_feed_takes_the_nearest_territory_above_that_has_the_row(project):
    country = two_levels()
    country.write(project.home.parent)
    assert project.run("--no-publish")[0] == 0
    path = project.home / f"editions/{EDITION}/publication/flux/territoire-province-global-light.json"
    territory = json.loads(path.read_text("utf-8"))[0]
    assert (territory["pro"], territory["libelle"]) == ("ON", "Ontario")
    ((entry,),) = territory["ovq"][0]["indicateurs"][0].values()
    assert (entry["from_level"], entry["from_code"], entry["target"], len(entry)) == ("nat", "nation", 1000000, 14)


@pytest.mark.long
def test_a_feed_takes_the_row_of_a_level_above_that_has_no_page(project):
    whole = level("etat", territoires=None, territoire=None, colonnes={"constante": {"etendue": "etat"}})
    mailles = (whole, level("region", "etat", territoires=None, territoire=None), level("dep", "region"))
    places = (
        ("etat", "X", "Pays", ""),
        ("region", "A", "Amont", "X"),
        ("dep", "01", "Un", "A"),
        ("dep", "02", "Deux", "A"),
    )
    Country(mailles, places, "dep").write(project.home.parent)
    with (project.deliveries / "cibles.csv").open("a", encoding="utf-8") as file:
        file.write("region,A,1,2020-12-31,500,2024-12-31\n")
    assert project.run("--no-publish")[0] == 0
    tree = project.home / f"editions/{EDITION}/publication"
    territory = json.loads((tree / "flux/territoire-dep-global-light.json").read_text("utf-8"))[0]
    ((entry,),) = territory["ovq"][0]["indicateurs"][0].values()
    assert (entry["from_level"], entry["from_code"], entry["target"]) == ("reg", "A", 500)
    assert "Amont" not in "".join(p.read_text("utf-8") for p in (tree / "site").rglob("*.html"))
    assert dead_links(tree / "site") == []


@pytest.mark.long
def test_a_page_has_the_files_of_its_own_territory_and_the_territories_within_it(project):
    country = two_levels()
    alike = replace(country, territoires=(*country.territoires, ("province", "CA-ON", "Ailleurs", "CA")))
    alike.write(project.home.parent)
    assert project.run("--no-publish")[0] == 0
    folder = project.home / f"editions/{EDITION}/publication/site/territoires"
    for code in ("ON", "CA-ON"):
        page = (folder / f"province/{code}.html").read_text("utf-8")
        named = re.findall(r'<a href="\.\./\.\./\.\./(provinces/[^"]*)">', page)
        assert {path.rpartition("-province-")[2] for path in named} == {f"{code}.csv"}
    whole = (folder / "nation/CA.html").read_text("utf-8")
    assert re.findall(r'href="\.\./\.\./territoires/province/(.*?)\.html"', whole) == ["ON", "QC", "NB", "CA-ON"]


def test_a_series_is_drawn_within_its_frame():
    assert small_line([1]) == ""
    assert small_line([0, 10, 5]) == "M3 15l37-12 37 6"
    assert small_line([2, 2]) == "M3 15h74"
    days = [dt.date(2021, 1, 31), dt.date(2021, 12, 31)]
    drawn = chart(days, [0.0, 10.0], 20.0)
    assert drawn is not None and (drawn.line, drawn.target, drawn.high) == ("M8 212 632 110", 8, 20.0)


def test_the_outlines_are_those_of_every_departement_and_region():
    outlines = french_outlines()
    assert (len(outlines["departementale"]), len(outlines["regionale"])) == (101, 18)
    assert "MIT" in outlines["source"] and "@gouvfr/dsfr-chart" in outlines["source"]
    assert on_grid("m1 1h10v10h-10z", 2) == "M0 0h12v12h-12z"


def test_texts_are_html_and_what_they_quote_is_not():
    assert prose("Un **mot** <b>\n\n- un\n  - deux") == (
        "<p>Un <strong>mot</strong> &lt;b&gt;</p><ul><li>un<ul><li>deux</li></ul></li></ul>"
    )
    written = notice(
        "# Titre\n\n## Une <partie>\n\n- **a\\*b** (`x`)\n\n| n | v |\n|---|---|\n| 1 | `y\\|z` |\n", {"x": "x.html"}
    )
    assert '<h2 id="une-partie">Une &lt;partie&gt;</h2>' in written
    assert '<li><strong>a*b</strong> (<a href="x.html"><code>x</code></a>)</li>' in written
    assert "Titre" not in written and "<td>1</td>" in written


SQUARES = {
    "type": "FeatureCollection",
    "features": [
        {
            "type": "Feature",
            "properties": {"code": code},
            "geometry": {"type": "Polygon", "coordinates": [[[x, 45], [x + 1, 45], [x + 1, 46], [x, 46], [x, 45]]]},
        }
        for x, code in enumerate(("ON", "QC", "NB"))
    ],
}


def test_a_catalogue_may_give_the_outlines_of_its_territories():
    outlines, problems = read_outlines(json.dumps(SQUARES), "carte/province.geojson")
    assert problems == []
    frame = projected(outlines)
    assert (frame.largeur, frame.contours["ON"]) == (1000, ("M10 476h327v-466h-327v466z", None))


@pytest.mark.long
def test_a_whole_site_is_made_with_the_outlines_of_its_catalogue(project):
    two_levels().write(project.home.parent)
    folder = project.catalogue / "carte"
    folder.mkdir()
    (folder / "province.geojson").write_text(json.dumps(SQUARES), encoding="utf-8")
    # A target is met by its status alone: the rate of New Brunswick is rounded to 100 %.
    aims = (("ON", 4), ("QC", 2), ("NB", 3.0001))
    targets = "".join(f"province,{code},0,2020-12-31,{n},2024-12-31\n" for code, n in aims)
    with (project.deliveries / "cibles.csv").open("a", encoding="utf-8") as file:
        file.write(targets)
    assert project.run("--no-publish")[0] == 0
    site = project.home / f"editions/{EDITION}/publication/site"
    home = (site / "index.html").read_text("utf-8")
    led = re.findall(
        r'<a href="(territoires/province/\w+\.html)" aria-label="(.*?)"><path class="c2" d="(M.*?z)">', home
    )
    assert [(path[-7:-5], name) for path, name, _ in led] == [("ON", "Ontario"), ("QC", "Québec"), ("NB", "N.-B.")]
    west = [int(re.match(r"M(\d+)", d)[1]) for _, _, d in led]
    assert west == sorted(west) and len(set(west)) == 3  # as they stand from west to east
    page = (site / "indicateurs/nb-arbres.html").read_text("utf-8")
    shapes = re.findall(r'<path class="(c\w)" d="[^"]*"><title>(.*?)\u00a0: (.*?)\u00a0%, (.*?)<', page)
    assert shapes == [
        ("c1", "Ontario", "25", "en retard"),
        ("c4", "Québec", "100", "atteint"),
        ("c3", "N.-B.", "100", "en bonne voie"),
    ]
    words = re.findall(r'<rect class="(c\w)"[^>]*/></svg> (.*?)</li>', page)
    assert words[-3:] == [
        ("c3", "75\u00a0% et plus, cible non atteinte"),
        ("c4", "cible atteinte"),
        ("cx", "sans taux"),
    ]
    legal = (site / "mentions-legales.html").read_text("utf-8")
    assert "@gouvfr/dsfr-chart" not in home + page + legal  # whose outlines these are not
    assert dead_links(site) == []


@pytest.mark.long
def test_an_indicator_without_rates_has_a_map_of_its_values_in_groups_that_the_legend_tells(project):
    two_levels().write(project.home.parent)
    folder = project.catalogue / "carte"
    folder.mkdir()
    (folder / "province.geojson").write_text(json.dumps(SQUARES), encoding="utf-8")
    assert project.run("--no-publish")[0] == 0
    site = project.home / f"editions/{EDITION}/publication/site"
    page = (site / "indicateurs/nb-arbres.html").read_text("utf-8")
    shapes = re.findall(r'<path class="(c\w)" d="[^"]*"><title>(.*?)</title>', page)
    assert shapes == [("c0", "Ontario\u00a0: 1"), ("c2", "Québec\u00a0: 2"), ("c4", "N.-B.\u00a0: 3")]
    words = re.findall(r'<rect class="(c\w)"[^>]*/></svg> (.*?)</li>', page)
    assert words == [("c0", "1"), ("c2", "2"), ("c4", "3"), ("cx", "sans valeur")]
    assert "<p>Valeur actuelle (arbres). Faute de taux à cette échelle" in page
    alike = (site / "indicateurs/part-forets.html").read_text("utf-8")
    assert 'class="carte"' not in alike  # the value of the whole, everywhere


@pytest.mark.parametrize(("count", "last"), [(6, [6]), (9, [6, 7, 8, 9]), (12, [8, 9, 10, 11, 12])])
def test_nothing_is_among_the_first_and_the_last_of_a_ranking(count, last):
    assert ends(range(1, count + 1)) == (range(1, 6), range(last[0], last[-1] + 1))


def test_a_target_that_is_put_off_and_another_start_are_changes_too():
    nothing = {"cible_changee": None, "revisees": 0, "retirees": 0, "ajoutees": 0}
    moved = {"echeance_avant": dt.date(2021, 12, 31), "date_cible": dt.date(2022, 12, 31), "depart_change": True}
    assert list(changes(SimpleNamespace(**nothing, **moved))) == [
        "échéance déplacée : 31/12/2021 → 31/12/2022",
        "départ changé",
    ]
    assert list(changes(SimpleNamespace(**nothing, echeance_avant=None, depart_change=None))) == []


def test_groups_of_values_are_as_even_as_their_values_allow():
    values = (*[0.0] * 6, 1.0, 2.5, 7.0, 9.0, None)
    figures = [SimpleNamespace(chiffre=SimpleNamespace(valeur_actuelle=value)) for value in values]
    scale = by_value(figures, "puits")
    assert [scale.classe(one) for one in figures] == [*["c0"] * 6, "c2", "c2", "c4", "c4", "cx"]
    assert scale.legende == (("c0", "0"), ("c2", "de 1 à 2,5"), ("c4", "de 7 à 9"), ("cx", "sans valeur"))
    assert by_value(figures[:6], "puits") is None and by_value([], "puits") is None


def test_two_neighbours_lose_the_same_points_of_their_border():
    border = [(10.0, float(y)) for y in range(0, 100, 10)] + [(11.0, 45.0)]
    border.sort(key=lambda p: p[1])
    left = [(0.0, 0.0), *border, (10.0, 100.0), (0.0, 100.0)]
    right = [(20.0, 0.0), (20.0, 100.0), (10.0, 100.0), *reversed(border)]
    made = simplified({"left": [left], "right": [right]}, 3)
    assert [sorted(made[side][0]) for side in ("left", "right")] == [
        [(0.0, 0.0), (0.0, 100.0), (10.0, 0.0), (10.0, 100.0)],
        [(10.0, 0.0), (10.0, 100.0), (20.0, 0.0), (20.0, 100.0)],
    ]
    bent = simplified({"left": [left], "right": [right]}, 0.5)
    assert all((11.0, 45.0) in bent[side][0] for side in bent)
    kept = simplified({"left": [left]}, 3, {(10.0, 50.0)})
    assert (10.0, 50.0) in kept["left"][0]
    island = [(0.0, 0.0), (5.0, -1.0), (10.0, 0.0), (10.0, 10.0), (0.0, 10.0)]
    assert len(simplified({"a": [island]}, 3)["a"][0]) == 4


@pytest.mark.parametrize(
    "text",
    [
        "[" * 100_000,
        json.dumps(SQUARES).replace("[[[0, 45]", "[[[NaN, 45]"),
        json.dumps(SQUARES).replace("[[[0, 45]", "[[[1e999, 45]"),
        '{"features": [{"properties": {"code": "ON"}, "geometry": {"type": ["Polygon"], "coordinates": []}}]}',
        '{"features": [{"properties": "ON", "geometry": 1}]}',
        '{"features": [{"properties": {"code": "ON"}, "geometry": {"type": "Polygon", "coordinates": [[]]}}]}',
        '{"features": {"a": 1}}',
        '{"features": []}',
        "\ufeff",
    ],
)
def test_hostile_outlines_are_a_mistake_of_the_catalogue(project, text):
    two_levels().write(project.home.parent)
    folder = project.catalogue / "carte"
    folder.mkdir()
    (folder / "province.geojson").write_text(text, encoding="utf-8")
    with pytest.raises(CatalogueError) as error:
        load_catalogue(project.catalogue)
    assert error.value.problems and all(one.startswith("carte/province.geojson: ") for one in error.value.problems)


@pytest.mark.parametrize(
    ("written", "wrong", "told"),
    [
        ('"Polygon"', '"Point"', "a Polygon or a MultiPolygon is needed"),
        ('{"code": "ON"}', '{"nom": "ON"}', "a property code is needed"),
        ('{"code": "QC"}', '{"code": "ON"}', "feature 2: the code 'ON' is already that of another feature"),
        (
            "[[[0, 45]",
            "[[[200, 45]",
            "feature 1 (ON): a Polygon or a MultiPolygon is needed, with coordinates in degrees",
        ),
        ('"features"', '"traits"', "is not a FeatureCollection of GeoJSON"),
    ],
)
def test_an_outline_that_cannot_be_drawn_is_told_with_its_place(written, wrong, told):
    text = json.dumps(SQUARES)
    assert written in text
    _, problems = read_outlines(text.replace(written, wrong), "carte/province.geojson")
    assert problems and problems[0].startswith("carte/province.geojson: ") and told in problems[0]


def test_outlines_of_territories_that_there_are_not_are_mistakes_of_the_catalogue(project):
    country = two_levels()
    country.write(project.home.parent)
    folder = project.catalogue / "carte"
    folder.mkdir()
    (folder / "province.geojson").write_text(json.dumps(SQUARES).replace("NB", "XX"), encoding="utf-8")
    (folder / "comte.geojson").write_text(json.dumps(SQUARES), encoding="utf-8")
    with pytest.raises(CatalogueError) as error:
        load_catalogue(project.catalogue)
    assert error.value.problems == [
        "carte/comte.geojson: 'comte' is not the id of a level; they are nation, province.",
        "carte/province.geojson: 'XX' is the code of no territory of the level 'province'.",
    ]


def test_a_line_of_months_beside_the_total_of_a_year_says_so(tree):
    whole = (tree / "site/territoires/nationale/FR.html").read_text("utf-8")
    policy = next(p for p in (tree / "site/mesures").glob("*.html") if "nb-alertes" in p.read_text("utf-8"))
    for text in (whole, policy.read_text("utf-8")):
        lines = re.findall(r'<svg class=h role=img aria-label="([^"]*)">.*?</svg>(<i>par période</i>)?', text)
        assert lines and any(said for _, said in lines)
        assert all(("valeurs par période depuis" in label) == bool(said) for label, said in lines)


def test_no_country_is_said_to_have_the_institutions_of_france(tree):
    text = (tree / "site/accessibilite.html").read_text("utf-8")
    sentences = re.split(r"(?<=\.) ", re.sub(r"<[^>]*>", " ", text))
    french = [s for s in sentences if "RGAA" in s or "Défenseur des droits" in s]
    assert len(french) == 2 and all("n France" in s for s in french)
