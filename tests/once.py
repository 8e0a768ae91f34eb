"""What is long to make, made once for all the processes that run the tests."""

from collections.abc import Callable
from pathlib import Path

from filelock import FileLock
from pytest import TempPathFactory


def made_once(temporary: TempPathFactory, name: str, make: Callable[[Path], None]) -> Path:
    """Return a folder of this name that `make` filled, in this process or in another of the same tests."""
    mine = temporary.getbasetemp()
    shared = mine.parent if mine.name.startswith("popen-") else mine  # xdist gives each process a folder in one
    folder, done = shared / name, shared / f"{name}.done"
    with FileLock(f"{folder}.lock"):
        if not done.exists():
            folder.mkdir()
            make(folder)
            done.touch()
    return folder
