"""Re-reads a written tree and holds it against its plan: nothing missing, nothing more, nothing damaged.

Each failure is a PublicationError that names the file. Nothing is written or repaired here.
"""

from __future__ import annotations

import hashlib
import io
import re
import zipfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

import duckdb
import orjson
import pyarrow as pa
import pyarrow.csv as pa_csv
from python_calamine import CalamineError, CalamineWorkbook

from barometre_pipeline.catalogue import Catalogue
from barometre_pipeline.errors import PublicationError
from barometre_pipeline.publish.layout import PlannedFile, plan_files
from barometre_pipeline.publish.notices import NOTICES, SUMS
from barometre_pipeline.publish.schema import public_schema

T = TypeVar("T")

_WORKERS = 2
_TYPES = {"texte": pa.string(), "nombre": pa.float64(), "date": pa.date32()}
_DIMENSION = re.compile(rb'<dimension ref="A1:[A-Z]+(\d+)"')


def verify_files(con: duckdb.DuckDBPyConnection, catalogue: Catalogue, folder: Path) -> int:
    """Re-read the tree that `write_files` made from these marts, and return the number of its files."""
    plan = {f.path: f for f in plan_files(con, catalogue)}
    _same_names(folder, set(plan) | set(NOTICES))
    _each_file(folder, lambda path, content: _verify(plan.get(path), content))
    return len(plan) + len(NOTICES)


def verify_sums(folder: Path, made_of: Callable[[str, bytes], T]) -> dict[str, T]:
    """Check a tree against its own SHA256SUMS, where its marts are no longer at hand.

    Return, by path, what `made_of` makes of the path and the content of each file: it is read once.
    """
    _same_names(folder, {*_listed_sums(folder), SUMS})
    made = _each_file(folder, made_of)
    made[SUMS] = made_of(SUMS, (folder / SUMS).read_bytes())
    return made


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


def _each_file(folder: Path, made_of: Callable[[str, bytes], T]) -> dict[str, T]:
    """Read each listed file again, check its sum, then its content; reading and hashing leave Python free."""

    def one(listed: tuple[str, str]) -> T:
        path, digest = listed
        content = (folder / path).read_bytes()
        if hashlib.sha256(content).hexdigest() != digest:
            raise PublicationError(f"{path}: the file is damaged, its sha256 is not that of {SUMS}.")
        return made_of(path, content)

    sums = _listed_sums(folder)
    with ThreadPoolExecutor(_WORKERS) as pool:
        return dict(zip(sums, pool.map(one, sums.items()), strict=True))


def _verify(planned: PlannedFile | None, content: bytes) -> None:
    if planned:
        _READERS[planned.format](planned, content)


def _verify_csv(planned: PlannedFile, content: bytes) -> None:
    ((_, part, expected),) = planned.parts
    columns = public_schema().columns(part.table, part.maille)
    try:
        rows = pa_csv.read_csv(
            pa.BufferReader(content),
            read_options=pa_csv.ReadOptions(use_threads=False),  # files are small, and read side by side
            parse_options=pa_csv.ParseOptions(newlines_in_values=True),
            convert_options=pa_csv.ConvertOptions(column_types={c.nom: _TYPES[c.type] for c in columns}),
        )
    except pa.ArrowInvalid as error:
        raise PublicationError(f"{planned.path}: cannot be read again as the public schema says ({error}).") from error
    _same_header(planned.path, rows.column_names, [c.nom for c in columns])
    _same_count(planned.path, rows.num_rows, expected)


def _verify_json(planned: PlannedFile, content: bytes) -> None:
    ((_, part, expected),) = planned.parts
    try:
        records = orjson.loads(content)
    except orjson.JSONDecodeError as error:
        raise PublicationError(f"{planned.path}: cannot be read again ({error}).") from error
    for keys in {tuple(record) for record in records}:
        _same_header(planned.path, list(keys), public_schema().header(part.table, part.maille))
    _same_count(planned.path, len(records), expected)


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


_READERS = {"csv": _verify_csv, "json": _verify_json, "xlsx": _verify_workbook}
