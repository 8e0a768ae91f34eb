"""The looks of the site: our own, and the State's design system, from what the catalogue took of its package.

What is fictitious never has the State's marks: its terms keep them for what the State says.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from barometre_pipeline.publish.site.data import SiteData

STATIC = Path(__file__).with_name("static")
FOLDER = "dsfr"
_BRIDGE = "theme-dsfr.css"  # what our own style sheet takes from theirs


@dataclass(frozen=True)
class Theme:
    """The templates above and below each page, its style sheets in order, and what its pages may load beside."""

    entete: str
    pied: str
    feuilles: tuple[str, ...]
    permis: str = ""


NEUTRAL = Theme("entete.html", "pied.html", ("site.css",))
STATE = Theme(
    *("dsfr-entete.html", "dsfr-pied.html"),
    (f"{FOLDER}/dsfr.css", "site.css", _BRIDGE),
    permis=" data:; font-src 'self'",  # its icons are within its style sheet
)


def theme_of(data: SiteData) -> Theme:
    """Return the look of an edition's site."""
    return STATE if data.catalogue.theme and not data.provenance.demonstration else NEUTRAL


def theme_files(data: SiteData) -> Iterator[tuple[str, bytes]]:
    """Yield the style sheets, the script and the fonts that the pages load, by their paths in the site."""
    state = theme_of(data) is STATE
    for file in sorted(STATIC.iterdir()):
        if state or file.name != _BRIDGE:
            yield file.name, file.read_bytes()
    for name, content in data.catalogue.theme.items() if state else ():
        yield f"{FOLDER}/{name}", content
