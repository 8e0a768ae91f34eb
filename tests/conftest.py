"""What tests share: the official editions, where the folder that holds them is there; what may be skipped."""

from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import duckdb
import pytest

from tests.computed_editions import computed_from
from tests.once import made_once
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
def computed(editions: Path, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """Compute an official edition from its deliveries, once: computed("2022-T1"), a database to be read."""

    def compute(name: str) -> Path:
        def make(folder: Path) -> None:
            with duckdb.connect(str(folder / "edition.duckdb")) as connection:
                computed_from(connection, editions / name)

        return made_once(tmp_path_factory, f"calculee-{name}", make) / "edition.duckdb"

    return compute


@pytest.fixture(scope="session")
def official(computed: Callable[[str], Path]) -> Iterator[Callable[[str], duckdb.DuckDBPyConnection]]:
    """Open an official edition that was computed: official("2022-T1"), where nothing but temporary tables is made."""
    opened = []

    @cache
    def open_computed(name: str) -> duckdb.DuckDBPyConnection:
        opened.append(duckdb.connect(str(computed(name)), read_only=True))
        return opened[-1]

    yield open_computed
    for connection in opened:
        connection.close()


@pytest.fixture(scope="session")
def outils() -> Path:
    """The folder of the comparison tool and the test servers."""
    return _beside("outils")
