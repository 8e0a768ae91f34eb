"""Where a run works: the home and its folders, and the options that the environment carries.

The command line turns its options into these variables, and Dagster reads the same ones: a run from the
UI and a run from a terminal have the same settings. Secrets are not settings: each door reads its own.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from barometre_pipeline.catalogue import DEFAULT_CATALOGUE
from barometre_pipeline.editions import Edition
from barometre_pipeline.errors import UsageError


@dataclass(frozen=True)
class Home:
    """The folder where everything lives; each method names one place in it."""

    root: Path

    def deliveries(self, edition: Edition) -> Path:
        """Return the folder of an edition's files as received, one subfolder a delivery."""
        return self.root / "livraisons" / str(edition)

    def editions_before(self, edition: Edition) -> list[Edition]:
        """Return the earlier editions that have received or built files here, the latest first."""
        names = {p.name for folder in ("livraisons", "editions") for p in (self.root / folder).glob("????-T?")}
        return sorted((e for e in map(Edition.parse, names) if e < edition), reverse=True)

    def demonstration(self, edition: Edition) -> Path:
        """Return the folder of the fictitious deliveries of an edition."""
        return self.root / "demonstration" / str(edition)

    def build(self, edition: Edition) -> Path:
        """Return the folder of what an edition is built into: its warehouse and its files."""
        return self.root / "editions" / str(edition)

    def edition_warehouse(self, edition: Edition) -> Path:
        """Return the DuckDB file of an edition, complete once its files are written."""
        return self.build(edition) / "edition.duckdb"

    def working_warehouse(self, edition: Edition) -> Path:
        """Return the DuckDB file of the run under way for this edition."""
        return self.build(edition) / "en-cours.duckdb"

    def files(self, edition: Edition) -> Path:
        """Return the tree of an edition's files, ready to be published."""
        return self.build(edition) / "publication"

    def parquet(self, edition: Edition) -> Path:
        """Return the folder of an edition's Parquet files, for the portal."""
        return self.build(edition) / "parquet"

    def report(self, edition: Edition) -> Path:
        """Return the folder of an edition's quality report."""
        return self.root / "rapports" / str(edition)

    @property
    def warehouse(self) -> Path:
        """Return the analysts' snapshot, replaced whole by rename."""
        return self.root / "entrepot" / "barometre.duckdb"

    @property
    def publication(self) -> Path:
        """Return the clone of the depot, at what was last published."""
        return self.root / "publication"

    @property
    def default_depot(self) -> Path:
        """Return the bare repository that stands for the depot where none is given."""
        return self.root / "depot.git"

    @property
    def portal(self) -> Path:
        """Return the folder of what was sent to data.gouv.fr, kept from one edition to the next."""
        return self.root / "portail"

    @property
    def dagster(self) -> Path:
        """Return DAGSTER_HOME."""
        return self.root / "dagster"


@dataclass(frozen=True)
class Settings:
    """The options of a run. `sources` is None for the demonstration deliveries.

    `wait` is how many seconds a run waits for another one in the same home to end.
    """

    home: Home
    catalogue: Path = DEFAULT_CATALOGUE
    sources: str | None = None
    depot: str | None = None
    wait: float = 0.0

    @classmethod
    def from_environment(cls) -> Settings:
        """Read BAROMETRE_HOME, _CATALOGUE, _SOURCES, _DEPOT and _ATTENTE (seconds); UsageError where one is wrong."""
        catalogue = os.environ.get("BAROMETRE_CATALOGUE")
        return cls(
            home=Home(Path(os.environ.get("BAROMETRE_HOME") or "var").absolute()),
            catalogue=Path(catalogue).absolute() if catalogue else DEFAULT_CATALOGUE,
            sources=os.environ.get("BAROMETRE_SOURCES") or None,
            depot=os.environ.get("BAROMETRE_DEPOT") or None,
            wait=_seconds(os.environ.get("BAROMETRE_ATTENTE") or "0"),
        )


def _seconds(text: str) -> float:
    try:
        return max(float(text), 0.0)
    except ValueError:
        raise UsageError(f"BAROMETRE_ATTENTE is {text!r}: write a number of seconds, as in 600.") from None
