"""JSON into a sheet: a list of records, whose keys are the headings.

`racine` is a dotted path to the list: keys, and positions in a list. A row's number is the record's, from 1.
"""

from __future__ import annotations

import json
from typing import Any

from barometre_pipeline.formats.names import closest
from barometre_pipeline.formats.sheets import MAX_CELLS, Cell, Sheet
from barometre_pipeline.formats.sources import Source
from barometre_pipeline.formats.texts import decoded


def read_json(source: Source) -> list[Sheet]:
    """Read the records; ReadingError where it is not JSON, or the list is not where `racine` says."""
    records = _records(source, _document(source))
    headings = list(dict.fromkeys(key for record in records for key in record))
    if len(headings) * len(records) > MAX_CELLS:
        source.fail(f"has more than {MAX_CELLS:,} cells: refused")
    rows = [[_cell(record.get(key)) for key in headings] for record in records]
    return [Sheet(source, None, tuple(headings), None, list(range(1, len(rows) + 1)), rows)]


def _document(source: Source) -> Any:
    if sum(map(source.contenu.count, (b",", b"[", b"{"))) > 2 * MAX_CELLS:
        source.fail(f"has more than {MAX_CELLS:,} values: refused")
    text = decoded(source, source.livraison.encodage or json.detect_encoding(source.contenu))

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
    found = _at_root(source, document) if source.livraison.racine else _only_list(source, document)
    if not isinstance(found, list):
        source.fail("a list of records is needed; say where it is with `racine`")
    for rank, record in enumerate(found, 1):
        if not isinstance(record, dict):
            source.fail(f"record {rank} is not an object with keys")
    return found


def _at_root(source: Source, document: Any) -> Any:
    for step in source.livraison.racine.split("."):
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
    return value


def _as_text(value: Any) -> str:
    try:
        return json.dumps(value, ensure_ascii=False)[:500]
    except RecursionError:  # as deep as the parser allows, which is deeper than here
        return "[…]"
