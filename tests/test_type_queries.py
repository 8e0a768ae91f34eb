"""A rule that is a type of Great Expectations, as a query: it finds the rows that Great Expectations finds."""

from datetime import date

import duckdb
import pytest

from barometre_pipeline.quality.gx_session import Found, gx_session
from barometre_pipeline.quality.suites import read_suites
from barometre_pipeline.quality.type_queries import query_of_type

INDEX = ("code", "date")
ROWS = """
    create table t as
    select code, date '2022-01-31' + n as date, a, b, d::double as d
    from (values
        ('01', 0, 1, 1, 5.0), ('01', 0, 1, 2, 0.0), ('02', 0, 3, 2, 100.0), ('03', 0, null, 1, 100.5),
        ('04', 1, 4, null, null), (null, 2, null, null, -0.5), (null, 2, 6, 6, 7), ('05', null, 7, 8, 9)
    ) as v (code, n, a, b, d)
"""
RULES = [
    ("expect_column_values_to_not_be_null", {"column": "a"}),
    ("expect_column_values_to_be_unique", {"column": "code"}),
    ("expect_compound_columns_to_be_unique", {"column_list": ["code", "date"]}),
    ("expect_column_values_to_be_between", {"column": "d", "min_value": 0, "max_value": 100}),
    ("expect_column_values_to_be_between", {"column": "d", "min_value": 0, "strict_min": True}),
    ("expect_column_values_to_be_between", {"column": "d", "max_value": 7, "strict_max": True}),
    ("expect_column_pair_values_a_to_be_greater_than_b", {"column_A": "a", "column_B": "b", "or_equal": True}),
    ("expect_column_pair_values_a_to_be_greater_than_b", {"column_A": "a", "column_B": "b"}),
]
COUNTS = [{"min_value": 1}, {"min_value": 9}, {"max_value": 8}, {"max_value": 8, "strict_max": True}, {"max_value": 3}]


@pytest.fixture(scope="module")
def table(tmp_path_factory):
    file = tmp_path_factory.mktemp("types") / "t.duckdb"
    with duckdb.connect(str(file)) as connection:
        connection.execute(ROWS)
    with gx_session(file) as session:
        yield session, file


def found_by_both(table, type_: str, arguments: dict) -> tuple[Found, list[tuple]]:
    session, file = table
    expectation = session.expectation(type_, arguments, meta={"regle": f"{type_} {arguments}"})
    (theirs,) = session.validate("t", [expectation], list(INDEX))
    with duckdb.connect(str(file), read_only=True) as connection:
        return theirs, connection.execute(query_of_type("t", type_, arguments, INDEX)).fetchall()


@pytest.mark.parametrize(("type_", "arguments"), RULES)
def test_its_query_finds_the_rows_that_great_expectations_finds(table, type_, arguments):
    theirs, ours = found_by_both(table, type_, arguments)
    assert len(ours) == theirs.count > 0
    if type_ == "expect_compound_columns_to_be_unique":  # it counts its rows, and does not say which they are
        assert (theirs.rows, ours) == ((), [("01", date(2022, 1, 31))] * 2)
        return
    assert sorted(ours, key=repr) == sorted((tuple(row[c] for c in INDEX) for row in theirs.rows), key=repr)


@pytest.mark.parametrize("arguments", COUNTS)
def test_a_count_of_rows_that_is_refused_is_one_faulty_row(table, arguments):
    theirs, ours = found_by_both(table, "expect_table_row_count_to_be_between", arguments)
    assert (len(ours), [detail for (detail,) in ours]) == (theirs.count, [row["detail"] for row in theirs.rows])


def test_every_rule_of_the_suites_is_a_query():
    typed = [(suite, e) for suite in read_suites() for e in suite.attentes if e.type]
    assert [e.regle for s, e in typed if not query_of_type(s.table, e.type, s.arguments_of(e), INDEX)] == []


@pytest.mark.parametrize(
    ("type_", "arguments"),
    [
        ("expect_column_values_to_match_regex", {"column": "a", "regex": "x"}),
        ("expect_column_values_to_not_be_null", {"column": "a", "mostly": 0.9}),
        ("expect_column_values_to_be_between", {"column": "date", "min_value": "2022-01-01"}),
    ],
)
def test_what_no_query_says_is_left_to_great_expectations(type_, arguments):
    assert query_of_type("t", type_, arguments, INDEX) is None
