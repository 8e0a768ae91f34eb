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

from barometre_pipeline.catalogue import Catalogue
from barometre_pipeline.editions import Edition
from barometre_pipeline.publish.depot.changes import entry
from barometre_pipeline.publish.depot.options import GitOptions
from barometre_pipeline.publish.depot.publication import publish_tree
from barometre_pipeline.publish.journal import Journal
from barometre_pipeline.publish.portal.client import Datagouv
from barometre_pipeline.publish.portal.sync import sync_dataset
from barometre_pipeline.publish.tree.parquet import write_parquet
from barometre_pipeline.publish.tree.provenance import figures_of, is_demonstration, provenance_of
from barometre_pipeline.publish.tree.verification import verify_sums
from barometre_pipeline.publish.tree.writing import write_files
from barometre_pipeline.resources.atomic import discard, replace_folder
from barometre_pipeline.resources.duckdb_files import open_warehouse, read_warehouse, replace_snapshot
from barometre_pipeline.runs.failures import told_plainly
from barometre_pipeline.runs.partitions import EDITIONS, edition_of
from barometre_pipeline.settings import Settings
from barometre_pipeline.sql_models import SqlModel

progress = logging.getLogger("barometre.publish")

# What leaves the house: left out by --no-publish, and all that `barometre publish` runs.
PUBLISHED_ASSETS = ("depot", "portail", "entrepot")


class PublishConfig(Config):
    """What a run may ask of the publication."""

    dry_run: bool = Field(False, description="Only say what would be sent; send nothing.")


def build_publication(catalogue: Catalogue, models: list[SqlModel]) -> list[AssetsDefinition]:
    """Build the steps that write an edition's files and publish them."""
    return [_files(catalogue, models), _depot(), _portal(catalogue), _snapshot()]


def _files(catalogue: Catalogue, models: list[SqlModel]) -> AssetsDefinition:
    # Every table: a blocking check holds back only what depends on the table that it checks.
    @asset(
        group_name="publication",
        partitions_def=EDITIONS,
        deps=[m.name for m in models],
        description="The tree of the edition's files, written, read again and verified.",
    )
    def fichiers(context: AssetExecutionContext, settings: ResourceParam[Settings]) -> MaterializeResult:
        edition, home = edition_of(context.partition_key), settings.home
        fresh = home.files(edition).with_name(".publication.nouvelle")
        discard(fresh)
        with told_plainly():
            with open_warehouse(home.working_warehouse(edition)) as connection:
                provenance = provenance_of(connection, edition, home.report(edition))
                written = write_files(connection, catalogue, edition, fresh, provenance, _told)
                write_parquet(connection, home.parquet(edition))
            home.working_warehouse(edition).replace(home.edition_warehouse(edition))
            replace_folder(fresh, home.files(edition))
            _journal(settings, edition).record("files", fichiers=written.files)
        return MaterializeResult(
            metadata={
                "dossier": MetadataValue.path(home.files(edition)),
                "fichiers": written.files,
                "lignes": MetadataValue.json(written.rows),
            }
        )

    return fichiers


def _depot() -> AssetsDefinition:
    @asset(
        group_name="publication",
        partitions_def=EDITIONS,
        deps=["fichiers"],
        description="The git repository of the published files: one commit and one tag a changed edition.",
        kinds={"git"},
    )
    def depot(context: AssetExecutionContext, settings: ResourceParam[Settings]) -> MaterializeResult:
        edition, home = edition_of(context.partition_key), settings.home
        with told_plainly():
            entries = verify_sums(home.files(edition), entry)
            done = publish_tree(
                home.files(edition),
                home.publication,
                settings.depot or str(home.default_depot),
                edition,
                GitOptions.from_environment(),
                entries=entries,
                figures=figures_of(home.files(edition)),
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


def _portal(catalogue: Catalogue) -> AssetsDefinition:
    @asset(
        group_name="publication",
        partitions_def=EDITIONS,
        deps=["depot"],
        description="The dataset of data.gouv.fr, made equal to the edition. Off without DATAGOUV_API_KEY.",
    )
    def portail(
        context: AssetExecutionContext, config: PublishConfig, settings: ResourceParam[Settings]
    ) -> MaterializeResult:
        edition, home = edition_of(context.partition_key), settings.home
        with told_plainly():
            portal = Datagouv.from_environment()
            if portal is None:
                return MaterializeResult(metadata={"envoi": "DATAGOUV_API_KEY is not set: nothing is sent."})
            with read_warehouse(home.edition_warehouse(edition)) as connection:
                first_date = connection.execute("select min(date) from detail").fetchall()[0][0]
            report = sync_dataset(
                home.files(edition),
                catalogue,
                edition,
                portal,
                first_date or edition.start,
                home.portal,
                parquet=home.parquet(edition),
                demonstration=is_demonstration(home.files(edition)),
                dry_run=config.dry_run,
                journal=_journal(settings, edition),
            )
        for line in [*report.remarks, *report.done] or ["data.gouv.fr is already at this edition: nothing sent"]:
            progress.info("%s%s", "would do: " if config.dry_run and line in report.done else "", line)
        return MaterializeResult(metadata={"faits": report.done, "remarques": report.remarks})

    return portail


def _snapshot() -> AssetsDefinition:
    @asset(
        group_name="publication",
        partitions_def=EDITIONS,
        deps=["depot"],
        description="The analysts' snapshot of the edition's tables, replaced whole by rename.",
        kinds={"duckdb"},
    )
    def entrepot(context: AssetExecutionContext, settings: ResourceParam[Settings]) -> MaterializeResult:
        edition, home = edition_of(context.partition_key), settings.home
        replace_snapshot(home.edition_warehouse(edition), home.warehouse)
        return MaterializeResult(metadata={"fichier": MetadataValue.path(home.warehouse)})

    return entrepot


def _told(done: int, total: int) -> None:
    # Each message is also an event in Dagster's database: twenty are enough to see the files go by.
    if done == total or done % (total // 20 + 1) == 0:
        progress.info("files", extra={"done": done, "total": total})


def _journal(settings: Settings, edition: Edition) -> Journal:
    return Journal(settings.home.build(edition) / "publication.json")
