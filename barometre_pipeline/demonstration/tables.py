"""Values and objectives laid out as a delivery's tables: its headings, sheets, shape, words, dates.

Cells are still Python's; the bytes are made in `writers`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from barometre_pipeline.catalogue import Catalogue, Livraison, Territoire

REMARK = ("remarque", "données fictives")
TYPED_DATES = {"xlsx", "xls", "ods", "parquet"}
SHEETS = {"xlsx", "xls", "ods"}
_DATES = {"date", "date_valeur_initiale", "date_cible", "date_arret", "date_reference"}
_PAIRS = (("valeur_initiale", "date_valeur_initiale"), ("cible", "date_cible"), ("date_arret",), ("date_reference",))

Row = dict[str, Any]  # role → value: indicateur, territoire (a Territoire), date, valeur…


@dataclass
class Table:
    """A sheet (or the whole file, without a name): headings, and rows as heading → cell."""

    name: str | None
    headings: list[str] = field(default_factory=list)
    rows: list[dict[str, Any]] = field(default_factory=list)

    def add(self, rows: Iterable[dict[str, Any]], headings: Iterable[str] = ()) -> None:
        """Add rows at the end, and their headings where they are new."""
        known = dict.fromkeys([*self.headings, *headings])
        for row in rows:
            self.rows.append(row)
            known.update(dict.fromkeys(row))
        self.headings = list(known)


def tables_of(livraison: Livraison, rows: list[Row]) -> list[Table]:
    """Return the tables of a delivery that has these rows."""
    tables = []
    for name, kept in _sheets(livraison, rows):
        table = Table(name)
        if livraison.disposition == "large":
            table.add(_wide(livraison, kept), livraison.colonnes.values())
        else:
            table.add(_long(livraison, kept), livraison.colonnes.values())
            _remark(table)
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


def _remark(table: Table) -> None:
    heading, text = REMARK
    if heading not in table.headings:
        table.headings.append(heading)
        for row in table.rows:
            row[heading] = text


def _long(livraison: Livraison, rows: list[Row]) -> Iterable[dict[str, Any]]:
    columns = livraison.colonnes
    days = [heading for role, heading in columns.items() if role in _DATES]
    one_date_for_several = len(set(days)) < len(days)
    for row in rows:
        keys = _keys(livraison, row)
        parts = _PAIRS if one_date_for_several else [tuple(r for r in columns if r in row and r not in _KEY_ROLES)]
        for part in parts:
            cells = {columns[r]: _cell(livraison, r, row.get(r)) for r in part if r in columns}
            if any(cell is not None for cell in cells.values()):
                yield keys | cells


_KEY_ROLES = {"indicateur", "territoire"}


def _wide(livraison: Livraison, rows: list[Row]) -> Iterable[dict[str, Any]]:
    """Gather the values of the same key in one row, under a heading each."""
    by_date = livraison.entetes == "date"
    gathered: dict[tuple, dict[str, Any]] = {}
    for row in rows:
        keys = _keys(livraison, row)
        if not by_date:
            keys[livraison.colonnes["date"]] = _cell(livraison, "date", row["date"])
        heading = written_date(livraison, row["date"]) if by_date else row["indicateur"]
        gathered.setdefault(tuple(keys.values()), keys)[heading] = row["valeur"]
    headings = sorted({h for cells in gathered.values() for h in cells} - set(livraison.colonnes.values()))
    for cells in gathered.values():
        yield cells | {h: cells.get(h) for h in headings}


def _keys(livraison: Livraison, row: Row) -> dict[str, Any]:
    """Return the cells that say which indicator and which territory a row speaks of."""
    territory: Territoire = row["territoire"]
    words = {maille: word for word, maille in reversed(livraison.valeurs_maille.items())}
    cells = {
        "indicateur": row["indicateur"],
        "maille": words.get(territory.maille, territory.maille),
        "territoire": territory.code,
        "libelle": territory.libelle,
        "zone": territory.zone_id,
    }
    return {livraison.colonnes[role]: cell for role, cell in cells.items() if role in livraison.colonnes}


def _cell(livraison: Livraison, role: str, value: Any) -> Any:
    if role not in _DATES or value is None:
        return value
    typed = livraison.file_format in TYPED_DATES and not livraison.format_date
    return value if typed else written_date(livraison, value)


def written_date(livraison: Livraison, day: dt.date) -> str:
    """Return a date as a delivery writes it in text."""
    return day.strftime(livraison.format_date) if livraison.format_date else day.isoformat()


def territories(catalogue: Catalogue) -> dict[tuple[str, str], Territoire]:
    """Return the catalogue's territories by maille and code."""
    return {(t.maille, t.code): t for t in catalogue.territoires}
