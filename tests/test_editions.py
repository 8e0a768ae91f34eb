from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from barometre_pipeline.editions import Edition
from barometre_pipeline.errors import UsageError
from barometre_pipeline.runs.partitions import build_editions, partition_key, read_key

DAYS = st.dates(date(2000, 1, 1), date(2100, 12, 31))


@given(DAYS)
def test_a_day_is_within_the_quarter_of_its_edition(day):
    edition = Edition.containing(day)
    assert edition.start <= day <= edition.end


@given(DAYS)
def test_editions_follow_one_another_without_a_gap(day):
    edition = Edition.containing(day)
    assert (edition.start - edition.previous.end).days == 1
    assert edition.previous < edition


@given(DAYS)
def test_an_edition_is_read_back_as_it_is_written(day):
    edition = Edition.containing(day)
    assert Edition.parse(str(edition)) == edition
    assert read_key(partition_key(edition)) == edition


@pytest.mark.parametrize("text", ["2022", "2022-T5", "2022T1", "T1-2022", "22-T1", "", "2022-T1-x"])
def test_what_is_not_an_edition_is_refused_with_an_example(text):
    with pytest.raises(UsageError, match="2022-T1"):
        Edition.parse(text)


def test_the_last_closed_edition_is_the_quarter_before_today():
    assert str(Edition.last_closed(date(2022, 4, 1))) == "2022-T1"
    assert str(Edition.last_closed(date(2022, 3, 31))) == "2021-T4"


def test_an_edition_is_a_partition_of_its_quarter_in_paris():
    window = build_editions(Edition(2021, 1)).time_window_for_partition_key(partition_key(Edition(2022, 1)))
    assert window.start.isoformat() == "2022-01-01T00:00:00+01:00"
    assert window.end.isoformat() == "2022-04-01T00:00:00+02:00"
