"""What a run of the tests skips: on CI, only what tests/skips.txt lists.

A plugin of pytest, which conftest.py loads: elsewhere a skip is told (`-rs`) and let pass.
"""

import os
from pathlib import Path

import pytest

ALLOWED = Path(__file__).with_name("skips.txt")


def allowed(text: str) -> set[str]:
    """Return the skips that a list allows, each as `file: reason`."""
    return {line for line in map(str.strip, text.splitlines()) if line and not line.startswith("#")}


def _unexpected(config: pytest.Config) -> list[str]:
    reporter = config.pluginmanager.get_plugin("terminalreporter")
    if reporter is None or not os.environ.get("CI"):
        return []
    told = set()
    for report in reporter.stats.get("skipped", []):
        _, _, reason = report.longrepr
        told.add(f"{report.nodeid.partition('::')[0]}: {reason.removeprefix('Skipped: ')}")
    return sorted(told - allowed(ALLOWED.read_text(encoding="utf-8")))


@pytest.hookimpl(tryfirst=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    if session.exitstatus == pytest.ExitCode.OK and _unexpected(session.config):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    unexpected = _unexpected(config)
    if unexpected:
        terminalreporter.section("skipped on CI, and not in tests/skips.txt", red=True)
        for line in unexpected:
            terminalreporter.line(line)
