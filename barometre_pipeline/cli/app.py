"""The commands and their options; each option has an environment variable, which Dagster reads too."""

from __future__ import annotations

import os
import sys
from datetime import datetime
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from barometre_pipeline.catalogue import DEFAULT_CATALOGUE, load_catalogue
from barometre_pipeline.cli.running import open_ui, publish_edition, run_edition
from barometre_pipeline.editions import Edition
from barometre_pipeline.errors import BarometreError, CatalogueError, UsageError
from barometre_pipeline.runs.partitions import FIRST_EDITION, TIMEZONE
from barometre_pipeline.settings import Settings

app = typer.Typer(
    help="The baromètre des résultats de l'action publique, from the ministries' files to the published tree.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
catalogue_app = typer.Typer(help="The catalogue: what people edit.", no_args_is_help=True)
app.add_typer(catalogue_app, name="catalogue")

CatalogueOption = Annotated[
    Path | None,
    typer.Option("--catalogue", metavar="DIR", envvar="BAROMETRE_CATALOGUE", help="Default: the one of the package."),
]
HomeOption = Annotated[
    Path, typer.Option("--home", metavar="DIR", envvar="BAROMETRE_HOME", help="Where everything lives.")
]
SourcesOption = Annotated[
    str | None,
    typer.Option(
        "--sources",
        metavar="BASE",
        envvar="BAROMETRE_SOURCES",
        help="Folder, file:// or http(s):// base of relative delivery URLs. Default: the demonstration deliveries.",
    ),
]
DepotOption = Annotated[
    str | None,
    typer.Option(
        "--depot",
        metavar="REPO",
        envvar="BAROMETRE_DEPOT",
        help="Git repository to publish to, a path or a URL. Default: a bare repository under the home.",
    ),
]
DebugOption = Annotated[bool, typer.Option("--debug", help="Show the traceback of an error.")]


@app.command()
def run(
    edition: Annotated[str | None, typer.Argument(help="As in 2022-T1. Default: the last closed quarter.")] = None,
    catalogue: CatalogueOption = None,
    sources: SourcesOption = None,
    depot: DepotOption = None,
    home: HomeOption = Path("var"),
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
    debug: DebugOption = False,
) -> None:
    """Fetch, stage, transform, check and publish one edition."""
    settings = _settings(catalogue, sources, depot, home)
    wanted = _edition(edition)
    known = load_catalogue(settings.catalogue)
    if livraison is not None and livraison not in {d.id for d in known.livraisons}:
        raise UsageError(f"--livraison: {livraison!r} is not a delivery of the catalogue {settings.catalogue}.")
    fetch = {"from_snapshot": from_snapshot, "allow_late": allow_late, "livraison": livraison}
    run_edition(settings, known, wanted, fetch={k: v for k, v in fetch.items() if v}, publish=not no_publish)


@app.command()
def publish(
    edition: Annotated[str, typer.Argument(help="As in 2022-T1.")],
    catalogue: CatalogueOption = None,
    depot: DepotOption = None,
    home: HomeOption = Path("var"),
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only print what would be done on the portal; send nothing anywhere.")
    ] = False,
    debug: DebugOption = False,
) -> None:
    """Publish an edition already built, without fetching or computing again."""
    settings = _settings(catalogue, None, depot, home)
    publish_edition(settings, load_catalogue(settings.catalogue), _edition(edition), dry_run=dry_run)


@app.command()
def ui(
    catalogue: CatalogueOption = None,
    sources: SourcesOption = None,
    depot: DepotOption = None,
    home: HomeOption = Path("var"),
    port: Annotated[int, typer.Option(help="Port on this machine.")] = 3000,
) -> None:
    """Open the Dagster UI on this home: its runs, its checks, the job and its schedule."""
    # A run of the schedule waits for the one that somebody started in a terminal.
    os.environ.setdefault("BAROMETRE_ATTENTE", "600")
    open_ui(_settings(catalogue, sources, depot, home), port)


@catalogue_app.command("check")
def check(catalogue: CatalogueOption = None, debug: DebugOption = False) -> None:
    """Validate a catalogue whole, and tell every problem at once."""
    found = load_catalogue((catalogue or DEFAULT_CATALOGUE).absolute())
    typer.echo(
        f"The catalogue is valid: {len(found.mesures)} mesures, {len(found.indicateurs)} indicateurs, "
        f"{len(found.territoires)} territoires, {len(found.livraisons)} livraisons."
    )


def main() -> None:
    """Run the command line; exit with 0, 1, 2 (130 after Ctrl-C), and say in plain sentences what is wrong."""
    try:
        app(standalone_mode=True)
    except CatalogueError as error:
        _end(f"The catalogue is wrong ({_count(error.problems)}):\n{error}", error)
    except BarometreError as error:
        _end(str(error), error)
    except Exception as error:
        _end(f"Unexpected error, which is a defect of this program: {type(error).__name__}: {error}", error)


def _count(problems: list[str]) -> str:
    return "one problem" if len(problems) == 1 else f"{len(problems)} problems"


def _end(sentence: str, error: Exception) -> None:
    if "--debug" in sys.argv:
        raise error
    typer.echo(sentence, err=True)
    sys.exit(getattr(error, "exit_status", 1))


def _settings(catalogue: Path | None, sources: str | None, depot: str | None, home: Path) -> Settings:
    """Put the options into the environment, where Dagster finds them too."""
    given = {
        "BAROMETRE_HOME": str(home.absolute()),
        "BAROMETRE_CATALOGUE": str(catalogue.absolute()) if catalogue else None,
        "BAROMETRE_SOURCES": sources,
        "BAROMETRE_DEPOT": depot,
    }
    os.environ.update({name: value for name, value in given.items() if value})
    return Settings.from_environment()


def _edition(text: str | None) -> Edition:
    last = Edition.last_closed(datetime.now(ZoneInfo(TIMEZONE)).date())
    if text is None:
        return last
    wanted = Edition.parse(text)
    if not FIRST_EDITION <= wanted <= last:
        raise UsageError(f"{wanted} is not a closed quarter: editions go from {FIRST_EDITION} to {last}.")
    return wanted
