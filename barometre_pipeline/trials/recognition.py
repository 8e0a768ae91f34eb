"""What each column of a file holds, told by its content against the catalogue, and by its heading where several might.

The words are those of the catalogue's territories, levels and indicators; dates and numbers are what the readers take.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from barometre_pipeline.catalogue import Catalogue, Livraison, Maille
from barometre_pipeline.formats.cells import Cell, Unusable, clean, is_empty, text_of
from barometre_pipeline.formats.columns import Column
from barometre_pipeline.formats.sheets import Sheet
from barometre_pipeline.readers.cells import Problem
from barometre_pipeline.readers.dates import date_reader, parts_reader
from barometre_pipeline.readers.numbers import Marked, number_reader
from barometre_pipeline.readers.place_names import plain_name
from barometre_pipeline.readers.territories import TerritoryIndex

# Which of both comes first, the day or the month, only other dates of the file may tell.
MONTH_FIRST = {"%d/%m/%Y": "%m/%d/%Y", "%d-%m-%Y": "%m-%d-%Y", "%d/%m/%y": "%m/%d/%y"}
_HOURS = (" %H:%M", " %H:%M:%S")
MONTH_FIRST |= {f"%d/%m/%Y{hour}": f"%m/%d/%Y{hour}" for hour in _HOURS}
# Tried in this order; None is what is read without being told.
DATE_FORMATS = (
    *(None, "%d/%m/%Y", "%m/%d/%Y", "%m/%Y", "%d-%m-%Y", "%m-%d-%Y", "%m-%Y", "%d.%m.%Y", "%Y.%m.%d"),
    *("%Y/%m/%d", "%Y/%m", "%Y %m", "%m %Y", "%d/%m/%y", "%m/%d/%y", "%d-%m-%y", "%d.%m.%y"),
    *(f"{day}{hour}" for hour in _HOURS for day in ("%d/%m/%Y", "%m/%d/%Y", "%d-%m-%Y", "%d.%m.%Y", "%Y/%m/%d")),
    *("%d%b%Y:%H:%M:%S", "%d%b%Y:%H:%M:%S.%f"),  # as SAS writes a time
    *("%Y%m%d", "%Y%m", "%m.%Y", "%Y"),
)
# A number may look like these: the heading must say that it is a date.
_BARE_NUMBERS = ("%Y%m%d", "%Y%m", "%m.%Y", "%Y")
# The first of those by which as many cells are numbers.
NUMBER_MARKS: tuple[dict[str, str], ...] = (
    {"decimale": "."},
    {"decimale": ","},
    {"decimale": ",", "milliers": "."},
    {"decimale": ".", "milliers": ","},
    {"decimale": ".", "milliers": "'"},
    {"decimale": ",", "milliers": "'"},
)
_PAIRS = tuple(MONTH_FIRST.items())
_DATES = 0.95  # of a column's distinct cells
_FIRST = 50  # cells of a column, that tell whether the others need to be looked at
_MOST = 50_000  # distinct cells of a column that are looked at
_MOST_LEVELS = 12
_A_YEAR = "2022"
_LEVEL_HEADINGS = {"maille", "mailles", "niveau", "echelon", "echelle"}
_ABBREVIATION = re.compile("[a-z]{3,4}")
_HINTS = {
    "territoire": re.compile(r"\b(code|insee|territoire|geo)\b"),  # or the name of a level
    "date": re.compile(
        r"\b(dates?|mois|jour|annee|an|trimestre|semestre|periode|millesime|exercice|arrete|year|month|quarter|period)\b"
    ),
    "valeur": re.compile(r"\b(valeur|value|va|obs value)\b"),
}
# Dates of the file rather than of its values.
_OF_THE_FILE = re.compile(
    r"\b(maj|mise? a jour|publi(cation|e)|extraction|(ex|im)port|creation|modification|saisie|livraison|updated?)\b"
)
OBJECTIVE_HEADINGS = {
    "date_valeur_initiale": re.compile(r"\bdate\b.*\b(vi|initiale)\b|\b(vi|initiale)\b.*\bdate\b"),
    "date_cible": re.compile(r"\bdate\b.*\b(vc|cible)\b|\b(vc|cible)\b.*\bdate\b|\becheance\b"),
    "date_arret": re.compile(r"\bdate\b.*\barret\b"),
    "date_reference": re.compile(r"\bdate\b.*\breference\b"),
    "valeur_initiale": re.compile(r"\bvi\b|\binitiale\b"),
    "cible": re.compile(r"\bvc\b|\bcible\b|\bobjectif\b"),
}


@dataclass
class Guess:
    """What the columns are: a position by role, the other keys of the delivery, what is unsure of a key."""

    roles: dict[str, int] = field(default_factory=dict)
    beside_year: int | None = None  # the column of quarters, half-years or months beside that of years
    keys: dict[str, Any] = field(default_factory=dict)
    doubts: dict[str, str] = field(default_factory=dict)


class Columns:
    """The columns of a sheet, each with its distinct filled cells, and how many of them are what is asked."""

    def __init__(self, sheet: Sheet, catalogue: Catalogue) -> None:
        self.catalogue, self.index = catalogue, TerritoryIndex(catalogue)
        self.headings = [plain_name(text_of(h)) for h in sheet.raw_headings]
        self.raw_headings = sheet.raw_headings
        self.cells = [_distinct(column) for column in sheet.columns]
        self.texts = [[text_of(cell).strip() for cell in column] for column in self.cells]
        self.is_workbook = sheet.name is not None
        self.filled = [p for p, cells in enumerate(self.cells) if cells and self.headings[p]]

    def share(self, position: int, known: Callable[[Cell], object]) -> float:
        """Return which part of a column's distinct cells is known."""
        return share_of(self.cells[position], known)

    def best(self, positions: Iterable[int], known: Callable[[Cell], object], least: float) -> int | None:
        """Return the column of which most is known, at least this part; the first of several."""
        found = [(self.share(p, known), -p) for p in positions]
        share, position = max(found, default=(0.0, 0))
        return -position if share >= least else None

    def hinted(self, positions: Iterable[int], role: str) -> list[int]:
        """Return the columns whose heading says that they hold this."""
        return [
            p
            for p in positions
            if _HINTS[role].search(self.headings[p]) or (role == "territoire" and self._names_a_level(self.headings[p]))
        ]

    def _names_a_level(self, heading: str) -> bool:
        named = {self._begins_a_level(word) for word in heading.split()}
        return bool(named - {None, self.catalogue.maille_racine.id})

    def level_named(self, position: int, having: Mapping[str, int]) -> str | None:
        """Return the only level below the whole that a column's heading names, where some of its cells are of it."""
        levels = {self._begins_a_level(word) for word in self.headings[position].split()}
        named = levels - {None, self.catalogue.maille_racine.id}
        return next((m for m in named if m and having[m]), None) if len(named) == 1 else None

    def level(self, cell: Cell) -> str | None:
        """Return the level that a word means: its id, its label, how these begin (NAT, DEP), or their letters (DPT)."""
        said = plain_name(text_of(cell))
        if begun := self._begins_a_level(said):
            return begun
        if _ABBREVIATION.fullmatch(said):
            shortened = (m.id for m in self.catalogue.mailles if any(_shortens(said, n) for n in _names_of(m)))
            if found := next(shortened, None):
                return found
        root = self.catalogue.maille_racine.id
        return root if said in ("pays", plain_name(self.catalogue.territoire_racine.libelle)) else None

    def _begins_a_level(self, said: str) -> str | None:
        for m in self.catalogue.mailles:
            names = _names_of(m)
            if said in names or (len(said) >= 3 and any(name.startswith(said) for name in names)):
                return m.id
        return None

    def tells_levels(self, position: int) -> bool:
        """Tell whether a column holds levels: nearly all words are some, or half of them where several are told."""
        cells = self.cells[position]
        if len(cells) > _MOST_LEVELS:
            return False
        share, told = self.share(position, self.level), {self.level(cell) for cell in cells} - {None}
        named = not _LEVEL_HEADINGS.isdisjoint(self.headings[position].split())
        return share >= 0.8 or (share >= 0.5 and (len(told) > 1 or named))

    def is_indicator(self, cell: Cell) -> bool:
        """Tell whether a cell is the id of an indicator."""
        return clean(text_of(cell)) in self.catalogue.indicateurs

    def is_zone(self, cell: Cell) -> bool:
        """Tell whether a cell is a zone_id to the letter: the name of a country may be one in another case."""
        zone = text_of(cell).strip()
        return zone == zone.upper() and self.index.by_zone(zone) is not None

    def is_code(self, cell: Cell) -> bool:
        """Tell whether a cell is the code of a territory, of any level."""
        return any(self.index.by_code(maille, text_of(cell).strip()) for maille in self.index.levels)

    def is_place(self, cell: Cell) -> bool:
        """Tell whether a cell is the code of a territory, or the name that stands in its place."""
        return self.is_code(cell) or self.is_name(cell)

    def is_name(self, cell: Cell) -> bool:
        """Tell whether a cell is the name of a territory, of any level."""
        return any(self.index.by_name(maille, text_of(cell)) for maille in self.index.levels)


def keys_of_a_row(columns: Columns) -> Guess:
    """Tell which columns say the indicator, the level and the territory of a row."""
    guess, left = Guess(), list(columns.filled)

    def take(role: str, position: int | None) -> None:
        if position is not None:
            guess.roles[role] = position
            left.remove(position)

    take("indicateur", columns.best(left, columns.is_indicator, 0.3))
    take("zone", columns.best(left, columns.is_zone, 0.8))
    if "zone" in guess.roles:
        return guess
    take("maille", columns.best([p for p in left if columns.tells_levels(p)], columns.level, 0.5))
    hinted = columns.hinted(left, "territoire")
    unlike_numbers = [p for p in left if not all(text.isdigit() for text in columns.texts[p])]
    take("territoire", columns.best(hinted, columns.is_code, 0.6))
    if "territoire" not in guess.roles:
        take("territoire", columns.best(unlike_numbers, columns.is_code, 0.8))
    if "territoire" not in guess.roles:
        take("libelle", columns.best(left, columns.is_name, 0.6))
    # A file of many totals and of territories that are not followed: what its heading says is believed.
    if not {"territoire", "libelle"} & guess.roles.keys():
        take("territoire", columns.best(columns.hinted(left, "territoire"), columns.is_place, 0.2))
    _tell_levels(columns, guess)
    return guess


def _tell_levels(columns: Columns, guess: Guess) -> None:
    """Say the level where each row does not: the only one that has the codes, or by the words of a column."""
    if "maille" in guess.roles:
        words = {text_of(cell).strip(): columns.level(cell) for cell in columns.cells[guess.roles["maille"]]}
        if any(word != maille for word, maille in words.items()):
            guess.keys["valeurs_maille"] = {word: maille for word, maille in words.items() if maille}
        return
    position = guess.roles.get("territoire", guess.roles.get("libelle"))
    if position is None:
        guess.keys["maille"] = columns.catalogue.maille_racine.id
        guess.doubts["maille"] = "aucune colonne de territoires n'est reconnue : tout est-il de ce seul territoire ?"
        return
    places = [columns.index.everywhere(text) for text in columns.texts[position]]
    having = {m: sum(any(key[0] == m for key in found) for found in places) for m in columns.index.levels}
    most = max(having.values())
    named = columns.level_named(position, having)
    if all(len(found) < 2 for found in places) and (named is None or having[named] == most):
        return
    if named:
        _tell_named_level(columns, guess, named, having)
        return
    levels = [m for m, count in having.items() if count == most]
    guess.keys["maille"] = levels[-1]
    if len(levels) > 1:
        guess.doubts["maille"] = f"ou {' ou '.join(levels[:-1])} : les codes sont les mêmes"


def _tell_named_level(columns: Columns, guess: Guess, named: str, having: Mapping[str, int]) -> None:
    """Say the level of a heading such as « Région »; codes of an older list of its may all be those of another one."""
    guess.keys["maille"] = named
    others = [m for m, count in having.items() if count > having[named]]
    if others:
        labels = ", ".join(columns.index.levels[m] for m in others)
        guess.doubts["maille"] = (
            f"d'après l'intitulé ; plus de codes sont ceux d'une autre maille ({labels}) : vérifier"
        )


def date_format(columns: Columns, cells: Sequence[Cell], heading: str) -> tuple[bool, str | None]:
    """Tell whether cells are dates, and in which format (None where it needs not be told)."""
    hinted = bool(_HINTS["date"].search(heading))
    # In a workbook a bare number may be a day, where its heading says so.
    serials = columns.is_workbook and hinted
    best: tuple[float, str | None] = (0.0, None)
    for form in DATE_FORMATS:
        if form in _BARE_NUMBERS and not hinted:
            continue
        known = _reads(_dates_reader(form, serials))
        share = share_of(cells, known) if share_of(cells[:_FIRST], known) >= 0.5 else 0.0
        best = max(best, (share, form), key=lambda found: found[0])
        if share == 1:
            break
    share, form = best
    if share < _DATES:
        return False, None
    return True, _likelier(cells, form) if form in MONTH_FIRST else form


def either_first(cells: Sequence[Cell], form: str | None) -> bool:
    """Tell whether dates may be read with the day first and with the month first."""
    return any(form in pair and all(share_of(cells, _reads(_dates_reader(f))) == 1 for f in pair) for pair in _PAIRS)


def one_date_format(cells: Sequence[Cell]) -> bool:
    """Tell whether cells are all dates in one format, which is not that of a bare number."""
    forms = (form for form in DATE_FORMATS if form not in _BARE_NUMBERS)
    return bool(cells) and any(share_of(cells, _reads(_dates_reader(form))) == 1 for form in forms)


def _likelier(cells: Sequence[Cell], form: str) -> str:
    """Return the format by which dates are the first or the last days of months, that which is given where both are."""
    other = MONTH_FIRST[form]
    ends = {f: share_of(cells, partial(_is_an_end, _dates_reader(f, role="date_cible"))) for f in (form, other)}
    return other if ends[other] == 1 > ends[form] else form


def _is_an_end(read: Callable[[Cell], Any], cell: Cell) -> bool:
    day = read(cell)
    return isinstance(day, dt.date) and (day.day == 1 or (day + dt.timedelta(days=1)).day == 1)


def _dates_reader(form: str | None, serials: bool = False, role: str = "date") -> Callable[[Cell], Any]:
    return date_reader(a_delivery(format_date=form, **({"format": "xlsx"} if serials else {})), role)


def date_column(columns: Columns, left: Sequence[int]) -> tuple[int | None, str | None]:
    """Return the column of dates, one whose heading says so before another, the file's own last, and its format."""
    hinted = sorted(columns.hinted(left, "date"), key=lambda p: bool(_OF_THE_FILE.search(columns.headings[p])))
    for position in (*hinted, *(p for p in left if p not in hinted)):
        found, form = date_format(columns, columns.cells[position], columns.headings[position])
        if found:
            return position, form
    return None, None


def part_of_year(columns: Columns, year: int, positions: Sequence[int]) -> int | None:
    """Return the column whose months, quarters or half-years make dates of the years of another one."""
    for position in positions:
        read = parts_reader(a_delivery(), [columns.headings[year], columns.headings[position]])
        if all(isinstance(read((_A_YEAR, cell)), dt.date) for cell in columns.cells[position]):
            return position
    return None


def is_number(marks: dict[str, str]) -> Callable[[Cell], bool]:
    """Return what tells whether a cell is a number with these marks."""
    return _reads(number_reader(a_delivery(**marks)))


def is_percentage(marks: Mapping[str, Any]) -> Callable[[Cell], bool]:
    """Return what tells whether a cell is a percentage; of `marks`, those of numbers count."""
    read = number_reader(a_delivery(**{key: marks[key] for key in ("decimale", "milliers") if key in marks}))
    return lambda cell: isinstance(found := read(cell), Marked) and found.percentage


def a_delivery(**keys: Any) -> Livraison:
    """Return a delivery of nothing, with the keys that readers of cells ask for."""
    base = {"id": "essai", "contenu": "valeurs", "ministere": "essai", "url": "essai.csv", "indicateur": "essai"}
    return Livraison.model_validate(base | {"colonnes": {"date": "date", "valeur": "valeur"}} | keys)


def _names_of(level: Maille) -> list[str]:
    said = (level.id, level.libelle, level.libelle_pluriel, level.nom, level.territoire or level.id)
    return [plain_name(name) for name in said]


def _shortens(said: str, name: str) -> bool:
    """Tell whether a word has letters of a name in their order, from its first one on: DPT, DEPT."""
    left = iter(name)
    return said[0] == name[0] and all(letter in left for letter in said)


def _reads(read: Callable[[Cell], Any]) -> Callable[[Cell], bool]:
    def known(cell: Cell) -> bool:
        value = read(cell)
        return value is not None and not isinstance(value, Problem)

    return known


def share_of(cells: Sequence[Cell], known: Callable[[Cell], object]) -> float:
    """Return which part of some cells is known."""
    return sum(bool(known(cell)) for cell in cells) / len(cells) if cells else 0.0


def _distinct(column: Column) -> list[Cell]:
    # The error of a spreadsheet tells nothing of what a column holds.
    told: list[Cell] = [cell for cell in column.distinct if not (is_empty(cell) or isinstance(cell, Unusable))]
    return told[:_MOST]
