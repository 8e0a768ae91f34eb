"""Other people's bytes read apart: each delivery in a process of its own, with a memory limit and a deadline.

Two at once at most. What stops there is a sentence about that delivery, and costs the others nothing. How a process is
bounded is in `resources.bounded`; what is read, and what is refused, in this package.
"""

from __future__ import annotations

import atexit
import os
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pyarrow as pa

from barometre_pipeline.catalogue import Catalogue, Livraison
from barometre_pipeline.editions import Edition
from barometre_pipeline.errors import ReadingError
from barometre_pipeline.formats.paging import Page, page_of
from barometre_pipeline.readers import Part, Reading, SheetSeen, read_parts, schema_of, sheets_seen
from barometre_pipeline.readers.rows import REJETS, in_dictionaries
from barometre_pipeline.readers.territories import TerritoryIndex
from barometre_pipeline.readers.verification import refusal
from barometre_pipeline.resources.bounded import BoundedProcesses, Bounds, StoppedError
from barometre_pipeline.resources.bounded_server import note
from barometre_pipeline.resources.lone_arrow import leave_pandas_aside

AT_ONCE = 2
_SECONDS = 60.0
_SECONDS_A_MEGABYTE = 1.0
_MEGABYTE = 1_000_000
_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")

# One for the whole process: a run verifies and reads with the same, and its imports are done once.
_PROCESSES = BoundedProcesses(__name__, AT_ONCE)
atexit.register(_PROCESSES.stop)

_read_with: tuple[Catalogue, TerritoryIndex] | None = None  # in the processes: what every delivery is read with


def start_workers() -> None:
    """Begin to import what reading needs, in the background: a run that does so early waits for nothing later."""
    _PROCESSES.start()


def stop_workers() -> None:
    """Stop whatever is being read or verified; it starts again when it is needed."""
    _PROCESSES.stop()


def peak() -> int:
    """Return the most memory that a process which read or verified held since `forget_peak`, in bytes."""
    return _PROCESSES.peak


def forget_peak() -> None:
    """Begin to look at the memory of what is read from now on."""
    _PROCESSES.peak = 0


def refusal_apart(path: Path, livraison: Livraison, content_type: str = "") -> str | None:
    """Return what `refusal` does, or a clause of the same kind where telling it was stopped."""
    bounds = bounds_of(livraison, [path])
    try:
        told: str | None = _PROCESSES.call(refusal, path, livraison, content_type, bounds=bounds)
    except StoppedError as stopped:
        told = _clause(stopped, livraison, bounds, "verified")
    return told and _printable(told)


def page_apart(path: Path, livraison: Livraison) -> Page:
    """Return what `page_of` does; ReadingError where the page is none, or where looking at it was stopped."""
    bounds, said = bounds_of(livraison, [path]), livraison.pagination
    cursor = said.curseur.lire if said.curseur else None
    try:
        answer = _PROCESSES.call(_page, livraison, path, said.suivant, said.total, cursor, bounds=bounds)
    except StoppedError as stopped:
        raise ReadingError(_printable(_clause(stopped, livraison, bounds, "read"))) from stopped
    if "refused" in answer:
        raise ReadingError(_printable(answer["refused"]))
    return Page(**answer)


def read_apart(
    livraison: Livraison, files: Sequence[Path], catalogue: Catalogue, edition: Edition, folder: Path
) -> Reading:
    """Read a delivery as `read_delivery` does; its rows are in `folder`, and in memory only as they are looked at."""
    bounds = bounds_of(livraison, files)
    _PROCESSES.prepare(_keep, catalogue)
    try:
        answer = _PROCESSES.call(_read, livraison, list(files), edition, folder, bounds=bounds)
    except StoppedError as stopped:
        which = stopped.doing or ", ".join(f.name for f in files)
        told = f"{livraison.id}: {which}: {_clause(stopped, livraison, bounds, 'read')}."
        raise ReadingError(_printable(told)) from stopped
    if "refused" in answer:
        raise ReadingError(_printable(answer["refused"]))
    if "errno" in answer:
        raise OSError(answer["errno"], os.strerror(answer["errno"] or 0), str(folder))
    seen = tuple(SheetSeen(**_with_tuples(sheet)) for sheet in answer["sheets"])
    return Reading(_opened(_rows_of(folder)), _opened(_rejects_of(folder)), seen)


def _with_tuples(facts: dict[str, Any]) -> dict[str, Any]:
    return {name: tuple(value) if isinstance(value, list) else value for name, value in facts.items()}


def bounds_of(livraison: Livraison, files: Sequence[Path]) -> Bounds:
    """Return what reading these files may take: the delivery's own limits, else the usual ones."""
    size = sum(file.stat().st_size for file in files if file.exists())
    usual = _SECONDS + _SECONDS_A_MEGABYTE * size / _MEGABYTE
    return Bounds(livraison.memoire_maximale * _MEGABYTE, livraison.duree_maximale or usual)


def _printable(told: str) -> str:
    """Return a sentence without the control characters that a file brought into it: a terminal would obey them."""
    return _CONTROLS.sub("\N{REPLACEMENT CHARACTER}", told)


def _clause(stopped: StoppedError, livraison: Livraison, bounds: Bounds, done: str) -> str:
    """Say why a file was not read to its end, as what follows its name."""
    if stopped.why == "memory":
        return (
            f"needs more than the {livraison.memoire_maximale} MB allowed to be {done}: it is too large, damaged or "
            "harmful; where it is right, raise `memoire_maximale` (MB) of the delivery"
        )
    if stopped.why == "time":
        return (
            f"is not {done} after {bounds.seconds:.0f} s: it is too large, damaged or harmful; where it is right, "
            "raise `duree_maximale` (seconds) of the delivery"
        )
    if stopped.why == "start":
        return f"cannot be {done}: {stopped.detail.rstrip('.')}; run again when the machine does less"
    if stopped.why == "crash":
        return (
            f"cannot be {done}: the process that did it was lost ({stopped.detail.rstrip('.')}); "
            "the file is damaged or harmful, have it delivered again"
        )
    return f"cannot be {done}, for a reason that this program did not foresee, a defect of its own ({stopped.detail})"


def _keep(catalogue: Catalogue) -> None:
    """Keep what every delivery is read with, where the processes that read are forked from."""
    global _read_with
    leave_pandas_aside()  # the reader of SDMX imports it
    _read_with = (catalogue, TerritoryIndex(catalogue))


def _read(livraison: Livraison, files: list[Path], edition: Edition, folder: Path) -> dict[str, Any]:
    """Read a delivery, in a process of its own: its rows go into files, the small facts are returned."""
    if _read_with is None:
        raise LookupError("no catalogue was given to the processes that read")
    catalogue, territories = _read_with
    parts = read_parts(livraison, files, catalogue, territories, edition, on_file=lambda path: note(path.name))
    try:
        sheets = sheets_seen(livraison, _kept(parts, folder, schema_of(livraison)))
    except ReadingError as error:
        if cause := _memory_error(error):
            raise cause from None
        return {"refused": str(error)}
    except OSError as error:
        return {"errno": error.errno}
    return {"sheets": [vars(sheet) for sheet in sheets]}


def _kept(parts: Iterator[Part], folder: Path, schema: pa.Schema) -> list[SheetSeen]:
    """Write rows and rejects, part by part; return what was seen of each."""
    seen = []
    with _written(_rows_of(folder), in_dictionaries(schema)) as rows, _written(_rejects_of(folder), REJETS) as rejects:
        for part in parts:
            rows.write_table(part.rows)
            rejects.write_table(part.rejects)
            seen.append(part.seen)
    return seen


def _page(livraison: Livraison, path: Path, *keys: str | None) -> dict[str, Any]:
    try:
        return vars(page_of(livraison, path, *keys))
    except ReadingError as error:
        if cause := _memory_error(error):
            raise cause from None
        return {"refused": str(error).removeprefix(f"{livraison.id}: {path.name}: ").rstrip(".")}


def _memory_error(error: BaseException | None) -> MemoryError | None:
    """Return the want of memory behind an error: a library's failure that a format took for a damaged file."""
    while error is not None and not isinstance(error, MemoryError):
        error = error.__cause__ or error.__context__
    return error


def _rows_of(folder: Path) -> Path:
    return folder / "lignes.arrow"


def _rejects_of(folder: Path) -> Path:
    return folder / "rejets.arrow"


@contextmanager
def _written(path: Path, schema: pa.Schema) -> Iterator[pa.ipc.RecordBatchStreamWriter]:
    # A stream, for in Arrow's other form a dictionary holds for the whole file.
    with pa.OSFile(str(path), "wb") as file, pa.ipc.new_stream(file, schema) as written:
        yield written


def _opened(path: Path) -> pa.Table:
    with pa.memory_map(str(path)) as file, pa.ipc.open_stream(file) as content:
        return content.read_all()
