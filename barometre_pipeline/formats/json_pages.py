"""What a JSON document says of its own size: a page of a longer answer is never taken for the whole.

Services write it beside the records, or in an object named so (`meta`, `links`…): a next page, a total, an offset; the
names are in `json_words`. What the records hold is not looked at here, and nothing is fetched.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from barometre_pipeline.formats.json_words import (
    ABOUT,
    CURSORS,
    LAST,
    MORE,
    NEXT,
    OFFSETS,
    PAGE,
    PAGES,
    TOTALS,
    comparable,
)

_DEEPEST = 4
_ON = ("href", "url", "link", "cursor", "page", "token", "continue")  # keys of an object that leads to a page
_WRITTEN = {True: ("true", "oui", "vrai", "yes"), False: ("false", "non", "faux", "no")}
_KINDS = {"next": NEXT, "cursor": CURSORS, "total": TOTALS, "offset": OFFSETS, "pages": PAGES, "page": PAGE}


def not_whole(around: list[Any], count: int) -> str | None:
    """Return why a document is not whole, in a clause that follows its name, or None.

    `around` holds what leads to the records, from the document itself to what holds their list; `count` is how many
    records are there. A total that stands above another list counts that one.
    """
    said = list(said_around(around))
    over = says_the_end(said, count)
    for path, name, value, counted in said:
        if over and name in CURSORS:
            continue
        if problem := _problem(path, name, value, count, counted):
            return f"says itself that it is not whole: {problem}"
    return None


def said_around(around: list[Any]) -> Iterator[tuple[str, str, Any, bool]]:
    """Yield (path, comparable name, value, whether it counts these records) of what may speak of the whole."""
    nearest = max((rank for rank, one in enumerate(around[:-1]) if isinstance(one, list)), default=-1)
    for rank, holder in enumerate(around):
        if isinstance(holder, dict):
            yield from ((*said, rank > nearest) for said in _said(holder, _lists_of(holder), 0))


def _lists_of(holder: dict[str, Any]) -> int:
    return sum(isinstance(value, list) for value in holder.values())


def _said(holder: Any, lists: int, depth: int, before: str = "") -> Iterator[tuple[str, str, Any]]:
    """Yield (path, comparable name, value) of what may speak of the whole."""
    for key, value in holder.items():
        name = comparable(key)
        path = f"{before}{key}"
        yield path, name, value
        if isinstance(value, dict) and name in ABOUT and depth < _DEEPEST:
            yield from _said(value, lists, depth + 1, f"{path}.")
        elif name == "links" and isinstance(value, list):
            relations = (one for one in value if isinstance(one, dict) and one.get("rel") == "next")
            yield from ((path, "next", one.get("href")) for one in relations)


def tells(name: str) -> str | None:
    """Return what a comparable name speaks of: the `next` page, a `cursor`, a `total`, an `offset`, `pages`, `page`."""
    return next((kind for kind, names in _KINDS.items() if name in names), None)


def announces_more(name: str, value: Any) -> bool:
    """Tell whether what is written under a comparable name says that more follows, or that this is not the end."""
    if name in MORE:
        return _is(True, value) or bool(number_of(value))
    if name == "offset":  # where a page begins is a number; Airtable's is the mark of the next one
        return isinstance(value, str) and any(map(str.isalpha, value)) and leads_somewhere(value)
    return name in LAST and _is(False, value)


def says_the_end(said: Iterable[tuple[str, str, Any, bool]], count: int) -> bool:
    """Tell whether a document says that nothing follows its records, which are so many."""
    return any(
        (name in MORE and _is(False, value))
        or (name in LAST and _is(True, value))
        or (name in TOTALS and counted and number_of(value) == count)
        for _, name, value, counted in said
    )


def _is(truth: bool, value: Any) -> bool:
    return value is truth or (isinstance(value, str) and value.lower() in _WRITTEN[truth])


def _problem(path: str, name: str, value: Any, count: int, counted: bool) -> str | None:
    kind = tells(name)
    if kind in ("next", "cursor") and leads_somewhere(value):
        return f"a next page is announced (`{path}`)"
    if announces_more(name, value):
        return f"more is announced (`{path}`)"
    if not counted:
        return None
    number = number_of(value)
    if kind == "pages" and number is not None and number > 1:
        return f"{number:,} pages announced (`{path}`)"
    if kind == "page" and number is not None and number > 1:
        return f"it is page {number:,} (`{path}`)"
    if kind == "total" and number is not None and number > count:
        return f"{number:,} records announced (`{path}`), {count:,} there"
    if kind == "total" and number is not None and 0 < number < count and not is_lower_bound(value):
        return f"{count:,} records there, and {number:,} announced (`{path}`), which is not the number of all"
    if kind == "offset" and number:
        return f"it begins after {number:,} records that are elsewhere (`{path}`)"
    return None


def leads_somewhere(value: Any) -> bool:
    """Tell whether what is written of a next page is more than the want of one."""
    if isinstance(value, dict):
        return any(leads_somewhere(value.get(key)) for key in _ON)
    return value is True or (isinstance(value, (str, int)) and value not in ("", 0, "null", "None"))


def is_lower_bound(value: Any) -> bool:
    """Tell whether a total is that of the records that were counted, and not of all: Elasticsearch, beyond 10,000."""
    return isinstance(value, dict) and value.get("relation") == "gte"


def number_of(value: Any) -> int | None:
    """Return the whole number that a value is, or holds."""
    if isinstance(value, dict):  # Elasticsearch: {"total": {"value": 13, "relation": "eq"}}
        return number_of(value.get("value"))
    if isinstance(value, str) and value.isdecimal() and len(value) < 16:
        return int(value)
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) else None
