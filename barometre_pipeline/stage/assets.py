"""The Dagster step of stage 2: the raw tables, an asset each.

What they hold is in `raw_tables`, what fills them in `loading` and `drift`.
"""

import logging
from collections.abc import Iterator
from typing import Any

from dagster import (
    AssetExecutionContext,
    AssetKey,
    AssetsDefinition,
    AssetSpec,
    MaterializeResult,
    ResourceParam,
    multi_asset,
)

from barometre_pipeline.builds import unchanged_build
from barometre_pipeline.catalogue import Catalogue
from barometre_pipeline.catalogue.tables import catalogue_tables
from barometre_pipeline.editions import Edition
from barometre_pipeline.errors import BuildError
from barometre_pipeline.home import Home
from barometre_pipeline.resources.atomic import discard, discard_leftovers
from barometre_pipeline.resources.duckdb_files import open_warehouse
from barometre_pipeline.runs.failures import told_plainly
from barometre_pipeline.runs.partitions import EDITIONS, edition_of
from barometre_pipeline.settings import Settings
from barometre_pipeline.stage.drift import in_short, load_drift
from barometre_pipeline.stage.loading import Previous, load_catalogue_tables, load_previous, load_raw, read_received
from barometre_pipeline.stage.raw_tables import RAW_TABLES

progress = logging.getLogger("barometre.stage")


def build_stage(catalogue: Catalogue) -> AssetsDefinition:
    """Build the step that reads every delivery of the catalogue into the raw tables."""

    @multi_asset(name="stage", specs=list(_specs(catalogue)), partitions_def=EDITIONS)
    def stage(context: AssetExecutionContext, settings: ResourceParam[Settings]) -> Iterator[MaterializeResult[None]]:
        edition = edition_of(context.partition_key)
        with told_plainly():
            building = settings.home.building(edition)
            discard(building.root)
            discard_leftovers(building.root)
        with told_plainly(), open_warehouse(building.warehouse) as connection:
            load_raw(connection, read_received(catalogue, settings.home.deliveries(edition), building.reading))
            load_catalogue_tables(connection, catalogue_tables(catalogue, edition, settings.sources is None))
            load_previous(connection, previous_edition(settings.home, edition))
            drift = load_drift(connection)
            counts = {t: connection.execute(f"select count(*) from {t}").fetchall()[0][0] for t in RAW_TABLES}
        for table, rows in counts.items():
            metadata: dict[str, Any] = {"dagster/row_count": rows}
            if table == "raw.derives":
                metadata["derives"] = [in_short(change) for change in drift]
            yield MaterializeResult(asset_key=AssetKey(table.split(".")), metadata=metadata)

    return stage


def previous_edition(home: Home, edition: Edition) -> Previous:
    """Return the latest edition built before this one; a damaged one stops nothing, what compares with it is told."""
    before = next((e for e in home.editions_before(edition) if home.build(e).root.is_dir()), None)
    if before is None:
        return Previous()
    try:
        return Previous(before, unchanged_build(home, before).folder.warehouse)
    except BuildError as error:
        progress.warning("No comparison with %s: %s", before, error)
        return Previous(before, motif=f"L’édition {before} de ce dossier est endommagée, ou d’une version antérieure.")


def _specs(catalogue: Catalogue) -> Iterator[AssetSpec]:
    received = [AssetKey(["livraisons", livraison.id]) for livraison in catalogue.livraisons]
    for table, about in RAW_TABLES.items():
        schema = table.split(".")[0]
        yield AssetSpec(
            key=AssetKey(table.split(".")),
            description=about.description,
            group_name=schema,
            deps=received if schema == "raw" else [],
            kinds={"duckdb"},
        )
