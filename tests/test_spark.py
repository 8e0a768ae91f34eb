"""The models and rules on Apache Spark: its analyzer takes them all, and they give the cells that DuckDB gives."""

from decimal import Decimal

import duckdb
import pytest

from barometre_pipeline.engines.spark.exchange import Exchange
from barometre_pipeline.engines.spark.parquet import columns_in, write_tables
from barometre_pipeline.engines.spark.running import read_tables
from barometre_pipeline.engines.spark.translation import translated
from barometre_pipeline.quality.alerts import keep_results
from barometre_pipeline.quality.evaluation import evaluate
from barometre_pipeline.quality.suites import read_suites
from barometre_pipeline.resources.duckdb_files import open_warehouse
from barometre_pipeline.transform import run_models
from tests.made_up_edition import FAULTS, NUMBERS, made_up
from tests.spark_world import JUDGED, MODELS, SMALL_TABLES, compared_tables, differences, same_verdicts, spark

pytestmark = [pytest.mark.servers, pytest.mark.long]

EXPRESSIONS = {
    "decimal": "x::decimal(38, 6)",
    "double": "(x::decimal(38, 6))::double",
    "rounded": "round(x, 6)::decimal(38, 6)",
    "even_0": "round_even(x, 0)",
    "even_1": "round_even(x, 1)",
    "even_n": "round_even(x, n)",
    "text": "x::varchar",
    "no_text": "nullif(x, 0)::varchar",
    "digits": "format('{:g}', nullif(n, 0) / 2)",
    "joined": "'valeur ' || x",
    "list": "concat_ws(', ', x, null, n)",
    "divided": "n / (x - x)",
    "whole": "least(greatest(x, -1e9), 1e9)::integer",
    "months": "datediff('month', d, date '2022-03-31')",
    "days": "date '2022-03-31' - d",
    "year_later": "last_day(d + interval 12 months)",
    "day": "strftime(d, '%d/%m/%Y')",
    "accents": "strip_accents(t)",
    "number": "try_cast(t as integer)",
    "position": "list_position(['a', 'é'], t)",
    "element": "['a', 'é'][n]",
    "mapped": "m[t]",
    "instant": "[try_strptime(u, '%a, %d %b %Y %H:%M:%S GMT') for u in [h, 'x', null]]",
    "last": "[1, n, 3][-1]",
    "held": "list_contains([1, null], n)",
    "below": "n / (0 * x)",
    "spaced_pattern": r"regexp_matches(t, 'a\s')",
    "spaced": "ltrim(chr(160) || t || chr(160))",
    "small": "lower(t || 'ΑΣ İ')",
    "signed": "round(x, 2)",
    "floor": "floor(x)",
    "large": "format('{:g}', n * 1234567.0)",
    "huge": "(x * 1e7)::decimal(38, 6)",
    "digits_of_large": "((0.1 + id % 90) * 1e17 + x)::varchar",
    "border": r"regexp_matches(t, '^(nb|a)\b')",
    "end": "regexp_matches(t, 'a$')",
    "words": "regexp_extract(t, '(\\d+) (mois|an)', ['nombre', 'unite']).unite",
}
AGGREGATES = {
    "sum": "sum(x::decimal(38, 6))",
    "exact": "fsum(x order by id)",
    "exact_some": "fsum(x order by id) filter (where n > 1)",
    "mean": "favg(x order by id)",
    "mean_some": "favg(x order by id) filter (where n = 1)",
    "none": "favg(x order by id) filter (where n > 9)",
    "middle": "median(x)",
    "middle_some": "median(x) filter (where id > 7)",
    "texts": "string_agg(distinct t, ', ' order by t)",
    "texts_or_none": "string_agg(nullif(t, 'a'), '' order by nullif(t, 'a'))",
    "listed": "list(t order by t)",
    "by_texts": "fsum(x order by t, id)",
    "first": "arg_min(t, id)",
    "any": "any_value(n)",
    "newest": "max({'d': d, 'x': x}) filter (where n = 2)",
    "newest_text": "arg_max(x, d)::varchar",
    "middle_text": "median(x)::varchar",
}
WINDOWS = {
    "running": "sum(x::decimal(38, 6)) over w",
    "different": "count(distinct t) over (partition by n)",
    "some": "count(*) filter (where x > 0) over (partition by n)",
    "behind": "count(*) over (partition by n order by x "
    "range between unbounded preceding and current row exclude group)",
    "filled": "last_value(case when x > 0 then {'x': x} end ignore nulls) over w",
}
TEXTS = ["a", "é", "12", "1.5", " 7 ", "", "3 mois", "ÉœßøΆй≠", None, "0x1F", "0b11", "1_000", "nbé", "a\n", "a\x0b"]
QUERIES = {
    "expressions": "select id, "
    + ", ".join(f"{e} as {n}" for n, e in EXPRESSIONS.items())
    + " from (select *, map {'a': 1} as m, 'Sun, 06 Nov 1994 08:49:37 GMT' as h from numbers)",
    "groups": "select n, " + ", ".join(f"{e} as {n}" for n, e in AGGREGATES.items()) + " from numbers group by n",
    "sets": "select n, t, favg(x order by id) as m from numbers group by grouping sets ((n, t), (n))",
    "windows": "select id, "
    + ", ".join(f"{e} as {n}" for n, e in WINDOWS.items())
    + " from numbers window w as (partition by n order by id)",
    "before": "select a.id, b.id as found, b.x from numbers as a "
    "asof left join numbers as b on b.n = a.n and b.d <= a.d - 400",
    "rows": "select id, unnest([{'c': 'x', 'v': x, 't': null}, {'c': 't', 'v': null, 't': t}], recursive := true) "
    "from numbers",
    "apart": "select a.id from numbers as a full join numbers as b on a.id = b.id + 1 and a.t is not distinct from b.t "
    "where (a.x, a.t) is distinct from (b.x, b.t)",
    "kept": "select id from numbers as a semi join (select 1 as n) as b using (n)",
    "without": "select id from numbers where n = 1 union all by name "
    "select id from numbers as a where not exists (from numbers as b where b.n = 2 and b.id = a.id)",
}


@pytest.fixture(scope="module")
def session():
    with spark("local[2]", SMALL_TABLES) as opened:
        yield opened


@pytest.fixture(scope="module")
def numbers(session, tmp_path_factory):
    """Numbers at the edges in DuckDB and in Spark, and the columns of their table."""
    with duckdb.connect() as connection:
        connection.execute("create table numbers (id bigint, n integer, x double, t varchar, d date)")
        rows = [(i, i % 3, x, TEXTS[i % len(TEXTS)]) for i, x in enumerate(NUMBERS)]
        insert = "insert into numbers values ($1, $2, $3, $4, date '2019-01-31' + $1::integer)"
        connection.executemany(insert, rows)
        exchange = Exchange(str(tmp_path_factory.mktemp("parquet")))
        write_tables(connection, ["numbers"], exchange)
        read_tables(session, ["numbers"], columns_in(connection), exchange)
        yield connection, session


@pytest.mark.parametrize("name", QUERIES)
def test_every_counterpart_gives_the_cells_of_duckdb_at_the_edges(numbers, name):
    connection, session = numbers
    columns = {"id": "BIGINT", "n": "INTEGER", "x": "DOUBLE", "t": "VARCHAR", "d": "DATE"}
    given = session.sql(translated(QUERIES[name], {"numbers": columns}))
    expected = connection.execute(QUERIES[name])
    names = [column[0] for column in expected.description]
    ours = sorted(map(repr, ([_plain(v) for v in row] for row in expected.fetchall())))
    theirs = sorted(map(repr, ([_plain(v) for v in row] for row in given.collect())))
    wrong = [(a, b) for a, b in zip(ours, theirs, strict=True) if a != b]
    assert wrong[:3] == [], names


@pytest.fixture(scope="module")
def edition(session, tmp_path_factory):
    """The made-up edition, judged, on DuckDB, and as Spark made it: each of its tables, in the schema `spark`."""
    folder = tmp_path_factory.mktemp("edition")
    with open_warehouse(folder / "edition.duckdb") as connection:
        made_up(connection)
    evaluation = evaluate(folder / "edition.duckdb", read_suites())
    keep_results(folder / "edition.duckdb", evaluation.results, evaluation.alerts)
    with duckdb.connect(str(folder / "edition.duckdb")) as connection:
        for _ in run_models(connection, list(JUDGED)):
            pass
        compared_tables(session, connection, folder, (*MODELS, *JUDGED))
        yield connection


@pytest.mark.parametrize("model", (*MODELS, *JUDGED), ids=lambda model: model.name)
def test_a_made_up_edition_has_the_cells_of_duckdb(edition, model):
    assert differences(edition, model.name, f"spark.{model.name}")[:4] == []


@pytest.mark.parametrize(
    "model", [m for m in MODELS if "\norder by" in m.sql and m.layer == "marts"], ids=lambda m: m.name
)
def test_a_mart_comes_back_in_the_order_of_publication(edition, model):
    """Though its levels are apart."""
    ours, theirs = (edition.execute(f"from {schema}.{model.name}").fetchall() for schema in ("main", "spark"))
    assert repr(ours) == repr(theirs)


def test_the_made_up_edition_has_rows_in_every_table(edition):
    counts = {m.name: edition.execute(f"select count(*) from {m.name}").fetchone() for m in (*MODELS, *JUDGED)}
    assert {name for name, (rows,) in counts.items() if not rows} == set()


def test_the_gate_finds_on_spark_the_rows_that_it_finds_on_duckdb_and_gives_the_same_verdicts(session, tmp_path):
    warehouse = tmp_path / "edition.duckdb"
    with open_warehouse(warehouse) as connection:
        made_up(connection)
        for fault in FAULTS:
            connection.execute(fault)
    judged = same_verdicts(session, warehouse, tmp_path / "spark")
    found = {(r.table, r.rule) for r in judged.results if r.count}
    typed = {(s.table, e.regle) for s in read_suites() for e in s.attentes if e.type}
    assert len(found & typed) > 6 and len(found - typed) > 10, found
    assert any(r.accepted for r in judged.results)


def _plain(value):
    """A value as both engines' clients give it; -0.0 is not 0.0, 0.0 is 0.0."""
    if hasattr(value, "asDict"):
        return _plain(value.asDict())
    if isinstance(value, dict):
        return {key: _plain(one) for key, one in value.items()}
    return f"{value:f}" if isinstance(value, Decimal) else value
