"""Makes the whole site and its feeds of an edition's data: every file by its path in the publication."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from barometre_pipeline.publish.site.about_pages import about_pages, plan_page
from barometre_pipeline.publish.site.beside import files_beside
from barometre_pipeline.publish.site.data import SiteData
from barometre_pipeline.publish.site.display import Display
from barometre_pipeline.publish.site.edition_pages import edition_pages
from barometre_pipeline.publish.site.indicator_pages import indicator_pages
from barometre_pipeline.publish.site.json_feeds import json_feeds
from barometre_pipeline.publish.site.machines import CATALOGUE, PURPOSE, address_of, atom_feeds, dataset, dcat, sitemap
from barometre_pipeline.publish.site.pages import NAVIGATION, Page
from barometre_pipeline.publish.site.policy_pages import COMMITMENTS, commitment_pages, policy_pages
from barometre_pipeline.publish.site.rendering import breadcrumb, rendered
from barometre_pipeline.publish.site.search import INDEX, search_index
from barometre_pipeline.publish.site.territory_pages import territory_pages
from barometre_pipeline.publish.site.themes import theme_files, theme_of

FOLDER = "site"


def site_pages(data: SiteData) -> list[Page]:
    """Return every page of the site, in the order of the plan du site."""
    display = Display(data)
    kinds = (edition_pages, territory_pages, indicator_pages, policy_pages, commitment_pages, about_pages)
    pages = [page for kind in kinds for page in kind(display)]
    return [*pages, plan_page(pages)]


def made_site(data: SiteData) -> Iterator[tuple[str, bytes]]:
    """Yield each file of the site and of the feeds, by its path in the publication."""
    pages = site_pages(data)
    by_path = {page.path: page for page in pages}
    shared = _shared(data, by_path)
    for page in pages:
        own = {"fil": breadcrumb(page, by_path), "canonique": address_of(data, page.path)}
        yield f"{FOLDER}/{page.path}", rendered(page, {**shared, **own})
        for path, content in files_beside(page.path, page.table) if page.table else ():
            yield f"{FOLDER}/{path}", content
    index, content = search_index(pages)
    yield f"{FOLDER}/{index}", content
    for path, content in theme_files(data):
        yield f"{FOLDER}/{path}", content
    yield f"{FOLDER}/{CATALOGUE}", dcat(data)
    yield from sitemap(data, pages)
    yield from atom_feeds(data)
    yield from json_feeds(data)


def _shared(data: SiteData, by_path: Mapping[str, Page]) -> dict[str, Any]:
    general = data.catalogue.general
    return {
        "general": general,
        "catalogue": data.catalogue,
        "edition": data.edition,
        "demonstration": data.provenance.demonstration,
        "provenance": data.provenance,
        "navigation": list(NAVIGATION.items()),
        "engagements": COMMITMENTS if COMMITMENTS in by_path else None,
        "index": INDEX,
        "jeu": dataset(data),
        "objet": PURPOSE,
        "theme": theme_of(data),
    }
