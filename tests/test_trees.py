"""A built tree against its checksums: read once by a process, and again as soon as it is touched."""

import hashlib

import pytest

from barometre_pipeline import trees
from barometre_pipeline.builds import SUMS
from barometre_pipeline.depot.objects import entry
from barometre_pipeline.errors import PublicationError
from barometre_pipeline.trees import verified_entries

FILES = {"a.csv": b"un", "b/c/d.csv": b"deux"}


@pytest.fixture
def tree(tmp_path):
    for path, content in FILES.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_bytes(content)
    sums = "".join(f"{hashlib.sha256(content).hexdigest()}  {path}\n" for path, content in FILES.items())
    (tmp_path / SUMS).write_text(sums, encoding="utf-8")
    return tmp_path


def test_a_sound_tree_is_told_as_git_calls_its_files(tree):
    assert verified_entries(tree) == {p: entry((tree / p).read_bytes()) for p in (*FILES, SUMS)}


def test_a_tree_that_nobody_touched_is_read_once(tree):
    first, hits = verified_entries(tree), trees._verified.cache_info().hits
    assert verified_entries(tree) is first
    assert trees._verified.cache_info().hits == hits + 1


@pytest.mark.parametrize(
    ("touch", "said"),
    [
        (lambda tree: (tree / "a.csv").write_bytes(b"UN"), "a.csv: the file is damaged"),
        (lambda tree: (tree / "a.csv").unlink(), "a.csv: this file of the plan was not written"),
        (lambda tree: (tree / "b" / "more").touch(), "b/more: .* is not in the plan"),
        (lambda tree: (tree / SUMS).write_text(f"{'0' * 64}  a.csv\n"), "b/c/d.csv: .* is not in the plan"),
    ],
    ids=["damaged", "missing", "more", "other sums"],
)
def test_a_tree_that_was_touched_since_is_read_again(tree, touch, said):
    verified_entries(tree)
    touch(tree)
    with pytest.raises(PublicationError, match=said):
        verified_entries(tree)
