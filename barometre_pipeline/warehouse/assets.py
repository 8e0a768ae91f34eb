"""The Dagster step that puts an edition into the analysts' warehouse, once the depot has it."""

from typing import Any

from dagster import (
    AssetExecutionContext,
    AssetKey,
    AssetsDefinition,
    MaterializeResult,
    MetadataValue,
    ResourceParam,
    asset,
)

from barometre_pipeline.catalogue import Catalogues
from barometre_pipeline.depot.options import Depot
from barometre_pipeline.depot.repository import GitRepository
from barometre_pipeline.publish.beside import public_in_clone
from barometre_pipeline.runs.failures import told_plainly
from barometre_pipeline.runs.shown import found_made, made
from barometre_pipeline.settings import Settings
from barometre_pipeline.warehouse.definition import Definition
from barometre_pipeline.warehouse.updating import update_history


def build_warehouse(catalogues: Catalogues, definition: Definition | None) -> AssetsDefinition:
    """Build the step that brings the history of all editions to what is published; it reads the definition if None."""

    @asset(
        group_name="publication",
        deps=["depot"],
        description="The analysts' file: the history of the editions as they were published, replaced whole by rename.",
        kinds={"duckdb"},
    )
    def entrepot(context: AssetExecutionContext, settings: ResourceParam[Settings]) -> MaterializeResult[None]:
        with told_plainly():
            refs = GitRepository(settings.home.publication, Depot.of(settings)).refs()
            done = update_history(
                settings, catalogues, definition or Definition.read(), refs, public_in_clone(settings)
            )
        key = AssetKey("entrepot")
        facts: dict[str, Any] = {
            "fichier": MetadataValue.path(settings.home.warehouse),
            "editions": done.editions,
            "lignes": MetadataValue.json(done.rows),
        }
        return made(context, key, facts) if done.rows else found_made(context, key, facts)

    return entrepot
