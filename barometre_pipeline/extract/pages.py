"""The pages of a service followed to their end, each kept as received: all of them, or a sentence about what is wrong.

    asking       what is sent                     formats.paging  what a page says of the others
    receiving    one page received                successors      which page is the next one

A service that repeats itself, that goes on for ever, or whose total is not what it gave, is refused.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from barometre_pipeline.catalogue import Livraison
from barometre_pipeline.catalogue.api_keys import Pagination, Requete
from barometre_pipeline.errors import ReadingError, SourceError
from barometre_pipeline.extract.asking import Asking, first_asking
from barometre_pipeline.extract.locations import Remote, file_name
from barometre_pipeline.extract.receiving import Received, Reception
from barometre_pipeline.extract.successors import (
    Seen,
    begins_again,
    leads_astray,
    may_be_after_the_last,
    next_asking,
    not_whole,
    one_more,
)
from barometre_pipeline.formats.page_names import page_name
from barometre_pipeline.formats.paging import Page
from barometre_pipeline.readers.workers import page_apart
from barometre_pipeline.resources.http_messages import StatusError
from barometre_pipeline.resources.oauth2 import Tokens
from barometre_pipeline.resources.retries import HttpError, RefusedAddressError

_NO_SUCH_PAGE = (400, 404, 410, 416, 422)
_ADVICE = "; say how its pages are followed with `pagination`"


class RefusedPageError(SourceError):
    """A page that cannot be one of a whole; `received` is kept for people."""

    def __init__(self, message: str, received: Received) -> None:
        super().__init__(message)
        self.received = received


def receive_pages(reception: Reception, location: Remote, livraison: Livraison, tokens: Tokens) -> list[Received]:
    """Receive what is at a location, with the pages that follow; SourceError says what failed, and where."""
    following = _Following(reception, location, livraison, tokens)
    try:
        first = first_asking(livraison, location, reception.door.secrets)
    except ValueError:
        raise SourceError(f"{location.shown} is not a URL that can be asked for") from None
    following.follow(first)
    return following.files()


@dataclass
class _Following:
    reception: Reception
    location: Remote
    livraison: Livraison
    tokens: Tokens
    received: list[Received] = field(default_factory=list)
    seen: list[Seen] = field(default_factory=list)

    def follow(self, first: Asking) -> None:
        """Ask for the first page, then for each next one."""
        asking: Asking | None = first
        while asking:
            try:
                one = self._received(asking)
            except SourceError as error:
                self._refuse_failure(error, first)
                return
            self.received.append(one)
            if one.unchanged:
                return
            page = self._looked_at(one)
            if page is None and len(self.received) == 1 and not one.next_page:
                return  # no page: what it is, reading it tells
            self.seen.append(Seen(asking, replace(one, is_read=page is not None), page))
            self._refuse_astray(first)
            self._refuse_repetition()
            self._refuse_size()
            asking = self._next(first)
            self.reception.deadline.put_off(self.reception.door.limits.deadline)  # for the next page

    def _next(self, first: Asking) -> Asking | None:
        try:
            following = next_asking(self.livraison.pagination, first, self.seen)
        except HttpError as error:
            raise self._refused(str(error)) from None
        except ValueError:
            raise self._refused("has a link to a next page that is no address") from None
        if following is None:
            self._refuse_part()
            self._refuse_low_total(first)
        elif len(self.seen) >= self.livraison.pagination.maximum:
            raise self._refused(
                f"is not the last one, and {self.livraison.pagination.maximum:,} pages are allowed: ask for larger "
                "ones, or raise `pagination.maximum`"
            )
        elif any(following.told_apart_by == one.asking.told_apart_by for one in self.seen):
            raise self._refused(f"leads back to a page that was asked already{_ADVICE}")
        return following

    def _refuse_failure(self, error: SourceError, first: Asking) -> None:
        """Raise the error, unless it says that there is no page after the last one."""
        said, limits = self.livraison.pagination, self.reception.door.limits
        if self.seen and self.reception.deadline.is_spent:
            longest = f"the {limits.longest:,.0f} s allowed for all of them have passed"
            raise self._refused(f"is not the last one, and {longest}: ask for larger ones") from None
        is_no_page = isinstance(error, StatusError) and error.status in _NO_SUCH_PAGE
        if not is_no_page or not may_be_after_the_last(said, first, self.seen):
            raise error
        self._refuse_part()

    def _refuse_part(self) -> None:
        if problem := not_whole(self.livraison.pagination, self.seen):
            raise self._refused(problem)

    def _refuse_low_total(self, first: Asking) -> None:
        """Ask once more after a full page with which a total is reached: nothing new may come."""
        asking = one_more(self.livraison.pagination, first, self.seen)
        if asking is None:
            return
        self.reception.deadline.put_off(self.reception.door.limits.deadline)
        try:
            one = self._received(asking)
            page = page_apart(one.path, self.livraison)
        except StatusError as error:
            if error.status in _NO_SUCH_PAGE:
                return
            raise
        except ReadingError:
            return  # there are no records
        if page.records and all(page.digest != before.content for before in self.seen):
            self.received.append(one)
            raise self._refused(
                f"has {page.records:,} records more than the total that page 1 announces: it is not that of all"
            )

    def _received(self, asking: Asking) -> Received:
        client, rank = asking.client, len(self.received)
        token = self.tokens.current(client) if client else ""
        try:
            return self._downloaded(asking, rank, token)
        except RefusedAddressError as error:
            if not rank:
                raise
            raise RefusedPageError(str(error), self._named(self.received[-1], rank)) from None
        except StatusError as error:
            if error.status != 401 or client is None:
                raise
        # Refused before its time: another one, once.
        self.tokens.drop(client, token)
        return self._downloaded(asking, rank, self.tokens.current(client))

    def _downloaded(self, asking: Asking, rank: int, token: str) -> Received:
        request = asking.request
        if token:
            request = replace(request, headers={**request.headers, "Authorization": f"Bearer {token}"})
        reception, place = self.reception, replace(self.location, url=asking.url)
        one = reception.download(place, rank, self._name, request=request, conditional=not rank and self._is_plain)
        if one.unchanged and one.next_page:
            # Its first page is what it was, and it has others by now.
            one = reception.download(place, rank, self._name, request=request, conditional=False)
        return one

    @property
    def _name(self) -> str:
        return file_name(self.location.shown, self.reception.otherwise)

    @property
    def _is_plain(self) -> bool:
        asked = self.livraison.requete, self.livraison.oauth2, self.livraison.pagination
        return asked == (Requete(), None, Pagination())

    def _looked_at(self, one: Received) -> Page | None:
        """Return what a page says of the others, None where it is not of a kind that says something."""
        if self.livraison.file_format != "json" or self.livraison.fichier:
            return None
        try:
            return page_apart(one.path, self.livraison)
        except ReadingError as error:
            if len(self.received) == 1 and self.livraison.pagination == Pagination():
                return None
            raise self._refused(str(error)) from None

    def _refuse_repetition(self) -> None:
        *before, last = self.seen
        same = next((rank for rank, one in enumerate(before, 1) if one.content == last.content), None)
        if same and last.count:
            raise self._refused(f"is the same as page {same}: its service repeats itself{_ADVICE}")
        if problem := begins_again(self.livraison.pagination, self.seen):
            raise self._refused(problem)

    def _refuse_astray(self, first: Asking) -> None:
        if len(self.seen) == 1 and (problem := leads_astray(self.livraison.pagination, first, self.seen[0])):
            raise self._refused(problem)

    def _refuse_size(self) -> None:
        if sum(one.fichier.taille for one in self.received) > self.reception.limit:
            allowed = f"the {self.reception.limit / 1_000_000:,.0f} MB allowed (taille_maximale)"
            raise self._refused(f"is, with those before it, bigger than {allowed}")

    def _refused(self, problem: str) -> RefusedPageError:
        one = self._named(self.received[-1], len(self.received))
        return RefusedPageError(f"{one.shown} {problem}", one)

    def files(self) -> list[Received]:
        """Return the pages to be kept under names of their own; a page without records says nothing."""
        if len(self.received) == 1:
            return self.received
        kept = [one.received for one in self.seen if one.count] or [self.seen[0].received]
        return [self._named(one, rank) for rank, one in enumerate(kept, 1)]

    def _named(self, one: Received, number: int) -> Received:
        """Return a page under its name; contents alone tell whether it is another one, as it is always asked again."""
        if len(self.received) == 1:
            return one
        facts = {"nom": page_name(one.fichier.nom, number), "etag": None, "derniere_modification": None}
        return replace(one, fichier=one.fichier.model_copy(update=facts), page=number)
