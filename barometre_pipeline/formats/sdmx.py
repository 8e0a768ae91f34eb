"""SDMX, the standard of statistical offices: dimensions, attributes and measures are columns by their ids.

SDMX-ML 2.1 (generic, structure-specific) and 3.0 are read by pysdmx, an optional extra that refuses entities; SDMX-CSV
is a CSV whose headings are ids. A row's number is the observation's, from 1, or the line's. Codes stay texts.
"""

from __future__ import annotations

import csv
import importlib
import io
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pyarrow as pa

from barometre_pipeline.formats.cells import Cell, Counted, Unusable, is_empty, text_of
from barometre_pipeline.formats.columns import Column, rows_where
from barometre_pipeline.formats.csv_rows import rows_of
from barometre_pipeline.formats.format import Format, Table
from barometre_pipeline.formats.sheets import MAX_CELLS, Sheet, below_headings, records
from barometre_pipeline.formats.signatures import Sample
from barometre_pipeline.formats.sources import FileDescription, Source

_DECLARATION = re.compile(r"<\?xml[^>]{0,300}>")
_ENCODING = re.compile(rb"<\?xml[^>]{0,200}encoding=[\"']([A-Za-z0-9._-]{1,40})[\"']")
_LABELLED = re.compile(r"([A-Za-z0-9_@$-]{1,100}): ")  # `REF_AREA: Reference area`, `FR: France`
_ROOT = re.compile(r"<(?:[A-Za-z0-9_.-]{1,40}:)?(Generic|StructureSpecific)(?:TimeSeries)?Data[\s>]")
_SCHEMAS = "http://www.sdmx.org/resources/sdmxml/schemas/"
_LONGEST_PROLOG = 20_000  # characters before the root
_NO_MESSAGE = "is XML and not an SDMX-ML message of data (generic, or structure-specific)"
_MEASURE = "OBS_VALUE"
_POWER = "UNIT_MULT"  # of ten, in which the value beside it is counted
_STATUS = "OBS_STATUS"
_MISSING = {"H", "L", "M", "O", "Q"}  # of the code list CL_OBS_STATUS: for a holiday, not collected, suppressed…
_NUMBER = re.compile(r"-?[0-9]{1,30}(?:\.[0-9]{0,30})?(?:[eE][+-]?[0-9]{1,3})?")
_LONGEST = 500  # characters of what is shown and not read
_OF_CSV_2 = {"STRUCTURE", "STRUCTURE_ID", "ACTION"}
_MEMORY = 16  # times the size of an XML, to read it


def _read(source: Source) -> Iterator[Sheet]:
    text = source.text(source.described.encodage or _declared(source.content))
    if text.lstrip().startswith("<"):
        yield _from_xml(source, text)
    else:
        yield from _from_csv(source, text)


def _declared(content: bytes) -> str | None:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    found = _ENCODING.match(content[:500])
    return found[1].decode() if found else None


# -- SDMX-ML


def _from_xml(source: Source, text: str) -> Sheet:
    if "<!DOCTYPE" in text or "<!ENTITY" in text:
        source.fail("declares its own entities (<!DOCTYPE>): no SDMX file needs that")
    most = source.described.memoire_maximale
    if len(text) * _MEMORY > most * 1_000_000:
        source.fail(f"needs more than {most} MB of memory to be read: refused; `memoire_maximale` raises this limit")
    columns: dict[str, list[Cell]] = {}
    count = 0
    for dataset in _datasets(source, text):
        if "delete" in str(dataset.action).lower():
            source.fail("announces observations to delete (action: Delete) and not values")
        count = _add(source, columns, dataset, count)
    if _MEASURE in columns:
        columns[_MEASURE] = _counted(columns[_MEASURE], columns.get(_POWER, []))
        if _STATUS in columns:
            columns[_MEASURE] = _present(columns[_MEASURE], columns[_STATUS])
    return records(source, columns, list(columns.values()))


def _datasets(source: Source, text: str) -> list[Any]:
    root = _ROOT.search(text[:_LONGEST_PROLOG])
    if not root:
        source.fail(_NO_MESSAGE)
    version = next((v for v in ("v3_1", "v3_0") if f"{_SCHEMAS}{v}" in text), "v2_1").replace("v", "").replace("_", "")
    kind = "generic" if root[1] == "Generic" else "structure_specific"
    try:
        # Its own recognition (`read_sdmx`) is misled by the prefixes of namespaces, and takes a text for an address.
        reader = importlib.import_module(f"pysdmx.io.xml.sdmx{version}.reader.{kind}")
    except ImportError as error:
        missing = error.name if error.name and not error.name.startswith("pysdmx.") else "pysdmx"
        source.fail(f"is SDMX-ML, for which {missing} is not installed: pip install 'barometre-pipeline[sdmx]'")
    try:
        found = list(reader.read(_DECLARATION.sub("", text.lstrip(), count=1), validate=False))
    except Exception as error:  # a damaged file makes pysdmx raise what it did not foresee
        source.fail(f"is not a readable SDMX-ML message ({str(error).splitlines()[0] if str(error) else 'damaged'})")
    if not found:
        source.fail("is SDMX-ML without data")
    return found


def _add(source: Source, columns: dict[str, list[Cell]], dataset: Any, before: int) -> int:
    """Add the observations of a data set below those of the others; return how many there are by now."""
    size = len(dataset.data)
    if (len(columns) + len(dataset.data.columns)) * (before + size) > MAX_CELLS:
        source.fail(f"has more than {MAX_CELLS:,} cells: refused")
    # Namespaces that a data set declares itself, as that of its type, come among its attributes.
    attributes = {name: _cell(value) for name, value in (dataset.attributes or {}).items() if name != "xmlns"}
    found: dict[str, list[Cell]] = {name: [value] * size for name, value in attributes.items()}
    for name in dataset.data.columns:
        cells = [_cell(value) for value in pa.array(dataset.data[name], from_pandas=True).to_pylist()]
        found[str(name)] = _measures(cells) if name == _MEASURE else cells
    for name in dict.fromkeys([*columns, *found]):
        columns.setdefault(name, [None] * before).extend(found.get(name) or [None] * size)
    return before + size


def _cell(value: Any) -> Cell:
    """Return a cell: what pysdmx leaves of an element within an element is shown, and is no value."""
    if value is None or isinstance(value, (str, int, float)):
        return value
    return Unusable(str(value)[:_LONGEST], "est un élément qui en contient d'autres, et non une valeur")


def _measures(cells: list[Any]) -> list[Any]:
    """Return the values of observations: in SDMX, NaN is the mark of a missing one."""
    return [None if cell == "NaN" else cell for cell in cells]


def _counted(cells: list[Cell], powers: list[Cell]) -> list[Cell]:
    """Return the values of observations, each with the power of ten that it is counted in where they are several."""
    units: dict[Cell, str] = {cell: text_of(cell).strip() for cell in dict.fromkeys(powers)}
    if len({unit or "0" for unit in units.values()}) < 2:
        return cells
    return [_in_power(cell, units[power]) for cell, power in zip(cells, powers, strict=True)]


def _in_power(cell: Cell, power: str) -> Cell:
    text = text_of(cell).strip()
    return Counted(float(text), f"10^{power}") if power not in ("", "0") and _NUMBER.fullmatch(text) else cell


def _present(cells: list[Cell], statuses: list[Cell]) -> list[Cell]:
    """Return the values of observations, but those whose own status says that they are missing: some write 0 there."""
    return [_with_status(cell, text_of(status).strip()) for cell, status in zip(cells, statuses, strict=True)]


def _with_status(cell: Cell, status: str) -> Cell:
    if status not in _MISSING or is_empty(cell) or isinstance(cell, Unusable):
        return cell
    reason = f"est une observation que {_STATUS} ({status}) dit manquante ; un `filtre` de {_STATUS} la laisserait"
    return Unusable(text_of(cell), reason)


# -- SDMX-CSV


def _from_csv(source: Source, text: str) -> Iterator[Sheet]:
    lines = io.StringIO(text, newline="")
    for part in below_headings(source, None, rows_of(source, lines, source.described.separateur)):
        labelled = [_LABELLED.match(str(heading or "")) for heading in part.raw_headings]
        headings = [found[1] if found else own for found, own in zip(labelled, part.raw_headings, strict=True)]
        columns = []
        for heading, has_labels, column in zip(headings, labelled, part.columns, strict=True):
            cells = [_code(cell) for cell in column.cells()] if has_labels else column.cells()
            columns.append(Column.of(_measures(cells) if heading == _MEASURE else cells))
        if {_MEASURE, _POWER} <= set(headings):
            place = headings.index(_MEASURE)
            columns[place] = Column.of(_counted(columns[place].cells(), columns[headings.index(_POWER)].cells()))
        if {_MEASURE, _STATUS} <= set(headings):
            place = headings.index(_MEASURE)
            columns[place] = Column.of(_present(columns[place].cells(), columns[headings.index(_STATUS)].cells()))
        if _OF_CSV_2.issubset(map(str, headings)):
            _refuse_deletions(source, part, columns[headings.index("ACTION")])
        yield replace(part, raw_headings=tuple(headings), columns=columns)


def _refuse_deletions(source: Source, part: Sheet, actions: Column) -> None:
    deleting = rows_where(actions.where(lambda action: action == "D"))
    if len(deleting):
        line = part.row_numbers[deleting[0].as_py()]
        source.fail(f"line {line}: announces an observation to delete (ACTION: D) and not a value")


def _code(cell: Cell) -> Cell:
    labelled = _LABELLED.match(cell) if isinstance(cell, str) else None
    return labelled[1] if labelled else cell


def _refusal(sample: Sample, described: FileDescription) -> str | None:
    if reason := sample.no_text("sdmx"):
        return reason
    if sample.has_wide_characters(described):
        return None
    head = sample.plain_head.lstrip()
    if not head:
        return "holds nothing but blanks" if sample.is_whole else None
    if not head.startswith(b"<"):
        return "is JSON and not an sdmx file" if head.startswith((b"{", b"[")) else None
    if b"sdmx" not in head.lower():
        return _NO_MESSAGE
    return None if sample.tail.rstrip().endswith(b">") else "is truncated SDMX-ML: its end is missing"


def _write(tables: list[Table], described: FileDescription, notice: str) -> bytes:
    (table,) = tables
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=described.separateur, lineterminator="\n")
    writer.writerow(["DATAFLOW", *table.headings, "COMMENT_DSET"])
    writer.writerows(["DEMONSTRATION", *row, notice] for row in table.rows)
    return text.getvalue().encode(described.encodage or "utf-8")


SDMX = Format("sdmx", ("sdmx",), _read, _refusal, _write, has_rows=False)
