"""Which files an edition is made from: those that its addresses give now, or those that are stored.

Today's files are published under the name of a past quarter only where somebody asks for that very edition.
"""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from barometre_pipeline.catalogue import Catalogue
from barometre_pipeline.editions import Edition
from barometre_pipeline.errors import UsageError
from barometre_pipeline.extract.fetching import FetchOptions, Fichiers
from barometre_pipeline.placeholders import has_placeholder
from barometre_pipeline.resources.deliveries import valid_snapshot
from barometre_pipeline.resources.schemes import scheme_of
from barometre_pipeline.settings import Settings

_ALIKE = (
    "This backfill would ask the same addresses for several editions, and publish today's files as those of {0}: those "
    "of {1}. Put {{edition}} in these addresses, in --sources (for relative ones) or in --catalogue; or run each "
    "edition by itself (`barometre run {0}`)."
)


def chosen_files(
    options: FetchOptions,
    edition: Edition,
    catalogue: Catalogue,
    settings: Settings,
    last: Edition,
    together: int,
    only: Collection[str] | None = None,
) -> FetchOptions:
    """Return the options with `from_snapshot` settled; UsageError where they, or the addresses, make no sense.

    `last` is the last closed quarter, `together` how many editions are launched with this one, `only` the deliveries
    asked for where that is not all of them. By default the stored files make an older edition, where all of them are
    there and no delivery is asked for by name.
    """
    if options.livraison is not None:
        only = {options.livraison}
    if options.from_snapshot and options.fichiers is Fichiers.sources:
        raise UsageError("from_snapshot and `fichiers: sources` exclude one another: choose one.")
    stored = options.from_snapshot or options.fichiers is Fichiers.stockes
    if options.fichiers is None and only is None and edition < last:
        stored = stored or _all_are_stored(catalogue, settings.home.deliveries(edition))
    if not stored and edition < last and together > 1:
        alike = [one for one in _asked_alike(edition, catalogue, settings) if only is None or one in only]
        if alike:
            raise UsageError(_ALIKE.format(edition, ", ".join(alike)))
    return options.model_copy(update={"from_snapshot": stored})


def _all_are_stored(catalogue: Catalogue, folder: Path) -> bool:
    return folder.is_dir() and all(valid_snapshot(folder, livraison.id) for livraison in catalogue.livraisons)


def _asked_alike(edition: Edition, catalogue: Catalogue, settings: Settings) -> list[str]:
    """Return the deliveries whose file is the same one for every edition; demonstration deliveries never are."""
    if settings.sources is None or has_placeholder(str(settings.catalogue)):
        return []
    alike = [one for one in catalogue.livraisons if one.at(edition) == one]
    if has_placeholder(settings.sources):
        alike = [one for one in alike if one.datagouv or scheme_of(one.url or "")]
    return [one.id for one in alike]
