"""Reads a published file again as its users would, by format, and holds it against its plan.

Each failure is a PublicationError that names the file. Which files, and when, is in `verification`; what their columns
must be is given.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

import orjson
import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq
from python_calamine import CalamineError, CalamineWorkbook

from barometre_pipeline.errors import PublicationError
from barometre_pipeline.publish.tree.cells import TYPES
from barometre_pipeline.publish.tree.layout import PlannedFile
from barometre_pipeline.publish.tree.schema import Column

Reread = tuple[PlannedFile, bytes]  # a file of the plan, and its content
Columns = tuple[Column, ...]

_AT_ONCE = 1 << 18  # bytes of records read together
_DIMENSION = re.compile(rb'<dimension ref="A1:[A-Z]+(\d+)"')


def reread_csv(planned: PlannedFile, file: Path | pa.BufferReader, columns: Columns) -> None:
    """Parse a file, a piece at a time."""
    _same_count(planned.path, _rows_of_csv(planned, file, columns), planned.rows)


def reread_csvs(files: list[Reread], columns: Columns) -> None:
    """Parse files of the same columns, at least one: together, for the parser starts slower than it reads one."""
    if not _right_together(files, columns):
        for planned, content in files:
            reread_csv(planned, pa.BufferReader(content), columns)


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
        rows = _rows_of_csv(files[0][0], pa.BufferReader(lines), columns)
    except PublicationError:
        return False
    return rows == sum(planned.rows for planned, _ in files)


def _rows_of_csv(planned: PlannedFile, file: Path | pa.BufferReader, columns: Columns) -> int:
    """Parse a file as the public schema says, a piece at a time; PublicationError where it cannot be."""
    try:
        reader = pa_csv.open_csv(
            file,
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


def reread_json(planned: PlannedFile, file: Path, columns: Columns) -> None:
    """Read an array of records, one a line: each has the header's keys, and there are as many as in the plan."""
    headers: set[tuple[str, ...]] = set()
    found = 0
    try:
        with file.open("rb") as opened:
            for records in _records(opened):
                headers.update(map(tuple, records))
                found += len(records)
    except (ValueError, TypeError) as error:
        raise PublicationError(f"{planned.path}: cannot be read again ({error}).") from error
    for header in headers:
        _same_header(planned.path, list(header), [c.nom for c in columns])
    _same_count(planned.path, found, planned.rows)


def _records(file: BinaryIO) -> Iterator[list[dict[str, Any]]]:
    """Read an array of one record a line, some lines at a time: together, they would take ten times its bytes."""
    sound, closed, more = file.readline() == b"[\n", False, True
    while lines := file.readlines(_AT_ONCE):
        sound = sound and not closed
        closed = lines[-1] == b"]\n"
        if text := b"".join(lines[:-1] if closed else lines):
            sound, more = sound and more, text.endswith(b",\n")
            yield orjson.loads(b"[" + text.removesuffix(b",\n") + b"]")
    if not sound or not closed or more:
        raise ValueError("it is not an array of one record a line")


def reread_workbook(planned: PlannedFile, file: Path) -> None:
    """Open a workbook: its sheets are those of the plan, each with as many rows."""
    try:
        names = CalamineWorkbook.from_path(file).sheet_names
        with zipfile.ZipFile(file) as archive:
            counts = [_rows_of_sheet(archive, rank) for rank in range(1, len(names) + 1)]
    except (CalamineError, zipfile.BadZipFile, KeyError) as error:
        raise PublicationError(f"{planned.path}: the workbook cannot be opened again ({error}).") from error
    if names != [name for name, _, _ in planned.parts]:
        raise PublicationError(f"{planned.path}: its sheets are not those of the plan.")
    for (name, _, expected), found in zip(planned.parts, counts, strict=True):
        _same_count(f"{planned.path}, sheet {name}", found, expected)


def reread_parquet(planned: PlannedFile, file: Path, columns: Columns) -> None:
    """Open a Parquet file: its columns and its number of rows are said at its end."""
    try:
        with pq.ParquetFile(file) as opened:
            names, rows = opened.schema_arrow.names, opened.metadata.num_rows
    except pa.ArrowInvalid as error:
        raise PublicationError(f"{planned.path}: cannot be read again ({error}).") from error
    _same_header(planned.path, names, [c.nom for c in columns])
    _same_count(planned.path, rows, planned.rows)


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
