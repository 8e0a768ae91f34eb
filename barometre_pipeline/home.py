"""The folders under the home: where each thing of an edition is, and what all editions share. Nothing is made here."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from barometre_pipeline.editions import Edition
from barometre_pipeline.errors import UsageError


@dataclass(frozen=True)
class BuildFolder:
    """The folder of what an edition is built into; each property names one part of it, or what tells of it."""

    root: Path

    @property
    def warehouse(self) -> Path:
        """Return the DuckDB file of the edition."""
        return self.root / "edition.duckdb"

    @property
    def taken(self) -> Path:
        """Return the mark, in a build under way, that the one in place is taken as it is."""
        return self.root / "reprise.txt"

    @property
    def begun(self) -> Path:
        """Return the record, in a build under way, of the catalogue and the program that it was begun with."""
        return self.root / "debut.json"

    @property
    def reading(self) -> Path:
        """Return the folder of what was read and is not in the warehouse yet; there is none afterwards."""
        return self.root / "lecture"

    @property
    def files(self) -> Path:
        """Return the tree of the edition's files, ready to be published."""
        return self.root / "publication"

    @property
    def parquet(self) -> Path:
        """Return the folder of the edition's Parquet files, for the portal."""
        return self.root / "parquet"

    @property
    def report(self) -> Path:
        """Return the folder of the quality report, as the gate wrote it."""
        return self.root / "rapport"

    @property
    def facts(self) -> Path:
        """Return the facts of the quality report, which stand for it."""
        return self.report / "rapport.json"

    @property
    def record(self) -> Path:
        """Return the record of the build: what it holds, what it was made from."""
        return self.root / "construction.json"

    @property
    def journal(self) -> Path:
        """Return the journal of what happened to the build since: commit, tag, portal."""
        return self.root / "publication.json"


@dataclass(frozen=True)
class Home:
    """The folder where everything lives; each method names one place in it."""

    root: Path

    def deliveries(self, edition: Edition) -> Path:
        """Return the folder of an edition's files as received, one subfolder a delivery."""
        return self.root / "livraisons" / str(edition)

    def editions_before(self, edition: Edition) -> list[Edition]:
        """Return the earlier editions that have received or built files here, the latest first."""
        return [e for e in self.editions if e < edition]

    @property
    def editions(self) -> list[Edition]:
        """Return the editions that have received or built files here, the latest first."""
        names = {p.name for folder in ("livraisons", "editions") for p in (self.root / folder).glob("*") if p.is_dir()}
        return sorted(filter(None, map(_edition_named, names)), reverse=True)

    def demonstration(self, edition: Edition) -> Path:
        """Return the folder of the fictitious deliveries of an edition."""
        return self.root / "demonstration" / str(edition)

    def build(self, edition: Edition) -> BuildFolder:
        """Return the last whole build of an edition."""
        return BuildFolder(self.root / "editions" / str(edition))

    def building(self, edition: Edition) -> BuildFolder:
        """Return the build under way of an edition, which takes the place of the last one when it is whole."""
        return BuildFolder(self.root / "editions" / f".{edition}.en-cours")

    def spark(self, edition: Edition) -> Path:
        """Return the folder where Spark reads and writes while it runs an edition's models and rules."""
        return self.root / "spark" / str(edition)

    def report(self, edition: Edition) -> Path:
        """Return the folder of an edition's last quality report, whether the edition passed or not."""
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
    def alerts(self) -> Path:
        """Return the record of the alerts that were sent."""
        return self.root / "alertes.json"

    @property
    def sound(self) -> Path:
        """Return the identity of the files of the program that were last found to be sound."""
        return self.root / "fichiers-verifies.json"

    @property
    def dagster(self) -> Path:
        """Return DAGSTER_HOME."""
        return self.root / "dagster"


def _edition_named(name: str) -> Edition | None:
    """Return the edition of a folder, None where its name is that of no edition: it is somebody else's."""
    try:
        return Edition.parse(name)
    except UsageError:
        return None
