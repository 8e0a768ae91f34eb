"""Times `barometre run` of one edition: each stage, the whole, the peak memory. Run by `make bench`.

The official 2022-T1 where its folder is beside the project, else the demonstration deliveries; three runs, each in
a home of its own, and the median of each figure. Not a test: it measures and asserts nothing.
"""

import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from dagster import DagsterInstance

EDITION = "2022-T1"
OFFICIAL = Path(__file__).parents[2] / "shared" / "editions" / EDITION
BAROMETRE = Path(sys.executable).with_name("barometre")
RUNS = 3


def one_run(home: Path) -> dict[str, float]:
    """Return the seconds of each step and of the whole run, by name."""
    sources = ["--catalogue", OFFICIAL / "catalogue", "--sources", OFFICIAL / "livraisons"] if OFFICIAL.is_dir() else []
    # Users' Python keeps the compiled modules; a shell that forbids it would measure their compilation.
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    start = time.perf_counter()
    command = [BAROMETRE, "run", EDITION, "--home", home, *sources]
    subprocess.run(command, check=True, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    whole = time.perf_counter() - start
    os.environ["DAGSTER_HOME"] = str(home / "dagster")
    with DagsterInstance.get() as instance:
        (run,) = instance.get_runs(limit=1)
        stats = {s.step_key: s.end_time - s.start_time for s in instance.get_run_step_stats(run.run_id)}
    return {**stats, "start and end": whole - sum(stats.values()), "whole run": whole}


def main() -> None:
    """Run, and print the medians."""
    with tempfile.TemporaryDirectory() as folder:
        runs = [one_run(Path(folder) / f"home-{n}") for n in range(RUNS)]
    what = f"official {EDITION}" if OFFICIAL.is_dir() else f"demonstration {EDITION}"
    print(f"{what}, median of {RUNS} runs")
    for name in runs[0]:
        print(f"  {name:<15} {statistics.median(run[name] for run in runs):6.2f} s")
    print(f"  {'peak memory':<15} {resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024:6.0f} MB")


if __name__ == "__main__":
    main()
