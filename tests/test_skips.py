"""What is skipped: told to a developer, refused on CI unless it is listed."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.skips import allowed

ROOT = Path(__file__).parents[1]
TESTS = """
import pytest
def test_with_a_server():
    pytest.skip("no server here")
def test_without():
    pass
"""


def ran(folder: Path, **environment: str) -> subprocess.CompletedProcess:
    (folder / "test_servers.py").write_text(TESTS)
    clean = {n: v for n, v in os.environ.items() if n != "CI" and not n.startswith("PYTEST_")}
    command = [sys.executable, "-m", "pytest", "-p", "tests.skips", "-q", "-rs", "-n", "0", "--rootdir", folder, folder]
    return subprocess.run(command, capture_output=True, text=True, cwd=ROOT, env=clean | environment)


def test_a_skip_on_ci_that_is_not_listed_fails_and_is_named(tmp_path):
    done = ran(tmp_path, CI="true")
    assert done.returncode == pytest.ExitCode.TESTS_FAILED
    assert "skipped on CI, and not in tests/skips.txt" in done.stdout
    assert "test_servers.py: no server here" in done.stdout.splitlines()


def test_a_skip_elsewhere_is_told_with_its_reason(tmp_path):
    done = ran(tmp_path)
    assert done.returncode == 0
    assert "no server here" in done.stdout


def test_the_list_of_skips_has_one_a_line_and_comments():
    assert allowed("# why\n\n tests/test_x.py: no server \n") == {"tests/test_x.py: no server"}
