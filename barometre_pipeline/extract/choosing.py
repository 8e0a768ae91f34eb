"""Which files an edition is made from: those that its addresses give now, or those that are stored.

Today's files are published under the name of a past quarter only where somebody asks for that very edition.
"""

from __future__ import annotations

from pathlib import Path

from barometre_pipeline.catalogue import Catalogue
from barometre_pipeline.editions import Edition
from barometre_pipeline.errors import UsageError
from barometre_pipeline.extract.fetching import FetchOptions, Fichiers
from barometre_pipeline.placeholders import has_placeholder
from barometre_pipeline.resources.deliveries import valid_snapshot
from barometre_pipeline.settings import Settings

_ALIKE = (
    "This backfill would ask the same addresses for several editions, and publish today's files as those of {}. Put "
    "{{edition}} in an address of the catalogue, in --sources or in --catalogue; or run each edition by itself "
    "(`barometre run {}`)."
)


def chosen_files(
    options: FetchOptions, edition: Edition, catalogue: Catalogue, settings: Settings, last: Edition, together: int
) -> FetchOptions:
    """Return the options with `from_snapshot` settled; UsageError where they, or the addresses, make no sense.

    `last` is the last closed quarter, `together` how many editions are launched with this one. By default the stored
    files make an older edition, where all of them are there.
    """
    if options.from_snapshot and options.fichiers is Fichiers.sources:
        raise UsageError("from_snapshot and `fichiers: sources` exclude one another: choose one.")
    stored = options.from_snapshot or options.fichiers is Fichiers.stockes
    if options.fichiers is None and options.livraison is None and edition < last:
        stored = stored or _all_are_stored(catalogue, settings.home.deliveries(edition))
    if not stored and edition < last and together > 1 and not _differ(edition, catalogue, settings):
        raise UsageError(_ALIKE.format(edition, edition))
    return options.model_copy(update={"from_snapshot": stored})


def _all_are_stored(catalogue: Catalogue, folder: Path) -> bool:
    return folder.is_dir() and all(valid_snapshot(folder, livraison.id) for livraison in catalogue.livraisons)


def _differ(edition: Edition, catalogue: Catalogue, settings: Settings) -> bool:
    """Tell whether what is asked differs from one edition to the next; demonstration deliveries do."""
    if settings.sources is None or catalogue.at(edition) != catalogue:
        return True
    return has_placeholder(settings.sources) or has_placeholder(str(settings.catalogue))
