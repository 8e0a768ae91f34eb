"""PostgreSQL, as Debian has it, on loopback: a cluster of the test's own, run by an account without rights."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.ports import await_port, free_port

_PASSWORD = "mot-de-passe-du-test"
# Nothing of it must outlive the test.
_FAST = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")


def _program(name: str) -> str:
    places = [str(folder) for folder in sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)]
    found = shutil.which(name, path=os.pathsep.join([*places, os.environ.get("PATH", "")]))
    if found is None:
        pytest.skip("PostgreSQL is not installed (Debian: postgresql)")
    return found


@contextmanager
def postgres_server() -> Iterator[str]:
    """Run a cluster until the end of the `with`; give the address of its database."""
    initdb, server, port = _program("initdb"), _program("postgres"), free_port()
    # PostgreSQL refuses to be root, and the test's own folders are root's alone.
    account = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
    folder = Path(tempfile.mkdtemp(prefix="postgres-"))
    try:
        password = folder / "mot-de-passe"
        password.write_text(_PASSWORD)
        if account:
            for path in (folder, password):
                shutil.chown(path, "postgres")
        data = folder / "base"
        chosen = [
            "--username=barometre",
            "--auth=scram-sha-256",
            f"--pwfile={password}",
            "--encoding=UTF8",
            "--no-sync",
        ]
        subprocess.run([*account, initdb, "-D", data, *chosen], check=True, capture_output=True, cwd="/")
        settings = (f"port={port}", "listen_addresses=127.0.0.1", f"unix_socket_directories={folder}", *_FAST)
        options = [part for setting in settings for part in ("-c", setting)]
        command = [*account, server, "-D", data, *options]
        with subprocess.Popen(command, stderr=subprocess.DEVNULL, cwd="/") as process:
            try:
                await_port(port, "PostgreSQL")
                yield f"postgresql://barometre:{_PASSWORD}@127.0.0.1:{port}/postgres"
            finally:
                process.terminate()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="module")
def postgres() -> Iterator[str]:
    with postgres_server() as address:
        yield address
