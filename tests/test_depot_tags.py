"""What a depot's tags say of publications."""

import pytest

from barometre_pipeline.depot.tags import Publication, Publications
from barometre_pipeline.editions import Edition

T3, T4, T1 = Edition(2021, 3), Edition(2021, 4), Edition(2022, 1)


def publications(*tags: str) -> Publications:
    return Publications.of({tag: f"commit of {tag.removeprefix('retrait/')}" for tag in tags})


def test_corrections_are_ordered_as_numbers():
    assert str(publications("2022-T1", "2022-T1.2", "2022-T1.10").last(T1)) == "2022-T1.10"
    assert str(publications("2022-T1.9", "2022-T1").next(T1)) == "2022-T1.10"


@pytest.mark.parametrize("tag", ["2022-T5", "2022-T1.0", "2022-T1.01", "v2022-T1", "2022-T1\n", "٢٠٢٢-T1", "retrait/x"])
def test_a_tag_that_names_no_publication_is_left_aside(tag):
    assert publications(tag).live == []


def test_a_withdrawn_publication_is_compared_with_by_nobody_and_its_number_is_not_given_again():
    known = publications("2021-T4", "2021-T4.1", "retrait/2021-T4.1", "2022-T1")
    assert str(known.before(T1)) == "2021-T4"
    assert str(known.next(T4)) == "2021-T4.2"


def test_an_edition_whose_every_publication_is_withdrawn_stands_no_more():
    known = publications("2021-T3", "2021-T4", "retrait/2021-T4")
    assert list(map(str, known.standing)) == ["2021-T3"]
    assert str(known.before(T1)) == "2021-T3"
    assert str(known.after(T3)) == "None"


def test_an_older_edition_is_committed_on_its_own_last_tag_else_on_the_one_before_else_on_nothing():
    assert publications("2021-T4", "2021-T4.1", "2022-T1").parent(T4) == "commit of 2021-T4.1"
    assert publications("2021-T3", "2022-T1").parent(T4) == "commit of 2021-T3"
    assert publications("2022-T1").parent(T4) is None


def test_a_withdrawal_is_in_force_until_its_edition_is_published_again():
    public = Publication(T4)
    assert publications("2022-T1", "retrait/2022-T1").in_force(Publication(T1, 1)) == []
    assert list(map(str, publications("2021-T4", "2022-T1", "retrait/2022-T1").in_force(public))) == ["2022-T1"]
    assert publications("2021-T4", "2022-T1", "retrait/2022-T1", "2022-T1.1").in_force(public) == []
    assert publications("2021-T3", "retrait/2021-T3", "2021-T4").in_force(public) == []
