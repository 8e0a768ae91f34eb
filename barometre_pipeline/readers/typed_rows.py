"""Columns of cells into typed rows: values and objectives, the rest kept aside with its reason.

Rows in which everything is understood are made column by column; each of the others is looked at by itself. Where the
cells come from is not known here; duplicates and contradictions are found later, in SQL.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from barometre_pipeline.catalogue import Catalogue, Livraison
from barometre_pipeline.editions import Edition
from barometre_pipeline.errors import ReadingError
from barometre_pipeline.formats.cells import Cell, Unusable, text_of
from barometre_pipeline.formats.columns import Column, all_of, any_of, rows_where
from barometre_pipeline.readers.cells import Once, Problem, Read
from barometre_pipeline.readers.dates import date_reader, parts_reader
from barometre_pipeline.readers.known_words import IGNORED, indicator_reader, place_reader
from barometre_pipeline.readers.number_columns import NumberColumns, Numbers
from barometre_pipeline.readers.numbers import Marked, not_a_percentage
from barometre_pipeline.readers.periods import end_of_month
from barometre_pipeline.readers.rows import Rejects
from barometre_pipeline.readers.shapes import Columns
from barometre_pipeline.readers.territories import TerritoryIndex

_ADDRESS = re.compile(r"https?://\S+")
_PLACES = ("maille", "zone", "territoire", "libelle")
_NUMBERS = ("valeur_initiale", "cible")
_DATE_OF = {"valeur_initiale": "date_valeur_initiale", "cible": "date_cible"}
_DAYS = (*_DATE_OF.values(), "date_arret", "date_reference")
_OBJECTIVE = (*_NUMBERS, *_DAYS)  # in the order in which what is wrong in a row is told
_EXPLAINED = ("texte", "lien", "date_cible", "date")

Cells = dict[str, pa.Array]  # columns of a table of rows, by name


@dataclass(frozen=True)
class Reader:
    """What one delivery is read with, and what it puts aside."""

    livraison: Livraison
    catalogue: Catalogue
    territories: TerritoryIndex
    rejects: Rejects
    edition: Edition | None = None  # the one that the delivery was received for, where that is known
    # What was read is known from one part of a sheet to the next.
    _cells: dict[tuple[Any, ...], Once] = field(default_factory=dict)
    _numbers: dict[str, NumberColumns] = field(default_factory=dict)

    def once(self, what: tuple[Any, ...], make: Callable[[], Callable[[Any], Any]]) -> Once:
        """Return the reader of something, made the first time that it is asked for."""
        if what not in self._cells:
            self._cells[what] = Once(make())
        return self._cells[what]

    def numbers(self, role: str, column: Column) -> Numbers:
        """Read a column of numbers."""
        if role not in self._numbers:
            self._numbers[role] = NumberColumns(self.livraison, role)
        return self._numbers[role].read(column)

    def settled(self, number: Any, indicator: Any) -> Any:
        """Return a number, or the problem that it is a percentage of an indicator that is none."""
        if type(number) is not Marked:
            return number
        if number.percentage and not self.is_in_percent(indicator):
            return not_a_percentage(number, self.catalogue.indicateurs[indicator].unite)
        return number.value

    def is_in_percent(self, indicator: Any) -> bool:
        """Tell whether percentages may be numbers of an indicator; of one that is not known, any may."""
        return type(indicator) is not str or self.catalogue.indicateurs[indicator].unite.startswith("%")


def value_rows(columns: Columns, reader: Reader) -> tuple[Cells, int]:
    """Return the rows' numbers (`ligne`) and the columns of VALEURS from `colonne` on, and how many rows are notes."""
    (cells,) = columns.cells["valeur"]
    indicators, places = _keys(columns, reader)
    days, numbers = _days(columns, reader), reader.numbers("valeur", cells)
    percentages = numbers.percentages
    in_percent = indicators.where(reader.is_in_percent)
    right_numbers = pc.and_(numbers.values.is_valid(), _implied(percentages, in_percent))
    understood = all_of((*_known(indicators, places), days.where(_is_day), right_numbers), len(columns))
    missing = numbers.missing
    notes = _notes(columns)
    count = columns.notes
    if columns.value_headings is None:
        count += pc.and_(missing, notes).true_count
    for i in rows_where(pc.and_not(pc.invert(understood), missing)).to_pylist():
        indicator, place = indicators[i], places[i]
        number = reader.settled(numbers[i], indicator)
        if isinstance(number, Problem) and not isinstance(cells[i], Unusable) and notes[i].as_py():
            count += 1
        elif IGNORED in (indicator, place):
            reader.rejects.ignore(columns.row_numbers[i].as_py())
        else:
            _reject(columns, i, reader, indicator, place, days[i], number)
    heading = columns.value_headings or Read.alike(columns.headings.get("valeur"), len(columns))
    found = {
        "ligne": columns.row_numbers,
        "colonne": heading.values(str, pa.string()),
        **_key_columns(indicators, places),
        "date": days.values(_day, pa.date32()),
        "valeur": numbers.values,
        "pourcentage": percentages,
        "drapeau": numbers.drapeaux,
    }
    return {name: column.filter(understood) for name, column in found.items()}, count


def objective_rows(columns: Columns, reader: Reader) -> tuple[Cells, int]:
    """Return the rows' numbers (`ligne`) and the columns of OBJECTIFS from the key on, and how many are notes.

    A row whose six cells are empty is an objective all the same: its territory has a row in the synthèse.
    """
    indicators, places = _keys(columns, reader)
    numbers = {role: reader.numbers(role, _cells(columns, role)) for role in _NUMBERS}
    days = {role: _any_days(columns, reader, role) for role in _DAYS}
    speaks = _dates_that_speak(columns, reader.livraison, numbers, days)
    # A number, or the error of a spreadsheet, is no remark, wherever it stands.
    said = [pc.or_(n.values.is_valid(), _cells(columns, r).where(_is_unusable)) for r, n in numbers.items()]
    notes = pc.and_not(_notes(columns), any_of(said, len(columns)))
    in_percent = indicators.where(reader.is_in_percent)
    right_numbers = [
        pc.and_(pc.or_(n.values.is_valid(), n.missing), _implied(n.percentages, in_percent)) for n in numbers.values()
    ]
    right_days = [_implied(speaks[role], day.where(_is_day_or_none)) for role, day in days.items()]
    understood = all_of((*_known(indicators, places), *right_numbers, *right_days, pc.invert(notes)), len(columns))
    for i in rows_where(pc.and_not(pc.invert(understood), notes)).to_pylist():
        indicator, place = indicators[i], places[i]
        if IGNORED in (indicator, place):
            reader.rejects.ignore(columns.row_numbers[i].as_py())
        else:
            cells = {role: reader.settled(column[i], indicator) for role, column in numbers.items()}
            cells |= {role: day[i] for role, day in days.items() if speaks[role][i].as_py()}
            wrong = next((cells[r] for r in _OBJECTIVE if isinstance(cells.get(r), Problem)), None)
            _reject(columns, i, reader, indicator, place, None, wrong)
    found = {"ligne": columns.row_numbers, **_key_columns(indicators, places)}
    found |= {role: column.values for role, column in numbers.items()}
    found |= {r: pc.if_else(speaks[r], day.values(_day, pa.date32()), None) for r, day in days.items()}
    return {name: column.filter(understood) for name, column in found.items()}, notes.true_count


def explanation_rows(columns: Columns, reader: Reader) -> tuple[Cells, int]:
    """Return the rows' numbers (`ligne`) and the columns of EXPLICATIONS from the key on, and how many are notes."""
    indicators, places = _keys(columns, reader)
    said = {
        "date_cible": _any_days(columns, reader, "date_cible"),
        "texte": reader.once(("texte",), lambda: _text).column(_cells(columns, "texte")),
        "date": _any_days(columns, reader, "date"),
        "lien": reader.once(("lien",), lambda: _link).column(_cells(columns, "lien")),
    }
    # A text that goes with a date is an explanation of something, and no remark below the table.
    undated = all_of((said[r].where(lambda day: day is None) for r in ("date_cible", "date")), len(columns))
    notes = pc.or_(said["texte"].where(lambda text: text is None), pc.and_(_notes(columns), undated))
    right = (one.where(lambda found: not isinstance(found, Problem)) for one in said.values())
    understood = all_of((*_known(indicators, places), *right, pc.invert(notes)), len(columns))
    for i in rows_where(pc.and_not(pc.invert(understood), notes)).to_pylist():
        indicator, place = indicators[i], places[i]
        if IGNORED in (indicator, place):
            reader.rejects.ignore(columns.row_numbers[i].as_py())
        else:
            wrong = next((said[r][i] for r in _EXPLAINED if isinstance(said[r][i], Problem)), None)
            _reject(columns, i, reader, indicator, place, None, wrong)
    found = {"ligne": columns.row_numbers, **_key_columns(indicators, places)}
    for role, one in said.items():
        is_day = role.startswith("date")
        found[role] = one.values(_day if is_day else _said, pa.date32() if is_day else pa.string())
    return {name: column.filter(understood) for name, column in found.items()}, notes.true_count


def _text(cell: Cell) -> str | Problem | None:
    if isinstance(cell, Unusable):
        return Problem("valeur_illisible", "texte", cell.shown, cell.reason)
    return text_of(cell).strip() or None


def _link(cell: Cell) -> str | Problem | None:
    text = _text(cell)
    if isinstance(text, str) and not _ADDRESS.fullmatch(text):
        return Problem("valeur_illisible", "lien", text, "n'est pas une adresse, qui commence par https:// ou http://")
    return text


def _any_days(columns: Columns, reader: Reader, role: str) -> Read:
    """Read dates that are days, as objectives' are, and not the month that a value is of."""
    date_1904 = columns.sheet.date_1904

    def make() -> Callable[[Cell], Any]:
        # An explanation's own date is a day as well, which is told as what it is.
        read = date_reader(reader.livraison, "date_cible" if role == "date" else role, date_1904)

        def read_day(cell: Cell) -> Any:
            day = read(cell)
            return replace(day, role=role) if isinstance(day, Problem) else day

        return read_day

    return reader.once(("day", role, date_1904), make).column(_cells(columns, role))


def _cells(columns: Columns, role: str) -> Column:
    """Return the column of a role, or one that is empty."""
    (column,) = columns.cells.get(role) or (Column.repeated(None, len(columns)),)
    return column


def _keys(columns: Columns, reader: Reader) -> tuple[Read, Read]:
    """Return the indicator and the (maille, code) of each row, or why there is none."""
    livraison, declared = reader.livraison, columns.sheet.declared_name or ""
    return _indicators(columns, reader, declared), _territories(
        columns, reader, (livraison.feuilles or {}).get(declared) or livraison.maille
    )


def _indicators(columns: Columns, reader: Reader, declared: str) -> Read:
    livraison = reader.livraison
    if "indicateur" in columns.read:
        return columns.read["indicateur"]
    once = reader.once(("indicateur",), lambda: indicator_reader(livraison, reader.catalogue))
    if "indicateur" in columns.cells:
        return once.column(_cells(columns, "indicateur"))
    constant = (livraison.feuilles_indicateur or {}).get(declared) or livraison.indicateur
    return once.column(Column.repeated(constant, len(columns)))


def _territories(columns: Columns, reader: Reader, maille: str | None) -> Read:
    once = reader.once(("place", maille), lambda: place_reader(reader.livraison, reader.territories, maille))
    return once.beside([_cells(columns, role) for role in _PLACES])


def _days(columns: Columns, reader: Reader) -> Read:
    livraison, date_1904 = reader.livraison, columns.sheet.date_1904
    if "date" in columns.read:
        return columns.read["date"]
    if livraison.date_constante:
        return Read.alike(_constant_day(reader), len(columns))
    headings, cells = livraison.columns["date"], columns.cells["date"]
    if len(headings) > 1:
        read = reader.once(("date", headings), lambda: parts_reader(livraison, headings)).beside(cells)
    else:
        read = reader.once(("date", date_1904), lambda: date_reader(livraison, "date", date_1904)).column(cells[0])
    empty = Problem("date_illisible", "date", "", "est vide : une date est nécessaire")
    return Read(read.ranks, [empty if day is None else day for day in read.results])


def _constant_day(reader: Reader) -> dt.date:
    said = reader.livraison.date_constante
    if isinstance(said, dt.date):
        return end_of_month(said)
    if reader.edition is None:
        raise ReadingError(f"{reader.livraison.id}: date_constante is fin_edition: an edition is needed to read it")
    return reader.edition.end


def _dates_that_speak(
    columns: Columns, livraison: Livraison, numbers: dict[str, Numbers], days: dict[str, Read]
) -> dict[str, pa.BooleanArray]:
    """Tell of each date in which rows it counts: not beside a number that the row does not give.

    Values and objectives may share one file and one date column: there, a date goes with the number beside it,
    and a row without any number is no objective, unless it gives a date of its own (date_arret, date_reference).
    """
    mapped = list(livraison.colonnes.values())
    says_more = pc.invert(all_of((n.missing for n in numbers.values()), len(columns)))
    alone = all_of((days[r].where(lambda d: d is None) for r in ("date_arret", "date_reference")), len(columns))
    speaks = {role: all_of((), len(columns)) for role in days}
    for number, day in _DATE_OF.items():
        if mapped.count(livraison.colonnes.get(day, "")) > 1:
            speaks[day] = pc.invert(numbers[number].missing)
        else:
            speaks[day] = pc.invert(pc.and_(numbers[number].missing, pc.or_(says_more, alone)))
    return speaks


def _notes(columns: Columns) -> pa.BooleanArray:
    """Tell which rows have neither date nor territory: a source or a remark below the table."""
    keys = [role for role in ("date", "zone", "territoire", "libelle") if role in columns.cells]
    if not keys or "date" in columns.read:
        return any_of((), len(columns))
    return all_of((columns.empty(role) for role in keys), len(columns))


def _known(indicators: Read, places: Read) -> Iterator[pa.BooleanArray]:
    yield indicators.where(lambda indicator: type(indicator) is str)
    yield places.where(lambda place: type(place) is tuple)


def _key_columns(indicators: Read, places: Read) -> Cells:
    return {
        "id_indicateur": indicators.values(_said, pa.string()),
        "maille": places.values(lambda place: place[0] if type(place) is tuple else None, pa.string()),
        "code": places.values(lambda place: place[1] if type(place) is tuple else None, pa.string()),
    }


def _implied(given: pa.BooleanArray, then: pa.BooleanArray) -> pa.BooleanArray:
    """Tell of each row whether the second holds, or else the first does not."""
    return pc.or_(pc.invert(given), then)


def _is_unusable(cell: Cell) -> bool:
    return isinstance(cell, Unusable)


def _is_day(found: Any) -> bool:
    return type(found) is dt.date


def _is_day_or_none(found: Any) -> bool:
    return found is None or type(found) is dt.date


def _day(found: Any) -> dt.date | None:
    return found if type(found) is dt.date else None


def _said(found: Any) -> str | None:
    return found if type(found) is str else None


def _reject(columns: Columns, i: int, reader: Reader, indicator: Any, place: Any, day: Any, number: Any) -> None:
    """Keep a row aside for the first thing that is wrong in it."""
    problem = next(c for c in (indicator, place, day, number) if isinstance(c, Problem))
    known = indicator if isinstance(indicator, str) else None
    maille, code = place if isinstance(place, tuple) else (None, None)
    date = day if isinstance(day, dt.date) else None
    heading = columns.heading(problem.role, i)
    reader.rejects.add(columns.row_numbers[i].as_py(), heading, problem, (known, maille, code, date))
