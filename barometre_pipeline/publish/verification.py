"""Re-reads a written tree and holds it against its plan: nothing missing, nothing more, nothing damaged.

Each failure is a PublicationError that names the file. Nothing is written or repaired here.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections import Counter
from pathlib import Path

import duckdb
from python_calamine import CalamineError, CalamineWorkbook

from barometre_pipeline.catalogue import Catalogue
from barometre_pipeline.errors import PublicationError
from barometre_pipeline.publish.layout import PlannedFile, plan_files
from barometre_pipeline.publish.notices import NOTICES, SUMS
from barometre_pipeline.publish.schema import public_schema


def verify_files(con: duckdb.DuckDBPyConnection, catalogue: Catalogue, folder: Path) -> int:
    """Re-read the tree that `write_files` made from these marts, and return the number of its files."""
    plan = {f.path: f for f in plan_files(con, catalogue)}
    _same_names(folder, set(plan) | set(NOTICES))
    for path, content in _verified_sums(folder):
        planned = plan.get(path)
        if planned:
            _READERS[planned.format](planned, content)
    return len(plan) + len(NOTICES)


def verify_sums(folder: Path) -> int:
    """Check a tree against its own SHA256SUMS, where its marts are no longer at hand; return its number of files."""
    listed = _listed_sums(folder)
    _same_names(folder, {*listed, SUMS})
    return sum(1 for _ in _verified_sums(folder)) + 1


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


def _verified_sums(folder: Path):
    listed = _listed_sums(folder)
    for path, digest in listed.items():
        content = (folder / path).read_bytes()
        if hashlib.sha256(content).hexdigest() != digest:
            raise PublicationError(f"{path}: the file is damaged, its sha256 is not that of {SUMS}.")
        yield path, content


def _verify_csv(planned: PlannedFile, content: bytes) -> None:
    (_, part, expected), *_ = planned.parts
    reader = csv.reader(io.StringIO(content.decode("utf-8"), newline=""), strict=True)
    header = public_schema().header(part.table, part.maille)
    if next(reader, None) != header:
        raise PublicationError(f"{planned.path}: the header is not that of the public schema ({', '.join(header)}).")
    widths = Counter(map(len, reader))
    _same_count(planned.path, sum(widths.values()), expected)
    if set(widths) - {len(header)}:
        raise PublicationError(f"{planned.path}: {len(header)} columns are needed in each row.")


def _verify_json(planned: PlannedFile, content: bytes) -> None:
    (_, part, expected), *_ = planned.parts
    records = json.loads(content)
    _same_count(planned.path, len(records), expected)
    header = public_schema().header(part.table, part.maille)
    if any(list(record) != header for record in records):
        raise PublicationError(f"{planned.path}: the keys are not those of the public schema ({', '.join(header)}).")


def _verify_workbook(planned: PlannedFile, content: bytes) -> None:
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(content))
        names = book.sheet_names
    except CalamineError as error:
        raise PublicationError(f"{planned.path}: the workbook cannot be opened ({error}).") from error
    if names != [name for name, _, _ in planned.parts]:
        raise PublicationError(f"{planned.path}: its sheets are not those of the plan.")


def _same_count(path: str, found: int, expected: int) -> None:
    if found != expected:
        raise PublicationError(f"{path}: {found} rows were written, {expected} are in the edition.")


_READERS = {"csv": _verify_csv, "json": _verify_json, "xlsx": _verify_workbook}
