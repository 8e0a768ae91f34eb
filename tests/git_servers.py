"""Serves repositories on loopback by git's own programs, behind HTTP, HTTPS and `git://`; by ssh, sftp_server does."""

import base64
import os
import shutil
import signal
import ssl
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from wsgiref.simple_server import WSGIRequestHandler, make_server

import pytest

from tests.ports import await_port, free_port


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """A built tree, to publish."""
    folder = tmp_path / "built"
    folder.mkdir()
    (folder / "a.csv").write_bytes(b"un\ndeux\r\n")
    (folder / 'é "x".csv').write_bytes(b"1\n")
    return folder


def git(folder: Path, *arguments: str) -> str:
    done = subprocess.run(["git", "-C", folder, *arguments], check=True, capture_output=True, text=True)
    return done.stdout.strip()


def bare(path: Path, *options: str) -> Path:
    """Make an empty depot that takes pushes by HTTP and by the daemon."""
    subprocess.run(["git", "init", "--quiet", "--bare", "-b", "main", *options, path], check=True)
    git(path, "config", "http.receivepack", "true")
    git(path, "config", "daemon.receivepack", "true")
    return path


def hook(depot: Path, name: str, script: str) -> None:
    """Give a depot a hook, a shell script."""
    file = depot / "hooks" / name
    file.parent.mkdir(exist_ok=True)
    file.write_text(f"#!/bin/sh\n{script}\n")
    file.chmod(0o755)


def self_signed(folder: Path) -> tuple[Path, Path]:
    """Make the certificate of loopback and its key, as files."""
    if not shutil.which("openssl"):
        pytest.skip("openssl, which makes the certificate, is not installed")
    certificate, key = folder / "cert.pem", folder / "key.pem"
    command = "openssl req -x509 -newkey rsa:2048 -nodes -days 1 -subj /CN=loopback -out {} -keyout {}"
    made = [*command.format(certificate, key).split(), "-addext", "subjectAltName=IP:127.0.0.1"]
    subprocess.run(made, check=True, capture_output=True)
    return certificate, key


class _Quiet(WSGIRequestHandler):
    def log_message(self, *_):
        pass


@contextmanager
def git_over_http(
    root: Path, user: str, password: str, certificate: tuple[Path, Path] | None = None, refused: str = ""
) -> Iterator[str]:
    """Serve the repositories of a folder with git's own HTTP program, to one identity; others are told `refused`.

    {} in it is the header by which they said who they are.
    """
    expected = "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()

    def application(environ, start_response):
        given = environ.get("HTTP_AUTHORIZATION", "")
        if given != expected:
            headers = [("WWW-Authenticate", 'Basic realm="git"'), ("Content-Type", "text/plain")]
            start_response("401 Unauthorized", headers)
            return [refused.replace("{}", given).encode()]
        variables = {k: v for k, v in environ.items() if isinstance(v, str)}
        variables |= {"GIT_PROJECT_ROOT": str(root), "GIT_HTTP_EXPORT_ALL": "1", "REMOTE_USER": user}
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        done = subprocess.run(["git", "http-backend"], input=body, capture_output=True, env={**os.environ, **variables})
        head, _, content = done.stdout.partition(b"\r\n\r\n")
        headers = [tuple(line.split(": ", 1)) for line in head.decode().splitlines()]
        status = dict(headers).get("Status", "200 OK")
        start_response(status, [(name, value) for name, value in headers if name != "Status"])
        return [content]

    server = make_server("127.0.0.1", 0, application, handler_class=_Quiet)
    if certificate:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(*certificate)
        server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield f"{'https' if certificate else 'http'}://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@contextmanager
def git_daemon(root: Path) -> Iterator[int]:
    """Serve the repositories of a folder by git's own daemon; give its port."""
    program = Path(subprocess.check_output(["git", "--exec-path"], text=True).strip()) / "git-daemon"
    if not program.exists():
        pytest.skip("git's daemon is not installed")
    port = free_port()
    options = ["--listen=127.0.0.1", f"--port={port}", f"--base-path={root}", "--export-all", "--reuseaddr"]
    with subprocess.Popen([program, *options, root], stderr=subprocess.DEVNULL, start_new_session=True) as process:
        try:
            await_port(port, "git's daemon")
            yield port
        finally:
            # With what it started for each client, which would go on for one that fell silent.
            os.killpg(process.pid, signal.SIGKILL)


def processes_with(word: str) -> list[Path]:
    """Return the processes of which this is a word of the command, as folders of /proc."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):  # it ended meanwhile
            if word.encode() in (process / "cmdline").read_bytes().split(b"\0"):
                found.append(process)
    return found
