"""What a format is: one object that says how its files are named, recognised, verified, read and written.

Each format's module makes one; the package lists them in FORMATS. Tables are what the demonstration has written.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from barometre_pipeline.errors import UsageError
from barometre_pipeline.formats.sheets import MAX_CELLS, Sheet
from barometre_pipeline.formats.signatures import Sample
from barometre_pipeline.formats.sources import FileDescription, Source


@dataclass
class Table:
    """What is to be written of a sheet, or of the whole file where it has no name: rows of one cell a heading."""

    name: str | None
    headings: list[str]
    rows: list[Sequence[Any]]
    above: tuple[str, ...] = ()  # a text a row, above the headings and below the table
    below: tuple[str, ...] = ()

    def records(self) -> list[dict[str, Any]]:
        """Return the rows as heading → cell."""
        return [dict(zip(self.headings, row, strict=True)) for row in self.rows]


@dataclass(frozen=True)
class Format:
    """A format of delivered files."""

    name: str
    extensions: tuple[str, ...]  # in lower case, without the dot
    # Reads a file into its sheets, part after part; ReadingError where it cannot be.
    read: Callable[[Source], Iterable[Sheet]]
    # Tells why what was received is no such file, in a clause that follows its name; None where it looks right.
    refusal: Callable[[Sample, FileDescription], str | None]
    # Writes tables, and the notice where the format has a place for it; the same ones always give the same bytes.
    write: Callable[[list[Table], FileDescription, str], bytes]
    has_sheets: bool = False
    # Names the sheets of a file that are not hidden; of a format that has none, and of one that is read by its first.
    visible_sheets: Callable[[bytes], list[str]] = lambda content: []
    has_rows: bool = True  # of headings and data, rather than records
    has_root: bool = False  # its records may lie deep in it, where `racine` says
    typed_dates: bool = False  # a date is a date in it, and no text
    zip_members: frozenset[str] = field(default=frozenset())  # a zip with one of these is such a file: it is not opened
    random_access: bool = False  # it is verified here and there, rather than from one end to the other
    most_rows: int = MAX_CELLS  # that a sheet has room for
    writing_cost: int = 1  # beside that of a text


@contextmanager
def demonstration_extra() -> Iterator[None]:
    """Import here what only the demonstration needs; UsageError where it is not installed."""
    try:
        yield
    except ModuleNotFoundError as error:
        raise UsageError(
            f"{error.name} is not installed, and the demonstration writes with it: "
            "pip install 'barometre-pipeline[demonstration]', or give the true deliveries by --sources."
        ) from None
