"""What a depot's tags say: the publications of each edition, those that were withdrawn, and what the next is called.

`2022-T1` is an edition's first publication, `2022-T1.1` its first correction; `retrait/2022-T1.1` withdraws that one.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from barometre_pipeline.editions import Edition

WITHDRAWAL = "retrait/"


@dataclass(frozen=True, order=True)
class Publication:
    """One publication of an edition: its first (0), or its nth correction."""

    edition: Edition
    correction: int = 0

    @classmethod
    def parse(cls, tag: str) -> Publication | None:
        """Read a tag; None where it names no publication."""
        match = re.fullmatch(r"(\d{4}-T[1-4])(?:\.([1-9]\d{0,8}))?", tag, re.ASCII)
        return cls(Edition.parse(match[1]), int(match[2] or 0)) if match else None

    def __str__(self) -> str:
        return f"{self.edition}.{self.correction}" if self.correction else str(self.edition)


@dataclass(frozen=True)
class Publications:
    """All that was published: the commit of each publication, and those that are withdrawn."""

    commits: Mapping[Publication, str]
    withdrawn: frozenset[Publication]

    @classmethod
    def of(cls, tags: Mapping[str, str]) -> Publications:
        """Read a depot's tags, name → commit; those of other people are left aside."""
        named = {name: Publication.parse(name.removeprefix(WITHDRAWAL)) for name in tags}
        return cls(
            {one: tags[name] for name, one in named.items() if one and not name.startswith(WITHDRAWAL)},
            frozenset(one for name, one in named.items() if one and name.startswith(WITHDRAWAL)),
        )

    @property
    def live(self) -> list[Publication]:
        """Return those that are not withdrawn, the greatest last."""
        return sorted(self.commits.keys() - self.withdrawn)

    @property
    def standing(self) -> list[Publication]:
        """Return the last live publication of each edition that has one, the greatest last."""
        return list({one.edition: one for one in self.live}.values())

    def last(self, edition: Edition) -> Publication | None:
        """Return the edition's last live publication."""
        return next((one for one in self.standing if one.edition == edition), None)

    def before(self, edition: Edition) -> Publication | None:
        """Return what an edition is compared with: the last live publication of the greatest edition before it."""
        return next((one for one in reversed(self.standing) if one.edition < edition), None)

    def after(self, edition: Edition) -> Publication | None:
        """Return the last live publication of the next edition, which is compared with this one."""
        return next((one for one in self.standing if one.edition > edition), None)

    def next(self, edition: Edition) -> Publication:
        """Return the edition's next publication: a number is given once, a withdrawn one too."""
        numbers = [one.correction for one in (*self.commits, *self.withdrawn) if one.edition == edition]
        return Publication(edition, max(numbers, default=-1) + 1)

    def parent(self, edition: Edition) -> str | None:
        """Return the commit on which an edition that is not the public one is committed; None: on none."""
        own = [one for one in self.commits if one.edition == edition]
        found = max(own) if own else self.before(edition)
        return self.commits[found] if found else None

    def in_force(self, public: Publication) -> list[Publication]:
        """Return the withdrawals by which this publication is the public one: of its edition and of those after it."""
        standing = {one.edition: one for one in (*self.standing, public)}
        known = sorted(self.withdrawn & self.commits.keys())
        return [
            p for p in known if p.edition >= public.edition and p > standing.get(p.edition, Publication(p.edition, -1))
        ]
