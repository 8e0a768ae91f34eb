"""The dialect of Spark: every model and rule has a counterpart there, and what has none is refused. Without Java."""

from dataclasses import replace

import duckdb
import pytest

from barometre_pipeline.catalogue import default_levels
from barometre_pipeline.edited_files.engines import refuse_unstated
from barometre_pipeline.edited_files.project import read_project
from barometre_pipeline.engines.spark.counterparts import unstated
from barometre_pipeline.engines.spark.translation import translated
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
