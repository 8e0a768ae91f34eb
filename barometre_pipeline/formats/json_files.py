"""JSON: a list of records, or one record a line, whose keys are the headings; nested objects by dotted paths.

`racine` is a dotted path to the list: keys, and positions in a list. A row's number is the record's, from 1; where
there is one record a line, it is the line's.
"""

from __future__ import annotations

import datetime as dt
import json
import math
from collections.abc import Iterator
from typing import Any, cast

import pyarrow as pa

from barometre_pipeline.formats.cells import Cell, Unusable, clean, closest
from barometre_pipeline.formats.columns import Column
from barometre_pipeline.formats.format import Format, Table
from barometre_pipeline.formats.json_pages import not_whole
from barometre_pipeline.formats.nested import columns_of_records, list_that_holds
from barometre_pipeline.formats.sheets import MAX_CELLS, Sheet
from barometre_pipeline.formats.signatures import Sample
from barometre_pipeline.formats.sources import FileDescription, Source

_A_RECORD_A_LINE = (".ndjson", ".jsonl")
_LONGEST = 500  # characters of a cell that is shown and not read
_MOST_DIGITS = 400
_NO_NUMBER = "n'est pas un nombre fini"
_UNLIKE_OTHERS = "est dans une dernière ligne qui n'est pas comme les autres (total, résumé) : ôter cette ligne"
_APART = "whose values are apart from what they are of: ask its service for SDMX-CSV (`format: sdmx`)"
_BROKEN_TEXT = "contient une moitié de caractère (surrogate), que rien ne peut écrire"


def _read(source: Source) -> list[Sheet]:
    if sum(map(source.content.count, (b",", b"[", b"{"))) > 2 * MAX_CELLS:
        source.fail(f"has more than {MAX_CELLS:,} values: refused")
    text = source.text(source.described.encodage or json.detect_encoding(source.content))
    document, numbers = _parsed(source, text)
    found = document if numbers else _records(source, document)
    headings = columns_of_records(found, lambda width: _refuse_beyond(source, width * len(found)))
    _refuse_nested_lists(source, found, headings)
    _refuse_two_writings(source, headings, numbers)
    if numbers and _ends_otherwise(found):
        _set_last_apart(source, found, headings, numbers[-1])
    columns = [Column.of([_cell(value) for value in column]) for column in headings.values()]
    shown = tuple(_text(heading) for heading in headings)
    places = pa.array(numbers or range(1, len(found) + 1), pa.int64())
    return [Sheet(source, None, shown, None, places, columns)]


def _refuse_beyond(source: Source, cells: int) -> None:
    if cells > MAX_CELLS:
        source.fail(f"has more than {MAX_CELLS:,} cells: refused")


def _refuse_nested_lists(source: Source, found: list[dict[str, Any]], headings: dict[str, Any]) -> None:
    present = {clean(heading) for heading in headings}
    for wanted in source.described.column_names:
        if clean(wanted) not in present and (path := list_that_holds(found, wanted)):
            source.fail(
                f"the column {wanted!r} is within {path!r}, which is a list in each record: one record a value is "
                f"expected, that repeats the keys beside {path!r}"
            )


def _refuse_two_writings(source: Source, headings: dict[str, list[Any]], numbers: list[int]) -> None:
    """Refuse records in some of which a key that is read has another case: their value would be taken for missing."""
    for wanted in map(clean, source.described.column_names):
        named = next((values for heading, values in headings.items() if clean(heading) == wanted), None)
        for heading, values in headings.items() if named else ():
            if clean(heading) != wanted and clean(heading).casefold() == wanted.casefold():
                pairs = enumerate(zip(named or (), values, strict=True))
                rank = next((n for n, (one, other) in pairs if one is None and other is not None), None)
                if rank is not None:
                    place = f"line {numbers[rank]}" if numbers else f"record {rank + 1}"
                    source.fail(f"the column {wanted!r} is written {heading!r} in {place}: write it in one way")


# -- the text


def _parsed(source: Source, text: str) -> tuple[Any, list[int]]:
    """Return the document; or its records and the number of each one's line, where there is one a line."""
    if source.name.lower().endswith(_A_RECORD_A_LINE):
        return _lines(source, text)
    try:
        return _loaded(source, text), []
    except json.JSONDecodeError as error:
        if error.msg == "Extra data" and text.lstrip().startswith("{"):
            return _lines(source, text)
        source.fail(f"is not JSON ({error})")


def _lines(source: Source, text: str) -> tuple[list[dict[str, Any]], list[int]]:
    """Read one record a line; blank lines count for nothing."""
    found: list[dict[str, Any]] = []
    numbers: list[int] = []
    for number, line in _numbered(text):
        try:
            record = _loaded(source, line)
        except json.JSONDecodeError as error:
            source.fail(f"line {number} is not JSON ({error.msg}, at its character {error.pos + 1})")
        if not isinstance(record, dict):
            source.fail(f"line {number} is not an object with keys: one record a line is expected")
        found.append(record)
        numbers.append(number)
    if not found:
        source.fail("a list of records is needed, or one record a line")
    return found, numbers


def _ends_otherwise(found: list[dict[str, Any]]) -> bool:
    """Tell whether the last record is none like the others, but their total or a summary: it has keys of its own."""
    if len(found) < 2:
        return False
    last, common = found[-1].keys(), set(found[0])
    own = set(last)
    for record in found[:-1]:
        common.intersection_update(record)
        own.difference_update(record)
        if not own:
            return False
    return bool(common - last) or any("total" in key.lower() for key in own)


def _set_last_apart(source: Source, found: list[dict[str, Any]], columns: dict[str, list[Any]], line: int) -> None:
    """Make nothing of the last record usable; refuse the file where it announces more records than there are."""
    if problem := not_whole([found[-1]], len(found) - 1):
        source.fail(f"{problem}, by its line {line}")
    for column in columns.values():
        if column[-1] is not None:
            column[-1] = Unusable(_as_text(column[-1]), _UNLIKE_OTHERS)


def _numbered(text: str) -> Iterator[tuple[int, str]]:
    # A text may hold the other characters that Python takes for ends of lines.
    return ((number, line) for number, line in enumerate(text.split("\n"), 1) if line.strip())


def _loaded(source: Source, text: str) -> Any:
    def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        record = dict(pairs)
        if len(record) < len(pairs):
            keys = [key for key, _ in pairs]
            source.fail(f"the key {next(k for k in keys if keys.count(k) > 1)!r} is twice in one record")
        return record

    try:
        return json.loads(
            text, object_pairs_hook=unique, parse_constant=_constant, parse_float=_decimal, parse_int=_whole
        )
    except RecursionError:
        source.fail("is nested too deep: a list of records is needed")


def _constant(name: str) -> str | None:
    # Not JSON, yet widely written: pandas means a missing value by NaN, an infinity is no number.
    return None if name == "NaN" else name


def _decimal(text: str) -> float | Unusable:
    number = float(text)
    return number if math.isfinite(number) else Unusable(text[:_LONGEST], _NO_NUMBER)


def _whole(text: str) -> int | Unusable:
    # Python refuses to read integers beyond 4,300 digits; nobody writes them either.
    return int(text) if len(text) < _MOST_DIGITS else Unusable(text[:_LONGEST], _NO_NUMBER)


# -- the records


def _records(source: Source, document: Any) -> list[dict[str, Any]]:
    path, around, found = records_within(source, document)
    place = f" in {'.'.join(path)!r}" if path else ""
    if not isinstance(found, list):
        source.fail("a list of records is needed; say where it is with `racine`")
    for rank, record in enumerate(found, 1):
        if isinstance(record, list):
            source.fail(
                f"record {rank}{place} is a list and not an object with keys: the headings must be in each record, "
                'as in [{"code": "01", "valeur": 1.5}] (pandas: orient="records")'
            )
        if not isinstance(record, dict):
            source.fail(f"record {rank}{place} is not an object with keys")
    if not source.is_page and (problem := not_whole(around, len(found))):
        source.fail(f"{problem}; if its service has other pages, say how they are followed with `pagination`")
    return found


def records_within(source: Source, document: Any) -> tuple[list[str], list[Any], Any]:
    """Return the path to the records, what leads to them from the document itself on, and the records."""
    path = _path_to_records(source, document)
    around = [document]
    for step in path:
        around.append(_step(source, around[-1], step))
    return path, around[:-1], around[-1]


def _path_to_records(source: Source, document: Any) -> list[str]:
    """Return the keys that lead to the records: `racine`, the features of a GeoJSON, or the only list that there is."""
    if source.described.racine:
        return source.described.racine.split(".")
    if not isinstance(document, dict):
        return []
    if problem := _without_records(document):
        source.fail(problem)
    lists = [key for key, value in document.items() if isinstance(value, list)]
    if document.get("type") == "FeatureCollection" and "features" in lists:
        return ["features"]
    if {"columns", "data"} <= set(lists):
        return ["data"]  # pandas' form, where records have no keys: that is told of its first record
    if len(lists) != 1:
        source.fail(f"where are the records? Say so with `racine`{closest('', lists or document)}")
    return lists


def _without_records(document: dict[str, Any]) -> str | None:
    """Return why a document of a known kind has no records, whatever `racine` says; None where it may have some."""
    inner = document.get("data")
    if "dataSets" in document or (isinstance(inner, dict) and "dataSets" in inner):
        return f"is SDMX-JSON, {_APART}"
    if document.get("class") in ("dataset", "collection") and {"value", "dimension"} & document.keys():
        return f"is JSON-stat, {_APART}"
    values = list(document.values())
    if len(values) > 1 and all(isinstance(value, dict) and value for value in values):
        plain = not any(isinstance(one, (dict, list)) for value in values for one in value.values())
        if plain and all(value.keys() == values[0].keys() for value in values):
            return 'has objects by key and no list of records (pandas: orient="records")'
    return None


def _step(source: Source, document: Any, step: str) -> Any:
    if isinstance(document, dict) and step in document:
        return document[step]
    if isinstance(document, list) and step.isdecimal() and int(step) < len(document):
        return document[int(step)]
    present = document if isinstance(document, dict) else ()
    return source.fail(f"racine: there is no {step!r}{closest(step, present)}")


# -- the cells


def _cell(value: Any) -> Cell:
    if isinstance(value, str):
        return value if value.isascii() or _is_writable(value) else Unusable(_text(value), _BROKEN_TEXT)
    if isinstance(value, list) and len(value) == 1 and isinstance(value[0], str):
        return _cell(value[0])  # a field that may have several texts, of which there is one
    if isinstance(value, (bool, dict, list)):
        return _as_text(value)
    return cast(Cell, value)


def _is_writable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _text(text: str) -> str:
    """Return a text that can be written: half of a character is shown by its number."""
    return text.encode("utf-8", "backslashreplace").decode()


def _as_text(value: Any) -> str:
    """Return the beginning of what is shown: an outline of thousands of points is not written to its end."""
    shown = ""
    try:
        for piece in json.JSONEncoder(ensure_ascii=False, default=_written).iterencode(value):
            shown += piece
            if len(shown) > _LONGEST:
                break
    except RecursionError:  # as deep as the parser allows, which is deeper than here
        return "[…]"
    return _text(shown[:_LONGEST])


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


def _written(value: dt.date | Unusable) -> str:
    return value.shown if isinstance(value, Unusable) else value.isoformat()


JSON = Format("json", ("json", "geojson", "ndjson", "jsonl"), _read, _refusal, _write, has_rows=False, has_root=True)
