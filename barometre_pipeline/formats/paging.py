"""What one page of a service's answer says of the others: its records, a total, where the next page is.

A page is looked at here and read elsewhere; which page comes next, and whether all came, is decided in `extract.pages`.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from barometre_pipeline.formats import FORMATS
from barometre_pipeline.formats.json_files import records_within
from barometre_pipeline.formats.json_pages import (
    announces_more,
    is_lower_bound,
    leads_somewhere,
    number_of,
    said_around,
    says_the_end,
    tells,
)
from barometre_pipeline.formats.opening import open_source
from barometre_pipeline.formats.sources import FileDescription, Source

_NOTHING = object()
_LINKS = ("next", "nextlink", "nextpage", "nextpageurl", "nexturl")


@dataclass(frozen=True)
class Page:
    """What is known of one page. `records` is their number, `digest` tells them from others, `ends` the outer two.

    `totals` are the numbers that may be all the records', by path; `link` and `cursor` lead to the next page, `offset`
    names the parameter of what the document says that it begins after (`begins`); `more` is a path that announces more
    in a way that nobody can follow; `is_astray` says that the catalogue's path to the link or the cursor leads to none.
    """

    records: int
    digest: str
    totals: dict[str, int] = field(default_factory=dict)
    link: str | None = None
    cursor: str | None = None
    offset: str | None = None
    begins: int = 0
    more: str | None = None
    is_astray: bool = False
    ends: tuple[str, ...] = ()


def page_of(described: FileDescription, path: Path, link: str | None, total: str | None, cursor: str | None) -> Page:
    """Look at a JSON page; the paths of its next link, its total and its cursor are those that the catalogue says.

    ReadingError where it is no JSON with records.
    """
    source = open_source(described, FORMATS["json"], path)
    document = _parsed(source)
    _, around, found = records_within(source, document)
    if not isinstance(found, list):
        source.fail("a list of records is needed; say where it is with `racine`")
    usual = _usual(around, len(found))
    return Page(
        len(found),
        _digest(found),
        {total: _total(source, document, total)} if total else usual.totals,
        _text(_at(document, link)) if link else usual.link,
        _text(_at(document, cursor)) if cursor else None,
        usual.offset,
        usual.begins,
        usual.more if usual.more not in (link, cursor) else None,
        any(_is_astray(_at(document, path, _NOTHING)) for path in (link, cursor) if path),
        tuple(map(_digest, (found[0], found[-1]))) if found else (),
    )


def _digest(found: Any) -> str:
    return hashlib.sha256(json.dumps(found, sort_keys=True).encode()).hexdigest()


def _parsed(source: Source) -> Any:
    text = source.text(source.described.encodage or json.detect_encoding(source.content))
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        source.fail(f"is not JSON ({error})")


def _usual(around: Sequence[Any], count: int) -> Page:
    """Find what services write in the usual ways, beside the records."""
    totals: dict[str, int] = {}
    link = more = offset = None
    begins = 0
    said = list(said_around(list(around)))
    over = says_the_end(said, count)
    for path, name, value, counted in said:
        kind, number = tells(name), number_of(value)
        if kind == "next" and name in _LINKS and (address := _address(value)):
            link = link or address
        elif kind == "cursor":
            more = more or (path if leads_somewhere(value) and not over else None)
        elif (kind == "next" and leads_somewhere(value)) or announces_more(name, value):
            more = more or path
        elif kind == "total" and counted and number is not None and not is_lower_bound(value):
            totals[path] = number
        elif kind == "offset" and number is not None:
            offset, begins = path.rpartition(".")[2], number
    return Page(0, "", totals, link, None, offset, begins, None if link else more)


def _address(value: Any) -> str | None:
    """Return the address that leads to the next page, None where it is the number or the mark of one."""
    if isinstance(value, dict):
        return next((found for key in ("href", "url", "link") if (found := _address(value.get(key)))), None)
    return value if isinstance(value, str) and any(mark in value for mark in "/?=") else None


def _total(source: Source, document: Any, path: str) -> int:
    number = number_of(_at(document, path))
    return source.fail(f"has no number at {path!r}, where pagination.total says one") if number is None else number


def _at(document: Any, path: str, otherwise: Any = None) -> Any:
    """Return what a path leads to, or `otherwise`; a key that holds a dot literally wins."""
    if isinstance(document, dict) and path in document:
        return document[path]
    step, dot, rest = path.partition(".")
    inner = otherwise
    if isinstance(document, dict):
        inner = document.get(step, otherwise)
    elif isinstance(document, list) and step.isdecimal() and int(step) < len(document):
        inner = document[int(step)]
    return _at(inner, rest, otherwise) if dot and inner is not None else inner


def _is_astray(value: Any) -> bool:
    """Tell whether something is neither a text nor the want of one."""
    return value is _NOTHING or (isinstance(value, (dict, list)) and bool(value))


def _text(value: Any) -> str | None:
    return str(value) if isinstance(value, (str, int)) and not isinstance(value, bool) and value != "" else None
