"""How the numbers of a file are written: their marks, what stands beside them, and what says that there is none.

Which columns hold numbers is told by whoever asks; what the keys mean, in `readers.numbers`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from barometre_pipeline.catalogue.cell_keys import is_scale, mark_problem
from barometre_pipeline.formats.cells import Cell, text_of
from barometre_pipeline.readers.numbers import is_error
from barometre_pipeline.trials.recognition import NUMBER_MARKS, Columns, Guess, is_number, share_of

_DIGIT = re.compile("[0-9]")
_BY_THREE = re.compile("[+\\-\u2212]?[1-9][0-9]{0,2},[0-9]{3}")
_SPACES = " \u00a0\u202f"
_LONGEST_MARK = 12
# A number before a mark, or behind a sign: what has digits, or is the minus of an accountant, is no mark.
_BESIDE = rf"[^0-9%+\-\u2212.,'{_SPACES}][^0-9%]{{0,{_LONGEST_MARK - 1}}}"
_WITH_A_MARK = re.compile(
    rf"(?P<before>{_BESIDE})??[{_SPACES}]*"
    rf"(?P<number>[+\-\u2212]?[0-9](?:[0-9.,'{_SPACES}]*[0-9])?(?:[{_SPACES}]*%)?)[{_SPACES}]*(?P<after>{_BESIDE})?"
)
_CURRENCY = re.compile("[€$£]|eur|euros?", re.IGNORECASE)
_FLAG = re.compile("\\(.{1,8}\\)|[^€$£]{1,3}")
_SCALE = re.compile("[kmg]|mds?|mio", re.IGNORECASE)  # which makes another number of it
_ANY_NUMBER = [is_number(marks) for marks in NUMBER_MARKS]
_MARKS = 5  # at most, of a missing value or beside numbers: more are no marks


def tell_numbers(columns: Columns, guess: Guess, positions: Sequence[int]) -> None:
    """Tell the marks of the columns of numbers, what stands beside them, and the marks of a missing value in them."""
    marks = _number_marks(columns, positions)
    mark = marks["decimale"]
    unsure = "milliers" not in marks and _may_be_thousands(columns, positions, mark)
    if mark == "," or unsure:
        guess.keys["decimale"] = mark
    if "milliers" in marks:
        guess.keys["milliers"] = marks["milliers"]
    if unsure:
        guess.doubts["decimale"] = "ou est-ce la marque des milliers (`milliers`) ?"
    known = is_number(marks)
    cells = [cell for p in positions for cell in columns.cells[p]]
    unread = [cell for cell in cells if not known(cell)]
    _tell_marks(guess, unread, marks, are_all=len(unread) == len(cells))
    unmarked_texts = (text_of(cell).strip() for cell in unread if unmarked(cell)[1] is None)
    others = dict.fromkeys(text for text in unmarked_texts if not is_error(text))
    if 0 < len(others) <= _MARKS and all(len(text) <= _LONGEST_MARK and not _DIGIT.search(text) for text in others):
        guess.keys["manquants"] = list(others)
        guess.doubts["manquants"] = "est-ce bien l'absence de valeur ?"


def holds_a_number(cell: Cell) -> bool:
    """Tell whether a cell is a number, with a mark or a sign beside it or without."""
    number, _ = unmarked(cell)
    return any(read(number) for read in _ANY_NUMBER)


def unmarked(cell: Cell) -> tuple[Cell, str | None]:
    """Return a number without what stands beside it, and that; the cell itself, and None, where nothing does."""
    found = _WITH_A_MARK.fullmatch(text) if isinstance(cell, str) and len(text := cell.strip()) < 50 else None
    beside = {side: mark.strip() for side in ("before", "after") if found and (mark := found[side])}
    mark = next(iter(beside.values()), "")
    # Only signs of money are written before a number: « <5 » is none.
    if (
        found is None
        or len(beside) != 1
        or mark_problem(mark)
        or ("before" in beside and not _CURRENCY.fullmatch(mark))
    ):
        return cell, None
    return found["number"], mark


def _tell_marks(guess: Guess, unread: Sequence[Cell], marks: dict[str, str], are_all: bool) -> None:
    """Tell units, which stand beside every number or are those of money, from marks that some numbers have."""
    known = is_number(marks)
    beside = [mark for number, mark in map(unmarked, unread) if mark is not None and known(number)]
    found = list(dict.fromkeys(beside))
    if not 0 < len(found) <= _MARKS:
        return
    is_unit = are_all and len(found) == 1 and len(beside) > 1
    units = [mark for mark in found if is_unit or _CURRENCY.fullmatch(mark)]
    if units:
        guess.keys["unites_ecrites"] = units
        guess.doubts["unites_ecrites"] = "est-ce l'unité de l'indicateur ?"
    flags = [mark for mark in found if mark not in units]
    if flags and all(_FLAG.fullmatch(mark) and not (_SCALE.fullmatch(mark) or is_scale(mark)) for mark in flags):
        guess.keys["drapeaux"] = list(dict.fromkeys([*guess.keys.get("drapeaux", []), *flags]))
        guess.doubts["drapeaux"] = "est-ce une marque (provisoire, révisé), qui ne change rien au nombre ?"


def _number_marks(columns: Columns, positions: Sequence[int]) -> dict[str, str]:
    """Return the marks by which most cells are numbers, that of thousands only where it makes more of them one."""
    cells = [unmarked(cell)[0] for p in positions for cell in columns.cells[p]]
    return max(NUMBER_MARKS, key=lambda marks: share_of(cells, is_number(marks)))


def _may_be_thousands(columns: Columns, positions: Sequence[int], mark: str) -> bool:
    """Tell whether every decimal mark of some texts stands before three digits, as one of thousands does."""
    cells = (unmarked(cell)[0] for p in positions for cell in columns.cells[p])
    texts = [cell.strip() for cell in cells if isinstance(cell, str)]
    return any(mark in t for t in texts) and all(_BY_THREE.fullmatch(t.replace(mark, ",")) for t in texts if mark in t)
