"""The commands that help to write a delivery: `delivery try` and `delivery propose`.

What they find is in `trials`; here is where the files come from, and how what is found is told.
"""

from __future__ import annotations

import datetime as dt
import json
import tempfile
from pathlib import Path
from typing import Annotated
from urllib.parse import quote

import typer

from barometre_pipeline.catalogue import Catalogue, Livraison
from barometre_pipeline.catalogue.by_edition import catalogue_for, catalogues_in
from barometre_pipeline.cli.options import (
    CatalogueOption,
    DebugOption,
    FormatOption,
    HomeOption,
    SourcesOption,
    closed_edition,
    read_settings,
)
from barometre_pipeline.cli.tables import Format, as_text
from barometre_pipeline.demonstration import write_demonstration
from barometre_pipeline.editions import Edition
from barometre_pipeline.errors import SourceError, UsageError
from barometre_pipeline.extract.fetching import fetch_deliveries
from barometre_pipeline.extract.stores import SftpKeys
from barometre_pipeline.resources.deliveries import Snapshot, load_snapshot
from barometre_pipeline.resources.http import HttpDoor
from barometre_pipeline.resources.secrets import Secrets
from barometre_pipeline.settings import Settings
from barometre_pipeline.trials.apart import proposed_apart
from barometre_pipeline.trials.trying import Trial, try_delivery

delivery_app = typer.Typer(help="Deliveries: what helps to write their YAML.", no_args_is_help=True)


@delivery_app.command("try")
def try_(
    livraison: Annotated[str, typer.Argument(metavar="ID", help="The id of a delivery of the catalogue.")],
    file: Annotated[Path | None, typer.Option(metavar="F", help="Read this file instead of fetching it.")] = None,
    catalogue: CatalogueOption = None,
    sources: SourcesOption = None,
    home: HomeOption = None,
    edition: Annotated[str | None, typer.Option(help="As in 2022-T1. Default: the last closed quarter.")] = None,
    rows: Annotated[int, typer.Option(min=0, help="How many rows are shown.")] = 10,
    form: FormatOption = Format.table,
    debug: DebugOption = False,
) -> None:
    """Read one delivery as it would be staged; run nothing, keep nothing.

    Example: barometre delivery try sante-synthese --file synthese.csv
    """
    settings = read_settings(catalogue=catalogue, sources=sources, home=home)
    wanted = closed_edition(edition)
    known = catalogue_for(settings.catalogue, wanted).latest.at(wanted)
    ids = [d.id for d in known.livraisons]
    if livraison not in ids:
        raise UsageError(f"{livraison!r} is not a delivery of the catalogue {settings.catalogue}: {', '.join(ids)}.")
    if file is not None and not file.is_file():
        raise UsageError(f"--file: there is no file {file}.")
    with tempfile.TemporaryDirectory(prefix="barometre-") as scratch:
        stored = _received(known, known.livraison(livraison), file, settings, wanted, Path(scratch))
        trial = try_delivery(known, known.livraison(livraison), stored, wanted, rows)
    typer.echo(_told(trial, form))
    if not trial.is_whole:
        raise typer.Exit(1)


@delivery_app.command("propose")
def propose(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A file as it is delivered.")],
    catalogue: CatalogueOption = None,
    debug: DebugOption = False,
) -> None:
    """Print the YAML of a delivery, guessed from a file.

    Example: barometre delivery propose export.csv > livraisons/sante.yaml
    """
    if not file.is_file():
        raise UsageError(f"{file} is a folder: give a file of it." if file.is_dir() else f"There is no file {file}.")
    typer.echo(proposed_apart(file, catalogues_in(read_settings(catalogue=catalogue).catalogue).latest), nl=False)


def _received(
    catalogue: Catalogue, livraison: Livraison, file: Path | None, settings: Settings, edition: Edition, scratch: Path
) -> Snapshot:
    """Fetch one delivery into a scratch folder, verified as in a run; SourceError where that fails."""
    base: str | Path | None = settings.sources and edition.fill(settings.sources)
    if file is not None:
        livraison = livraison.model_copy(update={"url": quote(file.name), "datagouv": None})
        base = file.absolute().parent
    elif base is None:
        paths = write_demonstration(catalogue, edition, scratch / "demonstration")
        base = scratch / "demonstration"
        livraison = livraison.model_copy(update={"url": paths[livraison.id], "datagouv": None})
    door = HttpDoor(Secrets(*settings.secret_values), allowed=catalogue.general.hotes_autorises)
    folder = scratch / str(edition)
    keys = SftpKeys(settings.sftp_hotes, settings.sftp_cle)
    (outcome,) = fetch_deliveries([livraison], base, folder, edition, door=door, portal=settings.portal_read, keys=keys)
    if outcome.failure:
        raise SourceError(outcome.failure)
    return load_snapshot(folder, livraison.id)


def _told(trial: Trial, form: Format) -> str:
    if form == Format.csv:
        return as_text(trial.apercu, form)
    if form == Format.json:
        return json.dumps(
            {
                "lignes": trial.lignes,
                "apercu": trial.apercu,
                "rejets": {reject["regle"]: reject["nombre"] for reject in trial.rejets},
                "filtrees": trial.filtrees,
                "ignorees": trial.ignorees,
                "colonnes_ignorees": trial.colonnes_ignorees,
                "colonnes_inutilisees": trial.colonnes_inutilisees,
            },
            ensure_ascii=False,
            indent=2,
            default=_day,
        )
    return "\n".join(_sentences(trial))


def _sentences(trial: Trial) -> list[str]:
    lines = [as_text(trial.apercu, Format.table), ""] if trial.apercu else []
    lines.append(f"Read: {trial.lignes} rows; filtered: {trial.filtrees}; ignored: {trial.ignorees}.")
    if trial.colonnes_ignorees:
        lines.append(f"Columns that are ignored: {', '.join(trial.colonnes_ignorees)}.")
    if trial.colonnes_inutilisees:
        lines.append(f"Columns that nothing uses: {', '.join(trial.colonnes_inutilisees)}.")
    for one in trial.rejets:
        where = f"row {one['ligne']}: " if one["ligne"] is not None else ""
        lines.append(f"Rejected, {one['regle']}: {one['nombre']}. {where}{one['exemple']}")
    return lines


def _day(value: object) -> str:
    assert isinstance(value, dt.date)
    return value.isoformat()
