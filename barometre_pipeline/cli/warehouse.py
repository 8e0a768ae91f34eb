"""`barometre warehouse rebuild` and `barometre sql`: the history made again, and asked."""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Annotated, Any

import typer
from typer.core import TyperCommand

from barometre_pipeline.catalogue.by_edition import catalogues_in
from barometre_pipeline.cli.options import (
    CatalogueOption,
    DebugOption,
    DepotOption,
    FormatOption,
    HomeOption,
    read_settings,
)
from barometre_pipeline.cli.tables import Format, as_text, pieces_of_text
from barometre_pipeline.depot.options import Depot
from barometre_pipeline.depot.reading import known_refs
from barometre_pipeline.edited_files.project import read_catalogue
from barometre_pipeline.errors import UsageError
from barometre_pipeline.publish.beside import public_in_depot
from barometre_pipeline.resources.modes import private_umask
from barometre_pipeline.runs.lock import locked
from barometre_pipeline.warehouse import Warehouse
from barometre_pipeline.warehouse.definition import Definition
from barometre_pipeline.warehouse.updating import update_history

_SHOWN = 200  # rows, to a person
_SECONDS = 60.0
_COMMENT = re.compile(r"--(?!\Z|[\w-]+(?:=|\Z))")

warehouse_app = typer.Typer(help="The analysts' warehouse.", no_args_is_help=True)


@warehouse_app.command()
def rebuild(
    catalogue: CatalogueOption = None,
    depot: DepotOption = None,
    home: HomeOption = None,
    debug: DebugOption = False,
) -> None:
    """Make the history again, from the editions built here and from the depot's tags for the others."""
    settings = read_settings(catalogue=catalogue, depot=depot, home=home)
    catalogues = catalogues_in(settings.catalogue, read_catalogue)
    with locked(settings, "warehouse rebuild"), private_umask():
        refs = known_refs(Depot.of(settings), settings.home.publication, offline=False)
        public = public_in_depot(settings, refs)
        done = update_history(settings, catalogues, Definition.read(), refs, public, afresh=True)
    rows = sum(done.rows.values())
    typer.echo(
        f"{settings.home.warehouse}: {len(done.editions)} editions, {rows:,} rows; the latest is {public or 'none'}."
    )


class Asking(TyperCommand):
    """A command whose query may begin with a comment, as every file of dbt_like_sql/ does: `-- …` is no option."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Read the arguments, those that no option begins like as they are."""
        return super().parse_args(ctx, [f" {one}" if _COMMENT.match(one) else one for one in args])


def ask(
    query: Annotated[str | None, typer.Argument(help="One SELECT, as in: select count(*) from detail_derniere")] = None,
    example: Annotated[str | None, typer.Option(metavar="NAME", help="A question of the table `exemples`.")] = None,
    home: HomeOption = None,
    form: FormatOption = Format.table,
    debug: DebugOption = False,
) -> None:
    """Query the analysts' warehouse, read only."""
    if (query is None) == (example is None):
        raise UsageError(
            'Give a query, as in `barometre sql "select count(*) from detail_derniere"`, or --example NAME.'
        )
    warehouse = Warehouse(read_settings(home=home).home.warehouse)
    asked = query if query is not None else _example(warehouse, example or "")
    if form != Format.table:
        with warehouse.asked(asked, seconds=_SECONDS) as found:
            batches = (_told(found.columns, rows) for rows in found.batches)
            for piece in pieces_of_text(batches, form, found.columns):
                typer.echo(piece, nl=False)
        return
    answer = warehouse.answer(asked, most=_SHOWN, seconds=_SECONDS)
    typer.echo(as_text(_told(answer.columns, answer.rows), form, answer.columns))
    if answer.more:
        typer.echo(f"The first {_SHOWN} rows; --format csv or json gives them all.", err=True)


def _told(columns: Sequence[str], rows: Iterable[tuple[Any, ...]]) -> list[dict[str, Any]]:
    return [dict(zip(columns, map(_plain, row), strict=True)) for row in rows]


def _example(warehouse: Warehouse, name: str) -> str:
    known = (
        warehouse.answer("select nom, sql from exemples order by nom").rows if "exemples" in warehouse.tables else []
    )
    found = dict(known)
    if name not in found:
        raise UsageError(f"--example: there is no example {name!r}; there are {', '.join(found) or 'none yet'}.")
    return str(found[name])


def _plain(value: Any) -> Any:
    """Return what JSON and CSV have a form for."""
    if isinstance(value, Decimal):
        value = float(value) if value % 1 else int(value)
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    if isinstance(value, dict):  # a map may be of days or numbers
        return {str(_plain(name)): _plain(one) for name, one in value.items()}
    if isinstance(value, dt.date | dt.datetime):
        return value.isoformat()
    return value if value is None or isinstance(value, bool | int | float | str) else str(value)
