"""Reading in processes of their own: what burns, swells, crashes or hangs there is a sentence and stops nothing."""

import ctypes
import os
import re
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import pytest

from barometre_pipeline.editions import Edition
from barometre_pipeline.errors import ReadingError
from barometre_pipeline.readers import read_delivery, workers
from barometre_pipeline.readers.workers import bounds_of, read_apart, refusal_apart
from barometre_pipeline.resources.bounded import BoundedProcesses, Bounds, StoppedError
from barometre_pipeline.resources.bounded_server import note
from tests.small_deliveries import a_catalogue, a_delivery

MB = 1_000_000
USUAL = Bounds(100 * MB, 20)
CATALOGUE = a_catalogue()
EDITION = Edition(2022, 1)


@pytest.fixture(scope="module")
def processes():
    made = BoundedProcesses(__name__, 2)
    yield made
    made.stop()


def answer_to(question):
    return [question, os.getpid()]


def swell(megabytes):
    note("gros.csv")
    return len(b"x" * (megabytes * MB))


def fill_and_stay():
    note("plein.csv")
    held = []
    for size in (MB, 4096):
        with suppress(MemoryError):
            while True:
                held.append(b"x" * size)
    while held:
        pass


def burn_ignoring_signals():
    note("lent.csv")
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    re.match(r"(a+)+$", "a" * 60 + "b")


def wait_for_a_child_of_its_own(told):
    child = subprocess.Popen(["sleep", "60"])
    told.write_text(str(child.pid))
    child.wait()


def say_who_and_wait(told):
    with open(told, "w") as file:  # noqa: PTH123 - a text from a command line
        file.write(f"{os.getpid()} {os.getppid()}")
    time.sleep(60)


def crash():
    ctypes.string_at(0)


def abort_as_a_native_parser_does():
    print("memory allocation of 99999999 bytes failed", file=sys.stderr, flush=True)
    os.abort()


def fail():
    raise KeyError("rien")


def began_and_ended():
    began = time.monotonic()
    time.sleep(0.2)
    return [began, time.monotonic()]


def stopped(processes, function, *given, bounds=USUAL) -> StoppedError:
    with pytest.raises(StoppedError) as found:
        processes.call(function, *given, bounds=bounds)
    return found.value


def test_each_call_has_a_process_of_its_own(processes):
    answers = [processes.call(answer_to, "é", bounds=USUAL) for _ in range(3)]
    assert [question for question, _ in answers] == ["é"] * 3
    assert len({os.getpid(), *(process for _, process in answers)}) == 4


@pytest.mark.skipif(sys.platform != "linux", reason="no other system counts the memory of a process")
def test_what_takes_too_much_memory_is_stopped_and_says_at_what(processes):
    assert processes.call(swell, 50, bounds=USUAL) == 50 * MB
    error = stopped(processes, swell, 200)
    assert (error.why, error.doing) == ("memory", "gros.csv")


@pytest.mark.skipif(sys.platform != "linux", reason="no other system counts the memory of a process")
def test_what_stays_without_any_memory_is_stopped_long_before_its_deadline(processes):
    began = time.monotonic()
    error = stopped(processes, fill_and_stay)
    assert (error.why, error.doing) == ("memory", "plein.csv")
    assert time.monotonic() - began < USUAL.seconds / 2


def test_an_expression_that_ignores_sigterm_is_stopped_at_the_deadline(processes):
    began = time.monotonic()
    error = stopped(processes, burn_ignoring_signals, bounds=Bounds(100 * MB, 0.3))
    assert (error.why, error.doing) == ("time", "lent.csv")
    assert time.monotonic() - began < 5


def test_what_a_process_started_ends_with_it(processes, tmp_path):
    children = tmp_path / "children"
    assert stopped(processes, wait_for_a_child_of_its_own, children, bounds=Bounds(100 * MB, 0.5)).why == "time"
    _until(lambda: not _runs(int(children.read_text())))


def _until(happens, seconds=30) -> None:
    until = time.monotonic() + seconds
    while not happens():
        assert time.monotonic() < until
        time.sleep(0.01)


def _runs(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True


def test_a_crash_takes_its_own_process_only(processes):
    error = stopped(processes, crash)
    assert (error.why, error.detail) == ("crash", "SIGSEGV")
    assert processes.call(answer_to, 1, bounds=USUAL)[0] == 1


def test_an_abort_for_want_of_memory_is_told_as_such(processes):
    assert stopped(processes, abort_as_a_native_parser_does).why == "memory"


def test_what_nobody_foresaw_is_told_in_one_line(processes):
    error = stopped(processes, fail)
    assert (error.why, error.detail) == ("defect", "KeyError: 'rien'")


def test_a_server_that_was_killed_is_started_again(processes):
    server = processes._server._process
    server.kill()
    server.wait()
    assert processes.call(answer_to, 1, bounds=USUAL)[0] == 1


def test_a_server_that_cannot_start_says_why():
    none = BoundedProcesses("nulle_part", 1)
    assert "nulle_part" in stopped(none, answer_to, 1).detail
    none.stop()


def test_what_runs_is_stopped_with_the_rest():
    made = BoundedProcesses("json", 2)
    with ThreadPoolExecutor() as threads:
        running = threads.submit(stopped, made, burn_ignoring_signals)
        time.sleep(0.5)
        made.stop()
        assert running.result(timeout=10).why == "crash"


def test_nothing_outlives_a_run_that_is_killed(tmp_path):
    told = tmp_path / "process"
    code = """
import sys
from barometre_pipeline.resources.bounded import BoundedProcesses, Bounds
from tests.test_workers import say_who_and_wait
BoundedProcesses("json", 1).call(say_who_and_wait, sys.argv[1], bounds=Bounds(10**8, 60))
"""
    run = subprocess.Popen([sys.executable, "-c", code, told])
    _until(lambda: told.exists() and told.read_text())
    run.kill()
    run.wait()
    process, server = map(int, told.read_text().split())
    _until(lambda: not (_runs(process) or _runs(server)))


def test_two_calls_run_at_once_and_no_more(processes):
    with ThreadPoolExecutor(4) as threads:
        lasted = list(threads.map(lambda _: processes.call(began_and_ended, bounds=USUAL), range(4)))
    assert max(sum(began <= moment < ended for began, ended in lasted) for moment, _ in lasted) == 2


# Deliveries.

ROWS = "maille,code,date,valeur\nnationale,FR,2021-03,1\nnationale,FR,2021-03,?\n"


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "f.csv"
    path.write_text(ROWS)
    return path


def test_a_delivery_read_apart_is_what_it_is_when_read_here(tmp_path, file):
    here, apart = (
        read_delivery(a_delivery(), [file], CATALOGUE),
        read_apart(a_delivery(), [file], CATALOGUE, EDITION, tmp_path),
    )
    assert (apart.rows.cast(here.rows.schema), apart.rejects, apart.sheets) == (here.rows, here.rejects, here.sheets)
    assert (apart.rows.num_rows, apart.rejects.num_rows) == (1, 1)


def test_what_cannot_be_read_is_told_in_the_readers_own_words(tmp_path, file):
    for read in (
        lambda d: read_delivery(d, [file], CATALOGUE),
        lambda d: read_apart(d, [file], CATALOGUE, EDITION, tmp_path),
    ):
        with pytest.raises(ReadingError, match=r"^essai: f.csv: row 9 \(ligne_entete\) is empty"):
            read(a_delivery(ligne_entete=9))


@pytest.mark.skipif(sys.platform != "linux", reason="no other system counts the memory of a process")
def test_a_delivery_that_needs_too_much_memory_names_the_file_and_the_key(tmp_path):
    path = tmp_path / "f.csv"
    path.write_bytes(b"maille,code,date,valeur\n" + b"nationale,FR,2021-03,1\n" * 1_000_000)
    with pytest.raises(ReadingError, match=r"^essai: f.csv: needs more than the 64 MB allowed .*`memoire_maximale`"):
        read_apart(a_delivery(memoire_maximale=64), [path], CATALOGUE, EDITION, tmp_path)


def test_a_delivery_that_takes_too_long_names_the_file_and_the_key(tmp_path):
    path = tmp_path / "f.csv"
    path.write_bytes(b"maille,code,date,valeur\n" + b"nationale,FR,2021-03,1\n" * 2_000_000)
    with pytest.raises(ReadingError, match=r"^essai: f.csv: is not read after 1 s: .*`duree_maximale`"):
        read_apart(a_delivery(duree_maximale=1), [path], CATALOGUE, EDITION, tmp_path)


def test_the_time_allowed_grows_with_the_files(tmp_path):
    path = tmp_path / "f.csv"
    path.write_bytes(b"x" * (2 * MB))
    assert bounds_of(a_delivery(), [path, path]) == Bounds(512 * MB, 64.0)


def test_verification_apart_gives_the_same_words(file):
    assert refusal_apart(file, a_delivery()) is None
    assert refusal_apart(file, a_delivery(format="parquet")) == "is text and not a Parquet file"


def test_the_processes_that_read_import_no_dagster(tmp_path):
    code = "import sys, barometre_pipeline.readers.workers; print('dagster' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout == "False\n"


def modules_of_a_reading(file):
    workers._read(a_delivery(), [file], EDITION, file.parent)
    return sorted({name.split(".")[0] for name in sys.modules})


def test_a_process_that_reads_loads_no_pandas_which_would_take_longer_than_reading(file, processes):
    processes.prepare(workers._keep, CATALOGUE)
    loaded = processes.call(modules_of_a_reading, file, bounds=USUAL)
    assert "pyarrow" in loaded and "pandas" not in loaded
