"""What a cell of a delivered file may be, the text that a person would type for it, and how names are compared.

Nothing here knows a format, a number or a date; cells one below the other are in `columns`.
"""

from __future__ import annotations

import datetime as dt
import difflib
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

_NAMES_SHOWN = 20
_LONGEST_SHOWN = 80  # characters of a name


@dataclass(frozen=True)
class Percentage:
    """A number that is shown as a percentage: `value` is what is seen, 7.5 for 7,5 % (0.075 in a workbook)."""

    value: float


@dataclass(frozen=True)
class Counted:
    """A number beside which the file says in what it is counted: 5 and k€ for a cell of 5 that shows 5 k€."""

    value: float
    scale: str


@dataclass(frozen=True)
class Unusable:
    """A cell in which a person sees no value: an error of the spreadsheet, a formula that was never calculated.

    `shown` is what the cell holds, `reason` the end of a French sentence about it.
    """

    shown: str
    reason: str


# A cell as a format gives it; empty cells are None or blank text. Booleans and nested values come as text.
Cell = str | int | float | Decimal | dt.date | Percentage | Counted | Unusable | None
Row = Sequence[Cell]


def text_of(cell: Cell) -> str:
    """Return a cell as a person would type it: 202103.0 is `202103`, a date is `2021-03-31`."""
    if cell is None:
        return ""
    if isinstance(cell, str):
        return cell
    if isinstance(cell, Percentage):
        return f"{text_of(cell.value)} %"
    if isinstance(cell, Counted):
        return f"{text_of(cell.value)} {cell.scale}"
    if isinstance(cell, Unusable):
        return cell.shown
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() else repr(cell)
    if isinstance(cell, dt.datetime) and cell.time() == dt.time():
        return cell.date().isoformat()
    if isinstance(cell, dt.date):
        return cell.isoformat()
    return str(cell) if isinstance(cell, Decimal) else _digits(cell)


def _digits(number: int) -> str:
    # Python refuses to print integers beyond 4,300 digits; nobody reads them either.
    return str(number) if abs(number) < 10**400 else "1e400"


def is_empty(cell: Cell) -> bool:
    """Tell whether a cell holds nothing but blanks."""
    return cell is None or (isinstance(cell, str) and (not cell or cell.isspace()))


def clean(name: str) -> str:
    """Return a name (heading, sheet, member, indicator) as it is compared: NFC, plain spaces, none around."""
    return unicodedata.normalize("NFC", name).replace("\u00a0", " ").replace("\u202f", " ").strip()


def closest(name: str, present: Iterable[str]) -> str:
    """Return the end of a sentence about a missing name: the closest one, and those that are present."""
    names = list(present)
    near = difflib.get_close_matches(name, names, n=1, cutoff=0.5)
    listed = ", ".join(map(_shown, names[:_NAMES_SHOWN])) + ("…" if len(names) > _NAMES_SHOWN else "")
    return (f"; the closest is {_shown(near[0])}" if near else "") + f"; present: {listed or 'none'}"


def _shown(name: str) -> str:
    return repr(name if len(name) <= _LONGEST_SHOWN else name[:_LONGEST_SHOWN] + "…")
