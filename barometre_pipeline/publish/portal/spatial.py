"""Which space the dataset covers, in the portal's words: a zone that it knows, and how fine the levels are.

No level and no country is known here: the names and codes of the catalogue are looked for among those of the portal.
"""

from __future__ import annotations

from collections.abc import Iterable

from barometre_pipeline.catalogue import Catalogue, Territoire
from barometre_pipeline.publish.portal.answers import Named, Spatial
from barometre_pipeline.publish.portal.client import Datagouv
from barometre_pipeline.slugs import slug

NO_GRANULARITY = "other"


def spatial_coverage(catalogue: Catalogue, portal: Datagouv) -> Spatial:
    """Return what a catalogue covers, asked of the portal; no zone where it has none such."""
    whole = catalogue.territoire_racine
    # Written as the portal's ids are, or in the words of a supplier's files.
    searched = whole.zone_id if whole.zone_id and ":" in whole.zone_id else whole.libelle
    zone = zone_of(whole, portal.zones(searched))
    return Spatial(zones=[zone] if zone else [], granularity=granularity_of(catalogue, portal.granularities()))


def zone_of(whole: Territoire, found: Iterable[Named]) -> str | None:
    """Return the id of the zone that is the whole; None where the portal has none."""
    same = (slug(whole.libelle), whole.code.casefold())
    return next((z.id for z in found if z.id == whole.zone_id or (slug(z.name), z.code.casefold()) == same), None)


def granularity_of(catalogue: Catalogue, known: Iterable[Named]) -> str:
    """Return the id of the portal's level that is the catalogue's finest, the one of the most territories.

    It has the level's name, or ends by it (`fr:departement`), or is that of its `zone_id` (`fr:departement:01`).
    """
    finest = max(catalogue.mailles, key=lambda m: len(catalogue.territoires_of(m.id)))
    first = catalogue.territoires_of(finest.id)[0]
    names = {(first.zone_id or "").rpartition(":")[0], slug(finest.libelle)} - {""}
    return next((g.id for g in known if names & {g.id, slug(g.name), slug(g.id.rpartition(":")[2])}), NO_GRANULARITY)
