"""The Dagster step of stage 2: the raw tables, an asset each.

What fills them is in `loading` and `drift`.
"""

from pathlib import Path

from dagster import (
    AssetExecutionContext,
    AssetKey,
    AssetsDefinition,
    AssetSpec,
    MaterializeResult,
    ResourceParam,
    multi_asset,
)

from barometre_pipeline.catalogue import Catalogue
from barometre_pipeline.catalogue.tables import catalogue_tables
from barometre_pipeline.editions import Edition
from barometre_pipeline.resources.duckdb_files import open_warehouse, remove_warehouse
from barometre_pipeline.runs.failures import told_plainly
from barometre_pipeline.runs.partitions import EDITIONS, edition_of
from barometre_pipeline.settings import Home, Settings
from barometre_pipeline.stage.drift import in_short, load_drift
from barometre_pipeline.stage.loading import load_catalogue_tables, load_previous, load_raw, read_received

RAW_TABLES = {
    "raw.valeurs": "The delivered values as they were read.\nOne row per number of a delivery, with its place.",
    "raw.objectifs": "The delivered objectives as they were read.\nOne row per row of a delivery, with its place.",
    "raw.rejets": "What the readers kept aside.\nOne row per cell or row that could not be read, with its reason.",
    "raw.livraisons": "What was received and read.\nOne row per delivery.",
    "raw.feuilles": "The sheets and headings that were seen.\nOne row per sheet or file of a delivery.",
    "raw.derives": "How deliveries differ from the previous edition's.\nOne row per change.",
    "precedente.feuilles": "The headings of the previous edition.\nOne row per sheet or file of a delivery.",
    "precedente.valeurs": "The staged values of the previous edition.\nOne row per key.",
    "precedente.detail": "The published series of the previous edition.\nOne row per key.",
    "catalogue.secteurs": "The sectors.\nOne row per secteur.",
    "catalogue.territoires": "The territories.\nOne row per maille and code.",
    "catalogue.indicateurs": "The indicators, with their policy.\nOne row per indicateur, in the order of publication.",
    "catalogue.exceptions": "The deviations that are accepted.\nOne row per exception.",
    "catalogue.corrections": "The delivered values known to be wrong.\nOne row per correction.",
    "catalogue.edition": "The edition that is computed.\nOne row.",
}


def build_stage(catalogue: Catalogue) -> AssetsDefinition:
    """Build the step that reads every delivery of the catalogue into the raw tables."""

    @multi_asset(name="stage", specs=list(_specs(catalogue)), partitions_def=EDITIONS)
    def stage(context: AssetExecutionContext, settings: ResourceParam[Settings]):
        edition = edition_of(context.partition_key)
        with told_plainly():
            received = read_received(catalogue, settings.home.deliveries(edition))
        working = settings.home.working_warehouse(edition)
        remove_warehouse(working)
        with open_warehouse(working) as connection:
            load_raw(connection, received)
            load_catalogue_tables(connection, catalogue_tables(catalogue, edition, settings.sources is None))
            load_previous(connection, previous_warehouse(settings.home, edition))
            drift = load_drift(connection)
            counts = {t: connection.execute(f"select count(*) from {t}").fetchone()[0] for t in RAW_TABLES}
        for table, rows in counts.items():
            metadata: dict = {"dagster/row_count": rows}
            if table == "raw.derives":
                metadata["derives"] = [in_short(change) for change in drift]
            yield MaterializeResult(asset_key=AssetKey(table.split(".")), metadata=metadata)

    return stage


def previous_warehouse(home: Home, edition: Edition) -> Path | None:
    """Return the warehouse of the latest edition built before this one, None where there is none."""
    built = (home.edition_warehouse(e) for e in home.editions_before(edition))
    return next((w for w in built if w.is_file()), None)


def _specs(catalogue: Catalogue):
    received = [AssetKey(["livraisons", livraison.id]) for livraison in catalogue.livraisons]
    for table, description in RAW_TABLES.items():
        schema = table.split(".")[0]
        yield AssetSpec(
            key=AssetKey(table.split(".")),
            description=description,
            group_name=schema,
            deps=received if schema == "raw" else [],
            kinds={"duckdb"},
        )
