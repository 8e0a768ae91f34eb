"""A TCP proxy on loopback that spoils what a server sends; it stops with its `with`."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress


class Proxy:
    """`port` leads to the server, by way of the faults; `sent` counts the server's bytes, `accepted` the connections.

    `faults` are those of the next connections, then `always`: "cut:N" closes after N bytes of the server,
    "silent:N" says nothing more after them, "flip:N" changes the next one, "slow:N" lets N bytes a second through, and
    "slow-up:N" the client's; "" lets all through.
    """

    def __init__(self, target: int):
        self.target = target
        self.faults: list[str] = []
        self.always = ""
        self.sent = self.accepted = 0
        self._listener = socket.create_server(("127.0.0.1", 0))
        # As on a real line: the segments of loopback have 64 kB, and buffers would hold megabytes of them.
        self._listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, 1400)
        self._listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65536)
        self.port = self._listener.getsockname()[1]
        self._sockets = [self._listener]
        self._stopped = threading.Event()

    def serve(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                server = socket.create_connection(("127.0.0.1", self.target))
                self._sockets += [client, server]
                self.accepted += 1
                fault = self.faults.pop(0) if self.faults else self.always
                threading.Thread(target=self._asked, args=(client, server, fault), daemon=True).start()
                threading.Thread(target=self._answered, args=(server, client, fault), daemon=True).start()

    def _asked(self, client: socket.socket, server: socket.socket, fault: str) -> None:
        kind, _, figure = fault.partition(":")
        pace = int(figure) if kind == "slow-up" else 0
        with suppress(OSError):
            while data := client.recv(4096 if pace else 65536):
                if pace:
                    time.sleep(len(data) / pace)
                server.sendall(data)
            server.shutdown(socket.SHUT_WR)

    def _answered(self, server: socket.socket, client: socket.socket, fault: str) -> None:
        kind, _, figure = fault.partition(":")
        passed = 0
        with suppress(OSError):
            while data := server.recv(min(65536, int(figure)) if kind == "slow" else 65536):
                self.sent += len(data)
                if kind in ("cut", "silent") and passed + len(data) > int(figure):
                    client.sendall(data[: int(figure) - passed])
                    if kind == "silent":
                        self._stopped.wait()
                    break
                if kind == "flip" and passed <= int(figure) < passed + len(data):
                    place = int(figure) - passed
                    data = data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :]
                if kind == "slow":
                    time.sleep(len(data) / int(figure))
                client.sendall(data)
                passed += len(data)
        with suppress(OSError):
            client.shutdown(socket.SHUT_RDWR)

    def stop(self) -> None:
        self._stopped.set()
        for one in self._sockets:
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()


@contextmanager
def proxy(target: int) -> Iterator[Proxy]:
    """Let connections through to a port of loopback."""
    one = Proxy(target)
    thread = threading.Thread(target=one.serve, daemon=True)
    thread.start()
    try:
        yield one
    finally:
        one.stop()
        thread.join()
