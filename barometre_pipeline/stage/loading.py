"""Fills the raw tables of an edition's warehouse: every delivery, the catalogue, the previous edition.

Reading a delivery is the readers' work, and describing its drift is in `drift`.
"""

from __future__ import annotations

import datetime as dt
import logging
import shutil
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

import duckdb
import pyarrow as pa

from barometre_pipeline.catalogue import Catalogue, Livraison
from barometre_pipeline.editions import Edition
from barometre_pipeline.errors import ReadingError, SourceError
from barometre_pipeline.readers import Reading
from barometre_pipeline.readers.workers import AT_ONCE, read_apart, stop_workers
from barometre_pipeline.resources.deliveries import Manifest, load_snapshot
from barometre_pipeline.resources.duckdb_files import append_rows, create_empty_table, load_table
from barometre_pipeline.stage.published import Published
from barometre_pipeline.stage.raw_tables import FEUILLES, LIVRAISONS, RAW_TABLES

progress = logging.getLogger("barometre.stage")

# By what a delivery contains.
_ROWS = {c: f"raw.{c}" for c in ("valeurs", "objectifs", "explications", "engagements", "actions")}
Elsewhere = Callable[[str, str, pa.Table], None]  # a raw table, a delivery, its rows


@dataclass(frozen=True)
class Received:
    """A delivery with what was received of it and what was read in it."""

    livraison: Livraison
    manifest: Manifest
    reading: Reading

    @property
    def files_read(self) -> list[str]:
        """Return the names that rows have for the files, in the order of reading: a zip's is its member's."""
        return list(dict.fromkeys(sheet.file for sheet in self.reading.sheets))


def read_received(catalogue: Catalogue, folder: Path, scratch: Path) -> Iterator[Received]:
    """Yield every delivery stored in this folder, read, in the catalogue's order; two are being read at once.

    What was read of one is in `scratch` until the next is asked for. At the end, ReadingError tells all the deliveries
    that cannot be read, at once.
    """
    problems = {}
    with _readers() as readers, _emptied(scratch):
        under_way = deque(readers.submit(_read_one, d, catalogue, folder, scratch / d.id) for d in catalogue.livraisons)
        for done, livraison in enumerate(catalogue.livraisons, 1):
            try:
                yield under_way.popleft().result()  # held no longer than it serves
            except SourceError as error:
                problems[livraison.id] = f"{livraison.id}: {error}."
            except ReadingError as error:
                problems[livraison.id] = str(error)
            shutil.rmtree(scratch / livraison.id, ignore_errors=True)
            progress.info("%s", livraison.id, extra={"done": done, "total": len(catalogue.livraisons)})
    if problems:
        raise ReadingError("\n".join(problems.values())).of(problems)


@contextmanager
def _readers() -> Iterator[ThreadPoolExecutor]:
    """Give threads that wait for the processes that read; those are stopped where the run is."""
    readers = ThreadPoolExecutor(AT_ONCE, "lecture")
    try:
        yield readers
    except BaseException:
        readers.shutdown(wait=False, cancel_futures=True)
        stop_workers()
        raise
    readers.shutdown()


@contextmanager
def _emptied(folder: Path) -> Iterator[None]:
    """Take a folder away at the end, however that comes."""
    try:
        yield
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _read_one(livraison: Livraison, catalogue: Catalogue, folder: Path, scratch: Path) -> Received:
    stored = load_snapshot(folder, livraison.id)
    scratch.mkdir(parents=True)
    files = [stored.path(f) for f in stored.manifest.fichiers]
    origin = Edition.parse(stored.manifest.edition)  # an earlier one, where a late source's file is kept
    # What the catalogue names in a file, it names for the edition that the file is of.
    read = Received(livraison, stored.manifest, read_apart(livraison.at(origin), files, catalogue, origin, scratch))
    if livraison.priorite and len(read.files_read) < len(files):
        raise ReadingError(
            f"{livraison.id}: two of its archives have a member of the same name, so that `priorite` cannot tell which "
            f"one a value comes from ({', '.join(read.files_read)}): have the members named by their period."
        )
    return read


def load_raw(
    connection: duckdb.DuckDBPyConnection,
    received: Iterable[Received],
    known: Mapping[str, dt.date] = MappingProxyType({}),
    elsewhere: Elsewhere | None = None,
) -> dict[str, int]:
    """Replace the raw tables by what was read, one delivery after the other; return their numbers of rows.

    `known` are the days on which contents (sha256) were received before, wherever that was. What is read of a delivery
    is given to `elsewhere` too, for an engine that has its own copy.
    """
    counts = dict.fromkeys((*_ROWS.values(), "raw.rejets", "raw.livraisons", "raw.feuilles"), 0)
    for table in counts:
        create_empty_table(connection, table, RAW_TABLES[table].columns)
    # What is said of a delivery in a row or two is put at the end: an insertion costs the same for one row as for many.
    deliveries: list[dict[str, Any]] = []
    sheets: list[dict[str, Any]] = []
    for one in received:
        for table, read in ((_ROWS[one.livraison.contenu], one.reading.rows), ("raw.rejets", one.reading.rejects)):
            if read.num_rows:
                rows = ranked(read, after=counts[table])
                append_rows(connection, table, rows)
                if elsewhere:
                    elsewhere(table, one.livraison.id, rows)
                counts[table] += read.num_rows
        deliveries.append(_summary(one, known))
        sheets += _sheets(one)
    for table, rows, columns in (("raw.livraisons", deliveries, LIVRAISONS), ("raw.feuilles", sheets, FEUILLES)):
        append_rows(connection, table, pa.Table.from_pylist(rows, schema=columns))
        counts[table] = len(rows)
    return counts


def load_catalogue_tables(connection: duckdb.DuckDBPyConnection, tables: dict[str, pa.Table]) -> None:
    """Replace the schema `catalogue` by these tables."""
    for name, rows in tables.items():
        load_table(connection, f"catalogue.{name}", rows)


def load_previous(connection: duckdb.DuckDBPyConnection, published: Published) -> None:
    """Replace the schema `precedente` by what was published; make its other tables empty."""
    for name in (name for name in RAW_TABLES if name.startswith("precedente.")):
        rows = published.tables.get(name.partition(".")[2])
        if rows is None:
            create_empty_table(connection, name, RAW_TABLES[name].columns)
        else:
            load_table(connection, name, rows)


def ranked(rows: pa.Table, after: int) -> pa.Table:
    """Add `rang`, the order of reading: from 1 in the first delivery, then from where the one before ended."""
    return rows.append_column("rang", pa.array(range(after + 1, after + rows.num_rows + 1), pa.int64()))


def _summary(r: Received, known: Mapping[str, dt.date]) -> dict[str, Any]:
    return {
        "livraison": r.livraison.id,
        "ministere": r.livraison.ministere,
        "contenu": r.livraison.contenu,
        "edition_origine": r.manifest.edition,
        "fichiers": [f.nom for f in r.manifest.fichiers],
        "sha256": [f.sha256 for f in r.manifest.fichiers],
        "recus_le": [str(known.get(f.sha256, f.received_on)) for f in r.manifest.fichiers],
        "licences": [f.licence for f in r.manifest.fichiers],
        "modifies_le": [f.derniere_modification for f in r.manifest.fichiers],
        "adresse": r.livraison.address,
        "octets": sum(f.taille for f in r.manifest.fichiers),
        "lignes": r.reading.rows.num_rows,
        "filtrees": sum(s.filtered for s in r.reading.sheets),
        "ignorees": sum(s.notes + s.ignored for s in r.reading.sheets),
        "rejets": r.reading.rejects.num_rows,
        "tolerance_rejets": r.livraison.rejects_allowed,
        "cible_retenue": r.livraison.cible_retenue,
        "priorite": r.livraison.priorite,
        "fichiers_lus": r.files_read,
    }


def _sheets(r: Received) -> Iterator[dict[str, Any]]:
    for sheet in r.reading.sheets:
        yield {
            "livraison": r.livraison.id,
            "fichier": sheet.file,
            "feuille": sheet.name,
            "entetes": list(sheet.headings),
            "lignes": sheet.rows,
            "filtrees": sheet.filtered,
            "ignorees": sheet.notes + sheet.ignored,
            "colonnes_ignorees": list(sheet.ignored_columns),
            "colonnes_inutilisees": list(sheet.unused_columns),
            "lignes_masquees": sheet.hidden_rows,
            "colonnes_masquees": sheet.hidden_columns,
        }
