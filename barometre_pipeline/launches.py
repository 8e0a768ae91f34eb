"""What a launch may ask, whatever it came from, and the tags that say what it was: terminal, UI, schedule or GraphQL.

Dagster takes any text for a partition's key and any value for an option: each run is held to these rules before it
locks or writes anything.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from dagster import DagsterRun

from barometre_pipeline.catalogue import Catalogue, Catalogues
from barometre_pipeline.depot.options import Depot
from barometre_pipeline.depot.repository import GitRepository
from barometre_pipeline.depot.tags import Publications
from barometre_pipeline.editions import Edition
from barometre_pipeline.errors import UsageError
from barometre_pipeline.package_files import code_identity
from barometre_pipeline.runs.names import name_tags
from barometre_pipeline.runs.partitions import chosen_key, last_closed_edition, partition_key, read_key
from barometre_pipeline.settings import Settings

# A run that Dagster starts again after its process died is made whole again, which takes up what was done. The tag has
# no public name in Dagster.
_AGAIN = {"dagster/retry_strategy": "ALL_STEPS"}
_DEFAULT_FIRST = Edition(2021, 1)


def first_edition(settings: Settings, catalogue: Catalogue) -> Edition:
    """Return the edition at which the barometer begins: the catalogue's, else the earliest one that is known here."""
    if catalogue.general.premiere_edition:
        return Edition.parse(catalogue.general.premiere_edition)
    clone = GitRepository(settings.home.publication, Depot.of(settings))
    published = Publications.of(clone.refs().tags).commits if clone.is_of_its_depot() else ()
    return min((_DEFAULT_FIRST, *settings.home.editions, *(one.edition for one in published)))


def check_closed(edition: Edition) -> None:
    """Raise UsageError where the quarter is not over, in Paris."""
    if edition > last_closed_edition():
        raise UsageError(f"{edition} is not a closed quarter: the last one is {last_closed_edition()}.")


def check_edition(edition: Edition, first: Edition) -> None:
    """Raise UsageError where the edition is not one that may be made today."""
    check_closed(edition)
    if edition < first:
        raise UsageError(
            f"{edition} is before the first edition, {first}: premiere_edition, in catalogue.yaml, sets an earlier one."
        )


def check_delivery(wanted: str | None, catalogue: Catalogue, option: str) -> None:
    """Raise UsageError where the only delivery to fetch, as this option gives it, is not one of the catalogue."""
    if wanted is not None and wanted not in {d.id for d in catalogue.livraisons}:
        known = ", ".join(d.id for d in catalogue.livraisons)
        raise UsageError(f"{option}: {wanted!r} is not a delivery of the catalogue, whose deliveries are {known}.")


def check_launch(run: DagsterRun, catalogues: Catalogues, first: Edition) -> Edition:
    """Return the edition that a run is to make; UsageError says what is wrong with what was asked."""
    key = chosen_key(run)
    edition = read_key(key)
    if key != partition_key(edition):  # Dagster takes any day
        raise UsageError(f"{key} is not the key of an edition: that of {edition} is {partition_key(edition)}.")
    check_edition(edition, first)
    config: Mapping[str, Any] = run.run_config
    asked = config.get("ops", {}).get("extract", {}).get("config", {})
    if asked.get("livraison") is not None:
        check_delivery(asked["livraison"], catalogues.of(edition), "livraison")
    return edition


def launch_tags(settings: Settings, edition: Edition) -> dict[str, str]:
    """Return the tags by which people find a run: what it makes, from what, with which code."""
    return {
        "edition": str(edition),
        "catalogue": edition.fill(str(settings.catalogue)),
        "sources": _shown(edition.fill(settings.sources)) if settings.sources else "demonstration",
        "code": code_identity(),
        "engine": _without_secrets(settings.engine),
        "demonstration": "non" if settings.sources else "oui",
        **_AGAIN,
        **name_tags(settings.nom),
    }


def asked_tags(settings: Settings, run: DagsterRun) -> dict[str, str]:
    """Return these tags of a run as it was asked for, whether it may be made or not; none where no edition was."""
    try:
        return launch_tags(settings, read_key(chosen_key(run)))
    except UsageError:
        return {}


def _without_secrets(engine: str) -> str:
    """Return an address of Spark's without who asks."""
    return re.sub(r"//[^/@]*@", "//", engine)


def _shown(address: str) -> str:
    """Return an address without what may be secret in it: who asks, and the query."""
    parts = urlsplit(address)
    if "://" not in address:
        return address
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"
