"""The Dagster steps of stage 5: files, depot, portail, entrepot, in this order.

Each is safe to run again: what is already done is found done, and left alone.
"""

import logging

from dagster import (
    AssetExecutionContext,
    AssetsDefinition,
    Config,
    MaterializeResult,
    MetadataValue,
    ResourceParam,
    asset,
)
from pydantic import Field

from barometre_pipeline.builds import finish_build, other_origin, refuse_other_origin, whole_build
from barometre_pipeline.catalogue import Catalogue, Catalogues
from barometre_pipeline.depot.objects import entry
from barometre_pipeline.depot.options import GitOptions
from barometre_pipeline.editions import Edition
from barometre_pipeline.errors import BuildError
from barometre_pipeline.home import BuildFolder, Home
from barometre_pipeline.package_files import code_identity
from barometre_pipeline.publish.journal import Journal
from barometre_pipeline.publish.portal.client import opened_portal
from barometre_pipeline.publish.portal.sync import sync_dataset
from barometre_pipeline.publish.publication import publish_tree
from barometre_pipeline.publish.tree.manifest import figures_of, is_demonstration, origin_of, provenance_of
from barometre_pipeline.publish.tree.schema_file import public_schema
from barometre_pipeline.publish.tree.verification import verify_sums
from barometre_pipeline.publish.tree.writing import write_files, write_parquet
from barometre_pipeline.resources.atomic import discard
from barometre_pipeline.resources.duckdb_files import open_warehouse, read_warehouse, replace_snapshot
from barometre_pipeline.runs.failures import told_plainly
from barometre_pipeline.runs.partitions import EDITIONS, edition_of
from barometre_pipeline.settings import Settings
from barometre_pipeline.sql_models import SqlModel
from barometre_pipeline.unchanged import taken_as_it_is

progress = logging.getLogger("barometre.publish")

# What leaves the house.
PUBLISHED_ASSETS = ("depot", "portail", "entrepot")


class PublishConfig(Config):
    """What a run may ask of the publication."""

    dry_run: bool = Field(False, description="Only say what would be sent to the portal; send nothing.")
    as_is: bool = Field(False, description="Publish a build made with another catalogue or program, knowingly.")


def build_publication(catalogues: Catalogues, models: list[SqlModel]) -> list[AssetsDefinition]:
    """Build the steps that write an edition's files and publish them."""
    return [_files(catalogues, models), _depot(catalogues), _portal(catalogues), _snapshot(catalogues)]


def _files(catalogues: Catalogues, models: list[SqlModel]) -> AssetsDefinition:
    # Every table: a blocking check holds back only what depends on the table that it checks.
    @asset(
        group_name="publication",
        partitions_def=EDITIONS,
        deps=[m.name for m in models],
        description="The tree of the edition's files, written, read again and verified.",
    )
    def fichiers(context: AssetExecutionContext, settings: ResourceParam[Settings]) -> MaterializeResult[None]:
        edition, home = edition_of(context.partition_key), settings.home
        building = home.building(edition)
        if taken := taken_as_it_is(home, edition):
            discard(building.root)
            return MaterializeResult(metadata=taken)
        discard(building.files)
        with told_plainly():
            catalogue = catalogues.of(edition)
            if not building.report.is_dir():
                raise BuildError(f"{edition} is not being built: its tables are made and checked first.")
            with open_warehouse(building.warehouse) as connection:
                schema = public_schema(catalogue.mailles)
                provenance = provenance_of(connection, edition, building.report)
                written = write_files(connection, catalogue, schema, edition, building.files, provenance, _told)
                write_parquet(connection, schema, building.parquet)
                origin = origin_of(connection, catalogue, provenance)
            finish_build(home, edition, origin)
            _journal(settings, edition).record("files", fichiers=written.files)
        files = home.build(edition).files
        return MaterializeResult(
            metadata={
                "dossier": MetadataValue.path(files),
                "fichiers": written.files,
                "lignes": MetadataValue.json(written.rows),
            }
        )

    return fichiers


def _depot(catalogues: Catalogues) -> AssetsDefinition:
    @asset(
        group_name="publication",
        partitions_def=EDITIONS,
        deps=["fichiers"],
        description="The git repository of the published files: one commit and one tag a changed edition.",
        kinds={"git"},
    )
    def depot(
        context: AssetExecutionContext, config: PublishConfig, settings: ResourceParam[Settings]
    ) -> MaterializeResult[None]:
        edition, home = edition_of(context.partition_key), settings.home
        with told_plainly():
            files = _sound_build(home, edition, catalogues.of(edition), config).files
            entries = verify_sums(files, entry)
            done = publish_tree(
                files,
                home.publication,
                settings.depot or str(home.default_depot),
                edition,
                GitOptions.of(settings),
                entries=entries,
                figures=figures_of(files),
                journal=_journal(settings, edition),
            )
        if done.unchanged:
            progress.info("nothing changed: no commit, no tag")
        else:
            progress.info("%d files changed, commit %s, tag %s", done.changed_files, done.head[:10], done.tag)
        return MaterializeResult(
            metadata={"commit": done.head, "etiquette": done.tag or "", "fichiers_changes": done.changed_files}
        )

    return depot


def _portal(catalogues: Catalogues) -> AssetsDefinition:
    @asset(
        group_name="publication",
        partitions_def=EDITIONS,
        deps=["depot"],
        description="The dataset of data.gouv.fr, made equal to the edition. Off without DATAGOUV_API_KEY.",
    )
    def portail(
        context: AssetExecutionContext, config: PublishConfig, settings: ResourceParam[Settings]
    ) -> MaterializeResult[None]:
        edition, home = edition_of(context.partition_key), settings.home
        with told_plainly():
            if settings.datagouv_api_key is None:
                return MaterializeResult(metadata={"envoi": "DATAGOUV_API_KEY is not set: nothing is sent."})
            catalogue = catalogues.of(edition)
            build = _sound_build(home, edition, catalogue, config)
            with read_warehouse(build.warehouse) as connection:
                first_date = connection.execute("select min(date) from detail").fetchall()[0][0]
            with opened_portal(settings, settings.datagouv_api_key) as portal:
                report = sync_dataset(
                    build.files,
                    catalogue,
                    public_schema(catalogue.mailles),
                    edition,
                    portal,
                    first_date or edition.start,
                    home.portal,
                    parquet=build.parquet,
                    demonstration=is_demonstration(build.files),
                    dry_run=config.dry_run,
                    journal=_journal(settings, edition),
                )
        for line in [*report.remarks, *report.done] or ["data.gouv.fr is already at this edition: nothing sent"]:
            progress.info("%s%s", "would do: " if config.dry_run and line in report.done else "", line)
        return MaterializeResult(metadata={"faits": report.done, "remarques": report.remarks})

    return portail


def _snapshot(catalogues: Catalogues) -> AssetsDefinition:
    @asset(
        group_name="publication",
        partitions_def=EDITIONS,
        deps=["depot"],
        description="The analysts' snapshot of the edition's tables, replaced whole by rename.",
        kinds={"duckdb"},
    )
    def entrepot(
        context: AssetExecutionContext, config: PublishConfig, settings: ResourceParam[Settings]
    ) -> MaterializeResult[None]:
        edition, home = edition_of(context.partition_key), settings.home
        with told_plainly():
            replace_snapshot(_sound_build(home, edition, catalogues.of(edition), config).warehouse, home.warehouse)
        return MaterializeResult(metadata={"fichier": MetadataValue.path(home.warehouse)})

    return entrepot


def _sound_build(home: Home, edition: Edition, catalogue: Catalogue, config: PublishConfig) -> BuildFolder:
    """Return the build in place, which is whole and, unless `as_is`, of this catalogue and program."""
    build = whole_build(home, edition)
    if not config.as_is:
        refuse_other_origin(build, edition, catalogue.version, code_identity())
    elif changed := other_origin(build, catalogue.version, code_identity()):
        progress.info("published as it was built: %s", changed)
    return build.folder


def _told(done: int, total: int) -> None:
    # Each message is also an event of the run, which Dagster keeps: twenty are enough to see the files go by.
    if done == total or done % (total // 20 + 1) == 0:
        progress.info("files", extra={"done": done, "total": total})


def _journal(settings: Settings, edition: Edition) -> Journal:
    return Journal(settings.home.build(edition).journal)
