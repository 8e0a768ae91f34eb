"""What tests share: the official editions, where the folder that holds them is there."""

from pathlib import Path

import pytest

from tests.udata.server import udata  # noqa: F401 - a fixture

SHARED = Path(__file__).parents[2] / "shared"


def _beside(name: str) -> Path:
    folder = SHARED / name
    if not folder.is_dir():
        pytest.skip(f"the official {name} are not beside the project ({folder.parent.name}/{name})")
    return folder


@pytest.fixture(scope="session")
def editions() -> Path:
    """The folder of the official editions (catalogue/, livraisons/, attendu/ of each)."""
    return _beside("editions")


@pytest.fixture(scope="session")
def outils() -> Path:
    """The folder of the comparison tool and the test servers."""
    return _beside("outils")
