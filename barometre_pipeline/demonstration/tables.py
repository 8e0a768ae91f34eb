"""Values and objectives laid out as a delivery's tables: its headings, sheets, shape, words, dates.

Cells are still Python's; the bytes are made in `writers`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from barometre_pipeline.catalogue import Catalogue, Livraison, Territoire

REMARK = ("remarque", "données fictives")
TYPED_DATES = {"xlsx", "xls", "ods", "parquet"}
SHEETS = {"xlsx", "xls", "ods"}
_XLS_ROWS = 65_000  # a sheet has 65,536, headings, titles and notes included
_DATES = {"date", "date_valeur_initiale", "date_cible", "date_arret", "date_reference"}
_CONTENTS = {"valeur", "valeur_initiale", "cible", *_DATES}
_PAIRS = (("valeur_initiale", "date_valeur_initiale"), ("cible", "date_cible"), ("date_arret",), ("date_reference",))

Row = dict[str, Any]  # role → value: indicateur, territoire (a Territoire), date, valeur…


@dataclass
class Table:
    """A sheet (or the whole file, without a name): headings, and rows as heading → cell."""

    name: str | None
    headings: list[str] = field(default_factory=list)
    rows: list[dict[str, Any]] = field(default_factory=list)

    def add(self, headings: Iterable[str], rows: Iterable[dict[str, Any]]) -> None:
        """Add rows at the end, and the headings that are new."""
        self.headings = list(dict.fromkeys([*self.headings, *headings]))
        self.rows += rows


def tables_of(livraison: Livraison, rows: list[Row]) -> list[Table]:
    """Return the tables of a delivery that has these rows."""
    lay_out = _wide if livraison.disposition == "large" else _long
    tables = []
    for name, kept in _sheets(livraison, rows):
        table = Table(name)
        table.add(*lay_out(livraison, kept))
        tables.append(table)
    return tables


def _sheets(livraison: Livraison, rows: list[Row]) -> Iterable[tuple[str | None, list[Row]]]:
    if livraison.feuilles:
        for name, maille in livraison.feuilles.items():
            yield name, [r for r in rows if r["territoire"].maille == maille]
    elif livraison.feuilles_indicateur:
        for name, indicator in livraison.feuilles_indicateur.items():
            yield name, [r for r in rows if r["indicateur"] == indicator]
    else:
        yield livraison.feuille or ("Données" if livraison.file_format in SHEETS else None), rows


def _long(livraison: Livraison, rows: list[Row]) -> tuple[list[str], list[dict[str, Any]]]:
    """Return the headings and one row a value; an objective takes several where its dates share a column."""
    columns = livraison.colonnes
    days = [heading for role, heading in columns.items() if role in _DATES]
    contents = [role for role in columns if role in _CONTENTS]
    parts = _PAIRS if len(set(days)) < len(days) else (contents,)
    mapped = [[(role, columns[role]) for role in part if role in columns] for part in parts]
    heading, text = REMARK
    remark = {} if heading in columns.values() else {heading: text}
    keys, cell = _key_cells(livraison), _date_cells(livraison)
    laid = []
    for row in rows:
        for part in mapped:
            cells = {h: cell(row.get(role)) for role, h in part}
            if any(c is not None for c in cells.values()):
                laid.append(keys(row) | cells | remark)
    return [*columns.values(), *remark], laid


def _wide(livraison: Livraison, rows: list[Row]) -> tuple[list[str], list[dict[str, Any]]]:
    """Return the headings and one row a key, its values side by side under a heading each."""
    columns = livraison.colonnes
    by_date = livraison.entetes == "date"
    keys, cell = _key_cells(livraison), _date_cells(livraison)
    gathered: dict[tuple, dict[str, Any]] = {}
    for row in rows:
        key = keys(row) if by_date else keys(row) | {columns["date"]: cell(row["date"])}
        heading = written_date(livraison.format_date, row["date"]) if by_date else row["indicateur"]
        gathered.setdefault(tuple(key.values()), dict(key))[heading] = row["valeur"]
    fixed = list(columns.values())
    # In the order of time, whatever the format: by the dates, not by their texts.
    order = [written_date(livraison.format_date, day) for day in sorted({r["date"] for r in rows})]
    above = order if by_date else sorted({r["indicateur"] for r in rows})
    return [*fixed, *above], list(gathered.values())


def _key_cells(livraison: Livraison) -> Callable[[Row], dict[str, Any]]:
    """Return what gives the cells that say which indicator and which territory a row speaks of."""
    words = {maille: word for word, maille in reversed(livraison.valeurs_maille.items())}
    columns = livraison.colonnes
    memo: dict[tuple[str, str, str], dict[str, Any]] = {}

    def cells(row: Row) -> dict[str, Any]:
        territory: Territoire = row["territoire"]
        key = (row["indicateur"], territory.maille, territory.code)
        if key not in memo:
            known = {
                "indicateur": row["indicateur"],
                "maille": words.get(territory.maille, territory.maille),
                "territoire": territory.code,
                "libelle": territory.libelle,
                "zone": territory.zone_id,
            }
            memo[key] = {columns[role]: cell for role, cell in known.items() if role in columns}
        return memo[key]

    return cells


def _date_cells(livraison: Livraison) -> Callable[[Any], Any]:
    """Return what writes the dates among cells, unless the format has dates of its own."""
    if livraison.file_format in TYPED_DATES and not livraison.format_date:
        return lambda value: value
    form = livraison.format_date
    return lambda value: written_date(form, value) if isinstance(value, dt.date) else value


@cache
def written_date(form: str | None, day: dt.date) -> str:
    """Return a date as text, in a delivery's format."""
    return day.strftime(form) if form else day.isoformat()


def fitting(livraison: Livraison, rows: list[Row]) -> list[Row]:
    """Return the rows that a delivery can hold: territories that it can name, dates that an .xls has room for."""
    if not {"territoire", "libelle"} & livraison.colonnes.keys() and "zone" in livraison.colonnes:
        rows = [r for r in rows if r["territoire"].zone_id]
    if livraison.file_format != "xls" or livraison.contenu != "valeurs" or len(rows) <= _XLS_ROWS:
        return rows
    days = sorted({r["date"] for r in rows})
    kept = set(days[-max(len(days) * _XLS_ROWS // len(rows), 1) :])
    return [r for r in rows if r["date"] in kept]


def territories(catalogue: Catalogue) -> dict[tuple[str, str], Territoire]:
    """Return the catalogue's territories by maille and code."""
    return {(t.maille, t.code): t for t in catalogue.territoires}
