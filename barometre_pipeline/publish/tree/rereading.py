"""Reads a published file again as its users would, by format, and holds it against its plan.

Each failure is a PublicationError that names the file. Which files, and when, is in `verification`; what their columns
must be is given.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterable, Iterator
from typing import Any

import orjson
import pyarrow as pa
import pyarrow.csv as pa_csv
from python_calamine import CalamineError, CalamineWorkbook

from barometre_pipeline.errors import PublicationError
from barometre_pipeline.publish.tree.cells import TYPES
from barometre_pipeline.publish.tree.layout import PlannedFile
from barometre_pipeline.publish.tree.schema import Column

Reread = tuple[PlannedFile, bytes]  # a file of the plan, and its content
Columns = tuple[Column, ...]

_DIMENSION = re.compile(rb'<dimension ref="A1:[A-Z]+(\d+)"')


def reread_csvs(files: list[Reread], columns: Columns) -> None:
    """Parse files of the same columns, at least one: together, for the parser starts slower than it reads one."""
    if not _right_together(files, columns):
        for planned, content in files:
            _same_count(planned.path, _rows_of_csv(planned, content, columns), planned.rows)


def _right_together(files: list[Reread], columns: Columns) -> bool:
    """Tell whether each file has as many lines as its plan has rows, and all the lines together are as many rows.

    Then no row spans two lines, and each file has its rows.
    """
    if len(files) == 1:
        return False
    header = files[0][1].partition(b"\n")[0] + b"\n"
    if not all(c.startswith(header) and c.count(b"\n") == 1 + planned.rows for planned, c in files):
        return False
    lines = b"".join([header, *(memoryview(content)[len(header) :] for _, content in files)])
    try:
        rows = _rows_of_csv(files[0][0], lines, columns)
    except PublicationError:
        return False
    return rows == sum(planned.rows for planned, _ in files)


def _rows_of_csv(planned: PlannedFile, content: bytes, columns: Columns) -> int:
    """Parse a file as the public schema says, a piece at a time; PublicationError where it cannot be."""
    try:
        reader = pa_csv.open_csv(
            pa.BufferReader(content),
            read_options=pa_csv.ReadOptions(use_threads=False),  # the other core makes workbooks meanwhile
            parse_options=pa_csv.ParseOptions(newlines_in_values=True),
            convert_options=pa_csv.ConvertOptions(
                column_types={c.nom: TYPES[c.type].arrow for c in columns}, true_values=["vrai"], false_values=["faux"]
            ),
        )
        _same_header(planned.path, reader.schema.names, [c.nom for c in columns])
        return sum(len(batch) for batch in reader)
    except pa.ArrowInvalid as error:
        raise PublicationError(f"{planned.path}: cannot be read again as the public schema says ({error}).") from error


def reread_json(planned: PlannedFile, lines: Iterable[bytes], columns: Columns) -> None:
    """Read an array of records, one a line: each has the header's keys, and there are as many as in the plan."""
    headers, found = set(), 0
    try:
        for record in _records(lines):
            headers.add(tuple(record))
            found += 1
    except ValueError as error:
        raise PublicationError(f"{planned.path}: cannot be read again ({error}).") from error
    for header in headers:
        _same_header(planned.path, list(header), [c.nom for c in columns])
    _same_count(planned.path, found, planned.rows)


def _records(lines: Iterable[bytes]) -> Iterator[dict[str, Any]]:
    """Read an array of one record a line, one after the other: together, they would take ten times its bytes."""
    left = iter(lines)
    opened, more, closed = next(left, b"") == b"[\n", True, False
    for rank, line in enumerate(left):
        if not more:
            closed = line == b"]\n"
            break
        more = line.endswith(b",\n")
        if line != b"\n" or rank:  # in an empty array, an empty line stands between its marks
            yield orjson.loads(line.removesuffix(b",\n"))
    if not (opened and closed) or next(left, None) is not None:
        raise ValueError("it is not an array of one record a line")


def reread_workbook(planned: PlannedFile, content: bytes) -> None:
    """Open a workbook: its sheets are those of the plan, each with as many rows."""
    try:
        names = CalamineWorkbook.from_filelike(io.BytesIO(content)).sheet_names
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            counts = [_rows_of_sheet(archive, rank) for rank in range(1, len(names) + 1)]
    except (CalamineError, zipfile.BadZipFile, KeyError) as error:
        raise PublicationError(f"{planned.path}: the workbook cannot be opened again ({error}).") from error
    if names != [name for name, _, _ in planned.parts]:
        raise PublicationError(f"{planned.path}: its sheets are not those of the plan.")
    for (name, _, expected), found in zip(planned.parts, counts, strict=True):
        _same_count(f"{planned.path}, sheet {name}", found, expected)


def _rows_of_sheet(archive: zipfile.ZipFile, rank: int) -> int:
    """Return the rows below the header, from the dimension at the top of the sheet: reading all cells takes seconds."""
    with archive.open(f"xl/worksheets/sheet{rank}.xml") as sheet:
        found = _DIMENSION.search(sheet.read(1000))
    return int(found[1]) - 1 if found else -1


def _same_header(path: str, found: list[str], expected: list[str]) -> None:
    if found != expected:
        raise PublicationError(
            f"{path}: the columns are {', '.join(found)}; the public schema has {', '.join(expected)}."
        )


def _same_count(path: str, found: int, expected: int) -> None:
    if found != expected:
        raise PublicationError(f"{path}: {found} rows were written, {expected} are in the edition.")
