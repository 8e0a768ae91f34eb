"""The catalogue of each edition: one for all, or a folder each where the name given holds a placeholder."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from barometre_pipeline.catalogue.deliveries import Livraison
from barometre_pipeline.catalogue.loading import load_catalogue
from barometre_pipeline.catalogue.model import Catalogue
from barometre_pipeline.editions import Edition
from barometre_pipeline.errors import CatalogueError
from barometre_pipeline.placeholders import has_placeholder

_YEARS = range(2000, 2100)


@dataclass(frozen=True)
class Catalogues:
    """The catalogues that a folder's name leads to; `latest` is that of the greatest edition.

    `earlier` are those of the other editions that the pipeline is built for, each with its own deliveries.
    """

    folder: Path
    latest: Catalogue
    earlier: tuple[Catalogue, ...] = ()
    _read: dict[Edition, Catalogue] = field(default_factory=dict, compare=False)

    def of(self, edition: Edition) -> Catalogue:
        """Return the catalogue of an edition; CatalogueError where it has none, or a wrong one."""
        if not has_placeholder(str(self.folder)):
            return self.latest
        if edition not in self._read:
            self._read[edition] = load_catalogue(_folder_of(self.folder, edition))
        return self._read[edition]

    @property
    def version(self) -> str | None:
        """Return the version of the catalogue; None where each edition has its own."""
        return None if has_placeholder(str(self.folder)) else self.latest.version

    @property
    def livraisons(self) -> tuple[Livraison, ...]:
        """Return every delivery: those of the latest catalogue, then those that only an earlier one has."""
        found = {d.id: d for catalogue in (*self.earlier, self.latest) for d in catalogue.livraisons}
        latest = {d.id for d in self.latest.livraisons}
        return (*self.latest.livraisons, *(d for d in found.values() if d.id not in latest))

    @property
    def everywhere(self) -> tuple[Livraison, ...]:
        """Return the deliveries that every catalogue has."""
        ids = [{d.id for d in catalogue.livraisons} for catalogue in self.earlier]
        return tuple(d for d in self.latest.livraisons if all(d.id in one for one in ids))


def catalogues_in(folder: Path, read: Callable[[Path], Catalogue] = load_catalogue) -> Catalogues:
    """Read what this name leads to; what is wrong in an earlier edition's catalogue is told when that one is run."""
    *earlier, greatest = folders_in(folder)
    return Catalogues(folder, read(greatest), tuple(c for one in earlier if (c := _valid(one))))


def catalogue_for(folder: Path, edition: Edition, read: Callable[[Path], Catalogue] = load_catalogue) -> Catalogues:
    """Read the catalogue of one edition, for a run of that one only."""
    found = read(_folder_of(folder, edition))
    return Catalogues(folder, found, _read={edition: found})


def folders_in(folder: Path) -> list[Path]:
    """Return the folders that this name leads to, that of the greatest edition last; itself, without placeholder."""
    if not has_placeholder(str(folder)):
        return [folder]
    editions = (Edition(year, quarter) for year in _YEARS for quarter in range(1, 5))
    found = [one for one in dict.fromkeys(_folder_of(folder, edition) for edition in editions) if one.is_dir()]
    if not found:
        example = _folder_of(folder, Edition(2022, 1))
        raise CatalogueError([f"{folder}: there is no such folder for any edition, as {example}."])
    return found


def _folder_of(folder: Path, edition: Edition) -> Path:
    return Path(edition.fill(str(folder)))


def _valid(folder: Path) -> Catalogue | None:
    try:
        return load_catalogue(folder)
    except CatalogueError:
        return None
