"""The Dagster steps of stage 5: files, depot, portail, in this order; `warehouse` has the one that comes after.

Each is safe to run again, and by itself: what is already done is found done, left alone, and not shown as made.
"""

import logging
from collections.abc import Iterator, Sequence
from functools import partial
from hashlib import sha256
from typing import Any

from dagster import (
    AssetExecutionContext,
    AssetKey,
    AssetsDefinition,
    Config,
    MaterializeResult,
    MetadataValue,
    ResourceParam,
    asset,
)
from pydantic import Field

from barometre_pipeline.builds import (
    MANIFEST,
    SUMS,
    Build,
    finish_build,
    other_origin,
    read_sums,
    recorded_origin,
    refuse_other_origin,
    whole_build,
)
from barometre_pipeline.catalogue import Catalogue, Catalogues
from barometre_pipeline.depot.options import Depot, GitOptions
from barometre_pipeline.depot.tags import Publication
from barometre_pipeline.editions import Edition
from barometre_pipeline.home import Home
from barometre_pipeline.package_files import code_identity
from barometre_pipeline.publish.begun import documentation_begun, site_begun
from barometre_pipeline.publish.beside import NO_KEY, public_in_clone, send_to_portal
from barometre_pipeline.publish.companions import companions_of
from barometre_pipeline.publish.companions.tables import make_companion_tables
from barometre_pipeline.publish.decision import Wishes, first_names
from barometre_pipeline.publish.journal import Journal
from barometre_pipeline.publish.publication import Published, publish_tree
from barometre_pipeline.publish.results import results_of
from barometre_pipeline.publish.tree.manifest import is_demonstration, origin_of, provenance_of
from barometre_pipeline.publish.tree.schema_file import public_schema
from barometre_pipeline.publish.tree.writing import write_files, write_parquet
from barometre_pipeline.resources.atomic import discard
from barometre_pipeline.resources.duckdb_files import open_warehouse, read_warehouse
from barometre_pipeline.runs.failures import told_plainly, tried_again
from barometre_pipeline.runs.partitions import edition_of
from barometre_pipeline.runs.shown import found_made, made, not_made
from barometre_pipeline.runs.stopping import end_if_stopped
from barometre_pipeline.settings import Settings
from barometre_pipeline.sql_models import SqlModel
from barometre_pipeline.trees import verified_entries
from barometre_pipeline.unchanged import told
from barometre_pipeline.under_way import FILES, refuse_unfinished, taken_by

progress = logging.getLogger("barometre.publish")

# What leaves the house, and the steps of it that a PublishConfig configures.
PUBLISHED_ASSETS = ("depot", "portail", "entrepot")
ASKED = ("depot", "portail")


class PublishConfig(Config):
    """What a run may ask of the publication."""

    publish: bool = Field(True, description="Publish the edition. If not, its files are written, and nothing leaves.")
    dry_run: bool = Field(False, description="Only say what would be sent to the portal; send nothing.")
    as_is: bool = Field(False, description="Publish a build made with another catalogue or program, knowingly.")
    replace_public: bool = Field(False, description="Make an older edition the public one, knowingly.")
    adopt: bool = Field(False, description="Publish into a branch that has files that are not ours, and leave them.")


def build_publication(
    catalogues: Catalogues, models: list[SqlModel], companions: Sequence[SqlModel] = ()
) -> list[AssetsDefinition]:
    """Build the steps that write an edition's files and publish them; `companions` are the tables beside its marts."""
    return [_files(catalogues, models, companions), _depot(catalogues), _portal(catalogues)]


def _files(catalogues: Catalogues, models: list[SqlModel], companions: Sequence[SqlModel]) -> AssetsDefinition:
    # Every table: a blocking check holds back only what depends on the table that it checks.
    @asset(
        group_name="publication",
        deps=[m.name for m in models],
        description="The tree of the edition's files, written, read again and verified.",
    )
    def fichiers(context: AssetExecutionContext, settings: ResourceParam[Settings]) -> MaterializeResult[None]:
        edition, home = edition_of(context.run), settings.home
        building = home.building(edition)
        with told_plainly():
            if taken := taken_by(context, home, edition):
                discard(building.root)
                return found_made(context, FILES, taken)
            if not building.begun.is_file():  # nothing is under way: the files are those of the build in place
                build = whole_build(home, edition)
                verified_entries(build.folder.files)
                return found_made(context, FILES, {"rien_de_nouveau": told(build)})
            catalogue = catalogues.of(edition)
            refuse_unfinished(home, edition, catalogue.version, [m.name for m in models])
            discard(building.files)
            with open_warehouse(building.warehouse) as connection:
                make_companion_tables(connection, companions)
                schema = public_schema(catalogue.mailles)
                provenance = provenance_of(connection, edition, building.report)
                with_zip = settings.git_zip
                written = write_files(
                    connection,
                    catalogue,
                    schema,
                    edition,
                    building.files,
                    provenance,
                    _told,
                    companions_of(with_zip, begun=(site_begun, documentation_begun)),
                )
                write_parquet(connection, schema, building.parquet)
                origin = origin_of(connection, catalogue, provenance, with_zip)
            finish_build(home, edition, origin)
            _journal(settings, edition).record("files", fichiers=written.files)
        files = home.build(edition).files
        facts = {
            "dossier": MetadataValue.path(files),
            "fichiers": written.files,
            "lignes": MetadataValue.json(written.rows),
        }
        return made(context, FILES, facts, published_contents((files / SUMS).read_text("utf-8")))

    return fichiers


def _depot(catalogues: Catalogues) -> AssetsDefinition:
    @asset(
        group_name="publication",
        deps=["fichiers"],
        description="The git repository of the published files: one commit and one tag a changed edition.",
        kinds={"git"},
        output_required=False,  # what comes after is skipped where nothing is to be published
    )
    def depot(
        context: AssetExecutionContext, config: PublishConfig, settings: ResourceParam[Settings]
    ) -> Iterator[MaterializeResult[None]]:
        if not config.publish:
            progress.info("nothing is published, as asked")
            return
        edition, home = edition_of(context.run), settings.home
        with tried_again(context):
            catalogue = catalogues.of(edition)
            build = _sound_build(home, edition, catalogue, config)
            with read_warehouse(build.folder.warehouse) as connection:
                figures = results_of(connection, provenance_of(connection, edition, build.folder.report))
            done = publish_tree(
                build.folder.files,
                home.publication,
                settings.depot or str(home.default_depot),
                edition,
                GitOptions.of(settings, catalogue.general),
                entries=verified_entries(build.folder.files),
                figures=figures,
                journal=_journal(settings, edition),
                wishes=Wishes(config.replace_public, config.adopt),
                compared_with=build.record.origine.comparee_a,
                compared_here=lambda other: origin.comparee_a if (origin := recorded_origin(home, other)) else None,
                before_push=partial(end_if_stopped, context.instance, context.run.run_id),
            )
        for line in _told_of(done, edition):
            progress.info("%s", line)
        facts: dict[str, Any] = {
            "commit": done.commit or done.head,
            "etiquette": done.tag or "",
            "fichiers_changes": done.changed_files,
            "publique": done.public,
            **figures,
        }
        if page := Depot.of(settings).page_of(done.commit or done.head):
            facts["page"] = MetadataValue.url(page)
        key = AssetKey("depot")
        yield found_made(context, key, facts) if done.unchanged else made(context, key, facts)

    return depot


def _portal(catalogues: Catalogues) -> AssetsDefinition:
    @asset(
        group_name="publication",
        deps=["depot"],
        description="The dataset of data.gouv.fr, made equal to the edition. Off without DATAGOUV_API_KEY.",
    )
    def portail(
        context: AssetExecutionContext, config: PublishConfig, settings: ResourceParam[Settings]
    ) -> MaterializeResult[None]:
        edition, home, key = edition_of(context.run), settings.home, AssetKey("portail")
        if not config.publish:
            return not_made(context, key, {"envoi": "nothing is published, as asked"})
        with tried_again(context):
            if settings.datagouv_api_key is None:
                return not_made(context, key, {"envoi": NO_KEY})
            catalogue = catalogues.of(edition)
            build = _sound_build(home, edition, catalogue, config).folder
            public = public_in_clone(settings)
            if another := None if config.dry_run else _another_is_public(public, edition):
                return not_made(context, key, {"envoi": another})
            files = build.files if config.dry_run else home.publication
            end_if_stopped(context.instance, context.run.run_id)
            report = send_to_portal(
                settings, catalogue, edition, files, build, publication=str(public), dry_run=config.dry_run
            )
        for line in [*report.remarks, *report.done] or ["data.gouv.fr is already at this edition: nothing sent"]:
            progress.info("%s%s", "would do: " if config.dry_run and line in report.done else "", line)
        facts: dict[str, Any] = {
            "page": MetadataValue.url(f"{settings.datagouv_url}/datasets/{settings.datagouv_jeu}"),
            "faits": report.done,
            "remarques": report.remarks,
        }
        if config.dry_run or is_demonstration(files):
            return not_made(context, key, facts)
        return made(context, key, facts) if report.done else found_made(context, key, facts)

    return portail


def published_contents(sums: str) -> str:
    """Return what tells the files of a SHA256SUMS from others, but for the manifest: it alone makes no publication."""
    told = read_sums(sums)
    each = sorted(f"{digest}  {path}\n" for path, digest in told.items() if path != MANIFEST)
    return sha256("".join(each).encode()).hexdigest()


def _sound_build(home: Home, edition: Edition, catalogue: Catalogue, config: PublishConfig) -> Build:
    """Return the build in place, which is whole and, unless `as_is`, of this catalogue and program."""
    build = whole_build(home, edition)
    if not config.as_is:
        refuse_other_origin(build, edition, catalogue.version, code_identity())
    elif changed := other_origin(build, catalogue.version, code_identity()):
        progress.info("published as it was built: %s", changed)
    return build


def _another_is_public(public: Publication | None, edition: Edition) -> str:
    """Say which edition is the public one, where it is not this one: it stays on the portal."""
    if public is None or public.edition == edition:
        return ""
    return f"{public} is the public edition: {edition} moves nothing here"


def _told_of(done: Published, edition: Edition) -> Iterator[str]:
    if done.unchanged:
        yield "nothing changed: no commit, no tag"
    else:
        commit = done.commit or done.head
        yield f"{done.changed_files} files changed, commit {commit[:10]}, tag {done.tag or '(none: no data changed)'}"
    if done.replaced:
        yield (
            f"{len(done.replaced)} files that were not ours are replaced by ours ({first_names(done.replaced)}): the "
            "history of the branch keeps them"
        )
    if not done.public.startswith(str(edition)):
        yield f"{done.public} is the public edition, and stays it"
    if done.outdated:
        yield done.outdated


def _told(done: int, total: int) -> None:
    # Each message is also an event of the run, which Dagster keeps: twenty are enough to see the files go by.
    if done == total or done % (total // 20 + 1) == 0:
        progress.info("files", extra={"done": done, "total": total})


def _journal(settings: Settings, edition: Edition) -> Journal:
    return Journal(settings.home.build(edition).journal)
