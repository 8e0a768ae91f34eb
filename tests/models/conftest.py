"""The SQL models are tested on the small country of tests/small_world.py."""

from tests.small_world import build

__all__ = ["build"]
