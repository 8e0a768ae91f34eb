"""DuckDB files: what fails is told at once, and lets go of the file."""

import time

import duckdb
import pytest

from barometre_pipeline.resources.duckdb_files import open_warehouse


def test_a_file_that_is_no_database_is_told_at_once(tmp_path):
    path = tmp_path / "edition.duckdb"
    path.write_bytes(b"not a database" * 1000)
    began = time.monotonic()
    with pytest.raises(duckdb.IOException), open_warehouse(path):
        pass
    assert time.monotonic() - began < 5


def test_the_file_is_let_go_where_what_is_done_with_it_fails(tmp_path):
    path = tmp_path / "edition.duckdb"
    with pytest.raises(ValueError), open_warehouse(path) as connection:
        connection.execute("create table t as select 1 as n")
        raise ValueError
    with duckdb.connect(str(path), read_only=True) as reader:  # an open connection would refuse another one's settings
        assert reader.execute("select n from t").fetchall() == [(1,)]
