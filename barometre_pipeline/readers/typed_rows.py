"""Columns of cells into typed rows: values and objectives, the rest kept aside with its reason.

Rows in which everything is understood are made column by column; each of the others is looked at by itself. Where the
cells come from is not known here; duplicates and contradictions are found later, in SQL.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from barometre_pipeline.catalogue import Livraison
from barometre_pipeline.formats.cells import Cell, Unusable, text_of
from barometre_pipeline.formats.columns import all_of, any_of, rows_where
from barometre_pipeline.readers.cells import Marks, Problem, Read, missing_marks
from barometre_pipeline.readers.dates import date_reader
from barometre_pipeline.readers.known_words import IGNORED
from barometre_pipeline.readers.merged import said_of_merged
from barometre_pipeline.readers.number_columns import Numbers
from barometre_pipeline.readers.numbers import ERROR_WRITTEN, is_error
from barometre_pipeline.readers.reader import Reader
from barometre_pipeline.readers.row_keys import (
    cells_of,
    constant_day,
    date_flags,
    key_columns,
    known_keys,
    remarks,
    row_days,
    row_keys,
    speaks_of_data,
    text_said,
)
from barometre_pipeline.readers.shapes import Columns

# 12 (p), 1,5 €: with what stands beside it, a number is no remark.
_LIKE_A_NUMBER = re.compile(r"[(+\-\u2212]?[0-9][0-9.,'\u2019 \u00a0\u202f]*\W{0,2}\w{0,3}\W?")
_ADDRESS = re.compile(r"https?://\S+")
_NUMBERS = ("valeur_initiale", "cible")
_DATE_OF = {"valeur_initiale": "date_valeur_initiale", "cible": "date_cible"}
_DAYS = (*_DATE_OF.values(), "date_arret", "date_reference")
_OBJECTIVE = (*_NUMBERS, *_DAYS)  # in the order in which what is wrong in a row is told
_EXPLAINED = ("texte", "lien", "date_cible", "date")

Cells = dict[str, pa.Array]  # columns of a table of rows, by name


def value_rows(columns: Columns, reader: Reader) -> tuple[Cells, int]:
    """Return the rows' numbers (`ligne`) and the columns of VALEURS from `colonne` on, and how many rows are notes."""
    (cells,) = columns.cells["valeur"]
    indicators, places = row_keys(columns, reader)
    days, numbers = row_days(columns, reader), reader.numbers("valeur", cells)
    percentages = numbers.percentages
    in_percent = indicators.where(reader.is_in_percent)
    otherwise = numbers.counted_otherwise(indicators)
    right_numbers = pc.and_not(pc.and_(numbers.values.is_valid(), _implied(percentages, in_percent)), otherwise)
    understood = all_of((*known_keys(indicators, places), days.where(_is_day), right_numbers), len(columns))
    # Where the date cannot be read either, a row too short has what is missing in another column.
    missing = pc.and_not(numbers.missing, _shifted(columns, places, days))
    notes = remarks(columns)
    count = columns.notes
    if columns.value_headings is None:
        count += pc.and_(missing, notes).true_count
    notes = pc.and_not(notes, speaks_of_data(columns, indicators, places))
    for i in rows_where(pc.and_not(pc.invert(understood), missing)).to_pylist():
        indicator, place = indicators[i], places[i]
        number = reader.settled(numbers[i], indicator, otherwise[i].as_py())
        if isinstance(number, Problem) and notes[i].as_py() and not _is_a_number(cells[i]):
            count += 1
        else:
            _reject(columns, i, reader, indicator, place, days[i], number)
    heading = columns.value_headings or Read.alike(columns.headings.get("valeur"), len(columns))
    found = {
        "ligne": columns.row_numbers,
        "colonne": heading.values(str, pa.string()),
        **key_columns(indicators, places),
        "date": days.values(day_said, pa.date32()),
        "valeur": numbers.values,
        "pourcentage": percentages,
        "drapeau": _one_after_the_other(date_flags(columns, reader), numbers.drapeaux),
    }
    return {name: column.filter(understood) for name, column in found.items()}, count


def _one_after_the_other(before: pa.Array | None, marks: pa.Array) -> pa.Array:
    """Return the marks of the dates and those of the numbers, one text where there are both."""
    if before is None:
        return marks
    both = pc.binary_join_element_wise(before.cast(pa.string()), marks, " ")
    return pc.coalesce(both, before.cast(pa.string()), marks)


def _shifted(columns: Columns, places: Read, days: Read) -> pa.BooleanArray:
    """Tell which rows have a territory, and in the place of their date what is none."""
    if "date" in columns.read:
        return any_of((), len(columns))
    strange = days.where(lambda day: isinstance(day, Problem) and bool(day.content))
    return all_of((places.where(lambda place: type(place) is tuple), strange), len(columns))


def objective_rows(columns: Columns, reader: Reader) -> tuple[Cells, int]:
    """Return the rows' numbers (`ligne`) and the columns of OBJECTIFS from the key on, and how many are notes.

    A row whose six cells are empty is an objective all the same: its territory has a row in the synthèse.
    """
    indicators, places = row_keys(columns, reader)
    numbers = {role: reader.numbers(role, cells_of(columns, role)) for role in _NUMBERS}
    days = {role: any_days(columns, reader, role) for role in _DAYS}
    speaks = _dates_that_speak(columns, reader.livraison, numbers, days)
    # A number, or the error of a spreadsheet, is no remark, wherever it stands.
    said = [pc.or_(n.values.is_valid(), cells_of(columns, r).where(_is_a_number)) for r, n in numbers.items()]
    unread = any_of((n.where(lambda found: isinstance(found, Problem)) for n in numbers.values()), len(columns))
    said.append(pc.and_(unread, speaks_of_data(columns, indicators, places)))
    notes = pc.and_not(remarks(columns), any_of(said, len(columns)))
    in_percent = indicators.where(reader.is_in_percent)
    otherwise = {role: n.counted_otherwise(indicators) for role, n in numbers.items()}
    right_numbers = [
        pc.and_(pc.or_(n.values.is_valid(), n.missing), _implied(n.percentages, in_percent)) for n in numbers.values()
    ]
    right_numbers += [pc.invert(one) for one in otherwise.values()]
    right_days = [_implied(speaks[role], day.where(_is_day_or_none)) for role, day in days.items()]
    understood = all_of((*known_keys(indicators, places), *right_numbers, *right_days, pc.invert(notes)), len(columns))
    for i in rows_where(pc.and_not(pc.invert(understood), notes)).to_pylist():
        cells = {r: reader.settled(n[i], indicators[i], otherwise[r][i].as_py()) for r, n in numbers.items()}
        cells |= {role: day[i] for role, day in days.items() if speaks[role][i].as_py()}
        wrong = next((cells[r] for r in _OBJECTIVE if isinstance(cells.get(r), Problem)), None)
        _reject(columns, i, reader, indicators[i], places[i], None, wrong)
    found = {"ligne": columns.row_numbers, **key_columns(indicators, places)}
    found |= {role: column.values for role, column in numbers.items()}
    found |= {r: pc.if_else(speaks[r], day.values(day_said, pa.date32()), None) for r, day in days.items()}
    return {name: column.filter(understood) for name, column in found.items()}, notes.true_count


def explanation_rows(columns: Columns, reader: Reader) -> tuple[Cells, int]:
    """Return the rows' numbers (`ligne`) and the columns of EXPLICATIONS from the key on, and how many are notes."""
    indicators, places = row_keys(columns, reader)
    marks = missing_marks(reader.livraison)
    said = {
        "date_cible": any_days(columns, reader, "date_cible"),
        "texte": reader.once(("texte",), lambda: partial(text_in, marks)).column(cells_of(columns, "texte")),
        "date": any_days(columns, reader, "date"),
        "lien": reader.once(("lien",), lambda: partial(_link, marks)).column(cells_of(columns, "lien")),
    }
    # A text that goes with a date is an explanation of something, and no remark below the table.
    undated = all_of((said[r].where(lambda day: day is None) for r in ("date_cible", "date")), len(columns))
    notes = pc.or_(said["texte"].where(lambda text: text is None), pc.and_(remarks(columns), undated))
    right = (one.where(lambda found: not isinstance(found, Problem)) for one in said.values())
    understood = all_of((*known_keys(indicators, places), *right, pc.invert(notes)), len(columns))
    for i in rows_where(pc.and_not(pc.invert(understood), notes)).to_pylist():
        wrong = next((said[r][i] for r in _EXPLAINED if isinstance(said[r][i], Problem)), None)
        _reject(columns, i, reader, indicators[i], places[i], None, wrong)
    found = {"ligne": columns.row_numbers, **key_columns(indicators, places)}
    for role, one in said.items():
        is_day = role.startswith("date")
        found[role] = one.values(day_said if is_day else text_said, pa.date32() if is_day else pa.string())
    return {name: column.filter(understood) for name, column in found.items()}, notes.true_count


def text_in(marks: Marks, cell: Cell) -> str | Problem | None:
    """Return the text of a cell, None where there is none, or a mark of a missing value."""
    if isinstance(cell, Unusable):
        return Problem("valeur_illisible", "texte", cell.shown, cell.reason)
    text = text_of(cell).strip()
    if is_error(text):
        return Problem("valeur_illisible", "texte", text, ERROR_WRITTEN)
    return None if text in marks else text


def _link(marks: Marks, cell: Cell) -> str | Problem | None:
    text = text_in(marks, cell)
    if isinstance(text, Problem):
        return replace(text, role="lien")
    if isinstance(text, str) and not _ADDRESS.fullmatch(text):
        return Problem("valeur_illisible", "lien", text, "n'est pas une adresse, qui commence par https:// ou http://")
    return text


def any_days(columns: Columns, reader: Reader, role: str) -> Read:
    """Read dates that are days, as objectives' are, and not the month that a value is of."""
    day_zero = columns.sheet.day_zero
    if role == "date_cible" and reader.livraison.date_constante:
        return Read.alike(constant_day(reader), len(columns))

    def make() -> Callable[[Cell], Any]:
        # An explanation's own date is a day as well, which is told as what it is.
        read = date_reader(reader.livraison, "date_cible" if role == "date" else role, day_zero)

        def read_day(cell: Cell) -> Any:
            day = read(cell)
            return replace(day, role=role) if isinstance(day, Problem) else day

        return read_day

    return reader.once(("day", role, day_zero), make).column(cells_of(columns, role))


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


def _implied(given: pa.BooleanArray, then: pa.BooleanArray) -> pa.BooleanArray:
    """Tell of each row whether the second holds, or else the first does not."""
    return pc.or_(pc.invert(given), then)


def _is_a_number(cell: Cell) -> bool:
    """Tell whether a cell that was not read is a number all the same, or an error in the place of one."""
    return isinstance(cell, Unusable) or (isinstance(cell, str) and bool(_LIKE_A_NUMBER.fullmatch(cell.strip())))


def _is_day(found: Any) -> bool:
    return type(found) is dt.date


def _is_day_or_none(found: Any) -> bool:
    return found is None or type(found) is dt.date


def day_said(found: Any) -> dt.date | None:
    """Return a day that was read, None in the place of a problem."""
    return found if type(found) is dt.date else None


def _reject(columns: Columns, i: int, reader: Reader, indicator: Any, place: Any, day: Any, number: Any) -> None:
    """Keep a row aside for the first thing that is wrong in it, unless it is of what the delivery ignores."""
    row = columns.row_numbers[i].as_py()
    if IGNORED in (indicator, place):
        reader.rejects.ignore(row)
        return
    problem = next(c for c in (indicator, place, day, number) if isinstance(c, Problem))
    problem = said_of_merged(problem, columns, i, reader.livraison)
    known = indicator if isinstance(indicator, str) else None
    maille, code = place if isinstance(place, tuple) else (None, None)
    date = day if isinstance(day, dt.date) else None
    heading = columns.heading(problem.role, i)
    reader.rejects.add(row, heading, problem, (known, maille, code, date))
