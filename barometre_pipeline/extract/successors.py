"""Which page comes after those that were seen, and whether these are all: by a link, a cursor, a number or an offset.

What the catalogue says goes first; without it, the usual ways: a link in the body, the Link header, an offset and a
total. Nothing is asked here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from barometre_pipeline.catalogue.api_keys import Curseur, Pagination
from barometre_pipeline.extract.asking import Asking, parameters_of
from barometre_pipeline.extract.receiving import Received
from barometre_pipeline.formats.paging import Page

_OF_A_PAGE = ("count", "resultcount")  # in some services the records of the page, in others of all


@dataclass(frozen=True)
class Seen:
    """A page, what was sent for it, and what it says where it is of a kind that says something."""

    asking: Asking
    received: Received
    page: Page | None

    @property
    def content(self) -> str:
        """Return what tells two contents apart: the records, whatever is written around them."""
        return self.page.digest if self.page else self.received.fichier.sha256

    @property
    def count(self) -> int:
        """Return the number of records; where it is not known, there are some."""
        return self.page.records if self.page else 1

    def link(self, said: Pagination) -> str | None:
        """Return the address that leads to the next page, of the body before the header."""
        in_body = self.page.link if self.page else None
        return in_body or (None if said.suivant else self.received.next_page)


def next_asking(said: Pagination, first: Asking, seen: Sequence[Seen]) -> Asking | None:
    """Return what is to be sent for the next page, None after the last one; HttpError where it may not be."""
    if said.curseur:
        return _by_cursor(said.curseur, first, seen)
    if said.page or said.decalage:
        return None if _is_the_end(said, first, seen) else _by_number(said, first, seen)
    last = seen[-1]
    if link := last.link(said):
        return None if _is_an_empty_end(seen) else last.asking.turned_to(last.received.came_from, link)
    linked = said.suivant or any(one.link(said) for one in seen)
    return None if linked else _by_usual_offset(first, seen)


def _by_cursor(said: Curseur, first: Asking, seen: Sequence[Seen]) -> Asking | None:
    cursor = seen[-1].page.cursor if seen[-1].page else None
    following = first.with_parameter(said.ecrire, cursor) if cursor else None
    # The same mark again is how some services say the end.
    return following if following and following.told_apart_by != seen[-1].asking.told_apart_by else None


def _by_number(said: Pagination, first: Asking, seen: Sequence[Seen]) -> Asking:
    if said.page:
        return first.with_parameter(said.page, str(_given(first, said.page, 1) + len(seen)))
    name = said.decalage or ""
    return first.with_parameter(name, str(_given(first, name, 0) + _count(seen)))


def _by_usual_offset(first: Asking, seen: Sequence[Seen]) -> Asking | None:
    """Go on where a document says fewer records than it announces, from the first page on."""
    start, last = seen[0].page, seen[-1].page
    if start is None or last is None or start.begins or not last.records:
        return None
    count = _count(seen)
    if count >= max(_totals(seen[0]).values(), default=0):
        return None
    name = start.offset or "offset"
    return first.with_parameter(name, str(_given(first, name, 0) + count))


def _given(first: Asking, name: str, otherwise: int) -> int:
    body = first.content or {}
    given = str(body[name] if name in body else parameters_of(first.url).get(name, ""))
    return int(given) if given.isdecimal() else otherwise


def _is_the_end(said: Pagination, first: Asking, seen: Sequence[Seen]) -> bool:
    last = seen[-1]
    if not last.count or last.page is None:
        return True
    if said.total or _sure(seen[0]):
        return _count(seen) >= max(_totals(seen[0]).values())
    # A service may give fewer than asked: a short page is the last one only where others were full.
    asked = _given(first, said.limite, 0) if said.limite else 0
    return last.count < asked and any(one.count == asked for one in seen)


def _is_an_empty_end(seen: Sequence[Seen]) -> bool:
    """Tell whether a page without records ends what was announced: some services link to a next page for ever."""
    sure = _sure(seen[0])
    return not seen[-1].count and bool(sure) and _count(seen) >= max(sure.values())


def _count(seen: Sequence[Seen]) -> int:
    return sum(one.count for one in seen)


def _totals(seen: Seen) -> dict[str, int]:
    """Return the numbers that a page may announce for all; what may count that page alone, for want of others only."""
    return _sure(seen) or (seen.page.totals if seen.page else {})


def _sure(seen: Seen) -> dict[str, int]:
    totals = seen.page.totals if seen.page else {}
    return {path: n for path, n in totals.items() if path.rpartition(".")[2].lower() not in _OF_A_PAGE}


def not_whole(said: Pagination, seen: Sequence[Seen]) -> str | None:
    """Return why the pages, all of which were followed, are not the whole that they announce; None where they are.

    A document that is alone is judged when it is read.
    """
    count, last = _count(seen), seen[-1]
    if len(seen) == 1 and not said.total:
        return None
    for path, announced in _totals(seen[0]).items():
        told = [n for one in seen if (n := _totals(one).get(path)) is not None]
        if len(seen) > 1 and told == [one.count for one in seen]:
            continue  # it counts each page
        changed = next((n for n in told if n != announced), announced)
        if changed != announced:
            return f"announces {changed:,} records (`{path}`), page 1 {announced:,}: they changed meanwhile; run again"
        if announced != count:
            return f"is the last one: {count:,} records came in {len(seen)}, and {announced:,} are announced (`{path}`)"
    if last.page and last.page.more and last.count:
        return f"is the last one that can be followed, and announces more (`{last.page.more}`)"
    return None
