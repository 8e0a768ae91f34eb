"""Reads a CSV table that people edit: commas, one row of headings, quotes around what holds a comma.

What the cells mean is for the model of a row. Deliveries are read elsewhere, with the habits of their suppliers.
"""

from __future__ import annotations

import csv
import difflib
import io
from collections import Counter
from collections.abc import Iterable, Iterator
from functools import partial

from barometre_pipeline.documents.places import KeyPath, Place
from barometre_pipeline.errors import EditedFileError

_LONGEST_CELL = 131_072  # characters


def rows_of(
    text: str, name: str, required: Iterable[str], optional: Iterable[str] = ()
) -> tuple[list[Place], list[str]]:
    """Return the rows of a table, and what is wrong in it; EditedFileError where no row can be read.

    The data of a row's place are its filled cells by heading.
    """
    lines = _records(text, name)
    try:
        _, headings = next(lines, (1, []))
        _check_headings(name, headings, list(required), list(optional))
        rows, problems = [], []
        for line, cells in lines:
            if len(cells) != len(headings):
                problems.append(f"{name}, line {line}: {len(headings)} columns are needed; here {len(cells)}.")
                continue
            filled = {h: c for h, c in zip(headings, cells, strict=True) if c != ""}
            rows.append(Place(name, "", filled, partial(_same_line, line)))
    except _NotCsvError as error:
        raise EditedFileError([str(error)]) from None
    if not rows and not problems:
        problems.append(f"{name}, line 2: the table is empty.")
    return rows, problems


def _same_line(line: int, path: KeyPath) -> int:
    return line


class _NotCsvError(Exception):
    pass


def _records(text: str, name: str) -> Iterator[tuple[int, list[str]]]:
    """Yield each record with the line where it begins; blank lines are none."""
    csv.field_size_limit(_LONGEST_CELL)  # the process's own, which who reads deliveries raises
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    while True:
        line = reader.line_num + 1
        try:
            record = next(reader, None)
        except csv.Error as error:
            raise _NotCsvError(f"{name}, line {line}: {_in_plain_words(str(error))}.") from None
        if record is None:
            return
        if record:
            yield line, record


def _in_plain_words(problem: str) -> str:
    if problem.startswith("field larger"):
        return f"a cell of more than {_LONGEST_CELL:,} characters (a quote that is not closed makes one)"
    if problem == "unexpected end of data":
        return "a quote is opened here and not closed"
    if "expected after" in problem:
        return 'a quote inside a text is written twice, as in "L\'""île"""'
    return problem


def _check_headings(name: str, headings: list[str], required: list[str], optional: list[str]) -> None:
    known = required + optional
    if not headings:
        raise EditedFileError([f"{name}, line 1: the file is empty; its first line holds {','.join(required)}."])
    problems, meant = [], set()
    for heading in headings:
        if heading not in known:
            near = difflib.get_close_matches(heading, known, n=1)
            meant |= set(near)
            hint = f"; the closest is {near[0]!r}" if near else f"; the columns are {', '.join(known)}"
            problems.append(f"{name}, line 1: unknown column {heading[:60]!r}{hint}.")
    if len(headings) == 1 and any(mark in headings[0] for mark in ";\t|"):
        problems = [f"{name}, line 1: the columns are separated by commas, as in {','.join(required)}."]
    else:
        problems += [
            f"{name}, line 1: the column {h!r} is missing." for h in required if h not in headings and h not in meant
        ]
    twice = [h for h, times in Counter(headings).items() if times > 1]
    problems += [f"{name}, line 1: the column {h!r} is written twice." for h in twice]
    if problems:
        raise EditedFileError(problems)
