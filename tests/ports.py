"""Ports of this machine for the servers that tests start."""

import socket
import time

import pytest


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return free.getsockname()[1]


def await_port(port: int, server: str, seconds: int = 5) -> None:
    """Wait until something listens there; fail where nothing does within some seconds."""
    for _ in range(20 * seconds):
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except ConnectionRefusedError:
            time.sleep(0.05)
        else:
            return
    pytest.fail(f"{server} did not start")
