"""One run at a time in a home, and a dead one is never believed."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from barometre_pipeline.errors import BarometreError
from barometre_pipeline.runs.lock import LOCK_FILE, run_lock

HOLD = """
import sys, time
from pathlib import Path
from barometre_pipeline.runs.lock import run_lock
with run_lock(Path(sys.argv[1]), "run 2022-T1"):
    print("held", flush=True)
    time.sleep(float(sys.argv[2]))
"""


def hold(home: Path, seconds: float) -> subprocess.Popen:
    process = subprocess.Popen([sys.executable, "-c", HOLD, home, str(seconds)], stdout=subprocess.PIPE)
    assert process.stdout.readline() == b"held\n"
    return process


def test_a_second_run_says_which_one_is_running(tmp_path):
    first = hold(tmp_path, 60)
    with (
        pytest.raises(BarometreError, match=rf"« run 2022-T1 » \(process {first.pid}, since "),
        run_lock(tmp_path, "x"),
    ):
        pass
    first.kill()
    first.wait()


def test_a_second_run_waits_when_told_to(tmp_path):
    first = hold(tmp_path, 0.5)
    with run_lock(tmp_path, "run 2022-T1", wait_seconds=10):
        assert first.wait(timeout=5) == 0


def test_the_lock_of_a_killed_run_is_not_believed(tmp_path):
    first = hold(tmp_path, 60)
    os.kill(first.pid, signal.SIGKILL)
    first.wait()
    assert str(first.pid) in (tmp_path / LOCK_FILE).read_text()
    began = time.monotonic()
    with run_lock(tmp_path, "run 2022-T1"):
        assert time.monotonic() - began < 1


def test_processes_that_outlive_a_run_do_not_keep_its_lock(tmp_path):
    with run_lock(tmp_path, "run 2022-T1"):
        child = subprocess.Popen(["sleep", "60"])
    with run_lock(tmp_path, "run 2022-T1"):
        assert child.poll() is None
    child.kill()
    child.wait()


def test_a_note_that_cannot_be_read_stops_nobody(tmp_path):
    (tmp_path / LOCK_FILE).write_text("{pas du json")
    with run_lock(tmp_path, "run 2022-T1"):
        pass
