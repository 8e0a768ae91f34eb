"""Times the tables of a made-up barometer on DuckDB and on a cluster of Spark, for `make bench-echelle`.

Staging, models and gate of the sizes of `tests.growth`; each run has a home of its own. The cluster is on loopback: a
master, and one or two workers of one core and 1 GB; the driver has a heap of 1 GB. Of each process its memory (PSS) is
told, and its processor: on a machine that all share, this alone tells what more machines would take. It asserts one
thing: that the tables of both engines are the same.
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import duckdb

from barometre_pipeline.editions import Edition
from barometre_pipeline.home import Home
from tests.growth import EDITION, INDICATORS, SCALES, write
from tests.spark_cluster import spark_cluster
from tests.spark_world import differences
from tests.timed_run import timed_run

STAGES = ("stage", "transform", "quality_gate", "whole run")
PROGRAM = (sys.executable, "-m", "tests.part_run", "tables")
COMPARED = ("detail", "synthese", "progression", "avancement_territoires")
_DEFAULTS = """spark.driver.memory 1g
spark.executor.memory 1g
spark.driver.host 127.0.0.1
spark.driver.bindAddress 127.0.0.1
"""


@contextmanager
def _engine(workers: int, folder: Path) -> Iterator[tuple[str, list[int]]]:
    """Give the address of an engine, DuckDB's without workers, and the processes that work for it elsewhere."""
    if not workers:
        yield "duckdb", []
        return
    (folder / "conf").mkdir()
    (folder / "conf" / "spark-defaults.conf").write_text(_DEFAULTS, encoding="utf-8")
    os.environ["SPARK_CONF_DIR"] = str(folder / "conf")
    with spark_cluster(folder / "cluster", workers) as (address, processes):
        yield address, [one.pid for one in processes]


def main() -> None:
    """Run the scales that the command line names, or 1 and 10, on each engine, and print their table."""
    for scale in map(SCALES.__getitem__, sys.argv[1:] or ("1", "10")):
        print(f"{scale.name:<5} {INDICATORS * scale.territoires * scale.mois:>11,} values")
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            write(scale, folder)
            places = ["--catalogue", folder / "catalogue", "--sources", folder / "livraisons"]
            for workers in (0, 1, 2):
                (folder / str(workers)).mkdir()
                with _engine(workers, folder / str(workers)) as (address, others):
                    times, done = timed_run(
                        EDITION,
                        folder / f"home-{workers}",
                        *places,
                        "--engine",
                        address,
                        program=PROGRAM,
                        others=others,
                    )
                print(f"  {f'Spark, {workers} executors' if workers else 'DuckDB':<20}", end="")
                print(*(f"{stage} {times[stage]:.1f} s" for stage in STAGES), sep=", ")
                for kind, peak in done.peaks.items():
                    print(
                        f"    {kind:<18} {peak / 1e6:5.0f} MB {done.worked.get(kind, 0.0):7.1f} s of processor",
                        flush=True,
                    )
                if workers:
                    _refuse_differences(folder / "home-0", folder / f"home-{workers}")


def _refuse_differences(one: Path, other: Path) -> None:
    """End the bench where the tables of two homes differ: times of other work are not compared."""
    edition = Edition.parse(EDITION)
    with ExitStack() as stack:
        connection = stack.enter_context(duckdb.connect())
        for name, home in (("one", one), ("other", other)):
            connection.execute(f"attach '{Home(home).building(edition).warehouse}' as {name} (read_only)")
        for table in COMPARED:
            if different := differences(connection, f"one.{table}", f"other.{table}"):
                raise SystemExit(f"{len(different)} rows of {table} are not those of DuckDB")


if __name__ == "__main__":
    main()
