"""How often a publication begins again on a depot to which others push, and how long it waits before.

A push that comes too late means that another one arrived: pauses that grow, and differ from home to home, let all end.
"""

from __future__ import annotations

import random
import time
from collections.abc import Iterator

ATTEMPTS = 10
_FIRST_PAUSE = 0.2  # seconds, at most; each may be twice as long as the one before
_LONGEST_PAUSE = 10.0


def spaced_attempts() -> Iterator[int]:
    """Count the attempts, with a pause before each but the first."""
    yield 0
    for number in range(1, ATTEMPTS):
        time.sleep(random.uniform(0, min(_FIRST_PAUSE * 2 ** (number - 1), _LONGEST_PAUSE)))
        yield number
