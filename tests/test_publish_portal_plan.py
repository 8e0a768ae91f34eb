"""What makes a dataset equal to an edition: pure decisions, no portal."""

from dataclasses import replace
from pathlib import Path

import pytest

from barometre_pipeline.publish.portal.actions import (
    KEY,
    Create,
    Delete,
    Describe,
    Reorder,
    Replace,
    Resource,
    Wanted,
)
from barometre_pipeline.publish.portal.marks import before_ours, mark
from barometre_pipeline.publish.portal.plan import kept_texts, plan, resource_fields
from barometre_pipeline.slugs import slug

A = Wanted("csv/a", Path("a.csv"), "Fichier_a.csv", "a" * 40, "Le fichier A", "Un fichier.")
B = Wanted("csv/b", Path("b.csv"), "b.csv", "b" * 40, "Le fichier B", "Un autre.")
OTHER = Resource("id-autre", "Autre", "", "main", "c" * 40, True, "2020")


def standing(wanted: Wanted, id_: str = "", **changes) -> Resource:
    one = Resource(
        id=id_ or f"id-{wanted.cle}",
        titre=wanted.titre,
        description=wanted.description,
        type=wanted.type,
        sha1=wanted.sha1,
        hosted=True,
        created="2022",
        extras=resource_fields(wanted)["extras"],
    )
    return replace(one, **changes)


def unnamed(wanted: Wanted, id_: str = "id-perdu", **changes) -> Resource:
    return standing(wanted, id_, titre=slug(wanted.nom, "."), extras={}, description="", **changes)


def test_an_empty_dataset_gets_every_resource_in_order():
    assert plan([], [A, B], set()) == [Create(A), Create(B)]


def test_nothing_is_done_when_everything_is_right():
    assert plan([standing(A), standing(B), OTHER], [A, B], set()) == []


def test_another_content_is_replaced_in_its_own_resource():
    old = standing(A, sha1="0" * 40)
    assert plan([old, standing(B)], [A, B], set()) == [Replace(A, old)]


@pytest.mark.parametrize(
    "change",
    [
        {"titre": ""},
        {"titre": "fichier-a.csv"},  # what the portal writes as it takes the file
        {"description": ""},
        {"type": "other"},
        {"titre": "Un titre d'avant", "extras": {KEY: A.cle}},  # an earlier version left no mark
    ],
)
def test_a_wrong_description_is_put_right_without_sending_the_file(change):
    wrong = standing(A, **change)
    assert plan([wrong], [A], set()) == [Describe(A, wrong)]
    assert resource_fields(A, wrong) == resource_fields(A)


@pytest.mark.parametrize("field", ["titre", "description"])
def test_what_others_wrote_of_a_resource_stays_even_with_another_file(field):
    theirs = standing(A, **{field: "Leur texte"})
    assert plan([theirs], [A], set()) == []
    assert [one.split()[3] for one in kept_texts([theirs], [A])] == ["title" if field == "titre" else "description"]
    other = replace(A, sha1="0" * 40, titre="Un titre de nous", description="Une phrase de nous.")
    fields = resource_fields(other, theirs)
    assert {fields["title"], fields["description"]} & {"Leur texte"}
    assert {fields["title"], fields["description"]} & {other.titre, other.description}


def test_the_mark_of_our_text_finds_it_after_what_others_wrote():
    ours = "Nos mots,\n\nen deux paragraphes."
    assert before_ours(ours.replace("\n\n", "  "), mark(ours)) == ""
    assert before_ours(f"Leurs mots.\n{ours} ", mark(ours)) == "Leurs mots."
    assert before_ours(f"{ours} Leurs mots.", mark(ours)) is None
    assert before_ours("mots,", mark(ours)) is None
    assert before_ours(" ", mark(ours)) == ""


@pytest.mark.parametrize("given", [None, 3, [], {}, "", "x", "0 " + "0" * 16, "9" * 9 + " " + "0" * 16, "2 \ud800"])
def test_a_mark_that_is_none_leaves_the_text_to_others(given):
    assert before_ours("Leur texte \ud800", given) is None


def test_the_extras_of_others_are_kept_and_are_no_difference():
    assert plan([standing(A, extras={**standing(A).extras, "check:status": 200})], [A], set()) == []


def test_a_file_sent_by_a_run_that_was_killed_is_named_not_sent_again():
    lost = unnamed(A)
    assert plan([lost], [A], set()) == [Describe(A, lost)]


def test_a_file_of_an_earlier_edition_sent_and_never_named_is_removed():
    lost = unnamed(A, sha1="0" * 40)
    assert plan([lost, standing(A)], [A], {(A.nom, "0" * 40)})[0] == Delete(
        lost, "it was sent by a run that did not end"
    )


def test_a_resource_of_others_with_our_file_name_is_not_touched():
    theirs = unnamed(A, sha1="0" * 40)
    assert plan([standing(A), theirs], [A], set()) == []


def test_a_remote_resource_with_our_file_name_is_not_taken_for_ours():
    assert plan([unnamed(A, hosted=False)], [A], set()) == [Create(A)]


def test_of_two_resources_with_the_same_key_the_oldest_stays():
    first, second = standing(A, "id-1", created="2021"), standing(A, "id-2", created="2022")
    assert plan([second, first], [A], set()) == [Delete(second, "it is there twice")]


def test_a_resource_of_ours_no_longer_published_is_removed():
    assert plan([standing(A), standing(B)], [A], set()) == [Delete(standing(B), "it is no longer published")]


def test_the_order_is_put_right_once_all_exist_and_others_keep_theirs():
    last = replace(OTHER, id="id-autre-2")
    assert plan([OTHER, standing(B), last, standing(A)], [A, B], set()) == [
        Reorder(("id-csv/a", "id-csv/b", "id-autre", "id-autre-2"))
    ]
    assert plan([OTHER, standing(B)], [A, B], set()) == [Create(A)]


@pytest.mark.parametrize(
    ("text", "written"),
    [("Éducation - Jeunesse", "education-jeunesse"), ("L’accès à l'eau", "lacces-a-l-eau"), ("a__b.CSV", "a-b-csv")],
)
def test_a_slug_is_written_as_the_portal_does(text, written):
    assert slug(text) == written
