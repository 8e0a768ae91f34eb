"""What may be asked of a fetch, and what became of each delivery.

How they are fetched is in `fetching`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from barometre_pipeline.editions import Edition
from barometre_pipeline.resources.deliveries import Manifest
from barometre_pipeline.resources.http import Limits


@dataclass(frozen=True)
class FetchOptions:
    """`from_snapshot`: no network; `allow_late`: an earlier file rather than none; `seulement`: the one to fetch."""

    from_snapshot: bool = False
    allow_late: bool = False
    seulement: str | None = None
    limits: Limits = field(default_factory=Limits)


@dataclass(frozen=True)
class Fetched:
    """What became of one delivery.

    `failure` is a sentence; with `late_from`, the edition of the file that is used instead, it does not block.
    `reused` tells that nothing new arrived.
    """

    livraison: str
    manifest: Manifest | None = None
    failure: str | None = None
    late_from: Edition | None = None
    reused: bool = False

    @property
    def blocking(self) -> bool:
        """Tell whether the run must stop for want of this delivery."""
        return self.failure is not None and self.late_from is None


def failures_sentence(outcomes: Sequence[Fetched]) -> str:
    """Return the failures that block the run, one sentence a line; '' where there is none."""
    return "\n".join(one.failure or "" for one in outcomes if one.blocking)
