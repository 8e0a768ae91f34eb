"""The dialect of Spark: every model and rule has a counterpart there, and what has none is refused. Without Java."""

import re
from dataclasses import replace

import duckdb
import pytest
from sqlglot import exp

from barometre_pipeline.catalogue import default_levels
from barometre_pipeline.edited_files.engines import refuse_unstated
from barometre_pipeline.edited_files.project import read_project
from barometre_pipeline.engines.spark.counterparts import unstated
from barometre_pipeline.engines.spark.patterns import for_java
from barometre_pipeline.engines.spark.translation import translated, unstated_types
from barometre_pipeline.errors import EditedFileError
from barometre_pipeline.sql_models import LAYERS, read_models
from tests.spark_world import JUDGED, MODELS, RULES, columns_of_a_build

# Those of the history stay on DuckDB: it is one file, of which an edition replaces its rows (`warehouse`).
_OF_TAGS, _OF_TREES, _COMPARED, _VIEW = (
    "what the depot's tags say, a row a publication",
    "rows of publications that are not in force, read in trees of the depot",
    "compares editions with one another, within the history",
    "a view within the history",
)
ON_DUCKDB = {
    "editions": _OF_TAGS,
    "detail_publications": _OF_TREES,
    "synthese_publications": _OF_TREES,
    "evolutions": _COMPARED,
    "evolutions_engagements": _COMPARED,
    "palmares": _COMPARED,
    "detail_par_publication": _VIEW,
    "synthese_par_publication": _VIEW,
    "detail_vintages": _VIEW,
}


def test_every_model_is_written_for_spark_or_has_a_reason_to_stay_on_duckdb():
    everything = {model.name for model in read_models(layers=tuple(LAYERS))}
    assert everything - {model.name for model in (*MODELS, *JUDGED)} == ON_DUCKDB.keys()


@pytest.mark.parametrize("model", (*MODELS, *JUDGED), ids=lambda model: model.name)
def test_every_model_of_an_edition_is_written_for_spark(model):
    tables = columns_of_a_build()
    assert unstated(model.file, model.sql) == []
    query = translated(model.sql, {name: tables[name] for name in model.reads}, tables[model.name])
    assert query.startswith("SELECT CAST(")


@pytest.mark.parametrize(("suite", "rule"), RULES, ids=lambda one: getattr(one, "regle", getattr(one, "table", "")))
def test_every_rule_is_written_for_spark(suite, rule):
    assert unstated(suite.table, rule.query) == []
    assert translated(rule.query, columns_of_a_build())


def test_a_function_without_counterpart_is_refused_with_its_line():
    sql = "select\n    kurtosis(valeur) as k\nfrom detail"
    assert unstated("dbt_like_sql/marts/k.sql", sql) == [
        "dbt_like_sql/marts/k.sql, line 2: the function kurtosis has no stated counterpart on Spark "
        "(engines/spark/counterparts.py)."
    ]


@pytest.mark.parametrize(
    ("sql", "what"),
    [
        ("select datediff('week', date, date) from detail", "datediff of 'week'"),
        ("select format('{:.2f}', valeur) from detail", "format of '{:.2f}'"),
        ("select strftime(date, '%A') from detail", "'%A'"),
        ("select try_strptime(code, '%Y') from detail", "'%Y'"),
        ("select unnest(l, recursive := true) from detail", "UNNEST(l"),
        ("from detail limit 3", "« LIMIT 3 »"),
        ("from detail using sample 10%", "« TABLESAMPLE SYSTEM (10 PERCENT) »"),
    ],
)
def test_what_a_function_is_given_and_the_language_are_looked_at_too(sql, what):
    (told,) = unstated("x.sql", sql)
    assert what in told


@pytest.mark.parametrize(
    "sql",
    [
        "select string_agg(t, ', ' order by d desc) as x from q",
        "select list(t order by d desc nulls first) as x from q",
        "select list(t) as x from q",
        "select fsum(v) as x from q",
        "select [z for z in l if z > 1] as x from q",
        "select regexp_replace(t, 'A', 'b', 'gi') as x from q",
        "select regexp_replace(t, 'a', 'b') as x from q",
        r"select regexp_replace(t, '(a)', '\\1', 'g') as x from q",
        "select regexp_matches(t, '[[:alpha:]]') as x from q",
        "select regexp_matches(t, 'a.b', 's') as x from q",
        "select regexp_extract(t, 'A', 0, 'i') as x from q",
        r"select t like 'a\\%' as x from q",
        "select t like u as x from q",
        "select t similar to 'a' as x from q",
        "select chr(8239) as x from q",
        "select (n, t) < (1, 'b') as x from q",
        "select n in (select n from q) as x from q",
        "select n > all (select n from q) as x from q",
        "select sum(n) over (order by n rows between unbounded preceding and current row exclude ties) as x from q",
        "select count(*) over (order by n groups between 1 preceding and current row) as x from q",
        "select lead(n, n) over (order by d) as x from q",
        "select arg_max(t, n, 2) as x from q",
        "select distinct on (n) n, t from q order by n, d",
        "select a.n from q as a positional join q as b",
        "select a.n, b.t from q as a asof join q as b on a.n = b.n and a.d > b.d",
        "select a.n, b.t from q as a asof join q as b using (n, d)",
        "select a.n, c.m from q as a, lateral (select max(n) as m from q as b where b.d < a.d) as c",
        "pivot q on n using count(*) group by t",
        "select t collate nocase = 'A' as x from q",
        "select list_contains(l, null) as x from q",
        "select map {'a': 1}['a'] as x from q",
        "select median(n) over (partition by t) as x from q",
        "select median(n) filter (where n > 1) over (partition by t) as x from q",
        "select median(distinct n) as x from q",
        "select fsum(distinct v order by v) as x from q",
        "select any_value(t order by d) as x from q",
        "select any_value(t) filter (where n > 1) as x from q",
        "select arg_max(t, n) filter (where n > 1) over (partition by d) as x from q",
        "select count(distinct t) filter (where n > 1) over (partition by d) as x from q",
    ],
)
def test_what_spark_would_read_otherwise_or_not_at_all_is_refused(sql):
    assert unstated("x.sql", sql)


@pytest.mark.parametrize(
    "sql",
    [
        "select sum(v) as x from q",
        "select avg(c) as x from q",
        "select median(c) as x from q",
        "select c / 3 as x from q",
        "select v % 2 as x from q",
        "select try_cast(t as date) as x from q",
        "select try_cast(t as double) as x from q",
        "select try_cast(v as integer) as x from q",
        "select t::boolean as x from q",
        "select v::decimal(12, 2) as x from q",
        "select v::float as x from q",
        "select string_agg(v, ', ' order by d) as x from q",
        "select t[1] as x from q",
        "select b = 1 as x from q",
        "select unnest(s) from q",
        "select sum(n) as x from q",
        "select count(*) from q",
        "select a.*, b.* from q as a join q as b using (n)",
        "select t || null as x from q",
        "select l::varchar as x from q",
        "select l::varchar[] as x from q",
        "select s::varchar as x from q",
        "select array_to_string(w, ', ') as x from q",
        "select t || 1.50 as x from q",
        "select sum(x) as x from (select arg_max(v, d) as x from q group by n)",
    ],
)
def test_what_spark_computes_otherwise_of_a_type_is_refused(sql):
    columns = {"n": "INTEGER", "v": "DOUBLE", "c": "DECIMAL(12,2)", "t": "VARCHAR", "d": "DATE", "b": "BOOLEAN"}
    columns |= {"l": "INTEGER[]", "w": "DOUBLE[]", "s": "STRUCT(a INTEGER)"}
    with duckdb.connect() as connection:
        connection.execute(f"create table q ({', '.join(f'{name} {type_}' for name, type_ in columns.items())})")
        connection.execute(f"create table made as {sql}")
        made = connection.execute("select column_name, data_type from duckdb_columns() where table_name = 'made'")
        result = dict(made.fetchall())
    assert unstated("x.sql", sql) == []
    told, *_ = unstated_types("x.sql", sql, {"q": columns}, result)
    assert told.startswith("x.sql, line 1: ") and "no stated counterpart on Spark" in told


@pytest.mark.parametrize(
    ("pattern", "matched", "not_matched"),
    [(r"^nb\b", "nbé", "nba"), ("a$", "a", "a\n"), ("^.$", "\r", "\n")],
)
def test_a_pattern_is_written_for_java_as_duckdb_reads_it(pattern, matched, not_matched):
    """Python's `re`, given ASCII as Java is by default, reads these signs as Java does, but for `(?d)` and `\\z`."""
    written = for_java(exp.Literal.string(pattern)).name.replace("(?d)", "").replace(r"\z", r"\Z")
    for text, expected in ((matched, True), (not_matched, False)):
        (row,) = duckdb.execute("select regexp_matches(?, ?)", [text, pattern]).fetchall()
        assert row == (expected,) == (re.search(written, text, re.ASCII) is not None,)


def test_a_rule_or_a_model_that_spark_cannot_run_is_refused_before_anything_is_fetched():
    project = read_project(default_levels())
    suite = next(suite for suite in project.suites if suite.table == "detail")
    rule = suite.attentes[0].model_copy(update={"type": None, "requete": "from detail where kurtosis(valeur) > 1"})
    spoilt = replace(project, suites=[suite.model_copy(update={"attentes": (rule,)})])
    refuse_unstated(spoilt, "duckdb")
    refuse_unstated(project, "local[2]")
    with pytest.raises(
        EditedFileError, match=r"expectations/detail\.yml, rule cle_unique, line 1: the function kurtosis"
    ):
        refuse_unstated(spoilt, "local[2]")


def test_an_alias_in_a_union_by_name_keeps_its_column():
    sql = "select code, maille from a union all by name select maille, code from a"
    query = translated(sql, {"a": {"code": "VARCHAR", "maille": "VARCHAR"}})
    second = query.partition("UNION ALL")[2]
    assert second.index("code") < second.index("maille")


def test_two_windows_of_the_same_name_in_two_queries_are_their_own():
    sql = """
    with a as (select sum(v) over w as v, d from t window w as (partition by d))
    select sum(v) over w as s from a window w as (order by d)
    """
    query = translated(sql, {"t": {"v": "BIGINT", "d": "DATE"}})
    assert query.count("PARTITION BY") == query.count("ORDER BY") == 1
    assert duckdb.execute(f"create temp table t(v bigint, d date); {query}").fetchall() == []
