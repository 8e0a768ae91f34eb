"""Two official editions on Spark, each table cell by cell; 2022-T1 is that of the cluster (test_spark_cluster.py).

Each takes minutes: `make bench-robustness` names them.
"""

import os

import duckdb
import pytest

from tests.computed_editions import computed_from
from tests.spark_world import MODELS, compared_tables, differences, spark

EDITIONS = os.environ.get("SPARK_EDITIONS", "").split()
if not EDITIONS:
    pytest.skip("each takes minutes: make bench-robustness compares them", allow_module_level=True)
pytestmark = [pytest.mark.servers, pytest.mark.long]


@pytest.fixture(scope="module")
def session():
    with spark("local[2]") as opened:
        yield opened


@pytest.mark.parametrize("name", EDITIONS)
def test_an_official_edition_has_the_cells_of_duckdb(session, editions, tmp_path, name):
    with duckdb.connect() as connection:
        computed_from(connection, editions / name)
        compared_tables(session, connection, tmp_path)
        different = {model.name: differences(connection, model.name, f"spark.{model.name}")[:2] for model in MODELS}
        ((rows,),) = connection.execute("select count(*) from detail").fetchall()
    assert rows > 50_000
    assert {table: found for table, found in different.items() if found} == {}
