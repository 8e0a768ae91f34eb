"""How recent the resources of a dataset are: by the periods in their titles, else by the instant of their creation.

The portal's `last_modified` is no date of the data: any change of a title or of a description moves it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from itertools import pairwise

from barometre_pipeline.errors import SourceError
from barometre_pipeline.extract.portal import Ressource
from barometre_pipeline.readers.titles import period_in


def latest(ressources: Sequence[Ressource]) -> Ressource:
    """Return the most recent resource; SourceError where two are as recent."""
    ages = _ages(ressources)
    newest = [ressource for ressource, age in zip(ressources, ages, strict=True) if age == max(ages)]
    if len(newest) > 1:
        raise _as_recent(newest[0], newest[1])
    return newest[0]


def oldest_first(ressources: Sequence[Ressource]) -> list[Ressource]:
    """Return the resources, the most recent one last; SourceError where two are as recent."""
    ranked = sorted(zip(_ages(ressources), ressources, strict=True), key=lambda pair: pair[0])
    for (age, one), (other_age, other) in pairwise(ranked):
        if age == other_age:
            raise _as_recent(one, other)
    return [ressource for _, ressource in ranked]


def _ages(ressources: Sequence[Ressource]) -> list[dt.datetime]:
    periods = [period_in(ressource.title) for ressource in ressources]
    told = [dt.datetime.combine(period, dt.time(), dt.UTC) for period in periods if period]
    return told if len(told) == len(ressources) else [_created(ressource) for ressource in ressources]


def _created(ressource: Ressource) -> dt.datetime:
    try:
        instant = dt.datetime.fromisoformat(ressource.created_at)
    except ValueError:
        raise SourceError(
            f"nothing tells how recent the resource {ressource.title!r} ({ressource.id}) is: not every title has a "
            "period, and data.gouv.fr does not say when it was created"
        ) from None
    return instant if instant.tzinfo else instant.replace(tzinfo=dt.UTC)


def _as_recent(one: Ressource, other: Ressource) -> SourceError:
    names = " and ".join(f"{ressource.title!r} ({ressource.id})" for ressource in (one, other))
    return SourceError(f"of the resources {names}, neither is the more recent: name one, or make the pattern stricter")
