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
        return None if _is_the_end(said, seen) else _by_number(said, first, seen)
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
    if _count(seen) >= max(_totals(seen[0]).values(), default=0):
        return None
    return _by_offset(first, seen)


def _by_offset(first: Asking, seen: Sequence[Seen]) -> Asking:
    name = (seen[0].page.offset if seen[0].page else None) or "offset"
    return first.with_parameter(name, str(_given(first, name, 0) + _count(seen)))


def _given(first: Asking, name: str, otherwise: int) -> int:
    body = first.content or {}
    given = str(body[name] if name in body else parameters_of(first.url).get(name, ""))
    return int(given) if given.isdecimal() else otherwise


def _is_the_end(said: Pagination, seen: Sequence[Seen]) -> bool:
    """Tell whether nothing or the total ends the pages; a short one may be followed by others."""
    last = seen[-1]
    if not last.count or last.page is None:
        return True
    return _is_told(said, seen[0]) and _count(seen) >= max(_totals(seen[0]).values())


def _is_told(said: Pagination, first: Seen) -> bool:
    """Tell whether a page announces the number of all the records, and not that of its own."""
    return bool(said.total or _sure(first))


def may_be_after_the_last(said: Pagination, first: Asking, seen: Sequence[Seen]) -> bool:
    """Tell whether a next page that is not found is the end: where a short page came after full ones."""
    if not seen or not said.limite or not (said.page or said.decalage):
        return False
    asked = _given(first, said.limite, 0)
    return seen[-1].count < asked and any(one.count == asked for one in seen)


def one_more(said: Pagination, first: Asking, seen: Sequence[Seen]) -> Asking | None:
    """Return what tells whether records come after a total that was reached with a full page, None where none was."""
    counts = [one.count for one in seen]
    if not counts[-1] or counts[-1] < max(counts) or any(one.page is None or one.link(said) for one in seen):
        return None
    if said.page or said.decalage:
        return _by_number(said, first, seen)
    return _by_offset(first, seen) if said.is_usual and len(seen) > 1 else None


def _is_an_empty_end(seen: Sequence[Seen]) -> bool:
    """Tell whether a page without records ends what was announced: some services link to a next page for ever."""
    sure = _sure(seen[0])
    return not seen[-1].count and bool(sure) and _count(seen) >= max(sure.values())


def begins_again(said: Pagination, seen: Sequence[Seen]) -> str | None:
    """Return why a page asked by its offset is not what follows the one before: it begins with that one's last record.

    So does a service that counts its records from 1 and is asked from 0 on.
    """
    if len(seen) < 2 or said.page or said.curseur or any(one.link(said) for one in seen):
        return None
    before, page = seen[-2].page, seen[-1].page
    if not (before and page and before.ends and page.ends and before.ends[1] == page.ends[0]):
        return None
    name = said.decalage or before.offset or "offset"
    return (
        f"begins with the last record of page {len(seen) - 1}: where the service counts its records from 1, "
        f"write {name}=1 in the address"
    )


def _count(seen: Sequence[Seen]) -> int:
    return sum(one.count for one in seen)


def _totals(seen: Seen) -> dict[str, int]:
    """Return the numbers that a page may announce for all; what may count that page alone, for want of others only."""
    return _sure(seen) or (seen.page.totals if seen.page else {})


def _sure(seen: Seen) -> dict[str, int]:
    totals = seen.page.totals if seen.page else {}
    return {path: n for path, n in totals.items() if path.rpartition(".")[2].lower() not in _OF_A_PAGE}


def leads_astray(said: Pagination, first: Asking, page: Seen) -> str | None:
    """Return why a first page has no next one where the catalogue says, None where it need not have one.

    It need not where it is whole by its total, or shorter than what was asked for.
    """
    if not page.page or not page.page.is_astray or not page.count:
        return None
    whole = _is_told(said, page) and page.count >= max(_totals(page).values())
    if whole or (said.limite and page.count < _given(first, said.limite, 0)):
        return None
    key, path = ("curseur.lire", said.curseur.lire) if said.curseur else ("suivant", said.suivant)
    return (
        f"has nothing at {path!r} that leads to a next page, where `pagination.{key}` says so: correct the path; where "
        "one page may be all, say `limite` or `total` beside it"
    )


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
