"""Editions: the quarters that the barometer publishes, written `2022-T1`.

Pure calendar arithmetic. Dagster's partitions of the same quarters are built in `schedules`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta

from barometre_pipeline.errors import UsageError
from barometre_pipeline.placeholders import filled

_WRITTEN = re.compile(r"(\d{4})-T([1-4])")


@dataclass(frozen=True, order=True)
class Edition:
    """One quarter: `annee` (2022) and `trimestre` (1 to 4)."""

    annee: int
    trimestre: int

    @classmethod
    def parse(cls, text: str) -> Edition:
        """Read `2022-T1`; UsageError says what would be right."""
        match = _WRITTEN.fullmatch(text.strip())
        if not match:
            raise UsageError(f"{text!r} is not an edition: write the year and the quarter, as in 2022-T1.")
        return cls(int(match[1]), int(match[2]))

    @classmethod
    def containing(cls, day: date) -> Edition:
        """Return the edition whose quarter holds this day."""
        return cls(day.year, (day.month + 2) // 3)

    @classmethod
    def last_closed(cls, today: date) -> Edition:
        """Return the edition of the last quarter that is over on this day."""
        return cls.containing(today).previous

    @property
    def previous(self) -> Edition:
        """Return the edition of the quarter before."""
        return Edition.containing(self.start - timedelta(days=1))

    @property
    def start(self) -> date:
        """Return the first day of the quarter, which is also its partition's key."""
        return date(self.annee, 3 * self.trimestre - 2, 1)

    @property
    def end(self) -> date:
        """Return the last day of the quarter."""
        following = date(self.annee + self.trimestre // 4, 3 * self.trimestre % 12 + 1, 1)
        return following - timedelta(days=1)

    def fill(self, text: str) -> str:
        """Return an address with its placeholders filled: `{mois}` is the quarter's last month, in two figures."""
        month = f"{3 * self.trimestre:02d}"
        values = {"edition": str(self), "annee": str(self.annee), "trimestre": str(self.trimestre), "mois": month}
        return filled(text, values)

    def __str__(self) -> str:
        return f"{self.annee}-T{self.trimestre}"
