"""The door to a DuckDB file for those who only read it; several processes may, while none writes.

Dagster is not behind it, as it is behind the writing one: the process that judges need not import it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb


@contextmanager
def read_warehouse(path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open an existing DuckDB file, read only; duckdb.IOException where there is none, or one that is being written."""
    with duckdb.connect(str(path), read_only=True) as connection:
        connection.execute("set enable_progress_bar = false")
        yield connection
