"""Puts what is beside the depot at its public edition: the portal's dataset, the analysts' snapshot."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import duckdb

from barometre_pipeline.builds import SUMS
from barometre_pipeline.catalogue import Catalogue
from barometre_pipeline.depot.changing import published_branch
from barometre_pipeline.depot.options import Depot, GitOptions
from barometre_pipeline.depot.reading import published_trees
from barometre_pipeline.depot.remote import Refs
from barometre_pipeline.depot.repository import GitRepository
from barometre_pipeline.depot.tags import Publication, Publications
from barometre_pipeline.editions import Edition
from barometre_pipeline.home import BuildFolder
from barometre_pipeline.publish.decision import PUBLISHED, public_publication
from barometre_pipeline.publish.journal import Journal
from barometre_pipeline.publish.portal.client import opened_portal
from barometre_pipeline.publish.portal.sync import SyncReport, sync_dataset
from barometre_pipeline.publish.tree.layout import published_paths
from barometre_pipeline.publish.tree.manifest import data_sums, is_demonstration
from barometre_pipeline.publish.tree.schema_file import public_schema
from barometre_pipeline.settings import Settings

NO_KEY = "DATAGOUV_API_KEY is not set: nothing is sent."


def public_in_clone(settings: Settings) -> Publication | None:
    """Return the publication at which the clone of the home is; None where there is no clone."""
    clone = GitRepository(settings.home.publication, Depot.of(settings))
    return public_publication(clone, "HEAD", Publications.of(clone.refs().tags)) if clone.is_of_its_depot() else None


def public_in_depot(settings: Settings, refs: Refs) -> Publication | None:
    """Return the publication at which the branch of the depot is; GitError where its commit cannot be had."""
    branch = published_branch(refs, GitOptions.of(settings))
    head = refs.branches.get(branch)
    if head is None:
        return None
    depot, clone, read = Depot.of(settings), settings.home.publication, {f"refs/heads/{branch}": head}
    with published_trees(depot, clone, read, until=PUBLISHED) as repository:
        return public_publication(repository, head, Publications.of(refs.tags))


def send_to_portal(
    settings: Settings,
    catalogue: Catalogue,
    edition: Edition,
    files: Path,
    build: BuildFolder | None,
    *,
    publication: str | None,
    dry_run: bool = False,
) -> SyncReport:
    """Make the portal's dataset equal to an edition's tree in `files`; without its `build` it keeps no Parquet."""
    if settings.datagouv_api_key is None:
        return SyncReport(remarks=[NO_KEY], dry_run=dry_run)
    with opened_portal(settings, settings.datagouv_api_key) as portal:
        return sync_dataset(
            files,
            catalogue,
            public_schema(catalogue.mailles),
            edition,
            portal,
            _first_date(files, catalogue) or edition.start,
            settings.home.portal,
            publication=publication,
            parquet=build.parquet if build else None,
            demonstration=is_demonstration(files),
            dry_run=dry_run,
            journal=Journal(settings.home.build(edition).journal) if build else None,
        )


def same_data(files: Path, others: Path) -> bool:
    """Tell whether two trees have the same data files, by their checksums."""
    return data_sums((files / SUMS).read_text("utf-8")) == data_sums((others / SUMS).read_text("utf-8"))


def _first_date(files: Path, catalogue: Catalogue) -> date | None:
    """Return the date of the oldest value that is published."""
    paths = [str(files / path) for path in published_paths(catalogue, "detail").values() if (files / path).is_file()]
    with duckdb.connect() as connection:
        found: date | None = connection.execute(
            "select min(date)::date from read_csv(?, union_by_name = true, all_varchar = true)", [paths]
        ).fetchall()[0][0]
    return found
