"""JSON: a list of records, whose keys are the headings.

`racine` is a dotted path to the list: keys, and positions in a list. A row's number is the record's, from 1.
"""

from __future__ import annotations

import datetime as dt
import json
from typing import Any, cast

from barometre_pipeline.formats.format import Format, Table
from barometre_pipeline.formats.sheets import MAX_CELLS, Cell, Sheet, closest, records
from barometre_pipeline.formats.signatures import Sample
from barometre_pipeline.formats.sources import FileDescription, Source


def _read(source: Source) -> list[Sheet]:
    found = _records(source, _document(source))
    headings = list(dict.fromkeys(key for record in found for key in record))
    if len(headings) * len(found) > MAX_CELLS:
        source.fail(f"has more than {MAX_CELLS:,} cells: refused")
    return [records(source, headings, [[_cell(record.get(key)) for record in found] for key in headings])]


def _document(source: Source) -> Any:
    if sum(map(source.content.count, (b",", b"[", b"{"))) > 2 * MAX_CELLS:
        source.fail(f"has more than {MAX_CELLS:,} values: refused")
    text = source.text(source.described.encodage or json.detect_encoding(source.content))

    def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        record = dict(pairs)
        if len(record) < len(pairs):
            keys = [key for key, _ in pairs]
            source.fail(f"the key {next(k for k in keys if keys.count(k) > 1)!r} is twice in one record")
        return record

    try:
        return json.loads(text, object_pairs_hook=unique, parse_constant=_constant)
    except RecursionError:
        source.fail("is nested too deep: a list of records is needed")
    except ValueError as error:
        source.fail(f"is not JSON ({error})")


def _constant(name: str) -> str | None:
    # Not JSON, yet widely written: pandas means a missing value by NaN, an infinity is no number.
    return None if name == "NaN" else name


def _records(source: Source, document: Any) -> list[dict[str, Any]]:
    found = _at_root(source, document) if source.described.racine else _only_list(source, document)
    if not isinstance(found, list):
        source.fail("a list of records is needed; say where it is with `racine`")
    for rank, record in enumerate(found, 1):
        if not isinstance(record, dict):
            source.fail(f"record {rank} is not an object with keys")
    return found


def _at_root(source: Source, document: Any) -> Any:
    for step in (source.described.racine or "").split("."):
        if isinstance(document, dict) and step in document:
            document = document[step]
        elif isinstance(document, list) and step.isdecimal() and int(step) < len(document):
            document = document[int(step)]
        else:
            present = document if isinstance(document, dict) else ()
            source.fail(f"racine: there is no {step!r}{closest(step, present)}")
    return document


def _only_list(source: Source, document: Any) -> Any:
    if not isinstance(document, dict):
        return document
    lists = [key for key, value in document.items() if isinstance(value, list)]
    if len(lists) != 1:
        source.fail(f"where are the records? Say so with `racine`{closest('', lists or document)}")
    return document[lists[0]]


def _cell(value: Any) -> Cell:
    if isinstance(value, (bool, dict, list)):
        return _as_text(value)
    return cast(Cell, value)


def _as_text(value: Any) -> str:
    try:
        return json.dumps(value, ensure_ascii=False)[:500]
    except RecursionError:  # as deep as the parser allows, which is deeper than here
        return "[…]"


def _refusal(sample: Sample, described: FileDescription) -> str | None:
    if reason := sample.no_text("json"):
        return reason
    if sample.has_wide_characters(described):
        return None
    if not sample.plain_head.lstrip().startswith((b"{", b"[")):
        return "is not JSON: it begins neither with { nor with ["
    if not sample.tail.rstrip().endswith((b"}", b"]")):
        return "is truncated JSON: it ends neither with } nor with ]"
    return None


def _write(tables: list[Table], described: FileDescription, notice: str) -> bytes:
    (table,) = tables
    document: Any = table.records()
    steps = described.racine.split(".") if described.racine else []
    for rank, step in enumerate(reversed(steps)):
        outermost = rank == len(steps) - 1
        if step.isdecimal():
            document = [[]] * int(step) + [document]
        else:
            document = ({"avertissement": notice} if outermost and step != "avertissement" else {}) | {step: document}
    return json.dumps(document, ensure_ascii=False, default=_written).encode(described.encodage or "utf-8")


def _written(value: dt.date) -> str:
    return value.isoformat()


JSON = Format("json", ("json", "geojson"), _read, _refusal, _write, has_rows=False, has_root=True)
