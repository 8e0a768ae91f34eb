"""The CSV and the JSON that stand beside a page: what it shows, as data. CSV in the dialect of the other files."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from barometre_pipeline.publish.site.data import Figure

Cells = Sequence[Any]


@dataclass(frozen=True)
class Table:
    """The rows of a page; `about` is what the JSON says of them beside: the edition, the territory, the unit.

    Columns that are `labels` of another one are in the CSV only, whose readers are people.
    """

    columns: Sequence[str]
    rows: Sequence[Cells]
    about: Mapping[str, Any] = field(default_factory=dict)
    labels: Sequence[str] = ()


# Of a figure: what the synthèse publishes under the same names, then its status and rank.
FIGURE = (
    *("valeur_actuelle", "date_valeur_actuelle", "valeur_initiale", "date_valeur_initiale", "cible", "date_cible"),
    *("pourcentage_cible", "statut", "rang"),
)


def figure_cells(f: Figure) -> tuple[Any, ...]:
    """Return the cells of a figure, in the order of FIGURE."""
    return (
        *(f.valeur_actuelle, f.date_valeur_actuelle, f.valeur_initiale, f.date_valeur_initiale, f.cible, f.date_cible),
        *(f.pourcentage_cible, f.statut, f.rang),
    )


def files_beside(path: str, table: Table) -> Iterator[tuple[str, bytes]]:
    """Yield the CSV and the JSON of the page at this path, with their own."""
    stem = path.removesuffix(".html")
    yield f"{stem}.csv", as_csv(table)
    yield f"{stem}.json", as_json(table)


def as_csv(table: Table) -> bytes:
    """Return a table as CSV: UTF-8, commas, dates as 2022-03-31, nothing where there is no value."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(table.columns)
    writer.writerows(table.rows)
    return text.getvalue().encode()


def as_json(table: Table) -> bytes:
    """Return a table as JSON: what it is about, its columns, and its rows as lists of cells in their order."""
    kept = [n for n, name in enumerate(table.columns) if name not in table.labels]
    rows = [[short(row[n]) for n in kept] for row in table.rows]
    content = {**table.about, "colonnes": [table.columns[n] for n in kept], "lignes": rows}
    return (json.dumps(content, ensure_ascii=False, separators=(",", ":"), default=_day) + "\n").encode()


def short(cell: Any) -> Any:
    """Return what JSON writes of a cell: a whole number without its `.0`."""
    return int(cell) if isinstance(cell, float) and cell.is_integer() else cell


def _day(value: object) -> str:
    if isinstance(value, dt.date):
        return value.isoformat()
    raise TypeError(f"{value!r} has no JSON")
