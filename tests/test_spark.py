"""The models and rules on Apache Spark: its analyzer takes them all, and they give the cells that DuckDB gives."""

import random
import struct
from decimal import Decimal

import duckdb
import pytest

from barometre_pipeline.catalogue import Correction
from barometre_pipeline.engines.spark.parquet import write_tables
from barometre_pipeline.engines.spark.running import read_tables
from barometre_pipeline.engines.spark.translation import translated
from tests.small_world import a_catalogue, a_value, an_indicator, an_objective, load_world, month_end
from tests.spark_world import MODELS, RULES, columns_of_a_build, compared_tables, differences, spark

pytestmark = [pytest.mark.servers, pytest.mark.long]

# Compiling what runs once on a few rows takes longer than running it; the cluster of test_spark_cluster.py compiles.
_SMALL_TABLES = {"spark.sql.codegen.wholeStage": "false", "spark.sql.adaptive.enabled": "false"}
_DRAWN = random.Random(18)
# The edges of rounding, of decimals and of texts, then doubles of all sizes.
_EDGES = [
    0.0,
    -0.0,
    0.5,
    1.5,
    2.5,
    -2.5,
    0.05,
    0.15,
    1.005,
    2.675,
    1e-5,
    1e-4,
    0.0001234,
    1e7,
    12345678.9,
    1e13,
    9.3e12,
]
_EDGES += [
    92233720368547.75,
    1e15,
    9999999999999998.0,
    1e16,
    1.5e-7,
    1e22,
    -1e17,
    0.1 + 0.2,
    4.35,
    1e-6,
    5e-7,
    5.21056995741925e16,
]


def _any_double() -> float:
    while True:
        (x,) = struct.unpack("d", _DRAWN.randbytes(8))
        if 1e-4 <= abs(x) < 1e16:
            return x


NUMBERS = _EDGES + [round(_DRAWN.uniform(-1e6, 1e6), _DRAWN.randrange(7)) for _ in range(300)]
NUMBERS += [_DRAWN.uniform(-(10**e), 10**e) for e in range(-3, 15) for _ in range(20)]
EXPRESSIONS = {
    "decimal": "x::decimal(38, 6)",
    "double": "(x::decimal(38, 6))::double",
    "rounded": "round(x, 6)::decimal(38, 6)",
    "even_0": "round_even(x, 0)",
    "even_1": "round_even(x, 1)",
    "even_n": "round_even(x, n)",
    "text": "x::varchar",
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
    "first": "arg_min(t, id)",
    "any": "any_value(n)",
    "newest": "max({'d': d, 'x': x}) filter (where n = 2)",
}
WINDOWS = {
    "running": "sum(x::decimal(38, 6)) over w",
    "different": "count(distinct t) over (partition by n)",
    "middle": "median(x) over (partition by n)",
    "some": "count(*) filter (where x > 0) over (partition by n)",
    "behind": "count(*) over (partition by n order by x "
    "range between unbounded preceding and current row exclude group)",
    "filled": "last_value(case when x > 0 then {'x': x} end ignore nulls) over w",
}
TEXTS = ["a", "é", "12", "1.5", " 7 ", "", "3 mois", "Éœßø", None]
QUERIES = {
    "expressions": "select id, "
    + ", ".join(f"{e} as {n}" for n, e in EXPRESSIONS.items())
    + " from (select *, map {'a': 1} as m from numbers)",
    "groups": "select n, " + ", ".join(f"{e} as {n}" for n, e in AGGREGATES.items()) + " from numbers group by n",
    "sets": "select n, t, favg(x order by id) as m from numbers group by grouping sets ((n, t), (n))",
    "windows": "select id, "
    + ", ".join(f"{e} as {n}" for n, e in WINDOWS.items())
    + " from numbers window w as (partition by n order by id)",
    "before": "select a.id, b.id as found, b.x from numbers as a "
    "asof left join numbers as b on b.n = a.n and b.d <= a.d - 400",
    "kept": "select id from numbers as a semi join (select 1 as n) as b using (n)",
    "without": "select id from numbers where n = 1 union all by name "
    "select id from numbers as a where not exists (from numbers as b where b.n = 2 and b.id = a.id)",
}


INDICATEURS = (
    an_indicator("telle_quelle", agregation_territoriale="somme", arrondi=1, recopie_maille_superieure=True),
    an_indicator("cumul", serie="cumul", multiplicateur=1e-3, premieres_valeurs_ecartees=1),
    an_indicator("cumul_annuel", serie="cumul_annuel", lecture="cumul_annuel", multiplicateur=0.1),
    an_indicator("decumul", serie="decumul", sens="baisse", premiere_date=month_end("2020-06"), unite="% des classes"),
    an_indicator("decumul_annuel", serie="decumul_annuel", lecture="cumul_annuel", agregation_territoriale="somme"),
    an_indicator("annuel", lecture="cumul_annuel", periode="trimestre"),
    an_indicator("part", unite="%", agregation_territoriale="moyenne_ponderee", poids="habitants", bornes=(0, 100)),
    an_indicator("habitants", multiplicateur=1e6, mailles=("departementale", "nationale")),
)
PLACES = ("departementale 01", "departementale 02", "departementale 03", "regionale 01")
MONTHS = [f"{year}-{month:02}" for year in (2020, 2021) for month in range(3, 13, 3)] + [
    "2022-01",
    "2022-02",
    "2022-03",
]


def _made_up(connection: duckdb.DuckDBPyConnection) -> None:
    """An edition at the edges: every serie, weights, copies, corrections, duplicates, contradictions, large numbers."""
    drawn, values, objectives = random.Random(4), [], []
    for indicator in INDICATEURS:
        for where in PLACES[: 3 if indicator.agregation_territoriale else 4]:
            for when in MONTHS:
                values.append(
                    a_value(where, when, drawn.choice(NUMBERS[2:]) if drawn.random() < 0.9 else 0, indicator.id)
                )
            given = {"valeur_initiale": values[-9]["valeur"], "date_valeur_initiale": values[-9]["date"]}
            given |= {"cible": drawn.choice([0.0, -0.0, 1e8, -5.5, None]), "date_cible": month_end("2022-12")}
            objectives.append(an_objective(where, indicator.id, **given))
    values += [dict(values[3]), values[7] | {"valeur": 1.5}, values[11] | {"valeur": -0.0}]
    objectives += [objectives[2] | {"cible": 3.0}, objectives[4] | {"date_cible": month_end("2021-12"), "cible": 2.0}]
    place = {"indicateur": "cumul", "maille": "departementale", "territoire": "01", "motif": "une faute"}
    spoilt = [v for v in values if (v["id_indicateur"], v["maille"], v["code"]) == ("cumul", "departementale", "01")]
    corrections = tuple(
        Correction(**place, date=v["date"], attendu=v["valeur"], valeur=new)
        for v, new in zip(spoilt, (12.25, None), strict=False)
    )
    load_world(connection, a_catalogue(*INDICATEURS, corrections=corrections), values, objectives)


@pytest.fixture(scope="module")
def session():
    with spark("local[2]", _SMALL_TABLES) as opened:
        yield opened


@pytest.fixture(scope="module")
def numbers(session, tmp_path_factory):
    """Numbers at the edges in DuckDB and in Spark, and the columns of their table."""
    with duckdb.connect() as connection:
        connection.execute("create table numbers (id bigint, n integer, x double, t varchar, d date)")
        rows = [(i, i % 3, x, TEXTS[i % len(TEXTS)]) for i, x in enumerate(NUMBERS)]
        insert = "insert into numbers values ($1, $2, $3, $4, date '2019-01-31' + $1::integer)"
        connection.executemany(insert, rows)
        folder = tmp_path_factory.mktemp("parquet")
        write_tables(connection, ["numbers"], folder)
        read_tables(session, ["numbers"], folder)
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
    """The made-up edition on DuckDB, and as Spark made it: each of its tables, in the schema `spark`."""
    folder = tmp_path_factory.mktemp("edition")
    with duckdb.connect() as connection:
        _made_up(connection)
        compared_tables(session, connection, folder)
        yield connection


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.name)
def test_a_made_up_edition_has_the_cells_of_duckdb(edition, model):
    assert differences(edition, model.name, f"spark.{model.name}")[:4] == []


@pytest.mark.parametrize(("suite", "rule"), RULES, ids=lambda one: getattr(one, "regle", getattr(one, "table", "")))
def test_a_rule_finds_the_rows_that_it_finds_in_duckdb(session, edition, suite, rule):
    found = session.sql(translated(rule.query, columns_of_a_build())).collect()
    expected = edition.execute(rule.query).fetchall()
    assert sorted(map(repr, (tuple(row) for row in found))) == sorted(map(repr, expected))


def _plain(value):
    """A value as both engines' clients give it; -0.0 is not 0.0, 0.0 is 0.0."""
    if hasattr(value, "asDict"):
        return _plain(value.asDict())
    if isinstance(value, dict):
        return {key: _plain(one) for key, one in value.items()}
    return f"{value:f}" if isinstance(value, Decimal) else value
