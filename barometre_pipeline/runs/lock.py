"""The home while a run lives in it: one run at a time, and all that it writes its owner's alone.

The lock is one that the system itself releases when its process dies.

The note in the file only tells people who holds it; whether it is held is the kernel's answer, never the note's.
"""

from __future__ import annotations

import fcntl
import json
import os
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime
from pathlib import Path
from typing import IO

from barometre_pipeline.errors import BarometreError, MachineError, UsageError
from barometre_pipeline.home import Home
from barometre_pipeline.resources.modes import private_umask
from barometre_pipeline.runs.shared_lock import shared_lock
from barometre_pipeline.settings import Settings

LOCK_FILE = "verrou.json"
_POLL_SECONDS = 0.2


class RefusedHome(Home):
    """Stands for a home that cannot be had: whoever asks where something is in it is told why."""

    _refusal: Exception

    def __init__(self, refusal: Exception) -> None:
        object.__setattr__(self, "_refusal", refusal)

    @property
    def root(self) -> Path:
        """Raise the reason."""
        raise self._refusal


@contextmanager
def held_home(settings: Settings, doing: str) -> Iterator[Settings]:
    """Give the settings with their home held; where it cannot be, with one that says why to the first step.

    Dagster keeps of a step's failure its sentence and status, and of a resource's nothing.
    """
    with ExitStack() as held:
        try:
            held.enter_context(locked(settings, doing))
        except (BarometreError, OSError) as error:
            settings = refused_settings(settings, error)
        yield settings


@contextmanager
def locked(settings: Settings, doing: str) -> Iterator[None]:
    """Hold the home of these settings while the block runs, for all machines where they share a database."""
    with ExitStack() as held:
        held.enter_context(run_lock(settings.home.root, doing, settings.wait))
        if settings.postgres_address:
            held.enter_context(shared_lock(settings.postgres_address, settings.home.root, doing, settings.wait))
        yield


def refused_settings(settings: Settings, refusal: Exception) -> Settings:
    """Return the settings with a home that tells the first step why nothing may be done."""
    return settings.model_copy(update={"home": RefusedHome(refusal)})


def make_home(home: Path) -> None:
    """Make the folder, its owner's alone; UsageError where a file is in the way, MachineError where else it fails."""
    try:
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
    except (FileExistsError, NotADirectoryError):
        raise _no_folder(home) from None
    except OSError as error:
        raise MachineError(f"The home {home} cannot be made ({error.strerror}): give another with --home.") from error


def _no_folder(home: Path) -> UsageError:
    file = next(path for path in (home, *home.parents) if os.path.lexists(path))
    what = "is a file" if file == home else f"is below {file}, which is a file"
    return UsageError(f"The home {home} {what}: give a folder with --home.")


@contextmanager
def run_lock(home: Path, doing: str, wait_seconds: float = 0.0) -> Iterator[None]:
    """Hold the home while the block runs; `doing` tells others what, as in `run 2022-T1`.

    BarometreError names the run that holds it still after `wait_seconds`.
    """
    make_home(home)
    # Not inherited by the processes started meanwhile: one that outlives us does not keep the lock.
    with private_umask(), (home / LOCK_FILE).open("a+", encoding="utf-8") as file:
        _acquire(file, home, wait_seconds)
        try:
            _write_note(file, {"pid": os.getpid(), "depuis": f"{datetime.now():%Y-%m-%d %H:%M:%S}", "quoi": doing})
            yield
        finally:
            _write_note(file, {})
            fcntl.flock(file, fcntl.LOCK_UN)


def run_under_way(home: Path) -> str | None:
    """Say which run holds the home, None where none does."""
    try:
        with (home / LOCK_FILE).open(encoding="utf-8") as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
            return None
    except FileNotFoundError:
        return None
    except NotADirectoryError:
        raise _no_folder(home) from None
    except BlockingIOError:
        return _who((home / LOCK_FILE).read_text("utf-8"))


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
    who = _who(file.read())
    after = f" and did not end within {waited:.0f} s" if waited else ""
    return f"{who} is running in {home}{after}: run again when it has ended, or give another home."


def _who(written: str) -> str:
    try:
        note = json.loads(written)
        return f"« {note['quoi']} » (process {note['pid']}, since {note['depuis']})"
    except (ValueError, KeyError, TypeError):
        return "another run"


def _write_note(file: IO[str], note: dict[str, object]) -> None:
    file.seek(0)
    file.truncate()
    json.dump(note, file, ensure_ascii=False)
    file.flush()
