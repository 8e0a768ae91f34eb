"""What Dagster loads: each asset and check as people expect it, and a code location that loads without a complaint."""

import os
import subprocess
import sys
from pathlib import Path

from tests.asset_specs import FILE, written_specs


def test_every_asset_is_as_it_was_last_agreed():
    assert written_specs() == FILE.read_text("utf-8"), "python -m tests.asset_specs"


def test_the_definitions_load_without_a_deprecation_warning(tmp_path):
    command = [Path(sys.executable).with_name("dagster"), "definitions", "validate"]
    environment = os.environ | {
        "BAROMETRE_HOME": str(tmp_path / "home"),
        "DAGSTER_HOME": str(tmp_path),
        "PYTHONWARNINGS": "always",
    }
    arguments = ["-m", "barometre_pipeline.definitions"]
    done = subprocess.run([*command, *arguments], capture_output=True, text=True, env=environment, cwd=tmp_path)
    said = done.stdout + done.stderr
    assert done.returncode == 0 and "All code locations passed validation" in said, said
    ours = [line for line in said.splitlines() if "barometre_pipeline" in line and "Warning" in line]
    assert "DeprecationWarning" not in said and ours == []
