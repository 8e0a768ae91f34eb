"""The script of axe-core, by npm: a test that asks for it is skipped where there is none."""

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.once import made_once

AXE = "axe-core@4.14.1"


@pytest.fixture(scope="session")
def axe(tmp_path_factory) -> str:
    """The script that looks for what a page keeps from some people."""
    if shutil.which("npm") is None:
        pytest.skip("npm is not installed")

    def install(folder: Path) -> None:
        command = ["npm", "install", "--silent", "--no-audit", "--no-fund", "--prefix", folder, AXE]
        subprocess.run(command, capture_output=True)

    script = made_once(tmp_path_factory, "axe", install) / "node_modules/axe-core/axe.min.js"
    if not script.exists():
        pytest.skip(f"no package index gives {AXE}")
    return script.read_text("utf-8")
