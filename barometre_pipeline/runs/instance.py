"""The Dagster instance: the home's, or the operator's own, with the project's settings and a history that opens.

The history serves people, never a run: one that is damaged is put aside, and begun anew.
"""

from __future__ import annotations

import fcntl
import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import datetime
from pathlib import Path

from dagster import DagsterInstance, DagsterInvalidConfigError

from barometre_pipeline.errors import BarometreError, UsageError
from barometre_pipeline.runs.failures import machine_error
from barometre_pipeline.runs.instance_file import complete_instance_file
from barometre_pipeline.runs.postgres import check_postgres

# Dagster's databases that every run opens; those of each run are its own.
_DATABASES = ("history/runs.db", "history/runs/index.db", "schedules/schedules.db")
_VARIABLE = "DAGSTER_HOME"


def prepare_instance(folder: Path, postgres: str | None = None, *, several: bool = False) -> list[str]:
    """Make this folder an instance that Dagster opens; return what people must know, a sentence each.

    `postgres` is the address of the database that keeps its history, where files of SQLite do not; `several` says that
    it has several barometers, each with its home.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with one_at_a_time(folder):
        complete_instance_file(folder, in_postgres=postgres is not None, several=several)
        if postgres is not None:
            check_postgres(postgres)
        return _put_aside_what_is_damaged(folder)


@contextmanager
def one_at_a_time(folder: Path) -> Iterator[None]:
    """Let the processes that make this instance do so in turn: Dagster asks nobody who else makes its tables.

    Not to be asked for by who has it: the second one would wait for the first.
    """
    with (folder / "preparation.verrou").open("a", encoding="utf-8") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def choose_instance(folder: Path) -> None:
    """Have Dagster's programs, and this process, work in the instance of this folder from now on."""
    os.environ[_VARIABLE] = str(folder)


@contextmanager
def opened_instance(folder: Path) -> Iterator[DagsterInstance]:
    """Open the instance of this folder, as it is, while the block lasts; UsageError where its file is wrong."""
    before = os.environ.get(_VARIABLE)
    choose_instance(folder)
    try:
        with _instance_of(folder) as instance:
            yield instance
    except Exception as error:
        # Here, while it is known which folder that is: it may be another than the home's.
        if not isinstance(error, BarometreError) and (told := machine_error(error, folder)):
            raise told from error
        raise
    finally:
        os.environ.pop(_VARIABLE)
        if before is not None:
            os.environ[_VARIABLE] = before


def _instance_of(folder: Path) -> DagsterInstance:
    try:
        return DagsterInstance.get()
    except DagsterInvalidConfigError as error:
        # All that could have been written there comes after.
        told = (str(one.message).partition(" Expected:")[0].strip() for one in error.errors)
        raise UsageError("\n".join(f"{folder / 'dagster.yaml'}: {sentence}" for sentence in told)) from None


def _put_aside_what_is_damaged(home: Path) -> list[str]:
    damaged = {home / name.split("/")[0] for name in _DATABASES if _is_damaged(home / name)}
    told = []
    for folder in sorted(damaged):
        aside = folder.with_name(f"{folder.name}.abime-{datetime.now():%Y%m%d-%H%M%S}")
        folder.rename(aside)
        what = "Whether the schedule is on" if folder.name == "schedules" else "The history of runs"
        told.append(f"{what} was damaged in {folder}: it is put aside as {aside.name}, and begun anew.")
    return told


def _is_damaged(database: Path) -> bool:
    if database.is_dir() or database.parent.is_file() or database.parent.parent.is_file():
        return True
    if not database.exists():
        return False
    try:
        with closing(sqlite3.connect(database)) as connection:
            return bool(connection.execute("pragma quick_check(1)").fetchone() != ("ok",))
    except sqlite3.OperationalError as error:
        # One that another process holds is whole; so is one that may not be read, which Dagster tells itself.
        return "malformed" in str(error)
    except sqlite3.DatabaseError:
        return True
