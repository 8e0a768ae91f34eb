"""Which run holds a home: as the lock of this machine tells, then that of all the machines that share a database."""

from __future__ import annotations

from barometre_pipeline.runs.lock import run_under_way
from barometre_pipeline.runs.shared_lock import held_anywhere
from barometre_pipeline.settings import Settings


def holder_of(settings: Settings) -> str | None:
    """Say which run holds the home of these settings, None where none does.

    MachineError says that the database does not answer: whether another machine's run is alive is then not known.
    """
    here = run_under_way(settings.home.root)
    if here is None and settings.postgres_address:
        return held_anywhere(settings.postgres_address, settings.home.root)
    return here
