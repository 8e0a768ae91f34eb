"""Asking the analysts' warehouse: `barometre sql`, and the door for notebooks."""

import csv
import io
import json
import subprocess
import sys
import threading

import duckdb
import pandas as pd
import pytest

from barometre_pipeline.cli.tables import Format, as_text
from barometre_pipeline.errors import UsageError
from barometre_pipeline.warehouse import open_latest
from barometre_pipeline.warehouse.tables import MARTS
from tests.projects import failed, project  # noqa: F401 - fixtures
from tests.warehouse_world import copied, history, options, published_thrice, warehouse  # noqa: F401 - fixtures


def sql(project, query, *more):
    return project.barometre("sql", query, "--home", project.home, *more)


@pytest.fixture
def empty(project):
    """The project with a warehouse that holds nothing, for questions that read no table."""
    warehouse(project).parent.mkdir(parents=True)
    duckdb.connect(str(warehouse(project))).close()
    return project


def test_a_query_is_answered_in_each_form(history):
    query = "select publication, debut, retiree from editions where edition = '2022-T1' order by 1"
    assert sql(history, query, "--format", "csv")[1].splitlines()[1] == "2022-T1,2022-01-01,faux"
    found = json.loads(sql(history, query, "--format", "json")[1])
    assert found[1] == {"publication": "2022-T1.1", "debut": "2022-01-01", "retiree": False}
    assert sql(history, query)[1].splitlines()[0].split() == ["publication", "debut", "retiree"]
    assert sql(history, f"{query} limit 0", "--format", "csv")[1] == "publication,debut,retiree\n"


def test_a_row_is_a_line_whatever_its_values_are(history):
    shown = sql(history, "select E'deux\\nlignes' as a, true as b")[1]
    assert [line.split() for line in shown.splitlines()] == [["a", "b"], ["deux", "lignes", "vrai"]]


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ("select valeurs from detail", 'line 1, column 8: there is no column "valeurs"; the closest is "valeur"'),
        ("select *\n  from detial", 'line 2, column 8: there is no table "detial"; the closest is "detail"'),
        ("selec 1", 'line 1, column 1: a syntax error at "selec"'),
        ("select 1; select 2", "A question is one SELECT"),
        ("select '\udce9'", "The query is no UTF-8 text"),
        ("pivot detail on maille using count(*)", "A pivot names its columns"),
        ("drop table detail", "A question is one SELECT"),
        ("copy detail to '/tmp/detail.csv'", "A question is one SELECT"),
        ("attach '/tmp/autre.duckdb'", "A question is one SELECT"),
        ("from read_text('/etc/passwd')", 'it reads a file ("/etc/passwd")'),
        ("from '/etc/passwd'", "there is no table"),
        ("from nimporte", 'there is no table "nimporte" (did you mean '),
        ("from duckdb_secrets()", "it reads a directory ("),
    ],
)
def test_a_wrong_query_is_told_in_a_sentence_with_its_place(history, query, told):
    failed(sql(history, query), told, status=2)


@pytest.mark.parametrize("begun", ["-- Combien ?\n", "--\n", "--combien\n\n", "-- a=b\n"])
def test_a_query_may_begin_with_a_comment(empty, begun):
    assert sql(empty, f"{begun}select 1 as n", "--format=csv")[1] == "n\n1\n"


def test_a_list_is_json_in_a_cell_of_a_csv(empty):
    query = "select ['a', null] as l, {'jour': date '2022-03-31', 'b': true} as s, map {date '2022-03-31': [1, 2]} as m"
    (row,) = csv.DictReader(io.StringIO(sql(empty, query, "--format", "csv")[1]))
    told = {"l": ["a", None], "s": {"jour": "2022-03-31", "b": True}, "m": {"2022-03-31": [1, 2]}}
    assert {name: json.loads(cell) for name, cell in row.items()} == told
    assert json.loads(sql(empty, query, "--format", "json")[1]) == [told]


@pytest.mark.parametrize("rows", [0, 1, 5_000, 5_001])
def test_rows_that_come_some_at_a_time_are_written_as_if_they_came_at_once(empty, rows):
    query = f"select range as n, E'\u2028\\n' as t from range({rows})"
    told = [{"n": n, "t": "\u2028\n"} for n in range(rows)]
    assert sql(empty, query, "--format", "json")[1] == as_text(told, Format.json) + "\n"
    assert sql(empty, query, "--format", "csv")[1] == as_text(told, Format.csv, ["n", "t"]) + "\n"


@pytest.mark.parametrize("form", ["csv", "json"])
def test_rows_are_written_as_they_come_and_no_longer_than_they_are_read(empty, form):
    command = [sys.executable, "-c", "from barometre_pipeline.cli.app import main; main()"]
    command += ["sql", "from range(10_000_000_000)", "--format", form, "--home", str(empty.home)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout.read(6) in (b"range\n", b"[\n  {\n")
        process.stdout.close()
        assert process.stderr.read() == b""


def test_a_query_that_takes_too_long_is_stopped(history):
    with pytest.raises(UsageError, match=r"stopped after 0\.2 s"):
        open_latest(history.home).answer("select count(*) from range(1000000) a, range(1000000) b", seconds=0.2)


def test_without_a_warehouse_the_command_says_what_to_do(project):
    failed(sql(project, "select 1"), "publish an edition first", status=2)


def test_a_notebook_gets_the_right_types(history):
    found = open_latest(history.home)
    frame = found.sql("select maille, date, valeur, enfants, unite from detail where edition = ?", ["2022-T1"])
    types = frame.dtypes
    assert isinstance(types["maille"], pd.CategoricalDtype) and types["enfants"] == pd.Int32Dtype()
    assert (types["date"].kind, types["valeur"].kind, frame["unite"].isna().any()) == ("M", "f", False)
    assert {t.name for t in MARTS} < set(found.tables)
    with pytest.raises(UsageError, match="There is no table"):
        found.table("detial")
    numbers = found.sql("select sum(enfants) as whole, 1.5 as half, 1e20::decimal(38, 0) as large from detail")
    assert [str(kind) for kind in numbers.dtypes] == ["Int64", "float64", "float64"]
    twice = found.sql("select edition, * from indicateurs")
    assert list(twice.columns[:2]) == ["edition", "edition_1"] and list(twice["edition"]) == list(twice["edition_1"])


def test_a_notebook_sees_the_latest_file_where_it_was_replaced_meanwhile(copied):
    notebook = open_latest(copied.home)
    assert list(notebook.table("editions_derniere")["publication"]) == ["2022-T2"]
    assert copied.barometre("withdraw", "2022-T2", "--reason", "Faux", *options(copied))[0] == 0
    assert list(notebook.table("editions_derniere")["publication"]) == ["2022-T1.1"]


@pytest.mark.long
def test_readers_in_a_loop_see_whole_editions_only(copied):
    """A reader killed at any moment hurts nothing: it holds nothing that a publication waits for."""
    count = "select count(distinct edition), (select publication from editions_derniere) from synthese"
    loop = f"""
import duckdb
while True:
    with duckdb.connect() as c:
        c.execute("attach '{warehouse(copied)}' as h (read_only)"); c.execute("use h")
        print(c.execute("{count}").fetchall(), flush=True)
"""
    reader = subprocess.Popen([sys.executable, "-c", loop], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    seen: set[str] = set()
    listening = threading.Thread(target=lambda: seen.update(reader.stdout))
    listening.start()
    try:
        for _ in range(3):
            assert copied.barometre("warehouse", "rebuild", *options(copied))[0] == 0
    finally:
        reader.kill()
        reader.wait()
        listening.join()
    assert seen == {"[(2, '2022-T2')]\n"}
