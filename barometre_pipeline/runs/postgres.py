"""PostgreSQL, where Dagster's history is kept in it: whether it can be."""

from __future__ import annotations

from importlib.util import find_spec

from barometre_pipeline.errors import UsageError
from barometre_pipeline.runs.shared_lock import connected


def check_postgres(address: str) -> None:
    """Raise UsageError where the packages are not installed, MachineError where the database does not answer."""
    if find_spec("dagster_postgres") is None:
        raise UsageError(
            "BAROMETRE_POSTGRES needs packages that are not there: pip install 'barometre-pipeline[postgres]'."
        )
    connected(address, "barometre").close()
