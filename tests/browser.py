"""Chromium driven by its own protocol, for the tests of pages: what it shows, what it says is wrong, axe-core."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from websockets.sync.client import connect

CHROMIUM = shutil.which("chromium")
_OPTIONS = ("--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--remote-debugging-port=0")
_PATIENCE = 60.0


class Browser:
    """One page of a browser; `complaints` are the errors of its console and scripts, refused requests too."""

    def __init__(self, socket: Any) -> None:
        self._socket, self._last = socket, 0
        self.complaints: list[str] = []
        self.requests: list[str] = []
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.ask(f"{domain}.enable")

    def ask(self, method: str, **parameters: Any) -> dict[str, Any]:
        """Send one command, and return its answer."""
        self._last += 1
        self._socket.send(json.dumps({"id": self._last, "method": method, "params": parameters}))
        while True:
            message = json.loads(self._socket.recv(timeout=_PATIENCE))
            if message.get("id") == self._last:
                assert "error" not in message, (method, message)
                return message["result"]
            self._note(message)

    def _note(self, message: dict[str, Any]) -> None:
        method, told = message.get("method"), message.get("params", {})
        if method == "Runtime.exceptionThrown":
            self.complaints.append(json.dumps(told["exceptionDetails"])[:500])
        elif method == "Log.entryAdded" and told["entry"]["level"] in ("error", "warning"):
            self.complaints.append(told["entry"]["text"])
        elif method == "Runtime.consoleAPICalled" and told["type"] in ("error", "warning"):
            self.complaints.append(json.dumps(told["args"])[:500])
        elif method == "Network.requestWillBeSent":
            self.requests.append(told["request"]["url"])

    def size(self, width: int, height: int = 900) -> None:
        """Make the page this wide, in pixels."""
        self.ask("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)

    def scripts(self, allowed: bool) -> None:
        """Have the page's own scripts run, or not."""
        self.ask("Emulation.setScriptExecutionDisabled", value=not allowed)

    def open(self, address: str) -> None:
        """Go to an address, and wait until it is loaded."""
        self.ask("Page.navigate", url=address)
        self._loaded(address)

    def _loaded(self, address: str | None = None) -> None:
        wanted = address.partition("#")[0] if address else ""
        self.until(f"document.readyState == 'complete' && location.href.startsWith({json.dumps(wanted)})")

    def js(self, expression: str) -> Any:
        """Return the value of an expression in the page; a promise is waited for."""
        found = self.ask("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in found, found
        return found["result"].get("value")

    def until(self, expression: str) -> None:
        """Wait until an expression is true in the page."""
        end = time.monotonic() + _PATIENCE
        while not self.js(expression):
            assert time.monotonic() < end, expression
            time.sleep(0.05)

    def click(self, words: str) -> str:
        """Click on the first link that says these words, and return the title of the page where it leads."""
        said = f"a => a.textContent.trim().startsWith({json.dumps(words)})"
        link = f"[...document.querySelectorAll('a:not(svg a)')].find({said})"
        there = self.js(f"{link}?.href")
        assert there, f"no link says {words}: {self.js('document.title')}"
        self.js(f"void {link}.click()")
        self._loaded(there)
        return self.js("document.querySelector('h1').textContent")


@contextmanager
def browser(folder: Path) -> Iterator[Browser]:
    """Give a browser with an empty page, whose own files are in `folder`; the test is skipped where there is none."""
    if CHROMIUM is None:
        pytest.skip("chromium is not installed")
    port_file = folder / "DevToolsActivePort"
    command = [CHROMIUM, *_OPTIONS, f"--user-data-dir={folder}", "about:blank"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        end = time.monotonic() + _PATIENCE
        while not port_file.exists() or not port_file.read_text().strip():
            assert time.monotonic() < end, "Chromium did not start"
            time.sleep(0.05)
        port = port_file.read_text().split()[0]
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/json/list", timeout=_PATIENCE) as answer:
            page = next(one for one in json.load(answer) if one["type"] == "page")
        with connect(page["webSocketDebuggerUrl"], max_size=None) as socket:
            yield Browser(socket)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(30)


def axe(folder: Path) -> str:
    """Return the script of axe-core, by npm; the test is skipped where there is none."""
    if shutil.which("npm") is None:
        pytest.skip("npm is not installed")
    command = ["npm", "install", "--silent", "--no-audit", "--no-fund", "--prefix", folder, "axe-core@4"]
    if subprocess.run(command, capture_output=True).returncode:
        pytest.skip("no package index gives axe-core")
    return (folder / "node_modules/axe-core/axe.min.js").read_text("utf-8")
