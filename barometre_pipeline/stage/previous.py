"""The edition before, as the depot holds it: which publication this edition is compared with.

The depot is asked, never a record of this home, so that two homes and one depot compare with the same. What was
published then is read in `published`.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from barometre_pipeline.depot.command import GitError
from barometre_pipeline.depot.options import Depot
from barometre_pipeline.depot.reading import known_refs
from barometre_pipeline.depot.remote import Refs
from barometre_pipeline.depot.tags import Publication, Publications
from barometre_pipeline.editions import Edition
from barometre_pipeline.settings import Settings

progress = logging.getLogger("barometre.stage")


@dataclass(frozen=True)
class Previous:
    """What the depot holds when an edition is made; `refs` is None where it could not be asked."""

    edition: Edition
    depot: Depot
    clone: Path
    refs: Refs | None

    @cached_property
    def publications(self) -> Publications:
        """Return all that was published."""
        return Publications.of(self.refs.tags if self.refs else {})

    @property
    def publication(self) -> Publication | None:
        """Return the publication with which the edition is compared."""
        return self.publications.before(self.edition)

    @property
    def identity(self) -> tuple[str | None, str | None]:
        """Return its tag, and the commit that this names."""
        found = self.publication
        return (str(found), self.publications.commits[found]) if found else (None, None)

    @property
    def commits(self) -> dict[str, str]:
        """Return the commits to read, by the tag that names each: this publication's, and the edition's own last."""
        read = filter(None, (self.publication, self.publications.last(self.edition)))
        return {f"refs/tags/{one}": self.publications.commits[one] for one in read}


def previous_of(settings: Settings, edition: Edition, offline: bool) -> Previous:
    """Return what the depot holds; where it cannot be asked, a warning says so."""
    depot, clone = Depot.of(settings), settings.home.publication
    try:
        return Previous(edition, depot, clone, known_refs(depot, clone, offline))
    except GitError as error:
        progress.warning("Nothing is compared with the edition before: %s", error)
        return Previous(edition, depot, clone, None)
