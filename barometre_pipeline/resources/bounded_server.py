"""The process that functions are forked from, each into a process of its own with limits: the other side of `bounded`.

It has one thread, imports what the functions need once, and does nothing else than fork and tell how each process
ended: what the caller sends it as a function to prepare is all that runs in itself.
"""

from __future__ import annotations

import gc
import importlib
import json
import math
import os
import pickle
import selectors
import signal
import socket
import sys
import tempfile
import traceback
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

CALL, PREPARE = b"c", b"p"
_LENGTH = 8  # bytes that say how long a request is
_MOST_ANSWERED = 64 << 20  # bytes
_MOST_SAID = 4000  # bytes of what a process printed
_SPARE_SECONDS = 5  # of processor time, after which the system itself ends a process whose caller did not
_BETWEEN_LOOKS = 0.5  # seconds
# Bytes below which a process has no memory left: glibc asks for 132 kB at once.
_LEAST_FREE = 256 << 10
_KILOBYTE = 1 if sys.platform == "darwin" else 1024  # the unit of a process's peak memory

_results: IO[bytes] | None = None  # in a forked process, where it says what it is at and what it found


def sent(content: bytes) -> bytes:
    """Return bytes with their length before them, as a request is sent."""
    return len(content).to_bytes(_LENGTH, "big") + content


def note(doing: str) -> None:
    """Say what this process is at, for the sentence that tells where it was stopped; nothing outside of a call."""
    if _results:
        _write({"doing": doing})


def serve() -> None:
    """Import the module that the command line names, then fork a process a request until nobody asks any more."""
    control = socket.socket(fileno=os.dup(0))
    module = sys.argv[1]
    gc.disable()
    importlib.import_module(module)
    gc.freeze()  # what was imported is never looked through again, nor its pages copied
    _Server(control).run()


@dataclass(frozen=True)
class _Child:
    line: socket.socket
    results: IO[bytes]
    said: IO[bytes]


class _Server:
    def __init__(self, control: socket.socket) -> None:
        self._control = control
        self._children: dict[int, _Child] = {}
        self._full: set[int] = set()  # the processes that had no memory left when they were last looked at

    def run(self) -> None:
        wake, woken = socket.socketpair()
        for end in (wake, woken):
            end.setblocking(False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(woken.fileno(), warn_on_full_buffer=False)
        with selectors.DefaultSelector() as selector:
            selector.register(self._control, selectors.EVENT_READ)
            selector.register(wake, selectors.EVENT_READ)
            while True:
                ready = {key.fileobj for key, _ in selector.select(_BETWEEN_LOOKS if self._children else None)}
                if not ready:
                    self._kill_the_full()
                if wake in ready:
                    wake.recv(1 << 12)
                    self._reap()
                if self._control in ready and not self._obey():
                    break
        self._kill_all()

    def _obey(self) -> bool:
        """Do what is asked next; False where nobody is there any more."""
        try:
            what, descriptors, _, _ = socket.recv_fds(self._control, 1, 1)
        except OSError:
            return False
        if not what or not descriptors:
            return False
        line = socket.socket(fileno=descriptors[0])
        if what == PREPARE:
            with line:
                function, given = pickle.loads(_received(line))  # our caller's
            function(given)
            gc.freeze()
        else:
            self._fork(line)
        return True

    def _fork(self, line: socket.socket) -> None:
        child = _Child(line, tempfile.TemporaryFile(), tempfile.TemporaryFile())  # noqa: SIM115 - closed once it ended
        process = os.fork()
        if process == 0:
            self._forget()
            _become(child)
        with suppress(OSError):
            os.setpgid(process, process)  # as itself does: whoever comes first
        self._children[process] = child
        with suppress(OSError):
            line.sendall(b"%d\n" % process)

    def _forget(self) -> None:
        """Close, in a process just forked, what is the server's: else its lines would outlive it here."""
        self._control.close()
        for other in self._children.values():
            for file in (other.line, other.results, other.said):
                file.close()

    def _kill_the_full(self) -> None:
        """Kill who has had no memory left since the last look: what raises MemoryError gives some back, or ends.

        Python 3.11 needs some to raise it, and where there is none tries again for ever.
        """
        full = {process for process in self._children if _is_full(process)}
        for process in full & self._full:
            with suppress(OSError):
                os.write(self._children[process].said.fileno(), b"out of memory\n")
                os.killpg(process, signal.SIGKILL)
        self._full = full

    def _reap(self) -> None:
        while self._children:
            process, status, usage = os.wait4(-1, os.WNOHANG)
            if process == 0:
                return
            child = self._children.pop(process)
            with suppress(OSError):
                os.killpg(process, signal.SIGKILL)  # what it may have started
            facts = {"status": os.waitstatus_to_exitcode(status), "peak": usage.ru_maxrss * _KILOBYTE}
            with child.line, child.results, child.said, suppress(OSError):
                child.line.sendall(json.dumps(facts | _found(child)).encode() + b"\n")

    def _kill_all(self) -> None:
        for process in self._children:
            with suppress(OSError):
                os.killpg(process, signal.SIGKILL)


def _found(child: _Child) -> dict[str, Any]:
    """Return what a process that ended had said: its result, what it was at, the end of what it printed."""
    child.results.seek(0)
    lines = child.results.read(_MOST_ANSWERED).splitlines()
    child.said.seek(max(0, child.said.seek(0, os.SEEK_END) - _MOST_SAID))
    found: dict[str, Any] = {"result": None, "doing": "", "said": child.said.read().decode(errors="replace")}
    for line in lines:
        try:
            told = json.loads(line)
        except ValueError:
            break  # it was stopped while it wrote
        if "doing" in told:
            found["doing"] = told["doing"]
        else:
            found["result"] = told
    return found


def _become(child: _Child) -> None:
    """Be the process of one call, from its fork to its end."""
    global _results
    try:
        os.setpgid(0, 0)
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        with open(os.devnull, "rb") as nothing:  # noqa: PTH123 - a device
            os.dup2(nothing.fileno(), 0)
        for descriptor in (1, 2):
            os.dup2(child.said.fileno(), descriptor)
        _results = child.results
        function, given, memory, seconds = pickle.loads(_received(child.line))  # our caller's
        child.line.close()
        _limit(memory, seconds)
        # Cells by the hundred thousand are no garbage: looking through them took half the time of long files.
        gc.set_threshold(500_000)
        gc.enable()
        _write(_outcome(function, given))
    except BaseException:
        traceback.print_exc()
        os._exit(1)
    os._exit(0)


def _outcome(function: Callable[..., Any], given: tuple[Any, ...]) -> dict[str, Any]:
    try:
        return {"value": function(*given)}
    except MemoryError as error:
        return {"why": "memory", "detail": str(error)}
    except BaseException as error:  # a native parser's panic derives from it
        traceback.print_exc()
        return {"why": "defect", "detail": f"{type(error).__name__}: {error}".splitlines()[0][:_MOST_SAID]}


def _write(told: dict[str, Any]) -> None:
    if _results:
        _results.write(json.dumps(told).encode() + b"\n")
        _results.flush()


def _limit(memory: int, seconds: float) -> None:
    """Limit this process where the system can: macOS and Windows count no memory, the deadline remains."""
    with suppress(ImportError, ValueError, OSError):
        import resource

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        most = math.ceil(seconds) + _SPARE_SECONDS
        resource.setrlimit(resource.RLIMIT_CPU, (most, most))
        # Not the address space: allocators reserve much of it that they never fill.
        most = _data_size() + memory
        resource.setrlimit(resource.RLIMIT_DATA, (most, most))


def _is_full(process: int) -> bool:
    with suppress(ImportError, AttributeError, LookupError, ValueError, OSError):
        import resource

        most, _ = resource.prlimit(process, resource.RLIMIT_DATA)
        return most != resource.RLIM_INFINITY and most - _data_size(process) < _LEAST_FREE
    return False


def _data_size(process: int | str = "self") -> int:
    """Return the bytes of a process's own memory; OSError where the system does not tell."""
    status = Path(f"/proc/{process}/status").read_text(encoding="ascii", errors="replace")
    return int(status.partition("VmData:")[2].split()[0]) * 1024


def _received(line: socket.socket) -> bytes:
    """Return the bytes of one request."""
    length = int.from_bytes(_exactly(line, _LENGTH), "big")
    return _exactly(line, length)


def _exactly(line: socket.socket, count: int) -> bytes:
    received = bytearray()
    while len(received) < count:
        piece = line.recv(min(count - len(received), 1 << 20))
        if not piece:
            raise EOFError("the caller went away")
        received += piece
    return bytes(received)
