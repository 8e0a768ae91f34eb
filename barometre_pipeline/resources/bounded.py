"""Functions run each in a process of its own, with a memory limit and a deadline that stop it: the caller's side.

A process is forked from a small server that has imported what the functions need (`bounded_server`): five milliseconds
rather than half a second, and never a fork of this process, which has threads. What the functions do is not known here.
"""

from __future__ import annotations

import json
import os
import pickle
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Literal

from barometre_pipeline.resources.bounded_server import CALL, PREPARE, sent

_START = (
    "import sys; sys.path[:] = sys.argv[2:]; from barometre_pipeline.resources.bounded_server import serve; serve()"
)
_MOST_TO_START = 120.0  # seconds: importing takes less than one, on a machine that does nothing else
_TO_DIE = 5.0  # seconds that the system may take to end what was killed
_OUT_OF_MEMORY = ("memory allocation of", "bad_alloc", "out of memory", "Cannot allocate memory")


@dataclass(frozen=True)
class Bounds:
    """What one call may take: bytes beyond those that its process begins with, and seconds."""

    memory: int
    seconds: float


class StoppedError(Exception):
    """A call that gave no answer: stopped at a limit, crashed, never started, or failed on what nobody foresaw.

    `detail` says more, for people; `doing` is the last thing that the function said it was at.
    """

    def __init__(
        self, why: Literal["memory", "time", "crash", "defect", "start"], detail: str = "", doing: str = ""
    ) -> None:
        self.why, self.detail, self.doing = why, detail, doing
        super().__init__(f"{why}: {detail}")


class BoundedProcesses:
    """The processes that run calls, so many side by side at most; safe to use from several threads.

    `module` is imported by the server before its first call. The server starts by `start`, or with the first call; it
    ends with this process, whatever ends that one, and one that was killed is started again.
    """

    def __init__(self, module: str, side_by_side: int) -> None:
        self._module = module
        self._turns = threading.BoundedSemaphore(side_by_side)
        self._lock = threading.Lock()
        self._server: _Server | None = None
        self._prepared: tuple[Callable[..., None], Any] | None = None
        self.peak = 0  # the most memory that a process of a call held so far, in bytes

    def start(self) -> None:
        """Have the server import its module, without waiting for it."""
        with self._lock:
            self._running()

    def prepare(self, function: Callable[[Any], None], given: Any) -> None:
        """Have the server itself run a function, once: what that one keeps, every later call finds."""
        with self._lock:
            server = self._running()
            if self._prepared is None or self._prepared[0] is not function or self._prepared[1] is not given:
                server.send(PREPARE, (function, given)).close()
                self._prepared = (function, given)

    def call(self, function: Callable[..., Any], *given: Any, bounds: Bounds) -> Any:
        """Run a function of a module in a process of its own; StoppedError where it gives no answer.

        What it is given is pickled, what it returns is JSON. It may say what it is at by `bounded_server.note`.
        """
        with self._turns:
            with self._lock:
                server = self._running()
                line = server.send(CALL, (function, given, bounds.memory, bounds.seconds))
            with line:
                ended = _ended(_Line(line), bounds, server)
            self.peak = max(self.peak, ended["peak"])
            return _told(ended)

    def stop(self) -> None:
        """End the server and whatever runs: those calls are StoppedError."""
        with self._lock:
            if self._server:
                self._server.stop()
            self._server = None

    def _running(self) -> _Server:
        if self._server and not self._server.ended:
            return self._server
        self._server = _Server(self._module)
        if self._prepared:
            self._server.send(PREPARE, self._prepared).close()
        return self._server


class _Server:
    def __init__(self, module: str) -> None:
        ours, its = socket.socketpair()
        self._control, self.complaints = ours, tempfile.TemporaryFile()  # noqa: SIM115 - closed by stop()
        command = [sys.executable, "-P", "-c", _START, module, *sys.path]
        with its:
            # A session of its own: Ctrl-C is for us, who end it.
            self._process = subprocess.Popen(
                command, stdin=its.fileno(), stdout=self.complaints, stderr=self.complaints, start_new_session=True
            )

    @property
    def ended(self) -> bool:
        return self._process.poll() is not None

    def send(self, what: bytes, content: Any) -> socket.socket:
        """Send a request; return the line on which it is answered."""
        ours, its = socket.socketpair()
        with its, suppress(OSError):  # where the server is gone, the line says so at its end
            socket.send_fds(self._control, [what], [its.fileno()])
        with suppress(OSError):
            ours.sendall(sent(pickle.dumps(content)))
        return ours

    def last_words(self) -> str:
        self.complaints.seek(0)
        lines = self.complaints.read().decode(errors="replace").strip().splitlines()
        return lines[-1] if lines else ""

    def stop(self) -> None:
        self._control.close()  # it kills what runs, then ends
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(_TO_DIE)
        self._process.kill()
        self._process.wait()
        self.complaints.close()


class _Line:
    """What the server answers, a line at a time."""

    def __init__(self, line: socket.socket) -> None:
        self._line, self._received = line, b""

    def read(self, seconds: float) -> bytes:
        """Return the next line, b'' where none will come; TimeoutError where none came in time."""
        until = time.monotonic() + seconds
        while b"\n" not in self._received:
            self._line.settimeout(max(until - time.monotonic(), 0.001))
            try:
                piece = self._line.recv(1 << 16)
            except TimeoutError:
                raise
            except OSError:
                return b""
            if not piece:
                return b""
            self._received += piece
        line, _, self._received = self._received.partition(b"\n")
        return line


def _ended(line: _Line, bounds: Bounds, server: _Server) -> dict[str, Any]:
    """Wait for the end of a process; return how it ended. StoppedError where nobody can tell."""
    try:
        process = line.read(_MOST_TO_START)
    except TimeoutError:
        raise StoppedError("start", f"its process did not start within {_MOST_TO_START:.0f} s") from None
    if not process:
        raise StoppedError("start", f"its process could not start. {server.last_words()}".strip())
    late = False
    try:
        ended = line.read(bounds.seconds)
    except TimeoutError:
        ended, late = _killed(line, int(process)), True
    if not ended:
        raise StoppedError("time" if late else "crash", "its process was ended from outside")
    return {**json.loads(ended), "late": late}


def _killed(line: _Line, process: int) -> bytes:
    """Kill a process and all that it started; return how it ended."""
    with suppress(OSError):
        os.killpg(process, signal.SIGKILL)
    with suppress(TimeoutError):
        return line.read(_TO_DIE)
    return b""


def _told(ended: dict[str, Any]) -> Any:
    """Return what a call returned; StoppedError where it returned nothing."""
    result, doing = ended["result"], ended["doing"]
    if ended["late"] or -ended["status"] == signal.SIGXCPU:
        raise StoppedError("time", doing=doing)
    if result is None and any(words in ended["said"] for words in _OUT_OF_MEMORY):
        raise StoppedError("memory", doing=doing)
    if result is None:
        raise StoppedError("crash", _name_of(ended["status"]), doing)
    if "value" not in result:
        raise StoppedError(result["why"], result["detail"], doing)
    return result["value"]


def _name_of(status: int) -> str:
    return signal.Signals(-status).name if -status in set(signal.Signals) else f"status {status}"
