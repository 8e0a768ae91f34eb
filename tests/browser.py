"""A page in a real browser, by Chromium's own protocol: its width, its colours, its keys and its scripts."""

import json
import subprocess
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from websockets.sync.client import ClientConnection, connect

from tests.installation import wait_until

OPTIONS = ["--headless", "--no-sandbox", "--disable-gpu", "--remote-debugging-port=0"]


class Page:
    """One page of a browser that is open."""

    def __init__(self, connection: ClientConnection) -> None:
        self.connection, self.asked = connection, 0

    def ask(self, method: str, **parameters: Any) -> dict[str, Any]:
        """Send a command, and return its answer; what the browser tells meanwhile is let go."""
        self.asked += 1
        self.connection.send(json.dumps({"id": self.asked, "method": method, "params": parameters}))
        while (answer := json.loads(self.connection.recv(timeout=60))).get("id") != self.asked:
            pass
        assert "error" not in answer, answer
        return answer["result"]

    def open(self, address: str, width: int, dark: bool = False) -> None:
        """Show an address in a window of this width, and wait until it is there."""
        self.ask("Emulation.setDeviceMetricsOverride", width=width, height=800, deviceScaleFactor=1, mobile=False)
        scheme = [{"name": "prefers-color-scheme", "value": "dark" if dark else "light"}]
        self.ask("Emulation.setEmulatedMedia", features=scheme)
        self.ask("Page.navigate", url=address)
        shown = f"document.readyState == 'complete' && location.href == {json.dumps(address)}"
        wait_until(lambda: self.value(shown), 30)

    def value(self, expression: str) -> Any:
        """Return what a script gives, once it is there where it is promised."""
        answer = self.ask("Runtime.evaluate", expression=expression, awaitPromise=True, returnByValue=True)
        assert "exceptionDetails" not in answer, answer
        return answer["result"].get("value")

    def press(self, key: str, text: str = "") -> None:
        """Press a key and let it go."""
        about = {"key": key, "code": key, "windowsVirtualKeyCode": {"Tab": 9, "Enter": 13}[key]}
        self.ask("Input.dispatchKeyEvent", type="keyDown", text=text, **about)
        self.ask("Input.dispatchKeyEvent", type="keyUp", **about)


@contextmanager
def opened_page(chromium: str, folder: Path) -> Iterator[Page]:
    """Open a browser that keeps its things in a folder, with one page; close it at the end."""
    browser = subprocess.Popen(
        [chromium, *OPTIONS, f"--user-data-dir={folder}", "about:blank"], stderr=subprocess.DEVNULL
    )
    told = folder / "DevToolsActivePort"
    try:
        wait_until(lambda: told.exists() and told.read_text().count("\n") == 1, 60)
        with urllib.request.urlopen(f"http://127.0.0.1:{told.read_text().split()[0]}/json/list", timeout=30) as answer:
            (page,) = [one for one in json.load(answer) if one["type"] == "page"]
        with connect(page["webSocketDebuggerUrl"], max_size=None) as connection:
            yield Page(connection)
    finally:
        browser.terminate()
        browser.wait(30)
