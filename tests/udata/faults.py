"""A portal that misbehaves on demand: forwards each request to the real udata, but for those that a test chooses."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import requests

# What happens to a request, from its method and path: None (it is forwarded), a status to answer without forwarding
# it, "cut" (no answer), "done then cut" (forwarded, no answer), "done then late" (forwarded, answered too late).
Fault = int | str | None


class FaultyPortal:
    """Its `base_url`, and `fault`, which tests replace; `seen` lists the requests as `METHOD path`."""

    def __init__(self, base_url: str):
        self.base_url = base_url
        self.fault: Callable[[str, str], Fault] = lambda method, path: None
        self.seen: list[str] = []
        self.ended = threading.Event()


@contextmanager
def faulty_portal(upstream: str) -> Iterator[FaultyPortal]:
    """Serve a portal in front of `upstream`."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def handle_one(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            portal.seen.append(f"{self.command} {self.path}")
            fault = portal.fault(self.command, self.path)
            self.close_connection = True
            if isinstance(fault, int):
                self._answer(fault, b'{"message": "fault on demand"}')
            elif fault != "cut":
                headers = {k: v for k, v in self.headers.items() if k.lower() not in ("host", "connection")}
                done = requests.request(self.command, upstream + self.path, data=body, headers=headers, timeout=30)
                if fault == "done then late":
                    portal.ended.wait(10)
                elif fault != "done then cut":
                    self._answer(done.status_code, done.content)

        do_GET = do_POST = do_PUT = do_DELETE = handle_one  # noqa: N815 - http.server's names

        def _answer(self, status: int, content: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.send_header("Connection", "close")
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    portal = FaultyPortal(f"http://127.0.0.1:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield portal
    finally:
        portal.ended.set()
        server.shutdown()
        server.server_close()
        thread.join()
