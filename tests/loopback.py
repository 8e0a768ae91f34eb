"""A tiny HTTP server on loopback, for the faults that a test writes itself; it stops with its `with`."""

import copy
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Request(BaseHTTPRequestHandler):
    """A request as the test's function sees it, with a short way to answer."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # headers and body are written apart: the second would wait for 40 ms
    answers: Callable[["Request"], None]

    def log_message(self, *args):
        pass

    def do_GET(self):
        self.server.seen.append(copy.copy(self))  # the next request of the same connection changes it
        try:
            type(self).answers(self)
        except OSError:
            self.close_connection = True  # the client had enough

    do_POST = do_PUT = do_DELETE = do_GET  # noqa: N815 - their names are the standard library's

    def reply(self, status: int = 200, body: bytes = b"", **headers: str) -> None:
        """Answer; `Content_Length=...` and the like are headers, the length is the body's where not given."""
        self.send_response(status)
        for name, value in ({"Content_Length": str(len(body))} | headers).items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body)


class Loopback(ThreadingHTTPServer):
    """`url` is the base, `seen` the requests so far."""

    daemon_threads = True

    def __init__(self, answers: Callable[[Request], None]):
        super().__init__(("127.0.0.1", 0), type("TestRequest", (Request,), {"answers": answers}))
        self.seen: list[Request] = []
        self.url = f"http://127.0.0.1:{self.server_address[1]}"

    def handle_error(self, request, client_address):
        pass  # a client that hangs up is what some tests are about


@contextmanager
def loopback(answers: Callable[[Request], None]) -> Iterator[Loopback]:
    """Serve with a function of the request."""
    server = Loopback(answers)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
