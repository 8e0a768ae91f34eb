"""Withdraws a publication everywhere: from the depot, then the portal and the analysts' snapshot."""

from __future__ import annotations

import typer

from barometre_pipeline.alerts import messages
from barometre_pipeline.alerts.channels import channels_of
from barometre_pipeline.alerts.sent import Sent
from barometre_pipeline.builds import unchanged_build
from barometre_pipeline.catalogue.by_edition import catalogue_for
from barometre_pipeline.depot.options import Depot, GitOptions
from barometre_pipeline.depot.repository import GitRepository
from barometre_pipeline.edited_files.project import read_catalogue
from barometre_pipeline.editions import Edition
from barometre_pipeline.errors import BuildError
from barometre_pipeline.home import BuildFolder
from barometre_pipeline.publish.beside import same_data, send_to_portal
from barometre_pipeline.publish.withdrawing import Withdrawn, withdraw
from barometre_pipeline.resources.modes import private_umask
from barometre_pipeline.runs.lock import locked
from barometre_pipeline.settings import Settings
from barometre_pipeline.warehouse.definition import Definition
from barometre_pipeline.warehouse.updating import update_history


def withdraw_edition(settings: Settings, edition: Edition, reason: str) -> None:
    """Withdraw an edition's last publication, and put the one before it in its place everywhere."""
    home, catalogues = settings.home, catalogue_for(settings.catalogue, edition, read_catalogue)
    with locked(settings, f"withdraw {edition}"), private_umask():
        options = GitOptions.of(settings, catalogues.of(edition).general)
        done = withdraw(settings, options, edition, reason)
        review = _under_review(settings, done)
        once = f" once the branch {review} is merged" if review else ""
        typer.echo(f"{done.publication} is withdrawn; {done.public} is the public edition{once}.")
        if done.outdated:
            typer.echo(f"{done.outdated} was compared with {done.publication}: run it again.")
        _tell(settings, done, reason, review)
        public = done.public.edition
        build = _published_build(settings, public)
        catalogue = catalogue_for(settings.catalogue, public, read_catalogue).of(public)
        report = send_to_portal(settings, catalogue, public, home.publication, build, publication=str(done.public))
        for line in (*report.remarks, *report.done):
            typer.echo(line)
        if build is None and settings.datagouv_api_key:
            typer.echo(
                f"This home has no build of {done.public}, and the depot holds no Parquet: the portal has none until "
                f"`barometre run {public}` has made it."
            )
        refs = GitRepository(home.publication, Depot.of(settings)).refs()
        update_history(settings, catalogues, Definition.read(), refs, done.public)


def _under_review(settings: Settings, done: Withdrawn) -> str | None:
    """Return the branch that has what would be public; none where only a tag is new, as of an older publication."""
    return settings.git_branche_revue if done.public < done.publication else None


def _tell(settings: Settings, done: Withdrawn, reason: str, review: str | None) -> None:
    """Tell people, once; nobody that could be told is no failure: who withdraws reads why."""
    outdated = str(done.outdated) if done.outdated else None
    edition = str(done.publication.edition)
    alert = messages.withdrawn(edition, str(done.publication), str(done.public), reason, outdated, review)
    for failure in Sent(settings.home.alerts).send([alert], channels_of(settings)):
        typer.echo(failure, err=True)


def _published_build(settings: Settings, edition: Edition) -> BuildFolder | None:
    """Return the build of the public edition, where its data are those that are public."""
    try:
        build = unchanged_build(settings.home, edition).folder
    except BuildError:
        return None
    return build if same_data(build.files, settings.home.publication) else None
