"""The locks of git in a depot of this machine: one that a killed push left is removed, any other is left alone.

Which push is begun again is decided in `publish`.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import time
from contextlib import suppress
from pathlib import Path

from barometre_pipeline.depot.options import Depot
from barometre_pipeline.errors import PublicationError

_IN_THE_WAY = re.compile(r"Unable to create '(.+?\.lock)': File exists")
_SECONDS = 3.0  # git holds these locks for milliseconds
_STEP = 0.1
_AT_ROOT = {"HEAD.lock", "packed-refs.lock"}
_MARGIN = 1.0  # second, between the clocks of processes and of files


def lock_is_gone(depot: Depot, said: str) -> bool:
    """Say whether git was stopped by a lock, as `said` of it, that is there no more: it is worth beginning again.

    The lock of a depot of this machine is awaited for some seconds, and removed where nobody can hold it any more.
    PublicationError, with what to do, where somebody may.
    """
    named = _IN_THE_WAY.search(said)
    if named is None:
        return False
    if depot.path is None:
        return True  # its server's: another push, most often
    lock = Path(named[1])
    found = _state(lock)
    until = time.monotonic() + _SECONDS
    while found and _same(_state(lock), found):
        if time.monotonic() > until:
            _remove(lock, found, depot.path)
            break
        time.sleep(_STEP)
    return True


def _state(lock: Path) -> os.stat_result | None:
    try:
        return lock.stat()
    except FileNotFoundError:
        return None


def _same(now: os.stat_result | None, before: os.stat_result) -> bool:
    return now is not None and (now.st_ino, now.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


def _remove(lock: Path, found: os.stat_result, depot: Path) -> None:
    git_folder = (depot / ".git" if (depot / ".git").is_dir() else depot).resolve()
    if not _is_of_references(lock.resolve(), git_folder) or _may_be_held(found, git_folder):
        raise PublicationError(
            f"The depot {depot} is locked by the file {lock}, which another git may hold: it was left alone. Let that "
            "git end or, where none is at work in the depot, remove the file; then run again."
        )
    lock.unlink(missing_ok=True)


def _is_of_references(lock: Path, git_folder: Path) -> bool:
    # Never index.lock: a commit that somebody is writing holds it for as long as they think.
    if not lock.is_relative_to(git_folder):
        return False
    name = lock.relative_to(git_folder)
    return name.parts[0] == "refs" or str(name) in _AT_ROOT


def _may_be_held(lock: os.stat_result, git_folder: Path) -> bool:
    processes = [process for process in Path("/proc").glob("[0-9]*") if process.name != str(os.getpid())]
    all_are_seen = processes and os.geteuid() in (0, lock.st_uid) and _is_of_this_machine(git_folder)
    return not all_are_seen or any(_may_hold(process, lock, git_folder) for process in processes)


def _is_of_this_machine(folder: Path) -> bool:
    df = shutil.which("df")
    return df is not None and subprocess.run([df, "--local", folder], capture_output=True).returncode == 0


def _may_hold(process: Path, lock: os.stat_result, git_folder: Path) -> bool:
    # One that ended meanwhile, or the machine's own, which nobody may look into.
    with suppress(FileNotFoundError, ProcessLookupError, PermissionError):
        name, _, figures = (process / "stat").read_text(errors="replace").partition("(")[2].rpartition(")")
        state, *_, started = figures.split()[:20]
        if state in "ZX":
            return False
        # Git closes the file of a lock that it holds: any that works there, and is older than the lock, may own it.
        if (name == "git" or name.startswith("git-")) and _time(int(started)) <= lock.st_mtime + _MARGIN:
            words = (process / "cmdline").read_text(errors="replace").split("\0")
            is_daemon = any(word.endswith("daemon") for word in words[:2])
            return not is_daemon and _works_in(process, words, git_folder)
        return any(one.readlink().is_relative_to(git_folder) for one in (process / "fd").iterdir())
    return False


def _works_in(process: Path, words: list[str], git_folder: Path) -> bool:
    """Tell whether a git is in a repository, or names it: on its command line, or in its environment."""
    place = git_folder.parent if git_folder.name == ".git" else git_folder
    given = (process / "environ").read_text(errors="replace").split("\0")
    named = ["", *words, *(value for value in given if value.startswith(("GIT_DIR=", "GIT_WORK_TREE=")))]
    here = (process / "cwd").resolve()
    return any((here / name.rpartition("=")[2].strip("'")).resolve().is_relative_to(place) for name in named)


def _time(ticks: int) -> float:
    booted = time.time() - time.clock_gettime(time.CLOCK_BOOTTIME)
    return booted + ticks / os.sysconf("SC_CLK_TCK")
