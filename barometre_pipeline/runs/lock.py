"""One run at a time in a home: a lock that the system itself releases when its process dies.

The note in the file only tells people who holds it; whether it is held is the kernel's answer, never the note's.
"""

from __future__ import annotations

import fcntl
import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import IO

from barometre_pipeline.errors import BarometreError

LOCK_FILE = "verrou.json"
_POLL_SECONDS = 0.2


@contextmanager
def run_lock(home: Path, doing: str, wait_seconds: float = 0.0) -> Iterator[None]:
    """Hold the home while the block runs; `doing` tells others what, as in `run 2022-T1`.

    BarometreError names the run that holds it still after `wait_seconds`.
    """
    home.mkdir(parents=True, exist_ok=True)
    # Not inherited by the processes started meanwhile: one that outlives us does not keep the lock.
    with (home / LOCK_FILE).open("a+", encoding="utf-8") as file:
        _acquire(file, home, wait_seconds)
        try:
            _write_note(file, {"pid": os.getpid(), "depuis": f"{datetime.now():%Y-%m-%d %H:%M:%S}", "quoi": doing})
            yield
        finally:
            _write_note(file, {})
            fcntl.flock(file, fcntl.LOCK_UN)


def _acquire(file: IO[str], home: Path, wait_seconds: float) -> None:
    deadline = time.monotonic() + wait_seconds
    while True:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        except BlockingIOError:
            if time.monotonic() >= deadline:
                raise BarometreError(_sentence(file, home, wait_seconds)) from None
        except OSError as error:
            raise BarometreError(f"{home} cannot be locked ({error.strerror}): use a local disk.") from error
        time.sleep(_POLL_SECONDS)


def _sentence(file: IO[str], home: Path, waited: float) -> str:
    file.seek(0)
    try:
        note = json.loads(file.read())
        who = f"« {note['quoi']} » (process {note['pid']}, since {note['depuis']})"
    except (ValueError, KeyError, TypeError):
        who = "another run"
    after = f" and did not end within {waited:.0f} s" if waited else ""
    return f"{who} is running in {home}{after}: run again when it has ended, or give another home."


def _write_note(file: IO[str], note: dict[str, object]) -> None:
    file.seek(0)
    file.truncate()
    json.dump(note, file, ensure_ascii=False)
    file.flush()
