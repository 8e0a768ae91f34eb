"""The commands and their options; those that are settings have their variable and their sentence in `settings`."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from typing import Annotated

import typer

from barometre_pipeline.catalogue.by_edition import catalogue_for, folders_in
from barometre_pipeline.cli.alerting import app as alerts_app
from barometre_pipeline.cli.deliveries import delivery_app
from barometre_pipeline.cli.missing import missing
from barometre_pipeline.cli.options import (
    AdoptOption,
    CatalogueOption,
    DebugOption,
    DepotOption,
    EngineOption,
    FormatOption,
    HomeOption,
    ReplaceOption,
    SourcesOption,
    closed_edition,
    read_settings,
    tell_unknown_variables,
)
from barometre_pipeline.cli.running import publish_edition, run_editions
from barometre_pipeline.cli.serving import serve, ui
from barometre_pipeline.cli.site import site
from barometre_pipeline.cli.tables import Format, as_text
from barometre_pipeline.cli.warehouse import Asking, ask, warehouse_app
from barometre_pipeline.cli.withdrawing import withdraw_edition
from barometre_pipeline.edited_files.project import read_catalogue, read_catalogues, read_project
from barometre_pipeline.errors import BarometreError, EditedFileError, UsageError
from barometre_pipeline.extract import FetchOptions, Fichiers
from barometre_pipeline.launches import check_delivery, check_edition, first_edition
from barometre_pipeline.package_files import told_version
from barometre_pipeline.resources.secrets import Secrets
from barometre_pipeline.runs.failures import machine_error
from barometre_pipeline.setting_origins import shown_settings
from barometre_pipeline.settings import Settings
from barometre_pipeline.status import read_status

app = typer.Typer(
    help="The baromètre des résultats de l'action publique, from the ministries' files to the published tree.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
catalogue_app = typer.Typer(help="The catalogue: what people edit.", no_args_is_help=True)
app.add_typer(catalogue_app, name="catalogue")
app.add_typer(delivery_app, name="delivery")
app.add_typer(warehouse_app, name="warehouse")
app.add_typer(alerts_app, name="alerts")
catalogue_app.command()(missing)
app.command()(ui)
app.command()(serve)
app.command()(site)
app.command("sql", cls=Asking)(ask)


def _tell_version(wanted: bool) -> None:
    if wanted:
        typer.echo(told_version())
        raise typer.Exit


VersionOption = Annotated[
    bool, typer.Option("--version", callback=_tell_version, is_eager=True, help="Show the versions, and exit.")
]


@app.callback()
def barometre(version: VersionOption = False) -> None:
    """Hold the options that come before a command."""


@app.command()
def run(
    editions: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="EDITION", help="As in 2022-T1; several are made one after the other. Default: the last quarter."
        ),
    ] = None,
    catalogue: CatalogueOption = None,
    sources: SourcesOption = None,
    depot: DepotOption = None,
    home: HomeOption = None,
    engine: EngineOption = None,
    no_publish: Annotated[
        bool, typer.Option("--no-publish", help="Stop after the checks and the writing of the files.")
    ] = False,
    from_snapshot: Annotated[
        bool, typer.Option("--from-snapshot", help="Rebuild from the stored files, without any network.")
    ] = False,
    livraison: Annotated[
        str | None,
        typer.Option(metavar="ID", help="Fetch this delivery only; the others come from their stored files."),
    ] = None,
    allow_late: Annotated[
        bool,
        typer.Option("--allow-late", help="Where a delivery fails, take its last valid earlier file, and say so."),
    ] = False,
    replace: ReplaceOption = False,
    adopt: AdoptOption = False,
    debug: DebugOption = False,
) -> None:
    """Fetch, stage, transform, check and publish one edition, or several."""
    settings = read_settings(catalogue=catalogue, sources=sources, depot=depot, home=home, engine=engine)
    wanted = {}
    for edition in map(closed_edition, editions or (None,)):
        known = wanted[edition] = catalogue_for(settings.catalogue, edition, read_catalogue)
        check_edition(edition, first_edition(settings, known.latest))
        check_delivery(livraison, known.latest, "--livraison")
    files = None if from_snapshot else Fichiers.sources  # a run of the terminal always asks the addresses
    fetch = FetchOptions(from_snapshot=from_snapshot, allow_late=allow_late, livraison=livraison, fichiers=files)
    wishes = {"replace_public": replace, "adopt": adopt}
    run_editions(settings, wanted, fetch=fetch, publish=not no_publish, wishes=wishes)


@app.command()
def publish(
    edition: Annotated[str, typer.Argument(help="As in 2022-T1.")],
    catalogue: CatalogueOption = None,
    depot: DepotOption = None,
    home: HomeOption = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only print what would be done on the portal; send nothing anywhere.")
    ] = False,
    as_is: Annotated[
        bool, typer.Option("--as-is", help="Publish a build made with another catalogue or program, knowingly.")
    ] = False,
    replace: ReplaceOption = False,
    adopt: AdoptOption = False,
    debug: DebugOption = False,
) -> None:
    """Publish an edition already built, without fetching or computing again."""
    settings = read_settings(catalogue=catalogue, depot=depot, home=home)
    wanted = closed_edition(edition)
    known = catalogue_for(settings.catalogue, wanted, read_catalogue)
    check_edition(wanted, first_edition(settings, known.latest))
    wishes = {"as_is": as_is, "replace_public": replace, "adopt": adopt}
    publish_edition(settings, known, wanted, dry_run=dry_run, wishes=wishes)


@app.command()
def withdraw(
    edition: Annotated[str, typer.Argument(help="As in 2022-T1.")],
    reason: Annotated[str, typer.Option(help="Why, in French: it is published.")],
    catalogue: CatalogueOption = None,
    depot: DepotOption = None,
    home: HomeOption = None,
    debug: DebugOption = False,
) -> None:
    """Withdraw an edition's last publication: the one before it is public again, everywhere, with the reason."""
    settings = read_settings(catalogue=catalogue, depot=depot, home=home)
    said = " ".join(reason.split())
    if not said or not said.isprintable():
        raise UsageError("--reason: say why, in French; it is published with the edition that is public again.")
    withdraw_edition(settings, closed_edition(edition), said)


@app.command()
def status(
    catalogue: CatalogueOption = None,
    depot: DepotOption = None,
    home: HomeOption = None,
    form: FormatOption = Format.table,
    debug: DebugOption = False,
) -> None:
    """Say in one look what is public where, what is under way or waiting, and what is late; exit 0 if all agree."""
    found = read_status(read_settings(catalogue=catalogue, depot=depot, home=home))
    match form:
        case Format.table:
            typer.echo(found.as_lines())
        case Format.csv:
            typer.echo(as_text([asdict(one) for one in found.editions], form))
        case Format.json:
            typer.echo(json.dumps(found.as_json(), ensure_ascii=False, indent=2))
    if not found.agrees:
        raise typer.Exit(1)


@app.command("settings")
def show_settings(
    catalogue: CatalogueOption = None,
    sources: SourcesOption = None,
    depot: DepotOption = None,
    home: HomeOption = None,
    form: FormatOption = Format.table,
) -> None:
    """Show every setting, its value and where it comes from, secrets masked; then those that are wrong, and why."""
    options = {"catalogue": catalogue, "sources": sources, "depot": depot, "home": home}
    settings, wrong = Settings.read_what_is_right(options)
    scrub = Secrets().scrub
    shown = [{**asdict(one), "valeur": scrub(one.valeur)} for one in shown_settings(settings, options, wrong)]
    typer.echo(as_text(shown, form))
    tell_unknown_variables()
    if wrong:
        raise UsageError("\n".join(wrong.values()))


@catalogue_app.command("check")
def check(catalogue: CatalogueOption = None, debug: DebugOption = False) -> None:
    """Validate a catalogue whole, then the SQL, suites and templates; tell every problem at once."""
    folders = folders_in(read_settings(catalogue=catalogue).catalogue)
    for folder, found in zip(folders, read_catalogues(folders), strict=True):
        read_project(found.mailles)
        typer.echo(
            f"The catalogue {f'{folder} ' if len(folders) > 1 else ''}is valid: {len(found.mesures)} mesures, "
            f"{len(found.indicateurs)} indicateurs, {len(found.territoires)} territoires, "
            f"{len(found.livraisons)} livraisons."
        )


def main() -> None:
    """Run the command line; exit with 0, 1, 2 (130 after Ctrl-C), and say in plain sentences what is wrong."""
    try:
        app(standalone_mode=True)
    except EditedFileError as error:
        _end(f"{error.headline} ({_count(error.problems)}):\n{error}", error)
    except BarometreError as error:
        _end(str(error), error)
    except Exception as error:
        if told := machine_error(error):
            _end(str(told), error)
        said = Secrets().scrub(f"{type(error).__name__}: {error}")
        _end(f"Unexpected error, which is a defect of this program: {said}", error)


def _count(problems: list[str]) -> str:
    return "one problem" if len(problems) == 1 else f"{len(problems)} problems"


def _end(sentence: str, error: Exception) -> None:
    if "--debug" in sys.argv:
        raise error
    typer.echo(sentence, err=True)
    sys.exit(getattr(error, "exit_status", 1))
