"""Serves a folder by OpenSSH's own sshd on loopback: its keys, port and configuration are those of the test."""

from __future__ import annotations

import getpass
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.ports import await_port, free_port

_CONFIGURATION = """
ListenAddress 127.0.0.1:{port}
ListenAddress 127.0.0.1:{closed_port}
HostKey {folder}/host
AuthorizedKeysFile {folder}/authorized
PidFile none
StrictModes no
UsePAM no
PasswordAuthentication no
# Tests that break connections off are no attack.
MaxStartups 100
KbdInteractiveAuthentication no
Subsystem sftp internal-sftp
Match LocalPort {closed_port}
    ForceCommand internal-sftp -P open
"""


@dataclass(frozen=True)
class Sftp:
    """A running server: `files` is a folder that it serves, `key` opens it, `known_hosts` has its key.

    At `closed_port` it lets nobody read.
    """

    folder: Path
    port: int
    closed_port: int

    @property
    def files(self) -> Path:
        return self.folder / "files"

    @property
    def key(self) -> Path:
        return self.folder / "user"

    @property
    def known_hosts(self) -> Path:
        return self.folder / "known_hosts"

    @property
    def url(self) -> str:
        """The address of the folder."""
        return self.url_at(self.port)

    def url_at(self, port: int) -> str:
        """The address of the folder by way of another port."""
        return f"sftp://{getpass.getuser()}@127.0.0.1:{port}{self.files}"

    def knows(self, port: int) -> None:
        """Write the server's key to the known hosts, as that of this port."""
        public = (self.folder / "host.pub").read_text()
        with self.known_hosts.open("a") as file:
            file.write(f"[127.0.0.1]:{port} {public}")


def new_key(path: Path, passphrase: str = "") -> Path:
    """Make a key pair, PATH and PATH.pub."""
    command = ["ssh-keygen", "-q", "-t", "ed25519", "-N", passphrase, "-f", path]
    subprocess.run(command, check=True)
    return path


@contextmanager
def sftp(folder: Path) -> Iterator[Sftp]:
    """Run sshd until the end of the `with`."""
    program = shutil.which("sshd", path="/usr/sbin:/usr/local/sbin:/usr/bin:/usr/local/bin")
    if program is None:
        pytest.skip("sshd is not installed (Debian: openssh-server)")
    server = Sftp(folder, free_port(), free_port())
    server.files.mkdir()
    new_key(folder / "host")
    shutil.copy(f"{new_key(server.key)}.pub", folder / "authorized")
    for port in (server.port, server.closed_port):
        server.knows(port)
    (folder / "sshd_config").write_text(_CONFIGURATION.format(**vars(server)))
    if os.geteuid() == 0:
        Path("/run/sshd").mkdir(exist_ok=True)  # where it gives up its rights, on a machine that has not booted
    with subprocess.Popen([program, "-D", "-e", "-f", folder / "sshd_config"], stderr=subprocess.DEVNULL) as process:
        try:
            await_port(server.port, "sshd")
            yield server
        finally:
            process.terminate()
