"""The Dagster step of stage 1: one asset per delivery, all fetched together, or those that are selected.

A delivery selected by itself is asked for at its address, and the others are left alone; where the reception is
selected too, they must be stored. How they are fetched is in `fetching`.
"""

import logging
from collections.abc import Collection, Iterator, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any

from dagster import (
    AssetExecutionContext,
    AssetKey,
    AssetsDefinition,
    AssetSpec,
    MaterializeResult,
    MetadataValue,
    ResourceParam,
    multi_asset,
)

from barometre_pipeline.catalogue import Catalogue, Catalogues, Livraison
from barometre_pipeline.demonstration import write_demonstration
from barometre_pipeline.editions import Edition
from barometre_pipeline.errors import SourceError
from barometre_pipeline.extract.choosing import chosen_files
from barometre_pipeline.extract.fetching import Fetched, FetchOptions, Fichiers, failures_sentence, fetch_deliveries
from barometre_pipeline.extract.stores import SftpKeys
from barometre_pipeline.resources.http import HttpDoor
from barometre_pipeline.resources.secrets import Secrets
from barometre_pipeline.runs.backfills import editions_launched
from barometre_pipeline.runs.failures import told_plainly
from barometre_pipeline.runs.partitions import edition_of, last_closed_edition
from barometre_pipeline.runs.shown import assets_of_step, found_made, made
from barometre_pipeline.settings import Settings
from barometre_pipeline.slugs import slug

progress = logging.getLogger("barometre.extract")


# Made in every run, whatever deliveries its edition has: what comes after depends on it.
_RECEPTION = AssetSpec(
    key="reception",
    description="All that was received for an edition: from the addresses, or as stored.",
    group_name="livraisons",
)


def build_extract(catalogues: Catalogues) -> AssetsDefinition:
    """Build the step that fetches every delivery of an edition's catalogue."""
    specs = [_RECEPTION, *(_spec(d, skippable=d not in catalogues.everywhere) for d in catalogues.livraisons)]

    @multi_asset(name="extract", specs=specs, can_subset=True)
    def extract(
        context: AssetExecutionContext, config: FetchOptions, settings: ResourceParam[Settings]
    ) -> Iterator[MaterializeResult[None]]:
        edition, asked = edition_of(context.run), assets_of_step(context)
        with told_plainly():
            catalogue, several = catalogues.of(edition), editions_launched(context)
            every = [d.id for d in catalogue.livraisons]
            named = [one for one in every if _key(one) in asked]
            only = None if named == every else named
            options = chosen_files(config, edition, catalogue, settings, last_closed_edition(), several, only)
            looked_at = every if _RECEPTION.key in asked else named
            outcomes = _fetch(catalogue.at(edition), edition, options, settings, looked_at, only)
        for outcome in outcomes:
            if outcome.late_from:
                progress.warning("%s", _late_sentence(outcome))
            if not outcome.blocking and _key(outcome.livraison) in asked:
                yield _shown(context, outcome)
        if any(outcome.blocking for outcome in outcomes):
            with told_plainly():
                raise SourceError(failures_sentence(outcomes)).of(o.livraison for o in outcomes if o.blocking)
        if _RECEPTION.key in asked:
            yield made(context, _RECEPTION.key, _reception(outcomes, options), _contents(outcomes))

    return extract


def received_keys(catalogues: Catalogues) -> list[AssetKey]:
    """Return the assets that the step makes."""
    return [_RECEPTION.key, *(_key(livraison.id) for livraison in catalogues.livraisons)]


def _fetch(
    catalogue: Catalogue,
    edition: Edition,
    config: FetchOptions,
    settings: Settings,
    looked_at: Collection[str],
    only: Collection[str] | None,
) -> list[Fetched]:
    livraisons: Sequence[Livraison] = catalogue.livraisons
    base: str | Path | None = settings.sources and edition.fill(settings.sources)
    if base is None:
        base = settings.home.demonstration(edition)
        livraisons = _demonstrated(catalogue, edition, base)
    livraisons = [livraison for livraison in livraisons if livraison.id in looked_at]
    total = len(livraisons)
    done: list[str] = []

    def on_done(livraison: str) -> None:
        done.append(livraison)
        progress.info("%s", livraison, extra={"done": len(done), "total": total})

    return fetch_deliveries(
        livraisons,
        base,
        settings.home.deliveries(edition),
        edition,
        earlier=[(e, settings.home.deliveries(e)) for e in settings.home.editions_before(edition)],
        options=config,
        on_done=on_done,
        door=HttpDoor(Secrets(*settings.secret_values), allowed=catalogue.general.hotes_autorises),
        portal=settings.portal_read,
        keys=SftpKeys(settings.sftp_hotes, settings.sftp_cle),
        only=only,
    )


def _demonstrated(catalogue: Catalogue, edition: Edition, folder: Path) -> list[Livraison]:
    """Write the fictitious deliveries, and return the catalogue's deliveries as found in that folder."""
    paths = write_demonstration(catalogue, edition, folder)
    return [d.model_copy(update={"url": paths[d.id], "datagouv": None}) for d in catalogue.livraisons]


def _shown(context: AssetExecutionContext, outcome: Fetched) -> MaterializeResult[None]:
    """Return what the UI is told of a delivery: made, unless nothing new came; one that is late is told each time."""
    key, metadata = _key(outcome.livraison), _metadata(outcome)
    version = outcome.manifest.contents if outcome.manifest else None
    if outcome.reused and not outcome.late_from:
        return found_made(context, key, metadata, version)
    return made(context, key, metadata, version)


def _key(livraison: str) -> AssetKey:
    return AssetKey(["livraisons", livraison])


def _spec(livraison: Livraison, skippable: bool) -> AssetSpec:
    return AssetSpec(
        skippable=skippable,
        key=_key(livraison.id),
        description=f"Livraison telle que reçue : {livraison.contenu} ({livraison.ministere}).",
        group_name=_group(livraison.ministere),
        owners=[livraison.contact] if livraison.contact else [],
        tags={"ministere": _group(livraison.ministere)},
        kinds={livraison.file_format},
    )


def _group(ministere: str) -> str:
    """Return the name of a ministry as Dagster has it: letters without accents, digits and `_`."""
    return slug(ministere, join="_")[:60] or "livraisons"


def _reception(outcomes: Sequence[Fetched], options: FetchOptions) -> dict[str, Any]:
    return {
        "fichiers": (Fichiers.stockes if options.from_snapshot else Fichiers.sources).value,
        "livraisons": len(outcomes),
        "nouvelles": sum(not outcome.reused for outcome in outcomes),
        "en_retard": [outcome.livraison for outcome in outcomes if outcome.late_from],
    }


def _contents(outcomes: Sequence[Fetched]) -> str:
    """Return what tells all that was received from other contents."""
    each = sorted(f"{one.manifest.contents}  {one.livraison}\n" for one in outcomes if one.manifest)
    return sha256("".join(each).encode()).hexdigest()


def _metadata(outcome: Fetched) -> dict[str, Any]:
    files = outcome.manifest.fichiers if outcome.manifest else ()
    metadata: dict[str, Any] = {
        "fichiers": ", ".join(f.nom for f in files),
        "url": ", ".join(f.url for f in files),
        "octets": sum(f.taille for f in files),
        "sha256": ", ".join(f.sha256 for f in files),
        "reutilise": outcome.reused,
    }
    if outcome.late_from:
        metadata["edition_origine"] = str(outcome.late_from)
        metadata["retard"] = MetadataValue.md(f"⚠ {_late_sentence(outcome)}")
    return metadata


def _late_sentence(outcome: Fetched) -> str:
    told = outcome.failure or f"Delivery {outcome.livraison}: stored late."
    return f"{told} Its file of {outcome.late_from} is used."
