"""The key of each row: its indicator, its territory and, of a value, its date; which rows are remarks and have none."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

import pyarrow as pa

from barometre_pipeline.errors import ReadingError
from barometre_pipeline.formats.columns import Column, all_of, any_of
from barometre_pipeline.readers.cells import Problem, Read
from barometre_pipeline.readers.dates import date_flags_reader, date_reader, parts_reader
from barometre_pipeline.readers.known_words import indicator_reader, place_reader
from barometre_pipeline.readers.periods import end_of_month
from barometre_pipeline.readers.reader import Reader
from barometre_pipeline.readers.shapes import Columns

_PLACES = ("maille", "zone", "territoire", "libelle")


def cells_of(columns: Columns, role: str) -> Column:
    """Return the column of a role, or one that is empty."""
    (column,) = columns.cells.get(role) or (Column.repeated(None, len(columns)),)
    return column


def row_keys(columns: Columns, reader: Reader) -> tuple[Read, Read]:
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
        return once.column(cells_of(columns, "indicateur"))
    constant = (livraison.feuilles_indicateur or {}).get(declared) or livraison.indicateur
    return once.column(Column.repeated(constant, len(columns)))


def _territories(columns: Columns, reader: Reader, maille: str | None) -> Read:
    once = reader.once(("place", maille), lambda: place_reader(reader.livraison, reader.territories, maille))
    return once.beside([cells_of(columns, role) for role in _PLACES])


def row_days(columns: Columns, reader: Reader) -> Read:
    """Return the date of each row's value, or why there is none."""
    livraison, day_zero = reader.livraison, columns.sheet.day_zero
    if "date" in columns.read:
        return columns.read["date"]
    if livraison.date_constante:
        return Read.alike(end_of_month(constant_day(reader)), len(columns))
    headings, cells = livraison.columns["date"], columns.cells["date"]
    if len(headings) > 1:
        read = reader.once(("date", headings), lambda: parts_reader(livraison, headings)).beside(cells)
    else:
        read = reader.once(("date", day_zero), lambda: date_reader(livraison, "date", day_zero)).column(cells[0])
    empty = Problem("date_illisible", "date", "", "est vide : une date est nécessaire")
    return Read(read.ranks, [empty if day is None else day for day in read.results])


def date_flags(columns: Columns, reader: Reader) -> pa.Array | None:
    """Return the marks after each row's date, as that of a heading « 2021 (p) »; None where no mark is declared."""
    livraison, day_zero = reader.livraison, columns.sheet.day_zero
    if not livraison.drapeaux:
        return None
    read = reader.once(("date flags", day_zero), lambda: date_flags_reader(livraison, day_zero))
    if "date" in columns.read and columns.value_headings is not None:
        titles = columns.value_headings
        found = read.column(Column.of(titles.results))
        return found.values(text_said, pa.string()).take(titles.ranks)
    cells = columns.cells.get("date", ())
    return read.column(cells[0]).values(text_said, pa.string()) if len(cells) == 1 else None


def constant_day(reader: Reader) -> dt.date:
    """Return the day of a delivery whose file says none; ReadingError where it is the edition's, and none is known."""
    said = reader.livraison.date_constante
    if isinstance(said, dt.date):
        return said
    if reader.edition is None:
        raise ReadingError(f"{reader.livraison.id}: date_constante is fin_edition: an edition is needed to read it")
    return reader.edition.end


def remarks(columns: Columns) -> pa.BooleanArray:
    """Tell which rows have neither date nor territory: a source or a remark below the table."""
    keys = [role for role in ("date", "zone", "territoire", "libelle") if role in columns.cells]
    if not keys or "date" in columns.read:
        return any_of((), len(columns))
    return all_of((columns.empty(role) for role in keys), len(columns))


def speaks_of_data(columns: Columns, indicators: Read, places: Read) -> pa.BooleanArray:
    """Tell which rows name an indicator or a level of ours in a column of their own: what they lack is told of them."""
    found = []
    if "indicateur" in columns.cells:
        found.append(indicators.where(lambda indicator: type(indicator) is str))
    if "maille" in columns.cells:
        found.append(places.where(lambda place: not (isinstance(place, Problem) and place.role == "maille")))
    return any_of(found, len(columns))


def known_keys(indicators: Read, places: Read) -> Iterator[pa.BooleanArray]:
    """Tell which rows have an indicator that is known, then which have a territory."""
    yield indicators.where(lambda indicator: type(indicator) is str)
    yield places.where(lambda place: type(place) is tuple)


def key_columns(indicators: Read, places: Read) -> dict[str, pa.Array]:
    """Return the columns of the key, null where it is not known."""
    return {
        "id_indicateur": indicators.values(text_said, pa.string()),
        "maille": places.values(lambda place: place[0] if type(place) is tuple else None, pa.string()),
        "code": places.values(lambda place: place[1] if type(place) is tuple else None, pa.string()),
    }


def text_said(found: Any) -> str | None:
    """Return a text that was read, None in the place of a problem."""
    return found if type(found) is str else None
