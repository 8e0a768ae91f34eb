"""How far a workbook's sheet reaches, told from its XML without building its cells.

A sheet of a few figures may have a million empty rows, or a value in its last corner: a reader that lays
them out fills the memory. The sheets' values are read elsewhere.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

MAX_SPARSE_ROWS = 200_000  # a longer sheet must hold values in at least every second row
MAX_EXTENT = 50_000_000  # cells: rows times columns

_ROW = re.compile(rb"<(?:\w+:)?row[ >/]")
_ROW_NUMBER = re.compile(rb"<(?:\w+:)?row(?: [^>]*?)? r\s*=\s*[\"'](\d{1,9})[\"']")
_FAR_CELL = re.compile(rb"\sr\s*=\s*[\"']([A-Z]{2,9})\d")  # from column AA on
_VALUE = re.compile(rb"<(?:\w+:)?(?:v|t)[ >]")
_ODS_TAG = re.compile(rb"<table:(table-row|table-cell|covered-table-cell|table)(?=[\s/>])([^>]*)>")
_ODS_REPEATED = re.compile(rb"number-(?:rows|columns)-repeated\s*=\s*[\"'](\d{1,12})[\"']")


def xlsx_sheet_problem(content: Iterable[bytes]) -> str | None:
    """Return why a sheet of an xlsx (its XML, in pieces) is refused, or None."""
    count = highest = values = 0
    columns = 26
    for text in _whole_tags(content):
        count += len(_ROW.findall(text))
        highest = max([highest, count, *map(int, _ROW_NUMBER.findall(text))])
        columns = max([columns, *map(_column_number, set(_FAR_CELL.findall(text)))])
        values += len(_VALUE.findall(text))
    return _problem(highest, columns, values)


def ods_problem(content: Iterable[bytes]) -> str | None:
    """Return why the content.xml of an ods (in pieces) is refused, or None.

    Repeated empty rows and cells after the last value are how every ods ends: they do not count.
    """
    row = column = repeated = highest = columns = values = 0
    problem = None
    for text in _whole_tags(content):
        for tag, attributes in _ODS_TAG.findall(text):
            match = _ODS_REPEATED.search(attributes)
            times = int(match[1]) if match else 1
            if tag == b"table":
                problem = problem or _problem(highest, columns, values)
                row = highest = columns = values = 0
            elif tag == b"table-row":
                row, column, repeated = row + times, 0, times
            else:
                column += times
                if b"value-type" in attributes:
                    highest, columns, values = row, max(columns, column), values + times * repeated
    return problem or _problem(highest, columns, values)


def _problem(rows: int, columns: int, values: int) -> str | None:
    if rows > MAX_SPARSE_ROWS and values * 2 < rows:
        return f"it has {rows:,} rows, nearly all of them empty: delete the empty rows around the table."
    if rows * columns > MAX_EXTENT:
        return f"it reaches over {rows:,} rows and {columns:,} columns: delete what is far from the table."
    return None


def _column_number(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number


def _whole_tags(content: Iterable[bytes]) -> Iterator[bytes]:
    """Cut the pieces again so that no tag lies across two of them."""
    rest = b""
    for piece in content:
        text = rest + piece
        cut = text.rfind(b">") + 1
        # A "tag" longer than this is none: it is scanned as it is, so that the work stays linear.
        if cut == 0 and len(text) > 1 << 16:
            cut = len(text)
        yield text[:cut]
        rest = text[cut:]
    yield rest
