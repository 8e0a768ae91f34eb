"""Values and objectives laid out as a delivery's tables: its headings, sheets, shape, words, dates.

Cells are still Python's; the bytes are made in `formats`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from barometre_pipeline.catalogue import Livraison, Territoire
from barometre_pipeline.demonstration.date_columns import heading_of_each_role, with_date_columns
from barometre_pipeline.formats import FORMATS
from barometre_pipeline.formats.format import Table
from barometre_pipeline.formats.sheets import MAX_CELLS
from barometre_pipeline.readers.date_formats import in_format
from barometre_pipeline.readers.territories import TerritoryIndex

_REMARK = ("remarque", "données fictives")
_DATES = {"date", "date_valeur_initiale", "date_cible", "date_arret", "date_reference"}
_CONTENTS = {"valeur", "valeur_initiale", "cible", *_DATES}
_PAIRS = (("valeur_initiale", "date_valeur_initiale"), ("cible", "date_cible"), ("date_arret",), ("date_reference",))


@dataclass(frozen=True)
class Part:
    """What a delivery says of one indicator in one territory: its cells by role, one sequence a role."""

    indicateur: str
    territoire: Territoire
    cells: Mapping[str, Sequence[Any]]

    def __len__(self) -> int:
        return len(next(iter(self.cells.values())))


def tables_of(livraison: Livraison, parts: list[Part]) -> list[Table]:
    """Return the tables of a delivery that says this."""
    lay_out = _wide if livraison.disposition == "large" else _long
    laid_out = [Table(name, *lay_out(livraison, kept)) for name, kept in _sheets(livraison, parts)]
    return [with_date_columns(table, livraison) for table in laid_out]


def _sheets(livraison: Livraison, parts: list[Part]) -> Iterable[tuple[str | None, list[Part]]]:
    if livraison.feuilles:
        for name, maille in livraison.feuilles.items():
            yield name, [p for p in parts if p.territoire.maille == maille]
    elif livraison.feuilles_indicateur:
        for name, indicator in livraison.feuilles_indicateur.items():
            yield name, [p for p in parts if p.indicateur == indicator]
    else:
        yield livraison.feuille or ("Données" if FORMATS[livraison.file_format].has_sheets else None), parts


def _long(livraison: Livraison, parts: list[Part]) -> tuple[list[str], list[Sequence[Any]]]:
    """Return the headings and one row a value; an objective takes several where its dates share a column."""
    columns, (remark, text) = heading_of_each_role(livraison), _REMARK
    headings = list(dict.fromkeys([*columns.values(), remark]))
    at = {role: headings.index(heading) for role, heading in columns.items()}
    days = [at[role] for role in columns if role in _DATES]
    contents = [role for role in columns if role in _CONTENTS]
    groups = _PAIRS if len(set(days)) < len(days) else (contents,)
    cell = _date_cells(livraison)
    rows: list[Sequence[Any]] = []
    for part in parts:
        blank: list[Any] = [None] * len(headings)
        if remark not in columns.values():
            blank[-1] = text
        for role, key in _key_cells(livraison, part).items():
            blank[at[role]] = key
        said = {role: (at[role], cells) for role, cells in part.cells.items() if role in at}
        laid = [[said[role] for role in group if role in said] for group in groups]
        for i in range(len(part)):
            for group in laid:
                filled = [(position, cell(cells[i])) for position, cells in group if cells[i] is not None]
                if filled:
                    row = blank.copy()
                    for position, found in filled:
                        row[position] = found
                    rows.append(row)
    return headings, rows


def _wide(livraison: Livraison, parts: list[Part]) -> tuple[list[str], list[Sequence[Any]]]:
    """Return the headings and one row a key, its values side by side under a heading each."""
    columns, form = heading_of_each_role(livraison), livraison.format_date
    by_date = livraison.entetes == "date"
    # In the order of time, whatever the format: by the dates, not by their texts.
    days = sorted({day for part in parts for day in part.cells["date"]})
    above = [written_date(form, day) for day in days] if by_date else sorted({part.indicateur for part in parts})
    headings = list(dict.fromkeys([*columns.values(), *above]))
    at = {heading: position for position, heading in enumerate(headings)}
    cell = _date_cells(livraison)
    gathered: dict[tuple[Any, ...], list[Any]] = {}
    for part in parts:
        keys = _key_cells(livraison, part)
        for day, value in zip(part.cells["date"], part.cells["valeur"], strict=True):
            whole = keys if by_date or livraison.date_constante else keys | {"date": cell(day)}
            row = gathered.setdefault(tuple(whole.values()), [None] * len(headings))
            for role, key in whole.items():
                row[at[columns[role]]] = key
            row[at[written_date(form, day) if by_date else part.indicateur]] = value
    return headings, list(gathered.values())


def _key_cells(livraison: Livraison, part: Part) -> dict[str, Any]:
    """Return the cells that say which indicator and which territory a row speaks of, by role."""
    words = {maille: word for word, maille in reversed(livraison.valeurs_maille.items())}
    territory = part.territoire
    known = {
        "indicateur": part.indicateur,
        "maille": words.get(territory.maille, territory.maille),
        "territoire": territory.code,
        "libelle": territory.libelle,
        "zone": territory.zone_id,
    }
    return {role: cell for role, cell in known.items() if role in livraison.colonnes}


def _date_cells(livraison: Livraison) -> Callable[[Any], Any]:
    """Return what writes the dates among cells, unless the format has dates of its own."""
    form = livraison.format_date
    if FORMATS[livraison.file_format].typed_dates and not form:
        return lambda value: value
    return lambda value: written_date(form, value) if isinstance(value, dt.date) else value


@cache
def written_date(form: str | None, day: dt.date) -> str:
    """Return a date as text, in a delivery's format."""
    return in_format(day, form) if form else day.isoformat()


def fitting(livraison: Livraison, parts: list[Part], index: TerritoryIndex) -> list[Part]:
    """Return what a delivery can hold: territories that it can name, dates that its format has room for."""
    parts = [part for part in parts if finds(livraison, part.territoire, index)]
    most = min(FORMATS[livraison.file_format].most_rows, MAX_CELLS // (len(livraison.colonnes) + 2))
    count = sum(map(len, parts))
    if livraison.contenu != "valeurs" or (count <= most and not livraison.date_constante):
        return parts
    days = sorted({day for part in parts for day in part.cells["date"]})
    if livraison.date_constante:
        return [_since(part, part.cells["date"][-1]) for part in parts if len(part)]
    since = days[-max(len(days) * most // count, 1)]
    return [_since(part, since) for part in parts]


def _since(part: Part, first: dt.date) -> Part:
    kept = [i for i, day in enumerate(part.cells["date"]) if day >= first]
    return Part(part.indicateur, part.territoire, {role: [c[i] for i in kept] for role, c in part.cells.items()})


def finds(livraison: Livraison, territory: Territoire, index: TerritoryIndex) -> bool:
    """Tell whether a territory is found by what this delivery can say of it."""
    key, columns = (territory.maille, territory.code), livraison.colonnes
    if "zone" in columns and territory.zone_id:
        return True
    level_is_told = bool(livraison.maille or livraison.feuilles or "maille" in columns)
    if "territoire" in columns:
        return level_is_told or index.everywhere(territory.code) == [key]
    if "libelle" in columns and level_is_told:
        return index.by_name(territory.maille, territory.libelle) == key
    if "libelle" in columns:
        return index.everywhere(territory.libelle, by_code=False) == [key]
    return "zone" not in columns and index.only_one(territory.maille) == key


def merged(tables: list[Table]) -> Table:
    """Return one table of the rows of several, under the headings of all."""
    headings = list(dict.fromkeys(heading for table in tables for heading in table.headings))
    rows: list[Sequence[Any]] = []
    for table in tables:
        if table.headings == headings:
            rows += table.rows
        else:
            rows += ([row.get(heading) for heading in headings] for row in table.records())
    return Table(tables[0].name, headings, rows)
