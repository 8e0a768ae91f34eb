"""What the files that come with the numbers are made from, and what one kind of them is."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import duckdb

from barometre_pipeline.catalogue import Catalogue
from barometre_pipeline.editions import Edition
from barometre_pipeline.publish.tree.layout import Plan
from barometre_pipeline.publish.tree.manifest import Provenance
from barometre_pipeline.publish.tree.schema import Schema


@dataclass(frozen=True)
class Contents:
    """An edition whose data files stand written in `folder`, as `plan` lists them; `digests` are their sha256."""

    connection: duckdb.DuckDBPyConnection
    catalogue: Catalogue
    schema: Schema
    edition: Edition
    provenance: Provenance
    plan: Plan
    folder: Path
    digests: Mapping[str, str]


# The files of one kind, by their paths.
Companion = Callable[[Contents], Iterable[tuple[str, bytes | memoryview]]]
# A kind that is begun while the data files are being written; what it returns gives its files when they all stand.
Begun = Callable[[Contents], Callable[[], Iterable[tuple[str, bytes | memoryview]]]]


def _nothing(contents: Contents) -> Mapping[str, object]:
    return {}


@dataclass(frozen=True)
class Companions:
    """The kinds of files that come with the data, in the order of their writing, and what the README says beside.

    Those that are `begun` early are made of the tables and the plan alone: no data file need stand for them.
    """

    kinds: tuple[Companion, ...] = ()
    begun: tuple[Begun, ...] = ()
    chapters: Callable[[Contents], Mapping[str, object]] = _nothing
