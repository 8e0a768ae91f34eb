"""How a file is written, seen in its bytes: its format, encoding, separator, where its records and headings are.

What the columns hold is told in `recognition`. Reading is the formats' work: here is what they must be told.
"""

from __future__ import annotations

import csv
import io
import json
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from barometre_pipeline.errors import ReadingError, UsageError
from barometre_pipeline.formats import FORMATS
from barometre_pipeline.formats.archives import check_archive, is_zip, open_zip
from barometre_pipeline.formats.cells import Cell
from barometre_pipeline.formats.encodings import likely_encoding
from barometre_pipeline.formats.format import Format
from barometre_pipeline.formats.gzip_files import inner_name, is_gzip, unpacked
from barometre_pipeline.formats.opening import is_itself_a_file, open_source
from barometre_pipeline.formats.sheets import Sheet
from barometre_pipeline.formats.signatures import OLE, Sample
from barometre_pipeline.formats.sources import FileDescription, Source
from barometre_pipeline.trials.headings import heading_lines

_SEPARATORS = (";", ",", "\t", "|")
_LOOKED_AT = 60  # rows, for separators and headings
_OF_TEXT = ("csv", "json", "sdmx")
_MOST_SHEETS = 20  # that are looked at
_DEEPEST = 4  # steps of `racine`


@dataclass(frozen=True)
class SeenFile:
    """A file as it is read: its format, the keys of the catalogue that it takes to read it, and its largest sheet.

    `others` are the names of the other sheets that hold something; `alike` all those that have its headings, by name.
    """

    format: Format
    keys: dict[str, Any]
    sheet: Sheet
    others: tuple[str, ...] = ()
    alike: Mapping[str, Sheet] = field(default_factory=dict)


def seen_file(path: Path) -> SeenFile:
    """Look at a file; UsageError where its format is not known, ReadingError where it cannot be read."""
    content, keys = _content(path)
    if Sample.of(io.BytesIO(content)).is_page(None):
        raise UsageError(f"{path.name} is a web page (HTML): open it in a browser to see what it says.")
    format_ = _format_of(str(keys.get("fichier") or inner_name(path.name)), content)
    if format_.name in ("csv", "json"):
        keys |= _text_keys(format_, content)
    if format_.name == "csv" and (reason := format_.refusal(Sample.of(io.BytesIO(content)), _described(keys))):
        raise UsageError(f"{path.name} {reason}.")
    source = open_source(_described(keys), format_, path)
    sheet = _first(format_, source)
    return _seen_workbook(format_, source, keys, sheet) if format_.has_sheets else SeenFile(format_, keys, sheet)


def _seen_workbook(format_: Format, source: Source, keys: dict[str, Any], first: Sheet) -> SeenFile:
    """Look at every visible sheet: the largest holds the data, a notice or a summary often comes before."""
    sheets = {}
    for name in format_.visible_sheets(source.content)[:_MOST_SHEETS] or [first.name or ""]:
        with suppress(ReadingError):
            sheets[name] = _below_its_headings(format_, source, keys | {"feuille": name})
    largest = max(sheets, key=lambda name: len(sheets[name].columns) * len(sheets[name].row_numbers))
    sheet = sheets[largest]
    keys["feuille"] = largest
    # Of a workbook, the first row that holds something is read as the headings without being told.
    if lines := sheet.source.described.lignes_entete or (sheet.source.described.ligne_entete or 0,):
        keys |= _heading_keys(list(lines)) if lines[0] else {}
    headed = (sheet.heading_row, sheet.headings[:2])
    alike = {name: one for name, one in sheets.items() if (one.heading_row, one.headings[:2]) == headed}
    return SeenFile(format_, keys, sheet, tuple(name for name in sheets if name != largest), alike)


def _below_its_headings(format_: Format, source: Source, keys: dict[str, Any]) -> Sheet:
    sheet = _first(format_, Source(_described(keys), source.name, source.content))
    # Below a title of one cell, the true headings and their rows are longer than it.
    rows = [(sheet.heading_row or 1, list(sheet.raw_headings)), *_rows(sheet)]
    rows += [(number, [*text.split(" | ")]) for number, text in sheet.too_long[:_LOOKED_AT]]
    lines = heading_lines(sorted(rows, key=lambda row: row[0]))
    if lines == [sheet.heading_row]:
        return sheet
    return _first(format_, Source(_described(keys | _heading_keys(lines)), source.name, source.content))


def _first(format_: Format, source: Source) -> Sheet:
    """Read the first sheet of a file; of a long one, its first part tells enough."""
    return next(iter(format_.read(source)))


def _described(keys: dict[str, Any]) -> FileDescription:
    return FileDescription(id="essai", **keys)


def _content(path: Path) -> tuple[bytes, dict[str, Any]]:
    """Return the bytes of a file, or of the first data of a zip with its name."""
    content = path.read_bytes()
    if not content:
        raise UsageError(f"{path.name} is empty: there is nothing to propose.")
    if is_gzip(content):
        return unpacked(io.BytesIO(content), path.name), {}
    if not is_zip(content):
        return content, {}
    check_archive(path, path.name)
    with open_zip(path, path.name) as archive:
        if is_itself_a_file(archive.namelist()):
            return content, {}
        known = [n for n in archive.namelist() if _by_name(n) and not n.lower().startswith(("lisez", "readme"))]
        if not known:
            raise UsageError(f"{path.name}: no member of this zip has a known format ({', '.join(FORMATS)}).")
        member = max(known, key=lambda name: archive.getinfo(name).file_size)
        with archive.open(member) as file:
            return file.read(1 << 24), {"fichier": member}


def _by_name(name: str) -> Format | None:
    extension = name.lower().rsplit(".", 1)[-1]
    return next((f for f in FORMATS.values() if extension in f.extensions), None)


def _format_of(name: str, content: bytes) -> Format:
    if by_name := _by_name(name):
        return _what_it_is(by_name, name, content)
    if content.startswith(OLE):
        return FORMATS["xls"]
    if content.startswith(b"PAR1"):
        return FORMATS["parquet"]
    return FORMATS["json" if content.lstrip()[:1] in (b"{", b"[") else "csv"]


def _what_it_is(by_name: Format, name: str, content: bytes) -> Format:
    """Return the format of a file that is none of its name's: exports of a table as `.xls` are often text."""
    sample = Sample.of(io.BytesIO(content))
    of_text = by_name.name in _OF_TEXT
    if (of_text and sample.kind == "text") or by_name.refusal(sample, _described({})) is None:
        return by_name
    for other in FORMATS.values():
        if other is not by_name and other.refusal(sample, _described({})) is None:
            with suppress(ReadingError):
                _first(other, Source(_described({}), name, content))
                return other
    return by_name


def _text_keys(format_: Format, content: bytes) -> dict[str, Any]:
    encoding = likely_encoding(content)
    keys: dict[str, Any] = {} if encoding == "utf-8" else {"encodage": encoding}
    # Of a long text the beginning is enough; its last character may be cut.
    text = content.decode("utf-8-sig" if encoding == "utf-8" else encoding, "replace")
    if format_.name == "json":
        return keys | _root(text)
    separator = max(_SEPARATORS, key=lambda mark: _regularity(text, mark))
    keys |= {} if separator == "," else {"separateur": separator}
    lines = heading_lines(list(_csv_rows(text, separator)))
    first = next(iter(_csv_rows(text, separator)), (1, []))[0]
    return keys | ({} if lines == [first] else _heading_keys(lines))


def _heading_keys(lines: list[int]) -> dict[str, Any]:
    return {"ligne_entete": lines[0]} if len(lines) == 1 else {"lignes_entete": lines}


def _csv_rows(text: str, separator: str) -> Iterator[tuple[int, list[Cell]]]:
    """Yield the first rows that hold something, with the number of the line where each begins."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    line, count = 1, 0
    with suppress(csv.Error):
        for row in reader:
            if "".join(row).strip():
                yield line, list(row)
                count += 1
            if count == _LOOKED_AT:
                return
            line = reader.line_num + 1


def _regularity(text: str, separator: str) -> tuple[int, int]:
    """Return how many rows have the usual width with this separator, and that width; nothing where it divides none."""
    widths = Counter(len(row) for _, row in _csv_rows(text, separator))
    width, times = max(((w, t) for w, t in widths.items() if w > 1), key=lambda wt: wt[1], default=(0, 0))
    return times, width


def _rows(sheet: Sheet) -> list[tuple[int, list[Cell]]]:
    count = min(_LOOKED_AT, len(sheet.row_numbers))
    return [(sheet.row_numbers[i].as_py(), [column[i] for column in sheet.columns]) for i in range(count)]


def _root(text: str) -> dict[str, Any]:
    """Return where the records of a JSON document are, unless they are found without being told."""
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    lists = sorted(_lists(document, ()), key=lambda found: (-found[1], len(found[0])))
    if not lists or not lists[0][0]:
        return {}
    return {"racine": ".".join(lists[0][0])}


def _lists(document: Any, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], int]]:
    if isinstance(document, list):
        if document and all(isinstance(record, dict) for record in document):
            yield path, len(document)
    elif isinstance(document, dict) and len(path) < _DEEPEST:
        for key, value in document.items():
            yield from _lists(value, (*path, key))
