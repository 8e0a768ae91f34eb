"""The manifest of a delivery: what was received, from where, when, and its checksum.

It is written beside the files as `manifest.json` and holds no secret. The folders are in `snapshots`.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

MANIFEST = "manifest.json"


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
    def identity(self) -> tuple:
        """Return what tells two receptions apart, but for their time and status."""
        return (self.nom, self.url, self.sha256, self.etag, self.licence)


class Manifest(BaseModel):
    """One delivery as received; `edition` is the one that it was fetched for, which tells a late file."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    livraison: str
    edition: str
    fichiers: tuple[Fichier, ...] = Field(min_length=1)

    def as_json(self) -> str:
        """Return the text of `manifest.json`."""
        return self.model_dump_json(indent=2) + "\n"


def sha256_of(path: Path) -> str:
    """Return the sha256 of a file, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
