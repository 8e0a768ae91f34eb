"""`barometre catalogue missing`: the documentation that is still to be written, by ministry."""

from __future__ import annotations

from dataclasses import asdict

import duckdb
import typer

from barometre_pipeline.catalogue.by_edition import catalogues_in
from barometre_pipeline.catalogue.missing import MissingText, missing_texts
from barometre_pipeline.cli.options import CatalogueOption, DebugOption, FormatOption, HomeOption, read_settings
from barometre_pipeline.cli.tables import Format, as_text
from barometre_pipeline.edited_files.project import read_catalogue
from barometre_pipeline.home import Home
from barometre_pipeline.resources.duckdb_files import read_warehouse

_PRODUCERS = "select id_indicateur, producteur from indicateurs where producteur is not null"


def missing(
    catalogue: CatalogueOption = None,
    home: HomeOption = None,
    form: FormatOption = Format.table,
    debug: DebugOption = False,
) -> None:
    """List the documentation that is still to be written or validated, by ministry.

    Which ministry delivers an indicator is known once an edition was made.

    Example: barometre catalogue missing --format csv
    """
    settings = read_settings(catalogue=catalogue, home=home)
    found = missing_texts(catalogues_in(settings.catalogue, read_catalogue).latest, _producers(settings.home))
    typer.echo(as_text([asdict(one) for one in found], form, tuple(MissingText.__annotations__)))
    if form == Format.table:
        to_write = sum(one.etat == "à écrire" for one in found)
        typer.echo(f"{to_write} texts to write, {len(found) - to_write} to validate.", err=True)


def _producers(home: Home) -> dict[str, str]:
    """Return the ministries that delivered each indicator, as the latest edition built here has them."""
    for edition in home.editions:
        try:
            with read_warehouse(home.build(edition).warehouse) as connection:
                return dict(connection.execute(_PRODUCERS).fetchall())
        except duckdb.Error:
            continue  # never built, or built by an earlier version
    return {}
