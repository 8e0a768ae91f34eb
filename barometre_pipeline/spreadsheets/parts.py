"""The parts of zipped workbooks: found by name or by relation, and their XML parsed in pieces, in linear time."""

from __future__ import annotations

import posixpath
import zipfile
from collections.abc import Callable, Iterable
from functools import lru_cache
from pyexpat import ExpatError, ParserCreate, XMLParserType
from typing import IO

from barometre_pipeline.spreadsheets.grids import UnreadableError

_PIECE = 1 << 16
Attributes = dict[str, str]
Start = Callable[[str, Attributes], object]


class Parts:
    """The members of a workbook's zip, whose names are compared without case, as Office does."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive = archive
        names = archive.namelist()
        self._names = {_key(name): name for name in names}
        if len(self._names) < len(names):
            raise UnreadableError("two of its parts have names that differ by case alone")

    def __contains__(self, name: str) -> bool:
        return _key(name) in self._names

    def read(self, name: str) -> bytes:
        """Return a part's content, nothing where it is missing."""
        return self._archive.read(self._names[_key(name)]) if name in self else b""

    def parse(
        self,
        name: str,
        start: Start,
        end: Callable[[str], object] | None = None,
        text: Callable[[str], object] | None = None,
    ) -> None:
        """Parse a part's XML, where it is there; names keep their prefix, and no document type is allowed."""
        if name not in self:
            return
        parser = ParserCreate()
        parser.buffer_text = True
        parser.StartElementHandler = start
        parser.EndElementHandler = end
        parser.CharacterDataHandler = text
        parser.StartDoctypeDeclHandler = _refuse_doctype
        try:
            with self._archive.open(self._names[_key(name)]) as stream:
                _feed(parser, stream)
        except ExpatError as error:
            raise UnreadableError(f"{name} is not well-formed XML: {error}") from None

    def relations(self, part: str) -> dict[str, str]:
        """Return the part that each relation of a part leads to."""
        folder, file = posixpath.split(part)
        found: dict[str, str] = {}

        def start(name: str, given: Attributes) -> None:
            if local(name) == "Relationship":
                target = posixpath.join("/" + folder, given.get("Target", "").replace("\\", "/"))
                found[given.get("Id", "")] = posixpath.normpath(target).lstrip("/")

        self.parse(f"{folder}/_rels/{file}.rels", start)
        return found


def refuse_shared(sheets: Iterable[tuple[str, bool, str]]) -> None:
    """Refuse sheets (name, hidden, part) of one and the same part: a few bytes each, they take a parsing each."""
    parts = [part for _, _, part in sheets if part]
    if len(set(parts)) < len(parts):
        raise UnreadableError("two of its sheets are one and the same part")


def _feed(parser: XMLParserType, stream: IO[bytes]) -> None:
    """Parse a stream: what is longer than a piece waits until it has doubled, for expat looks at it again each time."""
    fed = waiting = 0
    pending: list[bytes] = []
    while piece := stream.read(_PIECE):
        pending.append(piece)
        waiting -= len(piece)
        if waiting <= 0:
            content = b"".join(pending)
            pending.clear()
            fed += len(content)
            parser.Parse(content, False)
            waiting = fed - max(parser.CurrentByteIndex, 0)
    parser.Parse(b"".join(pending), True)


@lru_cache(maxsize=1024)
def local(name: str) -> str:
    """Return an element's name without its prefix."""
    return name[name.rfind(":") + 1 :]


def without_prefixes(given: Attributes) -> Attributes:
    """Return attributes by their names without prefixes."""
    return {name[name.rfind(":") + 1 :]: value for name, value in given.items()}


def is_true(written: str | None) -> bool:
    """Tell whether an attribute says yes."""
    return written is not None and written.lower() in ("1", "true", "on")


def _key(name: str) -> str:
    return name.replace("\\", "/").lower()


def _refuse_doctype(*_: object) -> None:
    raise UnreadableError("its XML has a document type, which no spreadsheet writes")
