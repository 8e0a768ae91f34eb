"""Fifty hostile files: none hangs, none fills the memory, none gives a traceback, none costs another delivery."""

import pytest

from tests.robustness.hostile import hostile
from tests.robustness.ordeal import survived

pytestmark = pytest.mark.hostile


@pytest.mark.parametrize("number", range(0, 500, 10))
def test_a_hostile_file_leaves_a_sentence_about_itself_and_nothing_else(tmp_path, number):
    outcome = survived(hostile(number), tmp_path)
    assert outcome.faults == (), f"{outcome.hostile.what}: {outcome.told}"
