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

# What is cut or goes out of the window; a wide table scrolls in its own frame, which does not.
OUTSIDE = """
    [...document.querySelectorAll('body *')].filter(e => !e.parentElement.closest('.t') && !e.closest('svg, .saut')
        && e.getBoundingClientRect().right > innerWidth + 1).map(e => e.outerHTML.slice(0, 120))
"""
OPTIONS = ["--headless", "--no-sandbox", "--disable-gpu", "--remote-debugging-port=0"]


class Page:
    """One page of a browser that is open; once it is watched, what its console says is wrong, and what it asks for."""

    def __init__(self, connection: ClientConnection) -> None:
        self.connection, self.asked = connection, 0
        self.complaints: list[str] = []
        self.requests: list[str] = []

    def ask(self, method: str, **parameters: Any) -> dict[str, Any]:
        """Send a command, and return its answer; what the browser tells meanwhile is noted."""
        self.asked += 1
        self.connection.send(json.dumps({"id": self.asked, "method": method, "params": parameters}))
        while (answer := json.loads(self.connection.recv(timeout=60))).get("id") != self.asked:
            self._note(answer.get("method"), answer.get("params", {}))
        assert "error" not in answer, answer
        return answer["result"]

    def watch(self) -> None:
        """Note from now on what is wrong, and what is asked for."""
        for domain in ("Runtime", "Log", "Network", "Page"):
            self.ask(f"{domain}.enable")

    def forget(self) -> None:
        """Begin the notes again."""
        self.complaints.clear()
        self.requests.clear()

    def _note(self, method: str | None, told: dict[str, Any]) -> None:
        if method == "Runtime.exceptionThrown":
            self.complaints.append(json.dumps(told["exceptionDetails"]))
        elif method == "Log.entryAdded" and told["entry"]["level"] in ("error", "warning"):
            self.complaints.append(told["entry"]["text"])
        elif method == "Runtime.consoleAPICalled" and told["type"] in ("error", "warning"):
            self.complaints.append(json.dumps(told["args"]))
        elif method == "Network.requestWillBeSent":
            self.requests.append(told["request"]["url"])

    def scripts(self, allowed: bool) -> None:
        """Have the page's own scripts run, or not."""
        self.ask("Emulation.setScriptExecutionDisabled", value=not allowed)

    def click(self, words: str) -> str:
        """Click on the first link that begins with these words, and return the heading of the page where it leads."""
        # What ties a « ? » to its word is no other word for who asks.
        said = f"a => a.textContent.replaceAll('\\u00a0', ' ').trim().startsWith({json.dumps(words)})"
        link = f"[...document.querySelectorAll('a:not(svg a)')].find({said})"
        there = self.value(f"{link}?.href")
        assert there, f"no link says {words!r} on {self.value('document.title')}"
        self.value(f"void {link}.click()")
        wait_until(lambda: self._is_at(there) and self._is_true("!!document.querySelector('h1')"), 30)
        return str(self.value("document.querySelector('h1').textContent"))

    def wait_for(self, heading: str) -> None:
        """Wait until a page with this heading is there."""
        said = f"document.querySelector('h1')?.textContent == {json.dumps(heading)}"
        wait_until(lambda: self._is_true(said), 30)

    def _is_at(self, address: str) -> bool:
        return self._is_true(f"document.readyState == 'complete' && location.href == {json.dumps(address)}")

    def _is_true(self, expression: str) -> bool:
        try:
            return bool(self.value(expression))
        except AssertionError:  # asked while one page left and the next one came
            return False

    def open(self, address: str, width: int, dark: bool = False) -> None:
        """Show an address in a window of this width, and wait until it is there."""
        self.ask("Emulation.setDeviceMetricsOverride", width=width, height=800, deviceScaleFactor=1, mobile=False)
        scheme = [{"name": "prefers-color-scheme", "value": "dark" if dark else "light"}]
        self.ask("Emulation.setEmulatedMedia", features=scheme)
        self.ask("Page.navigate", url=address)
        wait_until(lambda: self._is_at(address), 30)

    def value(self, expression: str) -> Any:
        """Return what a script gives, once it is there where it is promised."""
        answer = self.ask("Runtime.evaluate", expression=expression, awaitPromise=True, returnByValue=True)
        assert "exceptionDetails" not in answer, answer
        return answer["result"].get("value")

    def type(self, text: str) -> None:
        """Type a text where the focus is."""
        self.ask("Input.insertText", text=text)

    def press(self, key: str, text: str = "") -> None:
        """Press a key and let it go."""
        about = {"key": key, "code": key, "windowsVirtualKeyCode": {"Tab": 9, "Enter": 13, "Escape": 27}[key]}
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
