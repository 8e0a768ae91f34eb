"""What tests share: the official editions, where the folder that holds them is there; what may be skipped."""

from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import duckdb
import pytest

from tests.computed_editions import computed_from
from tests.skips import pytest_sessionfinish, pytest_terminal_summary  # noqa: F401 - hooks
from tests.udata.server import udata  # noqa: F401 - a fixture

SERVERS = {"udata", "sshd", "postgres"}
LONG = {"backfilled"}  # the three official editions, whole
SHARED = Path(__file__).parents[2] / "shared"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what needs a server, or takes long, by the fixtures that it asks for."""
    for item in items:
        asked = set(getattr(item, "fixturenames", ()))
        for marker, fixtures in (("servers", SERVERS), ("long", LONG)):
            if fixtures & asked:
                item.add_marker(marker)


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
def official(editions: Path) -> Iterator[Callable[[str], duckdb.DuckDBPyConnection]]:
    """Compute an official edition from its deliveries, once: official("2022-T1"), a database in memory."""
    opened = []

    @cache
    def compute(name: str) -> duckdb.DuckDBPyConnection:
        opened.append(duckdb.connect())
        computed_from(opened[-1], editions / name)
        return opened[-1]

    yield compute
    for connection in opened:
        connection.close()


@pytest.fixture(scope="session")
def outils() -> Path:
    """The folder of the comparison tool and the test servers."""
    return _beside("outils")
