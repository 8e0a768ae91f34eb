"""The record of what each step of a publication did."""

from barometre_pipeline.publish.journal import Journal


def test_what_a_step_did_is_read_back(tmp_path):
    journal = Journal(tmp_path / "deep" / "publication.json")
    journal.record("files", files=2700)
    journal.record("commit", commit="abc")
    assert journal.read()["files"]["files"] == 2700
    assert list(journal.read()) == ["files", "commit"]


def test_a_step_done_again_forgets_the_ones_that_followed_it(tmp_path):
    journal = Journal(tmp_path / "publication.json")
    for step in ("files", "commit", "push", "commit"):
        journal.record(step)
    assert list(journal.read()) == ["files", "commit"]


def test_a_damaged_record_is_an_empty_one(tmp_path):
    (tmp_path / "publication.json").write_text("[1")
    assert Journal(tmp_path / "publication.json").read() == {}
