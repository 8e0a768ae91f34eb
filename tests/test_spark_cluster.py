"""A run of an official edition on a standalone cluster of Spark, an executor killed in the middle: nothing changes.

Each takes minutes: that of `make test-all` is 2022-T1, `make bench-robustness` names the others.
"""

import os
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import duckdb
import pytest

from barometre_pipeline.editions import Edition
from barometre_pipeline.home import Home
from barometre_pipeline.quality.evaluation import evaluate
from barometre_pipeline.quality.facts import results_of
from barometre_pipeline.quality.suites import read_suites
from barometre_pipeline.resources.atomic import read_record
from barometre_pipeline.resources.duckdb_files import load_table, read_warehouse, row_counts
from barometre_pipeline.transform import run_models
from tests.projects import BAROMETRE
from tests.spark_cluster import executor_of, kill, spark_cluster
from tests.spark_world import MODELS, SMALL, differences, need_spark

pytestmark = [pytest.mark.servers, pytest.mark.long]

_EDITIONS = os.environ.get("SPARK_EDITIONS", "2022-T1").split()
_SETTINGS = {**SMALL, "spark.executor.memory": "640m", "spark.executor.cores": "1"}


@pytest.mark.parametrize("edition", map(Edition.parse, _EDITIONS), ids=str)
def test_a_run_on_a_cluster_that_loses_an_executor_publishes_the_official_edition(editions, outils, tmp_path, edition):
    need_spark()
    official_folder, home, shared = editions / str(edition), Home(tmp_path / "home"), tmp_path / "partage"
    (tmp_path / "spark-defaults.conf").write_text("".join(f"{name} {value}\n" for name, value in _SETTINGS.items()))
    with spark_cluster(tmp_path) as (address, workers):
        asked = {"--home": home.root, "--engine": address, "--catalogue": official_folder / "catalogue"}
        asked |= {"--sources": official_folder / "livraisons"}
        command = [BAROMETRE, "run", str(edition), "--no-publish"]
        command += [str(part) for option in asked.items() for part in option]
        given = {"SPARK_CONF_DIR": str(tmp_path), "BAROMETRE_SPARK_DOSSIER": shared.as_uri()}
        with subprocess.Popen(command, env={**os.environ, **given}, text=True) as run:
            try:
                killed = _kill_in_the_middle(run, shared / str(edition), workers)
                staged = {part.parent.name for part in (shared / str(edition) / "raw__valeurs").rglob("*.parquet")}
                assert run.wait(1200) == 0
            finally:
                run.kill()
    assert killed
    assert len(staged) > 10 and all(part.startswith("livraison=") for part in staged)  # as they were read, not copied
    build = home.build(edition)
    compared = [sys.executable, outils / "comparer.py", official_folder, build.files]
    assert "0 differences" in subprocess.run(compared, capture_output=True, text=True, check=True).stdout
    with duckdb.connect() as connection:
        _made_again(connection, build.warehouse)
        different = {model.name: differences(connection, model.name, f"spark.{model.name}")[:2] for model in MODELS}
    assert {name: rows for name, rows in different.items() if rows} == {}
    on_spark, on_duckdb = results_of(read_record(build.facts)), evaluate(build.warehouse, read_suites()).results
    assert [replace(r, rows=()) for r in on_spark] == [replace(r, rows=()) for r in on_duckdb]
    assert read_record(build.record)["moteur"] == "spark"
    assert not (shared / str(edition)).exists() and not home.spark(edition).exists()


def _made_again(connection: duckdb.DuckDBPyConnection, warehouse: Path) -> None:
    """Make the tables of a build again on DuckDB, from its raw ones; it is attached as `spark`."""
    with read_warehouse(warehouse) as made:
        raw = row_counts(made).keys() - {model.name for model in MODELS}
    connection.execute(f"attach '{warehouse}' as spark (read_only)")
    for name in sorted(raw):
        load_table(connection, name, connection.sql(f"from spark.{name}").to_arrow_table())
    for _ in run_models(connection, list(MODELS)):
        pass


def _kill_in_the_middle(run: subprocess.Popen, exchange: Path, workers: list[subprocess.Popen]) -> bool:
    """Kill an executor once a table in the middle of the graph is written; tell whether there was one."""
    middle = exchange / "int_series" / "_SUCCESS"
    while run.poll() is None:
        if middle.exists() and (executor := executor_of(workers[0]) or executor_of(workers[1])):
            kill(executor)
            return True
        time.sleep(0.2)
    return False
