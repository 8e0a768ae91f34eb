"""The deliveries as stored: the files and manifest of each, replaced together, and what was refused kept aside.

    livraisons/2022-T1/sante-synthese/            the files under their own names, manifest.json
    livraisons/2022-T1/sante-synthese/refuse/     what came last and was refused, refus.json says why
    livraisons/2022-T1/.sante-synthese.nouveau/   being written
    livraisons/2022-T1/.sante-synthese.ancien/    being replaced

A crash leaves the old files and manifest, or the new ones: `load_snapshot` and `store` finish or undo a
replacement that was cut. A manifest holds no secret. Where deliveries come from is not known here.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import os
import shutil
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from barometre_pipeline.errors import SourceError
from barometre_pipeline.resources.atomic import flush

MANIFEST = "manifest.json"
REFUSED = "refuse"
_PARIS = ZoneInfo("Europe/Paris")
_MOST_KEPT = 10_000_000  # bytes of a refused file


class Fichier(BaseModel):
    """One file as received. `recupere_le` is in UTC, `taille` in bytes; unknown facts are None."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    nom: str = Field(pattern=r"^[^/\\\x00]+$")
    url: str
    url_finale: str
    recupere_le: dt.datetime
    taille: int
    sha256: str
    etag: str | None = None
    derniere_modification: str | None = None
    statut_http: int | None = None
    licence: str | None = None

    @property
    def identity(self) -> tuple[str | None, ...]:
        """Return what tells two receptions apart, but for their time and status."""
        return (self.nom, self.url, self.sha256, self.etag, self.licence)

    @property
    def received_on(self) -> dt.date:
        """Return the day, in Paris, on which it was received."""
        return self.recupere_le.astimezone(_PARIS).date()


class Manifest(BaseModel):
    """One delivery as received; `edition` is the one that it was fetched for, which tells a late file."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    livraison: str
    edition: str
    fichiers: tuple[Fichier, ...] = Field(min_length=1)

    @property
    def received_on(self) -> dt.date:
        """Return the day, in Paris, on which the last of its files was received."""
        return max(fichier.received_on for fichier in self.fichiers)

    @property
    def contents(self) -> str:
        """Return the sha256 of its file, or that of the names and sha256 of its several files."""
        if len(self.fichiers) == 1:
            return self.fichiers[0].sha256
        each = "".join(f"{fichier.sha256}  {fichier.nom}\n" for fichier in self.fichiers)
        return hashlib.sha256(each.encode()).hexdigest()

    def as_json(self) -> str:
        """Return the text of `manifest.json`."""
        return self.model_dump_json(indent=2) + "\n"


def sha256_of(path: Path) -> str:
    """Return the sha256 of a file, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@dataclass(frozen=True)
class Snapshot:
    """A delivery's files, checked against their manifest."""

    folder: Path
    manifest: Manifest

    def path(self, fichier: Fichier) -> Path:
        """Return where a file of the manifest is."""
        return self.folder / fichier.nom


def load_snapshot(folder: Path, livraison: str) -> Snapshot:
    """Load what is stored of a delivery; SourceError where it is missing or not what its manifest says."""
    _recover(folder, livraison)
    place = folder / livraison
    try:
        manifest = Manifest.model_validate_json((place / MANIFEST).read_bytes())
    except FileNotFoundError:
        raise SourceError(f"it was never fetched for {folder.name}: fetch it once before") from None
    except (ValidationError, OSError):
        raise SourceError(f"its stored manifest for {folder.name} is damaged: fetch it again") from None
    for fichier in manifest.fichiers:
        path = place / fichier.nom
        if not path.is_file() or path.stat().st_size != fichier.taille or sha256_of(path) != fichier.sha256:
            raise SourceError(f"its stored file {fichier.nom} for {folder.name} is missing or damaged: fetch it again")
    return Snapshot(place, manifest)


def valid_snapshot(folder: Path, livraison: str) -> Snapshot | None:
    """Load what is stored of a delivery, or None where that is missing or damaged."""
    try:
        return load_snapshot(folder, livraison)
    except SourceError:
        return None


def store(folder: Path, manifest: Manifest, paths: Sequence[Path]) -> None:
    """Put files (one per file of the manifest, in order) and manifest in place of the stored ones, all or nothing."""
    livraison = manifest.livraison
    _recover(folder, livraison)
    new, old, place = _new(folder, livraison), _old(folder, livraison), folder / livraison
    shutil.rmtree(new, ignore_errors=True)
    new.mkdir(parents=True)
    for fichier, path in zip(manifest.fichiers, paths, strict=True):
        _copy(path, new / fichier.nom)
    (new / MANIFEST).write_text(manifest.as_json(), encoding="utf-8")
    for path in (*sorted(new.iterdir()), new):
        flush(path)
    if place.exists():
        place.rename(old)
    new.rename(place)
    flush(folder)
    shutil.rmtree(old, ignore_errors=True)


def copy_stored(folder: Path, target: Path, livraisons: Iterable[str]) -> None:
    """Copy what is stored of these deliveries, by those who do not hold the home; what is being replaced is left out.

    To load from the folder itself may undo a replacement, which is only for those who hold it.
    """
    for livraison in livraisons:
        try:
            shutil.copytree(
                folder / livraison, target / livraison, ignore=shutil.ignore_patterns(REFUSED), copy_function=_copy
            )
        except (OSError, shutil.Error):
            shutil.rmtree(target / livraison, ignore_errors=True)


def set_aside(folder: Path, livraison: str, fichier: Fichier, path: Path, reason: str) -> None:
    """Keep a refused file (its beginning, where it is big) with the reason, beside the valid ones."""
    _recover(folder, livraison)
    place = folder / livraison / REFUSED
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir(parents=True)
    with path.open("rb") as source:
        (place / fichier.nom).write_bytes(source.read(_MOST_KEPT))
    facts = {"motif": reason, "complet": fichier.taille <= _MOST_KEPT} | fichier.model_dump(mode="json")
    (place / "refus.json").write_text(json.dumps(facts, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")


def drop_refused(folder: Path, livraison: str) -> None:
    """Forget what was refused, as what came since is good."""
    shutil.rmtree(folder / livraison / REFUSED, ignore_errors=True)


def _recover(folder: Path, livraison: str) -> None:
    """Finish or undo a replacement that was cut: the old files come back unless the new ones are in place."""
    old, place = _old(folder, livraison), folder / livraison
    if old.exists():
        if (place / MANIFEST).exists():
            shutil.rmtree(old, ignore_errors=True)
        else:
            shutil.rmtree(place, ignore_errors=True)
            old.rename(place)


def _new(folder: Path, livraison: str) -> Path:
    return folder / f".{livraison}.nouveau"


def _old(folder: Path, livraison: str) -> Path:
    return folder / f".{livraison}.ancien"


def _copy(source: str | Path, target: str | Path) -> None:
    try:
        # Files are never changed in place, so two names of the same one are as good as two copies.
        os.link(source, target)
    except OSError:
        shutil.copyfile(source, target)
