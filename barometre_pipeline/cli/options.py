"""The options that several commands share, and what they are read into: settings, an edition.

Those that are settings have their variable and their sentence in `settings`.
"""

from __future__ import annotations

from typing import Annotated, Any

import typer

from barometre_pipeline.cli.tables import Format
from barometre_pipeline.editions import Edition
from barometre_pipeline.launches import check_closed
from barometre_pipeline.runs.partitions import last_closed_edition
from barometre_pipeline.setting_origins import unknown_variables
from barometre_pipeline.settings import Settings


def _setting(name: str, metavar: str) -> Any:
    """Build the option of a setting: the field says what it is, and which variable gives it as well."""
    field = Settings.model_fields[name]
    return typer.Option(f"--{name}", metavar=metavar, help=f"{field.description} Also {field.alias}.")


CatalogueOption = Annotated[str | None, _setting("catalogue", "DIR")]
HomeOption = Annotated[str | None, _setting("home", "DIR")]
SourcesOption = Annotated[str | None, _setting("sources", "BASE")]
EngineOption = Annotated[str | None, _setting("engine", "ENGINE")]
DepotOption = Annotated[str | None, _setting("depot", "REPO")]
FormatOption = Annotated[Format, typer.Option("--format", help="How it is written.")]
ReplaceOption = Annotated[bool, typer.Option("--replace", help="Make an older edition the public one, knowingly.")]
AdoptOption = Annotated[
    bool, typer.Option("--adopt", help="Publish into a branch that has files that are not ours, and leave them.")
]
DebugOption = Annotated[bool, typer.Option("--debug", help="Show the traceback of an error.")]


def read_settings(**options: object) -> Settings:
    """Read the settings, and put them into the environment, where the processes of Dagster find them."""
    tell_unknown_variables()
    settings = Settings.read(options)
    settings.export()
    return settings


def tell_unknown_variables() -> None:
    """Say on standard error which variables are no settings."""
    for sentence in unknown_variables():
        typer.echo(sentence, err=True)


def closed_edition(text: str | None) -> Edition:
    """Return the edition of this name, by default the last closed quarter; UsageError where it is not closed."""
    wanted = last_closed_edition() if text is None else Edition.parse(text)
    check_closed(wanted)
    return wanted
