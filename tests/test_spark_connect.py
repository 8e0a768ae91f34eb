"""The models on a server of Spark Connect, a real one on loopback: the cells of DuckDB, by a client without Java."""

from dataclasses import replace

import duckdb
import pytest

from barometre_pipeline.engines.spark.exchange import Exchange
from barometre_pipeline.engines.spark.parquet import columns_in, write_tables
from barometre_pipeline.engines.spark.running import read_tables, run_on_spark
from barometre_pipeline.engines.spark.session import spark_session
from barometre_pipeline.engines.spark.translation import translated
from barometre_pipeline.errors import ModelError, UsageError
from barometre_pipeline.quality.on_spark import write_faulty_rows
from barometre_pipeline.quality.suites import read_suites
from barometre_pipeline.resources.duckdb_files import open_warehouse
from tests.made_up_edition import NUMBERS, made_up
from tests.ports import free_port
from tests.spark_cluster import spark_connect_server
from tests.spark_world import MODELS, SMALL, SMALL_TABLES, compared_tables, differences, need_spark

pytestmark = [pytest.mark.servers, pytest.mark.long]


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    need_spark()
    with spark_connect_server(tmp_path_factory.mktemp("connect"), SMALL) as one:
        yield one


def test_a_made_up_edition_has_the_cells_of_duckdb_on_spark_connect(address, tmp_path):
    with open_warehouse(tmp_path / "edition.duckdb") as connection:
        made_up(connection)
        with spark_session(address, SMALL_TABLES) as session:
            compared_tables(session, connection, tmp_path / "echange")
            suites = [suite for suite in read_suites() if suite.table == "detail"]
            assert write_faulty_rows(session, connection, suites, Exchange(str(tmp_path / "echange")))
        different = {model.name: differences(connection, model.name, f"spark.{model.name}")[:2] for model in MODELS}
    assert {name: rows for name, rows in different.items() if rows} == {}


def test_numbers_are_written_as_duckdb_writes_them_on_spark_connect(address, tmp_path):
    exchange = Exchange(str(tmp_path))
    with duckdb.connect() as connection:
        connection.execute("create table numbers as select unnest($1::double[]) as x", [list(NUMBERS)])
        query = "select x::varchar as t from numbers order by t"
        write_tables(connection, ["numbers"], exchange)
        columns = columns_in(connection)
        with spark_session(address, SMALL_TABLES) as session:
            read_tables(session, ["numbers"], columns, exchange)
            given = [row.t for row in session.sql(translated(query, columns)).collect()]
        assert sorted(given) == sorted(text for (text,) in connection.execute(query).fetchall())


def test_what_the_data_make_fail_there_is_told_with_its_file(address, tmp_path):
    model = replace(MODELS[0], name="essai", layer="staging", sql="select 'x'::integer as n", reads=frozenset())
    with (
        spark_session(address) as session,
        pytest.raises(ModelError, match=r"essai.*on Spark, .*CAST_INVALID_INPUT"),
    ):
        list(run_on_spark(session, [model], {"essai": {"n": "INTEGER"}}, Exchange(str(tmp_path))))


def test_a_server_that_is_not_there_is_told_at_once():
    pytest.importorskip("pyspark", reason="pyspark is not installed (pip install 'barometre-pipeline[spark]')")
    with (
        pytest.raises(UsageError, match=r"Spark does not start at sc://.*Is its server of Spark Connect running"),
        spark_session(f"sc://127.0.0.1:{free_port()}"),
    ):
        pass
