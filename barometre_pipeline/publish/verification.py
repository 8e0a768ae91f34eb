"""Re-reads what was written and holds it against its plan: nothing missing, nothing more, nothing damaged.

Each failure is a PublicationError that names the file. Nothing is written or repaired here.
"""

from __future__ import annotations

import hashlib
import io
import re
import zipfile
from collections import defaultdict
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

import orjson
import pyarrow as pa
import pyarrow.csv as pa_csv
from python_calamine import CalamineError, CalamineWorkbook

from barometre_pipeline.errors import PublicationError
from barometre_pipeline.publish.layout import PlannedFile
from barometre_pipeline.publish.notices import NOTICES, SUMS
from barometre_pipeline.publish.schema import public_schema

T = TypeVar("T")
Written = tuple[PlannedFile, bytes]  # a file of the plan, and what was read again of it

_WORKERS = 2
_TOGETHER = 4 << 20  # bytes of CSV files that are parsed at once
_TYPES = {"texte": pa.string(), "nombre": pa.float64(), "date": pa.date32()}
_DIMENSION = re.compile(rb'<dimension ref="A1:[A-Z]+(\d+)"')


class Verification:
    """The verification of a tree that is being written: each file, then the whole."""

    def __init__(self, folder: Path):
        self._folder = folder
        self._waiting: dict[tuple[str, str], list[Written]] = defaultdict(list)

    def verify(self, planned: PlannedFile, digest: str) -> None:
        """Re-read a data file just written: it has the sha256 of what was written, and the rows of its plan.

        Small CSV files wait until there are enough of the same columns to parse them together, or for `finish`.
        """
        content = _content(self._folder, planned.path, digest)
        if planned.format != "csv":
            _READERS[planned.format](planned, content)
            return
        ((_, part, _),) = planned.parts
        waiting = self._waiting[part.table, part.maille]
        waiting.append((planned, content))
        if sum(len(content) for _, content in waiting) > _TOGETHER:
            _verify_csvs(waiting)
            waiting.clear()

    def finish(self, plan: list[PlannedFile]) -> None:
        """Verify what waits, and that the tree has the files of its plan with its notices, and no other."""
        for waiting in self._waiting.values():
            _verify_csvs(waiting)
        _same_names(self._folder, {f.path for f in plan} | set(NOTICES))


def verify_sums(folder: Path, made_of: Callable[[str, bytes], T]) -> dict[str, T]:
    """Check a tree against its own SHA256SUMS, where its marts are no longer at hand.

    Return, by path, what `made_of` makes of the path and the content of each file: it is read once.
    """
    sums = _listed_sums(folder)
    _same_names(folder, {*sums, SUMS})
    with ThreadPoolExecutor(_WORKERS) as pool:  # reading and hashing leave Python free
        made = pool.map(lambda path: made_of(path, _content(folder, path, sums[path])), sums)
        found = dict(zip(sums, made, strict=True))
    return {**found, SUMS: made_of(SUMS, (folder / SUMS).read_bytes())}


def _same_names(folder: Path, expected: set[str]) -> None:
    found = {p.relative_to(folder).as_posix() for p in folder.rglob("*") if not p.is_dir()}
    for path in sorted(expected - found):
        raise PublicationError(f"{path}: this file of the plan was not written in {folder}.")
    for path in sorted(found - expected):
        raise PublicationError(f"{path}: this file of {folder} is not in the plan; nothing stale may be published.")


def _listed_sums(folder: Path) -> dict[str, str]:
    try:
        lines = (folder / SUMS).read_text(encoding="utf-8").splitlines()
        return {path: digest for digest, path in (line.split("  ", 1) for line in lines)}
    except (OSError, ValueError) as error:
        raise PublicationError(f"{SUMS}: cannot be read in {folder} ({error}).") from error


def _content(folder: Path, path: str, digest: str) -> bytes:
    content = (folder / path).read_bytes()
    if hashlib.sha256(content).hexdigest() != digest:
        raise PublicationError(f"{path}: the file is damaged, its sha256 is not that of {SUMS}.")
    return content


def _verify_csvs(files: list[Written]) -> None:
    """Verify files of the same columns at once: the parser takes longer to start than to read one of them."""
    if not _right_together(files):
        for planned, content in files:
            _verify_csv(planned, content)


def _right_together(files: list[Written]) -> bool:
    """Tell whether each file has as many lines as its plan has rows, and all the lines together are as many rows.

    Then no row spans two lines, and each file has its rows.
    """
    if not files:
        return True
    header = files[0][1].partition(b"\n")[0] + b"\n"
    if not all(c.startswith(header) and c.count(b"\n") == 1 + planned.rows for planned, c in files):
        return False
    lines = b"".join([header, *(memoryview(content)[len(header) :] for _, content in files)])
    try:
        rows = _parsed_csv(files[0][0], lines)
    except PublicationError:
        return False
    return rows.num_rows == sum(planned.rows for planned, _ in files)


def _verify_csv(planned: PlannedFile, content: bytes) -> None:
    _same_count(planned.path, _parsed_csv(planned, content).num_rows, planned.rows)


def _parsed_csv(planned: PlannedFile, content: bytes) -> pa.Table:
    """Parse a file as the public schema says; PublicationError where it cannot be."""
    ((_, part, _),) = planned.parts
    columns = public_schema().columns(part.table, part.maille)
    try:
        rows = pa_csv.read_csv(
            pa.BufferReader(content),
            read_options=pa_csv.ReadOptions(use_threads=False),  # the other core makes workbooks meanwhile
            parse_options=pa_csv.ParseOptions(newlines_in_values=True),
            convert_options=pa_csv.ConvertOptions(column_types={c.nom: _TYPES[c.type] for c in columns}),
        )
    except pa.ArrowInvalid as error:
        raise PublicationError(f"{planned.path}: cannot be read again as the public schema says ({error}).") from error
    _same_header(planned.path, rows.column_names, [c.nom for c in columns])
    return rows


def _verify_json(planned: PlannedFile, content: bytes) -> None:
    ((_, part, expected),) = planned.parts
    headers, found = set(), 0
    try:
        for record in _records(content):
            headers.add(tuple(record))
            found += 1
    except ValueError as error:
        raise PublicationError(f"{planned.path}: cannot be read again ({error}).") from error
    for header in headers:
        _same_header(planned.path, list(header), public_schema().header(part.table, part.maille))
    _same_count(planned.path, found, expected)


def _records(content: bytes) -> Iterator[dict]:
    """Read an array of one record a line, one after the other: together, they would take ten times its bytes."""
    lines = content.removeprefix(b"[\n").removesuffix(b"\n]\n")
    if len(content) - len(lines) != len(b"[\n\n]\n"):
        raise ValueError("it is not an array of one record a line")
    return map(orjson.loads, lines.split(b",\n") if lines else ())


def _verify_workbook(planned: PlannedFile, content: bytes) -> None:
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


_READERS = {"json": _verify_json, "xlsx": _verify_workbook}
