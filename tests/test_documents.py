import datetime as dt

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from barometre_pipeline.documents.texts import LARGEST, read_text
from barometre_pipeline.documents.yaml_files import parsed
from barometre_pipeline.errors import EditedFileError


def refused(text: str) -> str:
    with pytest.raises(EditedFileError) as caught:
        parsed(text, "essai.yaml")
    return str(caught.value)


def test_each_key_and_item_has_its_line():
    document = parsed("a: 1\nb:\n- x\n- c: 2\n  d: 3\n", "essai.yaml")
    assert document.data == {"a": 1, "b": ["x", {"c": 2, "d": 3}]}
    lines = [document.line(path) for path in (("a",), ("b",), ("b", 0), ("b", 1), ("b", 1, "d"))]
    assert lines == [1, 2, 3, 4, 5]
    assert document.line(("b", 1, "missing")) == 4


def test_a_text_below_its_key_begins_on_the_next_line():
    document = parsed("a: |\n  un\n  deux\nb: un\n", "essai.yaml")
    assert (document.text_line(("a",)), document.text_line(("b",))) == (2, 4)


@pytest.mark.parametrize(
    ("word", "value"),
    [
        ("12", 12),
        ("-3", -3),
        ("01", "01"),
        ("2A", "2A"),
        ("ON", "ON"),
        ("yes", "yes"),
        ("12:30", "12:30"),
        ("0x1F", "0x1F"),
        ("1_000", "1_000"),
        ("9" * 30, "9" * 30),
        ("1.5", 1.5),
        ("1e3", 1000.0),
        ("e3", "e3"),
        ("1.", 1.0),
        (".", "."),
        ("true", True),
        ("False", False),
        ("~", None),
        ("null", None),
        ("2021-02-28", dt.date(2021, 2, 28)),
        ("2021-T1", "2021-T1"),
        ("'12'", "12"),
        ("!!str 12", "12"),
    ],
)
def test_a_word_stands_for_what_one_sees(word, value):
    found = parsed(f"a: {word}", "essai.yaml").data["a"]
    assert found == value and type(found) is type(value)


def test_a_key_is_the_text_that_is_written():
    assert parsed("01: a\nyes: b\n2021-01-01: c\n", "essai.yaml").data == {"01": "a", "yes": "b", "2021-01-01": "c"}


def test_what_is_merged_gives_way_to_what_is_written():
    document = parsed("commun: &c {x: 1, y: 2}\na:\n  <<: *c\n  y: 3\nb:\n  y: 4\n  <<: [*c]\n", "essai.yaml")
    assert document.data["a"] == {"x": 1, "y": 3} and document.data["b"] == {"y": 4, "x": 1}
    assert (document.line(("a", "x")), document.line(("a", "y")), document.problems) == (1, 4, [])


def test_every_problem_of_a_file_is_told_with_its_line():
    document = parsed("a: 2021-02-30\na: 1\nb: !!binary x\nc:\n  <<: 3\n", "essai.yaml")
    assert document.problems == [
        "essai.yaml, line 1: a: 2021-02-30 is not a day of the calendar; write one that exists, as in 2021-02-28.",
        "essai.yaml, line 2: the key 'a' is given twice (line 1).",
        "essai.yaml, line 3: b: !!binary means nothing here; remove it.",
        "essai.yaml, line 5: <<: the alias of keys and values is needed, as in <<: *commun.",
    ]


BOMB = "a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{key}: &{key} [{', '.join([f'*{before}'] * 9)}]\n" for before, key in zip("abcdefgh", "bcdefghi", strict=True)
)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[" * 20_000, "essai.yaml, line 1: more than 50 levels of brackets or indentation."),
        ("- " * 20_000, "line 1: more than 50 levels"),
        (BOMB, "line 6: more than 500,000 values, or 50 levels, aliases counted."),
        ("a: &a [*a]", "line 1: the alias *a stands inside what it names."),
        ("a: *b", "line 1: the alias *b names nothing above (&b)."),
        ("? [a]\n: b", "line 1: a key is a word or a text"),
        ("a: 1\n---\nb: 2\n", "line 2: a second document begins here ('---'); a file holds one."),
        ("a: [1, 2\nb: 3\n", "line 2: is not YAML: a list that begins with [ needs ','"),
        ("a: {b: 1\nc: 3\n", "line 2: is not YAML: what begins with { needs ','"),
        ("a: L'eau: bleue\n", "line 1: is not YAML: ': ' makes a key where none can be"),
        ("a: 1\nb: 'Il pleut\n", "line 2: is not YAML: a quote is not closed."),
        ("a:\n\t- b\n", "line 2: is not YAML: a word cannot begin so (a tab, @, %, `)"),
        ("a: @b\n", "line 1: is not YAML: a word cannot begin so (a tab, @, %, `)"),
        ("a: 1\nb\n", "line 3: is not YAML: a key needs ': ' after it."),
    ],
)
def test_what_is_not_yaml_is_told_in_plain_words(text, told):
    assert told in refused(text)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"a: \0", "essai, line 1: holds U+0000, which no text holds; remove it."),
        (b"a: 1\nb: \xe9t\xe9\n", "essai, line 2: byte 9 is not UTF-8; save the file in UTF-8."),
        (b" " * (LARGEST + 1), "essai: the file has 20,000,001 bytes; 20,000,000 are the most that is read."),
    ],
)
def test_what_is_no_text_is_told(tmp_path, content, told):
    (tmp_path / "essai").write_bytes(content)
    with pytest.raises(EditedFileError, match="essai") as caught:
        read_text(tmp_path / "essai", "essai")
    assert str(caught.value) == told


def test_a_folder_in_the_place_of_a_file_is_told(tmp_path):
    with pytest.raises(EditedFileError, match="essai: is not a file"):
        read_text(tmp_path, "essai")


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet="ab:-[]{}&*!|>'\"%@`#,? \n\t<~01", max_size=60))
def test_any_text_is_read_or_refused_in_sentences(text):
    try:
        parsed(text, "essai.yaml")
    except EditedFileError as error:
        assert all(p.startswith("essai.yaml, line ") and p.endswith(".") for p in error.problems)
