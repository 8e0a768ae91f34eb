"""The lock of a home that several machines share, by PostgreSQL, where Dagster's history is kept in it.

The server itself releases it when the process or its machine dies. It comes after the lock of `lock`, of one machine,
and tells homes apart by a file in them: the same volume may be mounted at several places.
"""

from __future__ import annotations

import hashlib
import os
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from sqlalchemy import Connection, NullPool, create_engine, text
from sqlalchemy.exc import DBAPIError

from barometre_pipeline.errors import BarometreError, MachineError

IDENTITY = "identite"
_SECONDS = 10
_POLL_SECONDS = 0.5
# A machine that loses its power tells nobody: the server asks after it, and has missed it in two minutes. Linux's own
# default is two hours.
_SOON_MISSED = "-c tcp_keepalives_idle=60 -c tcp_keepalives_interval=15 -c tcp_keepalives_count=4"
_HOLDER = """
    select a.application_name, to_char(a.backend_start, 'YYYY-MM-DD HH24:MI:SS')
    from pg_locks as l
    join pg_stat_activity as a on a.pid = l.pid
    where l.locktype = 'advisory' and l.granted and (l.classid::bigint << 32) | l.objid::bigint = :key
"""


@contextmanager
def shared_lock(address: str, home: Path, doing: str, wait_seconds: float = 0.0) -> Iterator[None]:
    """Hold the home for all machines while the block runs; `doing` tells others what, as in `run 2022-T1`.

    BarometreError names the run that holds it still after `wait_seconds`, MachineError says that the database does not
    answer.
    """
    key = _key_of(home)
    with connected(address, doing) as connection:  # its end releases the lock
        _acquire(connection, key, home, wait_seconds)
        yield


def held_anywhere(address: str, home: Path) -> str | None:
    """Say which run of whatever machine holds the home, None where none does; MachineError as `shared_lock`."""
    if not (home / IDENTITY).exists():
        return None
    with connected(address, "barometre") as connection:
        holder = connection.execute(text(_HOLDER), {"key": _key_of(home)}).first()
    return _who(*holder) if holder else None


def connected(address: str, doing: str) -> Connection:
    """Connect to the database; MachineError says why it does not answer."""
    options = {"connect_timeout": _SECONDS, "application_name": doing[:60], "options": _SOON_MISSED}
    engine = create_engine(address, poolclass=NullPool, isolation_level="AUTOCOMMIT", connect_args=options)
    try:
        return engine.connect()
    except DBAPIError as error:
        told = str(error.orig).strip().splitlines()[0]
        raise MachineError(
            f"The database of BAROMETRE_POSTGRES cannot be used ({told}): check it, then run again."
        ) from None


def _key_of(home: Path) -> int:
    """Return the number of a home among those that the database may lock, made at its first use."""
    file, own = home / IDENTITY, home / f".{IDENTITY}.{uuid.uuid4().hex}"
    if not file.exists():
        own.write_text(f"{uuid.uuid4()}\n", "utf-8")
        with suppress(FileExistsError):  # another machine's was sooner
            os.link(own, file)
        own.unlink()
    return int.from_bytes(hashlib.sha256(file.read_bytes()).digest()[:8], signed=True)


def _acquire(connection: Connection, key: int, home: Path, wait_seconds: float) -> None:
    deadline = time.monotonic() + wait_seconds
    while not connection.execute(text("select pg_try_advisory_lock(:key)"), {"key": key}).scalar():
        if time.monotonic() >= deadline:
            raise BarometreError(_sentence(connection, key, home, wait_seconds))
        time.sleep(_POLL_SECONDS)


def _sentence(connection: Connection, key: int, home: Path, waited: float) -> str:
    holder = connection.execute(text(_HOLDER), {"key": key}).first()
    who = _who(*holder) if holder else "Another machine's run"
    after = f" and did not end within {waited:.0f} s" if waited else ""
    return f"{who} is running in {home}{after}: run again when it has ended, or give another home."


def _who(doing: str, since: str) -> str:
    return f"« {doing} » (another machine's, connected since {since})"
