"""Runs a program to its end, however long that takes, unless it falls silent; what is run, and why, is in `command`."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

SILENCE = 120.0  # seconds


@dataclass(frozen=True)
class Ended:
    """How a program ended, and what it printed."""

    status: int
    output: bytes
    errors: bytes


class _Clock:
    """The time since something was last read from a program, or taken by it."""

    def __init__(self) -> None:
        self.heard()

    def heard(self) -> None:
        self._last = time.monotonic()

    def left(self, silence: float) -> float:
        return max(0.0, self._last + silence - time.monotonic())


def run_program(
    command: list[str],
    environment: Mapping[str, str],
    silence: float,
    stdin: Iterable[bytes] | None = None,
    folder: Path | None = None,
    umask: int | None = None,
) -> Ended:
    """Run a program and return how it ended; `stdin` is made and fed piece by piece, and what it raises is raised.

    TimeoutError when for `silence` seconds it printed nothing and took nothing: it is killed, with all that it started.
    """
    process = subprocess.Popen(
        command,
        cwd=folder,
        env=environment,
        umask=-1 if umask is None else umask,
        stdin=subprocess.DEVNULL if stdin is None else subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,  # its own group, so that what it started ends with it
    )
    clock = _Clock()
    with ThreadPoolExecutor(3) as beside:
        printed = [beside.submit(_read, pipe, clock) for pipe in (process.stdout, process.stderr) if pipe]
        fed = beside.submit(_feed, process.stdin, stdin or (), clock) if process.stdin else None
        try:
            while wait(printed, timeout=clock.left(silence)).not_done:
                if not clock.left(silence):
                    raise TimeoutError
            process.wait()
        finally:
            if process.returncode is None:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
    if fed:
        fed.result()
    return Ended(process.returncode, *(one.result() for one in printed))


def _read(pipe: IO[bytes], clock: _Clock) -> bytes:
    pieces = []
    with pipe:
        while piece := os.read(pipe.fileno(), 65536):
            clock.heard()
            pieces.append(piece)
    return b"".join(pieces)


def _feed(stdin: IO[bytes], pieces: Iterable[bytes], clock: _Clock) -> None:
    with suppress(BrokenPipeError), stdin:  # a process that ended says why itself
        for piece in pieces:
            stdin.write(piece)
            clock.heard()
