"""Columns of cells into typed rows: values and objectives, the rest kept aside with its reason.

Cells are read once for each distinct one, columns are plain lists: 105,000 values take about a second.
Where the cells come from is not known here; duplicates and contradictions are found later, in SQL.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from barometre_pipeline.catalogue import Catalogue, Livraison
from barometre_pipeline.editions import Edition
from barometre_pipeline.errors import ReadingError
from barometre_pipeline.formats.sheets import Cell, Unusable, is_empty, text_of
from barometre_pipeline.readers.cells import Problem, converted
from barometre_pipeline.readers.dates import date_reader, parts_reader
from barometre_pipeline.readers.known_words import IGNORED, indicator_reader, place_reader
from barometre_pipeline.readers.numbers import Marked, not_a_percentage, number_reader
from barometre_pipeline.readers.periods import end_of_month
from barometre_pipeline.readers.rows import Rejects
from barometre_pipeline.readers.shapes import Columns
from barometre_pipeline.readers.territories import TerritoryIndex

_ADDRESS = re.compile(r"https?://\S+")
_PLACES = ("maille", "zone", "territoire", "libelle")
_NUMBERS = ("valeur_initiale", "cible")
_DATE_OF = {"valeur_initiale": "date_valeur_initiale", "cible": "date_cible"}
_OBJECTIVE = (*_NUMBERS, *_DATE_OF.values(), "date_arret", "date_reference")

Row = tuple[Any, ...]


@dataclass(frozen=True)
class Reader:
    """What one delivery is read with, and what it puts aside."""

    livraison: Livraison
    catalogue: Catalogue
    territories: TerritoryIndex
    rejects: Rejects
    edition: Edition | None = None  # the one that the delivery was received for, where that is known

    def settled(self, number: Any, indicator: Any) -> Any:
        """Return a number, or the problem that it is a percentage of an indicator that is none."""
        if type(number) is not Marked:
            return number
        unit = self.catalogue.indicateurs[indicator].unite if type(indicator) is str else "%"
        return not_a_percentage(number, unit) if number.percentage and not unit.startswith("%") else number.value


def value_rows(columns: Columns, reader: Reader) -> tuple[list[Row], int]:
    """Return (row's number, and the columns of VALEURS from `colonne` on) rows, and how many rows are notes."""
    cells = columns.cells["valeur"]
    numbers = converted(cells, number_reader(reader.livraison))
    days = _days(columns, reader)
    rows, notes = [], columns.notes
    for i, (indicator, place, day, number) in enumerate(zip(*_keys(columns, reader), days, numbers, strict=True)):
        if number is None:
            notes += columns.value_headings is None and _is_note(columns, i)
            continue
        percentage, drapeau = (number.percentage, number.drapeau) if type(number) is Marked else (False, None)
        number = reader.settled(number, indicator)
        if type(place) is tuple and type(indicator) is str and type(day) is dt.date and type(number) is float:
            heading = columns.headings["valeur"] if columns.value_headings is None else columns.value_headings[i]
            rows.append((columns.row_numbers[i], heading, indicator, *place, day, number, percentage, drapeau))
        elif isinstance(number, Problem) and not isinstance(cells[i], Unusable) and _is_note(columns, i):
            notes += 1
        elif IGNORED in (indicator, place):
            reader.rejects.ignore(columns.sheet, columns.row_numbers[i])
        else:
            _reject(columns, i, reader, indicator, place, day, number)
    return rows, notes


def objective_rows(columns: Columns, reader: Reader) -> tuple[list[Row], int]:
    """Return (row's number, id_indicateur, maille, code, the six cells of OBJECTIFS) rows, and how many are notes.

    A row whose six cells are empty is an objective all the same: its territory has a row in the synthèse.
    """
    rows, notes = [], 0
    for i, (indicator, place, *found) in enumerate(
        zip(*_keys(columns, reader), *_objective_columns(columns, reader), strict=True)
    ):
        found = [reader.settled(cell, indicator) for cell in found]
        cells = _dates_beside_their_numbers(dict(zip(_OBJECTIVE, found, strict=True)), reader.livraison)
        wrong = next((c for c in cells.values() if isinstance(c, Problem)), None)
        if _is_note(columns, i):
            notes += 1
        elif IGNORED in (indicator, place):
            reader.rejects.ignore(columns.sheet, columns.row_numbers[i])
        elif wrong or type(place) is not tuple or type(indicator) is not str:
            _reject(columns, i, reader, indicator, place, None, wrong)
        else:
            vi, cible, vi_date, cible_date, *others = cells.values()
            rows.append((columns.row_numbers[i], indicator, *place, vi, vi_date, cible, cible_date, *others))
    return rows, notes


def explanation_rows(columns: Columns, reader: Reader) -> tuple[list[Row], int]:
    """Return (number, id_indicateur, maille, code, date_cible, texte, date, lien) rows, and how many are notes."""
    rows, notes = [], 0
    empty: list[Cell] = [None] * len(columns)
    texts = [map(read, columns.cells.get(role, empty)) for role, read in (("texte", _text), ("lien", _link))]
    days = [_any_days(columns, reader, role) for role in ("date_cible", "date")]
    for i, (indicator, place, text, link, target, day) in enumerate(
        zip(*_keys(columns, reader), *texts, *days, strict=True)
    ):
        wrong = next((c for c in (text, link, target, day) if isinstance(c, Problem)), None)
        if text is None or _is_note(columns, i):
            notes += 1
        elif IGNORED in (indicator, place):
            reader.rejects.ignore(columns.sheet, columns.row_numbers[i])
        elif wrong or type(place) is not tuple or type(indicator) is not str:
            _reject(columns, i, reader, indicator, place, None, wrong)
        else:
            rows.append((columns.row_numbers[i], indicator, *place, target, text, day, link))
    return rows, notes


def _text(cell: Cell) -> str | Problem | None:
    if isinstance(cell, Unusable):
        return Problem("valeur_illisible", "texte", cell.shown, cell.reason)
    return text_of(cell).strip() or None


def _link(cell: Cell) -> str | Problem | None:
    text = _text(cell)
    if isinstance(text, str) and not _ADDRESS.fullmatch(text):
        return Problem("valeur_illisible", "lien", text, "n'est pas une adresse, qui commence par https:// ou http://")
    return text


def _any_days(columns: Columns, reader: Reader, role: str) -> list[Any]:
    """Read dates that are days, as objectives' are, and not the month that a value is of."""
    cells = columns.cells.get(role, [None] * len(columns))
    days = converted(cells, date_reader(reader.livraison, "date_cible"))
    return [replace(day, role=role) if isinstance(day, Problem) else day for day in days]


def _keys(columns: Columns, reader: Reader) -> tuple[list[Any], list[Any]]:
    """Return the indicator and the (maille, code) of each row, or why there is none."""
    livraison, declared = reader.livraison, columns.sheet.declared_name or ""
    indicator = (livraison.feuilles_indicateur or {}).get(declared) or livraison.indicateur
    read_indicator = indicator_reader(livraison, reader.catalogue)
    if columns.value_headings is not None and livraison.entetes == "indicateur":
        indicators = columns.cells["indicateur"]  # read already, as headings
    elif "indicateur" in columns.cells:
        indicators = converted(columns.cells["indicateur"], read_indicator)
    else:
        indicators = [read_indicator(indicator)] * len(columns)
    maille = (livraison.feuilles or {}).get(declared) or livraison.maille
    empty: list[Cell] = [None] * len(columns)
    level, zone, code, name = (columns.cells.get(role, empty) for role in _PLACES)
    places = zip(level, zone, code, name, strict=True)
    return indicators, converted(places, place_reader(livraison, reader.territories, maille))


def _days(columns: Columns, reader: Reader) -> list[Any]:
    livraison = reader.livraison
    if livraison.entetes == "date":
        return columns.cells["date"]
    if livraison.date_constante:
        return [_constant_day(reader)] * len(columns)
    headings = livraison.columns["date"]
    read = (
        parts_reader(livraison, headings)
        if len(headings) > 1
        else date_reader(livraison, "date", columns.sheet.date_1904)
    )
    days = converted(columns.cells["date"], read)
    missing = Problem("date_illisible", "date", "", "est vide : une date est nécessaire")
    return [missing if day is None else day for day in days]


def _constant_day(reader: Reader) -> dt.date:
    said = reader.livraison.date_constante
    if isinstance(said, dt.date):
        return end_of_month(said)
    if reader.edition is None:
        raise ReadingError(f"{reader.livraison.id}: date_constante is fin_edition: an edition is needed to read it")
    return reader.edition.end


def _objective_columns(columns: Columns, reader: Reader) -> Iterator[list[Any]]:
    livraison, date_1904 = reader.livraison, columns.sheet.date_1904
    for role in _OBJECTIVE:
        read = number_reader(livraison, role) if role in _NUMBERS else date_reader(livraison, role, date_1904)
        cells = columns.cells.get(role)
        yield [None] * len(columns) if cells is None else converted(cells, read)


def _dates_beside_their_numbers(cells: dict[str, Any], livraison: Livraison) -> dict[str, Any]:
    """Drop the date of a number that the row does not give, when that date speaks of something else.

    Values and objectives may share one file and one date column: there, a date goes with the number beside it,
    and a row without any number is no objective, unless it gives a date of its own (date_arret, date_reference).
    """
    mapped = list(livraison.colonnes.values())
    says_more = any(cells[role] is not None for role in _NUMBERS)
    alone = not says_more and cells["date_arret"] is None and cells["date_reference"] is None
    for number, day in _DATE_OF.items():
        shared = mapped.count(livraison.colonnes.get(day, "")) > 1
        if cells[number] is None and (says_more or alone or shared):
            cells[day] = None
    return cells


def _is_note(columns: Columns, i: int) -> bool:
    """Tell whether a row has neither date nor territory: a source or a remark below the table."""
    keys = [role for role in ("date", "zone", "territoire", "libelle") if role in columns.cells]
    return bool(keys) and all(is_empty(columns.cells[role][i]) for role in keys)


def _reject(columns: Columns, i: int, reader: Reader, indicator: Any, place: Any, day: Any, number: Any) -> None:
    """Keep a row aside for the first thing that is wrong in it."""
    problem = next(c for c in (indicator, place, day, number) if isinstance(c, Problem))
    known = indicator if isinstance(indicator, str) else None
    maille, code = place if isinstance(place, tuple) else (None, None)
    date = day if isinstance(day, dt.date) else None
    heading = columns.heading(problem.role, i)
    reader.rejects.add(columns.sheet, columns.row_numbers[i], heading, problem, (known, maille, code, date))
