"""PostgreSQL, where Dagster's history is kept in it: whether it can be."""

from __future__ import annotations

from importlib.util import find_spec

from sqlalchemy import NullPool, create_engine
from sqlalchemy.exc import DBAPIError

from barometre_pipeline.errors import MachineError, UsageError

_SECONDS = 10


def check_postgres(address: str) -> None:
    """Raise UsageError where the packages are not installed, MachineError where the database does not answer."""
    if find_spec("dagster_postgres") is None:
        raise UsageError(
            "BAROMETRE_POSTGRES needs packages that are not there: pip install 'barometre-pipeline[postgres]'."
        )
    engine = create_engine(address, poolclass=NullPool, connect_args={"connect_timeout": _SECONDS})
    try:
        engine.connect().close()
    except DBAPIError as error:
        told = str(error.orig).strip().splitlines()[0]
        raise MachineError(
            f"The database of BAROMETRE_POSTGRES cannot be used ({told}): check it, then run again."
        ) from None
