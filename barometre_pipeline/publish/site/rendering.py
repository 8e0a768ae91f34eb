"""Pages into HTML, from the templates: every text is escaped, what a template may use is listed here."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from markupsafe import Markup

from barometre_pipeline.documents.templates import Templates
from barometre_pipeline.french import counted, day, edition_name, number, tied
from barometre_pipeline.publish.companions.news import held, noun_of
from barometre_pipeline.publish.documentation.words import origin_in_words
from barometre_pipeline.publish.site.pages import (
    Page,
    commitment_path,
    indicator_path,
    policy_path,
    sector_path,
    territory_path,
)
from barometre_pipeline.publish.site.prose import declared, prose
from barometre_pipeline.publish.tree.wording import capitalized, named, sentence

FOLDER = Path(__file__).with_name("templates")


def _data_block(content: Mapping[str, Any]) -> Markup:
    """Return data for a block of JSON-LD: no text in it can end the block."""
    return Markup(json.dumps(content, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c"))


TEMPLATES = Templates(
    FOLDER,
    given=("site", "page", "v"),
    filters={
        "number": number,
        "day": day,
        "counted": counted,
        "edition_name": edition_name,
        "prose": prose,
        "declared": declared,
        "capitalized": capitalized,
        "sentence": sentence,
        "named": named,
        "origin_in_words": origin_in_words,
        "held": held,
        "noun_of": noun_of,
        "territory": territory_path,
        "indicator": indicator_path,
        "policy": policy_path,
        "sector": sector_path,
        "commitment": commitment_path,
        "data_block": _data_block,
    },
    autoescape=True,
)


def rendered(page: Page, site: Mapping[str, Any]) -> bytes:
    """Return the HTML of a page; `site` is what all pages share."""
    return tied(TEMPLATES.render(page.gabarit, site=site, page=page, v=page.values)).encode()


def breadcrumb(page: Page, by_path: Mapping[str, Page]) -> Sequence[Page]:
    """Return the pages above a page, home first."""
    above: list[Page] = []
    while page.au_dessus is not None:
        page = by_path[page.au_dessus]
        above.insert(0, page)
    return above
