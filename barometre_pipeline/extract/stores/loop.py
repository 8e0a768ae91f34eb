"""The thread in which connections to stores live: an event loop that starts when first asked, and ends for good."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Coroutine
from concurrent.futures import Future
from typing import Any, TypeVar

Result = TypeVar("Result")

_PATIENCE = 3.0  # seconds for what is under way to end


class LoopThread:
    """An event loop in a daemon thread: a server that holds it up cannot hold up the program."""

    def __init__(self) -> None:
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._closed = False
        self._lock = threading.Lock()

    def submit(self, work: Coroutine[Any, Any, Result]) -> Future[Result]:
        """Start a coroutine in the loop; RuntimeError once it is closed."""
        with self._lock:
            if self._closed:
                work.close()
                raise RuntimeError("the connections to stores are closed")
            if self._loop is None:
                self._loop = asyncio.new_event_loop()
                # What a library leaves behind, as the other blocks of a file that was cut: whoever asked was told.
                self._loop.set_exception_handler(lambda loop, context: None)
                self._thread = threading.Thread(target=self._loop.run_forever, name="stores", daemon=True)
                self._thread.start()
            return asyncio.run_coroutine_threadsafe(work, self._loop)

    def close(self, last: Coroutine[Any, Any, None]) -> None:
        """Cancel what is under way, do one last thing, and end the thread."""
        with self._lock:
            self._closed = True
        if self._loop is None or self._thread is None:
            last.close()
            return
        loop = self._loop
        ended = asyncio.run_coroutine_threadsafe(_wound_up(last), loop)
        ended.add_done_callback(lambda _: loop.call_soon_threadsafe(loop.stop))
        self._thread.join(4 * _PATIENCE)
        if not self._thread.is_alive():
            loop.close()


async def _wound_up(last: Coroutine[Any, Any, None]) -> None:
    """Cancel every task but this one, do the last thing, and let go of the threads that look up names."""
    tasks = asyncio.all_tasks() - {asyncio.current_task()}
    for task in tasks:
        task.cancel()
    if tasks:
        await asyncio.wait(tasks, timeout=_PATIENCE)
    for end in (last, asyncio.get_running_loop().shutdown_default_executor()):
        await asyncio.wait([asyncio.ensure_future(end)], timeout=_PATIENCE)
